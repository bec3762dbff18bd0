"""The compose model against Docker Compose on generated projects: files that override and extend each other."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.oracle

NAMES = ("a", "b", "c")
KEYS = ("A", "B", "LONG_NAME")

texts = st.sampled_from(["1", "x y", "${A}", "${B:-d}", "${A:+s}", "$$A", "${NO-${B}}", "", "a=b", "p#q"])
scalars = st.one_of(st.none(), st.booleans(), st.integers(-5, 99), st.sampled_from([1.5, 1e3, 1e6]), texts)
env_maps = st.dictionaries(st.sampled_from(KEYS), scalars, max_size=3)
env_lists = st.lists(
    st.one_of(st.sampled_from(KEYS), st.tuples(st.sampled_from(KEYS), texts).map("=".join)), max_size=3
)
ports = st.lists(
    st.sampled_from([
        "80:80", "81:80", "80:81/udp", "127.0.0.1:80:80", "8000-8002:8000-8002", "8001:8001", "9000-9001:90", "90", 90,
        {"target": 80, "published": "80"}, {"target": 80, "published": 81, "host_ip": "127.0.0.1"}, "${A}0:80",
    ]),
    max_size=3,
)  # fmt: skip
volumes = st.lists(
    st.sampled_from([
        "./a:/x", "./b:/x:ro", "v:/y", "/abs:/y/", "../c:/z", "/anonymous", "${B:-./d}:/w",
        {"type": "bind", "source": "./e", "target": "/x"}, {"type": "tmpfs", "target": "/t"},
    ]),
    max_size=3,
)  # fmt: skip
depends = st.one_of(
    st.lists(st.sampled_from(["b", "c"]), max_size=2, unique=True),
    st.dictionaries(
        st.sampled_from(["b", "c"]),
        st.fixed_dictionaries(
            {"condition": st.sampled_from(["service_started", "service_healthy"])}, optional={"required": st.booleans()}
        ),
        max_size=2,
    ),
)
networks = st.one_of(
    st.lists(st.sampled_from(["n", "m", "default"]), max_size=2, unique=True),
    st.dictionaries(
        st.sampled_from(["n", "m", "default"]),
        st.one_of(st.none(), st.fixed_dictionaries({"aliases": st.lists(st.sampled_from(["q", "r"]), max_size=2)})),
        max_size=2,
    ),
)
env_files = st.one_of(
    st.sampled_from(["one.env", "two.env"]),
    st.lists(
        st.sampled_from(["one.env", "two.env", {"path": "one.env"}, {"path": "none.env", "required": False}]),
        max_size=3,
    ),
)
hosts = st.one_of(
    st.lists(st.sampled_from(["h:1.1.1.1", "h=2.2.2.2", "g:::1"]), max_size=2),
    st.dictionaries(st.sampled_from(["h", "g"]), st.sampled_from(["1.1.1.1", "3.3.3.3"]), max_size=2),
)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "environment": st.one_of(env_maps, env_lists),
    "ports": ports,
    "volumes": volumes,
    "networks": networks,
    "env_file": env_files,
    "extra_hosts": hosts,
    "profiles": st.lists(st.sampled_from(["p", "q"]), max_size=2, unique=True),
    "expose": st.lists(st.sampled_from(["80", 80, "90-92"]), max_size=2),
    "hostname": st.sampled_from(["one", "two", "${A}"]),
    "container_name": st.just("${A:-named}"),
    "command": st.sampled_from(["a b", ["c", "d"], None]),
}


class Tagged(str):
    """JSON text with a YAML tag in front."""

    __slots__ = ()


@st.composite
def services(draw: st.DrawFn, name: str, *, override: bool) -> dict[str, Any]:
    keys = draw(st.lists(st.sampled_from(sorted(FIELDS)), max_size=4, unique=True))
    service: dict[str, Any] = {key: draw(FIELDS[key]) for key in keys}
    if name == "a" and draw(st.booleans()):
        service["depends_on"] = draw(depends)
    if not override:
        service["image"] = f"image-{name}:${{A}}"
        base = draw(st.sampled_from([None, None, *NAMES, "file"]))
        if base == "file":
            service["extends"] = {"file": "base/base.yaml", "service": "base"}
        elif base is not None and base > name:
            service["extends"] = {"service": base}
    if override:
        for key in keys:
            tag = draw(st.sampled_from(["", "", "", "!reset ", "!override "]))
            if tag:
                service[key] = Tagged(tag + json.dumps(service[key]))
    return service


def written(service: dict[str, Any]) -> str:
    return (
        "".join(f"    {k}: {v if isinstance(v, Tagged) else json.dumps(v)}\n" for k, v in service.items()) or "    {}\n"
    )


def compose_text(parts: dict[str, dict[str, Any]], tail: str = "") -> str:
    return "services:\n" + "".join(f"  {name}:\n{written(service)}" for name, service in parts.items()) + tail


@st.composite
def projects(draw: st.DrawFn) -> dict[str, str]:
    first = {name: draw(services(name, override=False)) for name in NAMES}
    files = {
        "compose.yaml": compose_text(first, "networks: {n: {}, m: {}}\nvolumes: {v: {}}\n"),
        "base/base.yaml": compose_text({"base": draw(services("a", override=True)) | {"image": "base"}}),
        ".env": draw(st.sampled_from(["A=7\n", "A=7\nB=${A}x\n", "A=8\nB=\nCOMPOSE_PROFILES=p\n"])),
        "one.env": draw(st.sampled_from(["A=one\n", "A=${B}1\nONE=${A}\n"])),
        "two.env": draw(st.sampled_from(["A=two\n", "B='$A'\nTWO=${A}-${LONG_NAME}\nINHERITED\n"])),
    }
    files["base/one.env"], files["base/two.env"] = "FROM=base\n", "FROM=base2\n"
    for number in range(draw(st.integers(0, 2))):
        touched = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True))
        files[f"over{number}.yaml"] = compose_text({name: draw(services(name, override=True)) for name in touched})
    return files


@settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(files=projects(), profiles=st.sampled_from([(), ("q",), ("*",)]))
def test_a_generated_project_gives_what_compose_gives(
    files: dict[str, str], profiles: tuple[str, ...], compose_judge: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "stack"
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    chain = tuple(name for name in files if name == "compose.yaml" or name.startswith("over"))
    compose_judge.compare(folder, chain, profiles)
