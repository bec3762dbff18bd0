"""Which variables a Compose file is judged by: its own env file, the folder's `.env`, or none that is known."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from stackmend.linter.config import Overrides
from stackmend.linter.plan import own_env_files
from stackmend.linter.report import Reported
from stackmend.linter.session import Request, run
from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.models.examples import env_examples, example_beside
from stackmend.schemas.workspace import Workspace

MAIN = "services:\n  web:\n    image: nginx:1.27\n"
MIDDLEWARE = "services:\n  cache:\n    image: redis:${REDIS_TAG}\n    env_file: middleware.env\n"


def lint(files: Mapping[str, str], paths: tuple[str, ...] = ("/shop",)) -> tuple[Reported, ...]:
    """The findings of the Compose rules in files of the folder `/shop`."""
    contents = {f"/shop/{name}": text.encode() for name, text in files.items()}
    over = Overrides(select=("CMP",))
    return run(Request(paths, "/shop", over, isolated=True), Workspace(MemoryFiles(contents))).report.diagnostics


@pytest.mark.parametrize(
    ("name", "beside", "expected"),
    [
        pytest.param(
            "docker-compose.middleware.yaml", ("middleware.env", ".env"), ("/d/middleware.env",), id="its own"
        ),
        pytest.param("docker-compose.middleware.yaml", ("middleware.env.example", ".env"), (), id="not copied yet"),
        pytest.param("compose-dev.yml", ("envs/dev.env.example",), (), id="the example in the folder of examples"),
        pytest.param("docker-compose.prod.yml", (".env", "other.env"), None, id="the folder's"),
        pytest.param("docker-compose.yml", (".env", "docker-compose.env"), None, id="the main file has no name"),
    ],
)
def test_a_second_compose_file_may_have_an_env_file_of_its_own(
    name: str, beside: tuple[str, ...], expected: tuple[str, ...] | None
) -> None:
    files = MemoryFiles({f"/d/{n}": b"" for n in (name, *beside)})
    assert own_env_files(files, f"/d/{name}") == expected


def test_the_main_env_file_is_not_the_one_of_a_second_deployment() -> None:
    files = {"docker-compose.yaml": MAIN, "docker-compose.middleware.yaml": MIDDLEWARE, "middleware.env": "A=1\n"}
    found = lint({**files, ".env": "REDIS_TAG=7.4\n"})
    assert [d.rule.code for d in found] == ["CMP005"]
    assert not lint({**files, "middleware.env": "REDIS_TAG=7.4\n", ".env": "A=1\n"})


def test_a_second_deployment_that_was_never_set_up_is_only_information() -> None:
    files = {"docker-compose.yaml": MAIN, "docker-compose.middleware.yaml": MIDDLEWARE, ".env": "A=1\n"}
    found = lint({**files, "middleware.env.example": "REDIS_TAG=7.4\n"})
    assert [d.severity.value for d in found if d.rule.code == "CMP020"] == ["info"]
    assert not [d for d in found if d.severity.value == "error"]


def test_the_user_decides_which_env_file_counts() -> None:
    files = {"docker-compose.dev.yaml": MAIN.replace("1.27", "${TAG}"), "dev.env": "TAG=1\n", "my.env": "A=1\n"}
    contents = {f"/shop/{name}": text.encode() for name, text in files.items()}
    over = Overrides(select=("CMP005",), env_files=("/shop/my.env",))
    found = run(Request(("/shop",), "/shop", over, isolated=True), Workspace(MemoryFiles(contents))).report.diagnostics
    assert [d.message for d in found] == ["`TAG` is set nowhere, so Compose puts nothing in its place"]


UNKNOWN = """\
services:
  web:
    image: nginx:1.27
    container_name: ${PREFIX}web
    ports: ["${PORT}:80"]
    volumes: ["${DATA}:/data"]
    mem_limit: ${MEMORY}
    env_file: ${ENV_FILE}
    deploy: {replicas: "${REPLICAS}"}
  api:
    image: ${IMAGE}
    container_name: ${PREFIX}web
    ports: ["${PORT}:80"]
"""


def test_without_any_env_file_what_is_not_set_is_unknown_and_breaks_nothing() -> None:
    found = lint({"compose.yaml": UNKNOWN})
    assert [(d.rule.code, d.severity.value) for d in found] == [("CMP005", "info")]


def test_with_an_env_file_what_is_not_in_it_is_empty() -> None:
    found = lint({"compose.yaml": UNKNOWN, ".env": "A=1\n"})
    codes = {d.rule.code for d in found if d.severity.value == "error"}
    assert {"CMP017", "CMP036", "CMP038"} <= codes


def test_with_the_shell_known_the_same_holds_without_an_env_file() -> None:
    contents = {"/shop/compose.yaml": MAIN.replace("1.27", "${TAG}").encode()}
    over = Overrides(select=("CMP005",), env_source="shell")
    for shell, count in (({"TAG": "1.27"}, 0), ({"HOME": "/root"}, 1)):
        request = Request(("/shop",), "/shop", over, isolated=True, shell=shell)
        assert len(run(request, Workspace(MemoryFiles(contents))).report.diagnostics) == count


def test_a_file_that_stands_alone_is_not_judged_by_what_is_not_around_it() -> None:
    alone = MAIN + "    env_file: web.env\n    volumes: ['./web.conf:/etc/web.conf', './site:/site']\n"
    assert [d.severity.value for d in lint({"compose.yaml": alone})] == ["info"]
    at_home = lint({"compose.yaml": alone, "site/index.html": "<p>"})
    assert [(d.rule.code, d.severity.value) for d in at_home] == [("CMP020", "error"), ("CMP021", "error")]


@pytest.mark.parametrize(
    "end",
    [
        pytest.param("    depends_on:\n\t- api\n", id="a key whose list cannot be read"),
        pytest.param("    environment:\n      - A: 'b\n", id="an item that breaks off"),
        pytest.param("  api:\n    volumes: [\n", id="a service that breaks off"),
        pytest.param("networks:\n\tdefault:\n", id="a section that cannot be read"),
    ],
)
def test_where_a_file_breaks_off_nothing_else_is_said(end: str) -> None:
    assert [d.rule.code for d in lint({"compose.yaml": MAIN + end})] == ["CMP001"]


def test_many_variables_and_volumes_are_added_at_once() -> None:
    names = [f"NAME_{i}" for i in range(30)]
    mounts = "".join(f"      - data{i}:/data/{i}\n" for i in range(30))
    environment = "".join(f"      {name}: ${{{name}}}\n" for name in names)
    text = f"{MAIN}    volumes:\n{mounts}    environment:\n{environment}"
    contents = {"/shop/compose.yaml": text.encode(), "/shop/.env": b"A=1\n"}
    over = Overrides(select=("CMP",), unsafe_fixes=True)
    request = Request(("/shop",), "/shop", over, isolated=True, mending=True)
    outcome = run(request, Workspace(MemoryFiles(contents)))
    assert not outcome.report.errors
    assert not outcome.report.diagnostics
    after = {change.path: change.after.decode() for change in outcome.changes}
    assert after["/shop/.env"] == "A=1\n" + "".join(f"{name}=\n" for name in names)
    assert after["/shop/compose.yaml"] == text + "volumes:\n" + "".join(f"  data{i}:\n" for i in range(30))


@pytest.mark.parametrize(
    ("name", "example"),
    [
        ("config.json", "config.json.example"),
        ("config.json", "config.example.json"),
        ("config.json", "example.config.json"),
        (".env", ".env.example"),
        (".env", "example.env"),
        ("web.env", "envs/web.env.example"),
        ("web.env", "web-sample.env"),
    ],
)
def test_the_example_of_a_missing_file_is_found(name: str, example: str) -> None:
    workspace = Workspace(MemoryFiles({f"/d/{example}": b"", "/d/other.json": b"", "/d/other.env.example": b""}))
    assert example_beside(workspace, f"/d/{name}") == f"/d/{example}"
    assert example_beside(workspace, "/d/another.yaml") is None


def test_examples_of_env_files_are_told_from_env_files() -> None:
    names = (".env", ".env.example", "env.sample", "prod.env", ".env.prod", "example.env", "environment.example")
    workspace = Workspace(MemoryFiles({f"/d/{name}": b"A=1\n" for name in names}))
    found = [tree.document.path for tree in env_examples(workspace, "/d")]
    assert found == ["/d/.env.example", "/d/env.sample", "/d/example.env"]


MONITORING = """\
services:
  prometheus:
    image: prom/prometheus:v3.1.0
    depends_on: [api]
    networks: [inner]
"""
APPLICATION = "services:\n  api:\n    image: shop/api:1\n    networks: [inner]\nnetworks:\n  inner: {}\n"


@pytest.mark.parametrize("main", ["compose.yaml", "compose-base.yaml"])
@pytest.mark.parametrize("paths", [("/shop",), ("/shop/compose.monitoring.yaml",)])
def test_a_file_that_lacks_what_its_neighbour_defines_is_laid_over_it(main: str, paths: tuple[str, ...]) -> None:
    assert lint({main: APPLICATION, "compose.monitoring.yaml": MONITORING}, paths) == ()


def test_what_no_neighbour_defines_is_missing() -> None:
    beside = {"compose.yaml": APPLICATION, "compose.monitoring.yaml": MONITORING.replace("[api]", "[apy]")}
    assert [d.rule.code for d in lint(beside)] == ["CMP012", "CMP013"]
    assert [d.rule.code for d in lint({"compose.monitoring.yaml": MONITORING})] == ["CMP012", "CMP013"]


INCLUDED = "services:\n  db:\n    image: postgres:${TAG}\n    networks: [inner]\n"


@pytest.mark.parametrize(
    ("where", "path"), [("", "/shop"), ("", "/shop/db/compose.yaml"), ("app/", "/shop"), ("zoo/", "/shop")]
)
def test_a_file_that_another_includes_is_no_deployment_of_its_own(where: str, path: str) -> None:
    up = "../" if where else ""
    main = f"include: [{up}db/compose.yaml]\n{APPLICATION}"
    files = {f"{where}compose.yaml": main, "db/compose.yaml": INCLUDED, f"{where}.env": "TAG=16\n"}
    assert lint(files, (path,)) == ()


def test_the_findings_in_an_included_file_are_those_of_the_deployment_that_includes_it() -> None:
    files = {"compose.yaml": f"include: [db/compose.yaml]\n{APPLICATION}", "db/compose.yaml": INCLUDED, ".env": "A=1\n"}
    for paths in (("/shop",), ("/shop/db/compose.yaml",)):
        assert [(d.rule.code, d.place.document.path) for d in lint(files, paths)] == [
            ("CMP005", "/shop/db/compose.yaml")
        ]


def test_a_file_that_is_only_extended_is_a_deployment_of_its_own() -> None:
    extending = "services:\n  db:\n    extends: {file: base/compose.yaml, service: db}\n"
    base = INCLUDED.replace("${TAG}", "16") + "    depends_on: [gone]\nnetworks: {inner: }\n"
    found = lint({"compose.yaml": extending + "networks: {inner: }\n", "base/compose.yaml": base})
    assert {(d.rule.code, d.place.document.path) for d in found} == {("CMP012", "/shop/base/compose.yaml")}


def test_what_a_file_demands_is_told_apart_from_what_it_uses() -> None:
    demanding = MAIN.replace("1.27", "${TAG}") + "    user: ${OWNER:?who}\n"
    found = lint({"compose.yaml": demanding})
    assert [dict(d.diagnostic.values) for d in found] == [
        {"names": "`TAG`", "effect": "puts in nothing"},
        {"names": "`OWNER`", "effect": "starts nothing"},
    ]


@pytest.mark.parametrize("command", ["TAG=1.27 docker compose up\n", "docker compose up\n"])
def test_what_the_script_that_starts_the_stack_sets_is_not_demanded(command: str) -> None:
    demanding = MAIN.replace("1.27", "${TAG:?which}")
    found = lint({"compose.yaml": demanding, ".env": "A=1\n", "up.sh": command})
    assert [d.rule.code for d in found] == ([] if "TAG" in command else ["CMP034"])


ONE_MISTAKE = {
    "image that is a list": "services: {a: {image: [x]}}\n",
    "image without a text": "services:\n  a:\n    image:\n    restart: always\n",
    "mapping of ports": "services: {a: {image: 'x:1', ports: {80: 80}}}\n",
    "list of volumes": "services: {a: {image: 'x:1', volumes: ['v:/v']}}\nvolumes: [v]\n",
    "name of a service": "services: {a b: {image: 'x:1'}}\n",
}


@pytest.mark.parametrize("text", ONE_MISTAKE.values(), ids=ONE_MISTAKE)
def test_one_mistake_is_told_once(text: str) -> None:
    assert len([d for d in lint({"compose.yaml": text}) if d.severity.value == "error"]) == 1


def test_a_file_in_utf16_is_read_by_compose_and_one_warning_here() -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        files = MemoryFiles({"/shop/compose.yaml": f"\ufeff{MAIN}".encode(encoding)})
        found = run(Request(("/shop",), "/shop", isolated=True), Workspace(files)).report.diagnostics
        assert [(d.rule.code, d.severity.value) for d in found] == [("CMP001", "warning")]
