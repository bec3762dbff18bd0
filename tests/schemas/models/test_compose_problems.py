"""What Compose refuses or warns about is data with the exact place; nothing that a project holds raises."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.models.compose import load_project
from stackmend.schemas.models.mounts import MountError
from stackmend.schemas.models.mounts import split_short as split_mount
from stackmend.schemas.models.ports import PortError
from stackmend.schemas.models.ports import split_short as split_port
from stackmend.schemas.models.project import Options, Project
from stackmend.schemas.workspace import Workspace

A = "services:\n  a:\n    image: x\n"


def load(files: dict[str, str], options: Options | None = None) -> Project:
    memory = MemoryFiles({f"/p/{name}": text.encode("utf-8", "surrogateescape") for name, text in files.items()})
    return load_project(Workspace(memory), "/p", options or Options())


CASES: dict[str, tuple[str, str, str]] = {
    "unset variable": (A + "    hostname: ${NOPE}\n", "undefined-variable", "NOPE"),
    "required variable": (A + "    hostname: ${NOPE:?why}\n", "required-variable", "NOPE"),
    "required in a fallback": (
        A + "    hostname: ${COMPOSE_PROJECT_NAME:-${NOPE:?}}\n",
        "required-in-fallback",
        "NOPE",
    ),
    "broken expression": (A + "    hostname: a-${NO PE}\n", "invalid-interpolation", "${NO PE}"),
    "broken expression in a fallback": ("services: {a: {image: '${NO:-${}}'}}\n", "invalid-interpolation", "${}"),
    "dependency": (A + "    depends_on: [zz]\n", "undefined-service", "zz"),
    "dependency in a map": (A + "    depends_on: {zz: {condition: service_started}}\n", "undefined-service", "zz"),
    "dependency that is off": (A + "    depends_on: [b]\n  b: {image: y, profiles: [p]}\n", "inactive-dependency", "b"),
    "ring": (A + "    depends_on: [b]\n  b: {image: y, depends_on: [a]}\n", "dependency-cycle", "a"),
    "network": (A + "    networks: [nn]\n", "undefined-network", "nn"),
    "volume": (A + "    volumes: ['vv:/data']\n", "undefined-volume", "vv"),
    "secret": (A + "    secrets: [ss]\n", "undefined-secret", "ss"),
    "config": (A + "    configs: [{source: cc}]\n", "undefined-config", "cc"),
    "env file": (A + "    env_file: [x.env]\n", "file-missing", "x.env"),
    "include": ("include: [gone.yaml]\n" + A, "file-missing", "gone.yaml"),
    "include of itself": ("include: [compose.yaml]\n" + A, "include-cycle", "compose.yaml"),
    "extends a file": (A + "    extends: {file: gone.yaml, service: s}\n", "file-missing", "gone.yaml"),
    "extends a service": (A + "    extends: {service: ss}\n", "undefined-service", "ss"),
    "extends in a ring": (A + "    extends: {service: a}\n", "extends-cycle", "{service: a}"),
    "port": (A + "    ports: ['80:http']\n", "invalid-port", "'80:http'"),
    "mount": (A + "    volumes: ['./a::ro']\n", "invalid-volume", "'./a::ro'"),
    "environment item": (A + "    environment:\n      - A: 1\n", "invalid-environment", "A: 1"),
    "mount twice": (A + "    volumes: ['./a:/x', './b:/x']\n", "shadowed-mount", "'./a:/x'"),
    "tmpfs on a mount": (A + "    volumes: ['./a:/x']\n    tmpfs: /x\n", "duplicate-mount-target", "/x"),
    "network mode": (A + "    network_mode: host\n    networks: [default]\n", "network-mode-conflict", "networks"),
    "container name": (
        "services:\n  a: {image: x, container_name: one}\n  b: {image: x, container_name: 'one'}\n",
        "duplicate-container-name",
        "'one'",
    ),
    "nothing below a key": (A + "    depends_on:\n    # - b\n", "empty-mapping", "depends_on"),
    "merge of nothing": (A + "    <<: ~\n", "merge-of-non-map", "~"),
    "size": (A + "    mem_limit: '${X:-much}'\n", "invalid-type", "'${X:-much}'"),
    "restart policy": (A + "    restart: allways\n", "unknown-restart", "allways"),
    "number as a key": (A + "    environment: {1: a}\n", "non-string-key", "1"),
    "no image": ("services:\n  a:\n    ports: ['80:80']\n", "missing-image", "a"),
    "service that is a text": ("services:\n  a: foo\n", "not-a-mapping", "foo"),
    "list over map": (
        A + "    labels: {a: b}\n    deploy: {}\n---\nservices: {a: {deploy: [q]}}\n",
        "cannot-merge",
        "[q]",
    ),
    "alias to what holds it": (A + "    labels: &l {a: *l}\n", "alias-cycle", "*l"),
}


@pytest.mark.parametrize(("text", "kind", "place"), CASES.values(), ids=list(CASES))
def test_a_problem_stands_exactly_where_the_mistake_is(text: str, kind: str, place: str) -> None:
    found = [(p.kind, p.place.text) for p in load({"compose.yaml": text}, Options(shell={})).problems]
    assert found == [(kind, place)]


def test_a_project_without_mistakes_has_no_problems() -> None:
    text = (
        A + "    ports: ['${PORT:-80}:80']\n    depends_on: [b]\n  b: {image: y, volumes: ['v:/v']}\nvolumes: {v: }\n"
    )
    project = load({"compose.yaml": text}, Options(shell={}))
    assert project.problems == ()
    assert project.services["a"].ports[0].published == (80, 80)


def test_after_a_syntax_error_nothing_that_may_stand_below_it_is_missed() -> None:
    project = load(
        {"compose.yaml": A + "    depends_on: [b]\n    volumes: ['v:/v']\n  b: {image: [\n"}, Options(shell={})
    )
    assert [p.kind for p in project.problems] == []
    assert project.files[0].problems


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        pytest.param(
            "services: {a: {extends: {service: zz}}}\n", ["undefined-service"], id="service that is not there"
        ),
        pytest.param("services: {a: {extends: {file: gone.yaml, service: s}}}\n", ["file-missing"], id="missing file"),
        pytest.param("services: {a: {extends: b}, b: {extends: a}}\n", ["extends-cycle"], id="ring"),
        pytest.param(
            "services: {a: {extends: {file: 'https://github.com/x/y.git', service: s}}}\n", [], id="remote extends"
        ),
        pytest.param("include: ['oci://r/x:1']\n" + A + "    depends_on: [theirs]\n", [], id="remote include"),
    ],
)
def test_what_cannot_be_followed_brings_no_other_problems_with_it(text: str, kinds: list[str]) -> None:
    assert [p.kind for p in load({"compose.yaml": text}, Options(shell={})).problems] == kinds


def test_files_outside_the_boundary_are_named_and_not_read() -> None:
    text = (
        "include: [../q/inc.yaml]\n" + A + "    env_file: [../q/x.env]\n    extends: {file: ../q/b.yaml, service: b}\n"
    )
    files = {
        "compose.yaml": text,
        "../q/inc.yaml": A,
        "../q/x.env": "A=1\n",
        "../q/b.yaml": "services: {b: {image: q}}\n",
    }
    memory = {("/" + name[3:] if name.startswith("../") else f"/p/{name}"): t.encode() for name, t in files.items()}
    project = load_project(Workspace(MemoryFiles(memory)), "/p", Options(shell={}, boundary="/p"))
    assert sorted((p.kind, p.place.text) for p in project.problems) == [
        ("outside-project", "../q/b.yaml"),
        ("outside-project", "../q/inc.yaml"),
        ("outside-project", "../q/x.env"),
    ]
    assert [(f.path, f.read) for f in project.services["a"].env_files] == [("/q/x.env", False)]


BOMBS: dict[str, dict[str, str]] = {
    "aliases of aliases": {
        "compose.yaml": "a0: &a0 [x, x, x]\n"
        + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12))
        + "services: {a: {image: x, labels: *a11}}\n"
    },
    "merges of merges": {
        "compose.yaml": "x0: &m0 {k: v}\n"
        + "".join(f"x{i}: &m{i} {{<<: [*m{i - 1}, *m{i - 1}], k{i}: 1}}\n" for i in range(1, 60))
        + "services: {a: {image: x, environment: {<<: *m59}}}\n"
    },
    "variables of variables": {
        "compose.yaml": "services: {a: {image: '${K60}'}}\n",
        ".env": "K0=aaaaaaaaaa\n" + "".join(f"K{i}=${{K{i - 1}}}${{K{i - 1}}}\n" for i in range(1, 61)),
    },
    "extends of one by many": {
        "compose.yaml": "services:\n  b:\n    image: x\n    environment:\n"
        + "".join(f"      K{i}: v\n" for i in range(3000))
        + "".join(f"  s{i}: {{extends: b}}\n" for i in range(500))
    },
    "includes of includes": {
        f"i{i}.yaml" if i else "compose.yaml": f"include: [i{i + 1}.yaml, i{i + 1}.yaml]\nservices: {{}}\n"
        for i in range(30)
    },
}  # fmt: skip


@pytest.mark.parametrize("files", BOMBS.values(), ids=list(BOMBS))
def test_what_multiplies_without_end_is_cut_off_and_said(files: dict[str, str]) -> None:
    kinds = {p.kind for p in load(files, Options(shell={})).problems}
    assert kinds & {"too-many-nodes", "too-much", "file-missing"}
    assert "undefined-service" not in kinds


def test_a_long_chain_of_extends_is_followed_to_its_end() -> None:
    chain = "".join(f"  s{i}: {{extends: s{i + 1}}}\n" for i in range(1500))
    project = load({"compose.yaml": f"services:\n{chain}  s1500: {{image: deep}}\n"}, Options(shell={}))
    assert project.services["s0"].image is not None
    assert project.services["s0"].image.text == "deep"


KEYS = "services: include: extends: environment: ports: volumes: networks: depends_on: env_file: <<: a: b:"
VALUES = (
    "&a *a !reset !override - [ ] { } , ' \" | > 80:80 ./x:/y .env compose.yaml ${A} ${A:-b} ${ $$ null ~ 1.5 # ---"
)
BLANKS = (" ", "  ", "\n", "\n  ", "\n    ", "\n      ", "\t", "\r\n", "\0", "\udc80", "é")
words = st.sampled_from([*KEYS.split(), *VALUES.split(), *BLANKS])


@settings(max_examples=150, deadline=None)
@given(st.lists(words, max_size=60).map("".join), st.lists(words, max_size=10).map("".join))
def test_no_text_whatever_raises(compose: str, env: str) -> None:
    project = load(
        {"compose.yaml": compose, ".env": env, "compose.override.yaml": "services: {a: {ports: !override []}}\n"}
    )
    assert project.root == "/p"


@settings(max_examples=200)
@given(st.text("0123456789-:/.[]tcpudaz{}$~\\ ", max_size=25))
def test_a_port_and_a_mount_are_split_or_refused(text: str) -> None:
    try:
        _, _, (low, high), protocol = split_port(text)
    except PortError:
        pass
    else:
        assert 0 <= low <= high <= 65535
        assert protocol in {"tcp", "udp", "sctp"}
    try:
        source, target, _ = split_mount(text)
    except MountError:
        return
    assert text[slice(*target)]
    assert source is None or source[1] < target[0]


@pytest.mark.parametrize("policy", ["no", '"no"', "always", "unless-stopped", "on-failure", "on-failure:3", "${X:-no}"])
def test_every_restart_policy_of_docker_is_known(policy: str) -> None:
    assert load({"compose.yaml": A + f"    restart: {policy}\n"}).problems == ()
