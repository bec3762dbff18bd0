"""Compose files that complete others are judged with those, or not at all where nobody can know what those hold."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from stackmend.linter.session import Request, run
from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.workspace import Workspace

BASE = "services:\n  db:\n    image: shop/db:1\n    networks: [inner]\nnetworks:\n  inner: {}\n"
APP = "services:\n  app:\n    image: shop/app:1\n    depends_on: [db]\n    networks: [inner]\n"


def found(files: Mapping[str, str], path: str = "/shop") -> list[str]:
    """The errors of files below `/shop`, with the file that each stands in."""
    memory = MemoryFiles({f"/shop/{name}": text.encode() for name, text in files.items()})
    report = run(Request((path,), "/shop", isolated=True), Workspace(memory)).report
    return [f"{d.rule.code} {d.place.document.path}" for d in report.diagnostics if d.severity.value == "error"]


COMMANDS = {
    "start.sh": "#!/bin/sh\ndocker compose \\\n  -f data/base.yml \\\n  -f app/compose.yaml up -d\n",
    "Makefile": "up:\n\tdocker-compose --file=data/base.yml --file=app/compose.yaml up\n",
    "README.md": "Start it with `docker compose -f data/base.yml -f app/compose.yaml up -d`.\n",
    "package.json": '{"scripts": {"up": "docker compose -f \'data/base.yml\' -f \'app/compose.yaml\' up"}}\n',
    "scripts/up.sh": "docker compose -f $ROOT/data/base.yml -f ${ROOT}/app/compose.yaml up\n",
    ".env.example": "COMPOSE_FILE=data/base.yml:app/compose.yaml\n",
    "compose.other.yaml": "# docker compose -f data/base.yml -f app/compose.yaml up\nservices: {x: {image: 'x:1'}}\n",
}


@pytest.mark.parametrize(("name", "text"), COMMANDS.items(), ids=COMMANDS)
@pytest.mark.parametrize("path", ["/shop", "/shop/app/compose.yaml"])
def test_a_command_says_over_which_files_another_is_laid(name: str, text: str, path: str) -> None:
    assert found({"data/base.yml": BASE, "app/compose.yaml": APP, name: text}, path) == []


def test_what_the_files_of_a_command_do_not_define_is_missing() -> None:
    command = "docker compose -f data/base.yml -f app/compose.yaml up\n"
    files = {"data/base.yml": BASE.replace("db:", "dbase:"), "app/compose.yaml": APP, "start.sh": command}
    assert found(files) == ["CMP012 /shop/app/compose.yaml", "CMP013 /shop/app/compose.yaml"]


@pytest.mark.parametrize(
    "text",
    [
        "docker compose -f data/base.yml up && docker compose -f app/compose.yaml up\n",
        "docker compose -f app/compose.yaml -f data/base.yml up\n",
        "docker compose -f data/gone.yml -f app/compose.yaml up\n",
        "docker compose -f ../../etc/base.yml -f app/compose.yaml up\n",
    ],
    ids=["two commands", "the other way round", "a file that is not there", "a file outside"],
)
def test_other_commands_say_nothing(text: str) -> None:
    files = {"data/base.yml": BASE, "app/compose.yaml": APP, "start.sh": text}
    assert found(files) == ["CMP012 /shop/app/compose.yaml", "CMP013 /shop/app/compose.yaml"]


def test_files_outside_of_the_project_are_no_part_of_it() -> None:
    memory = {"/etc/base.yml": BASE, "/shop/app/compose.yaml": APP}
    memory["/shop/start.sh"] = "docker compose -f /etc/base.yml -f app/compose.yaml up\n"
    files = MemoryFiles({path: text.encode() for path, text in memory.items()})
    report = run(Request(("/shop",), "/shop", isolated=True), Workspace(files)).report
    assert [d.rule.code for d in report.diagnostics] == ["CMP012", "CMP013"]


def test_what_a_main_file_further_up_defines_is_not_called_missing_below() -> None:
    assert found({"compose.yaml": BASE, "app/compose.yaml": APP}) == []
    assert found({"compose.yaml": BASE, "deploy/app/docker-compose.prod.yml": APP}) == []
    assert found({"compose.yaml": BASE.replace("db:", "dbase:"), "app/compose.yaml": APP}) != []


@pytest.mark.parametrize("name", ["docker-compose.override.yml", "compose.override.yaml", "compose.override.dev.yml"])
def test_an_override_without_its_main_file_is_not_judged_as_a_whole(name: str) -> None:
    assert found({f"deploy/{name}": APP}) == []
    assert found({f"deploy/{name}": f"{APP}    networks: [twice]\n"}) == [f"CMP002 /shop/deploy/{name}"]
    assert found({"deploy/compose.yaml": "services: {web: {image: 'x:1'}}\n", f"deploy/{name}": APP}) != []


@pytest.mark.parametrize("home", ["base", "zoo"])
def test_services_that_others_extend_need_no_image(home: str) -> None:
    extending = (
        "services:\n  app:\n    image: shop/app:1\n    extends: {file: %s/compose.yaml, service: common}\n"
        "networks: {inner: }\n"
    )
    common = "services:\n  common:\n    restart: always\n    networks: [inner]\n"
    files = {"compose.yaml": extending % home, f"{home}/compose.yaml": common}
    assert found(files) == []
    assert found({"app/compose.yaml": extending % f"../{home}", f"{home}/compose.yaml": common}) == []
    assert found({f"{home}/compose.yaml": common}) != []
