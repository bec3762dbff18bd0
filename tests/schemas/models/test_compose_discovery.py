"""Which files, variables and profiles make a project, without asking the disk for more than it needs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stackmend.schemas.files import DiskFiles, MemoryFiles
from stackmend.schemas.models.compose import find_compose_files, load_project
from stackmend.schemas.models.project import Options, Project
from stackmend.schemas.models.scalar_text import go_text
from stackmend.schemas.workspace import Workspace

STACK = "services: {a: {image: x}}\n"


def workspace(files: dict[str, str]) -> Workspace:
    return Workspace(MemoryFiles({path: text.encode() for path, text in files.items()}))


def load(written: dict[str, str], root: str = "/p", options: Options | None = None) -> Project:
    return load_project(workspace(written), root, options or Options())


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param((), (), id="none"),
        pytest.param(("docker-compose.yaml",), ("docker-compose.yaml",), id="one"),
        pytest.param(("docker-compose.yaml", "compose.yml"), ("compose.yml",), id="the short name first"),
        pytest.param(("docker-compose.yaml", "docker-compose.yml"), ("docker-compose.yml",), id="yml first"),
        pytest.param(
            ("compose.yaml", "docker-compose.override.yml"),
            ("compose.yaml", "docker-compose.override.yml"),
            id="override",
        ),
        pytest.param(("compose.override.yml",), (), id="an override alone"),
        pytest.param(("docker-compose-template.yaml",), (), id="another name"),
    ],
)
def test_a_folders_files_are_found_in_composes_order(names: tuple[str, ...], expected: tuple[str, ...]) -> None:
    found = find_compose_files(workspace({f"/p/{name}": STACK for name in names}), "/p")
    assert found == tuple(f"/p/{name}" for name in expected)


def test_a_parents_file_is_taken_up_to_the_boundary() -> None:
    files = {"/p/compose.yaml": STACK, "/p/deep/er/notes.txt": ""}
    assert load(files, "/p/deep/er").root == "/p"
    beyond = load(files, "/p/deep/er", Options(boundary="/p/deep"))
    assert (beyond.root, beyond.files, [p.kind for p in beyond.problems]) == ("/p/deep/er", (), ["file-missing"])


def test_named_files_bring_no_override_file_and_their_first_folder_is_the_projects() -> None:
    files = {"/p/s/x.yaml": STACK, "/p/s/.env": "A=1\n", "/p/.env": "A=2\n", "/p/s/compose.override.yaml": "name: q\n"}
    project = load(files, options=Options(files=("/p/s/x.yaml",)))
    assert (project.root, project.variables["A"].text, project.name) == ("/p/s", "1", "s")


def test_compose_file_in_the_env_file_names_the_files_and_both_env_files_count() -> None:
    files = {
        "/p/.env": "COMPOSE_FILE=s/x.yaml:y.yaml\nA=top\n",
        "/p/s/.env": "A=sub\nB=${A}\n",
        "/p/s/x.yaml": STACK,
        "/p/y.yaml": "services: {b: {image: '${A}-${B}'}}\n",
    }
    project = load(files)
    assert (project.root, list(project.services)) == ("/p/s", ["a", "b"])
    image = project.services["b"].image
    assert image is not None
    assert image.text == "top-top"
    assert [tree.document.path for tree in project.env_files] == ["/p/s/.env", "/p/.env"]


@pytest.mark.parametrize(
    ("env", "chosen", "active"),
    [
        pytest.param("", (), ["always"], id="none"),
        pytest.param("STORE=two\nCOMPOSE_PROFILES=${STORE:-one}, other\n", (), ["always", "two"], id="from .env"),
        pytest.param("COMPOSE_PROFILES=one\n", ("two",), ["always", "two"], id="given ones replace them"),
        pytest.param("", ("*",), ["always", "one", "two"], id="all"),
    ],
)
def test_profiles_switch_services_on(env: str, chosen: tuple[str, ...], active: list[str]) -> None:
    text = "services:\n  always: {image: x}\n" + "".join(
        f"  {n}: {{image: x, profiles: [{n}]}}\n" for n in ("one", "two")
    )
    project = load({"/p/compose.yaml": text, "/p/.env": env}, options=Options(profiles=chosen))
    assert [service.name for service in project.active] == active
    assert set(project.services) == {"always", "one", "two"}


@pytest.mark.parametrize(
    ("folder", "text", "env", "expected"),
    [
        pytest.param("My App!", STACK, "", "myapp", id="the folder's name"),
        pytest.param("p", "name: given\n" + STACK, "", "given", id="the file's name"),
        pytest.param("p", "name: ${X:-from}-x\n" + STACK, "", "from-x", id="an expression"),
        pytest.param("p", "name: given\n" + STACK, "COMPOSE_PROJECT_NAME=env\n", "env", id="the variable"),
    ],
)
def test_the_project_has_composes_name_for_it(folder: str, text: str, env: str, expected: str) -> None:
    project = load({f"/{folder}/compose.yaml": text, f"/{folder}/.env": env}, f"/{folder}")
    assert project.name == project.variables["COMPOSE_PROJECT_NAME"].text == expected


def test_a_project_name_of_several_parts_is_refused_in_its_own_line() -> None:
    project = load({"/p/compose.yaml": STACK, "/p/.env": "STAGE=Test\nCOMPOSE_PROJECT_NAME=${STAGE}-shop\n"})
    (problem,) = project.problems
    assert (problem.kind, problem.place.line, problem.place.text) == ("invalid-project-name", 2, "-shop")


def test_paths_of_an_override_file_count_from_the_first_files_folder() -> None:
    files = {
        "/p/a/x.yaml": "services: {a: {image: x, volumes: ['./one:/1']}}\n",
        "/p/b/y.yaml": "services: {a: {volumes: ['../two:/2', '~/three:/3']}}\n",
    }
    project = load(files, options=Options(files=("/p/a/x.yaml", "/p/b/y.yaml"), shell={"HOME": "/home/h"}))
    assert [mount.path for mount in project.services["a"].mounts] == ["/p/a/one", "/p/two", "/home/h/three"]


def test_a_link_out_of_the_boundary_is_not_followed(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (outside / "secret.env").write_text("A=1\n", encoding="utf-8")
    (inside / "link.env").symlink_to(outside / "secret.env")
    (inside / "loop.yaml").symlink_to("loop.yaml")
    (inside / "compose.yaml").write_text(
        "include: [loop.yaml]\nservices: {a: {image: x, env_file: [link.env]}}\n", encoding="utf-8"
    )
    options = Options(shell={}, boundary=str(inside).replace(os.sep, "/"))
    project = load_project(Workspace(DiskFiles()), str(inside), options)
    assert sorted(p.kind for p in project.problems) == ["outside-project", "unreadable"]
    assert dict(project.services["a"].environment) == {}


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        pytest.param("1.10", "float", "1.1", id="a trailing zero goes"),
        pytest.param("1e3", "float", "1000", id="an exponent goes"),
        pytest.param("1e21", "float", "1e+21", id="a large exponent stays"),
        pytest.param("0.00001", "float", "1e-05", id="a small number gets one"),
        pytest.param("0123", "int", "83", id="octal"),
        pytest.param("0x1F", "int", "31", id="hexadecimal"),
        pytest.param("1_000", "int", "1000", id="underscores"),
        pytest.param("99999999999999999999", "int", "1e+20", id="too large for an integer"),
        pytest.param("True", "bool", "true", id="boolean"),
        pytest.param("~", "null", "", id="nothing"),
        pytest.param("-.inf", "float", "-Inf", id="infinity"),
    ],
)
def test_an_unquoted_number_becomes_the_text_that_go_prints(text: str, kind: str, expected: str) -> None:
    assert go_text(text, kind) == expected
