"""Values of a compose project: each text knows where it was written and which expressions asked for it."""

from __future__ import annotations

import pytest

from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.models.compose import load_project
from stackmend.schemas.models.node import MappingNode, ScalarNode
from stackmend.schemas.models.project import Options, Project
from stackmend.schemas.models.service import Variable
from stackmend.schemas.models.value import Source
from stackmend.schemas.workspace import Workspace

Written = tuple[str, str, tuple[str, ...]]


def load(files: dict[str, str], options: Options | None = None) -> Project:
    memory = MemoryFiles({f"/p/{name}": text.encode() for name, text in files.items()})
    return load_project(Workspace(memory), "/p", options or Options())


def service(environment: str, **files: str) -> Project:
    text = "services:\n  a:\n    image: x\n    environment:\n" + environment
    return load({"compose.yaml": text, **{name.replace("dot_", "."): body for name, body in files.items()}})


def pieces(variable: Variable) -> list[Written]:
    """Source, text at the place, texts of the expressions that asked."""
    return [
        (p.source.value, p.place.text if p.place else "", tuple(v.text for v in p.via)) for p in variable.value.pieces
    ]


def giver(project: Project, name: str, key: str) -> Source:
    """Who wrote a single value of a service."""
    node = project.services[name].get(key)
    assert isinstance(node, ScalarNode)
    return node.value.pieces[0].source


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("      A: plain\n", [("literal", "plain", ())], id="plain"),
        pytest.param("      A: 'it''s'\n", [("literal", "it''s", ())], id="quoted with an escape"),
        pytest.param('      A: "quoted"\n', [("literal", "quoted", ())], id="inside the quotes"),
        pytest.param("      - A=item\n", [("literal", "item", ())], id="list item"),
        pytest.param("      A: ${X}\n", [("env", "from env", ("${X}",))], id="env"),
        pytest.param(
            "      A: p${X}s\n",
            [("literal", "p", ()), ("env", "from env", ("${X}",)), ("literal", "s", ())],
            id="mixed",
        ),
        pytest.param(
            "      - A=p${X}\n", [("literal", "p", ()), ("env", "from env", ("${X}",))], id="list item with env"
        ),
        pytest.param("      A: ${NO:-fallback}\n", [("default", "fallback", ("${NO:-fallback}",))], id="default"),
        pytest.param("      A: ${NO:-${X}}\n", [("env", "from env", ("${X}", "${NO:-${X}}"))], id="env in a default"),
        pytest.param(
            "      A: ${Y}\n", [("env", "from env", ("${X}", "${Y}")), ("env", "-tail", ("${Y}",))], id="env in env"
        ),
        pytest.param("      A: ${NO}\n", [("default", "${NO}", ("${NO}",))], id="unset"),
        pytest.param("      A: ${NO:-}\n", [("default", "", ("${NO:-}",))], id="empty default"),
        pytest.param("      A: ${Q}\n", [("env", "in quotes", ("${Q}",))], id="quoted in .env"),
        pytest.param("      A: |\n        ${X}\n", [("env", "from env", ("${X}",)), ("literal", "", ())], id="block"),
    ],
)
def test_each_piece_stands_where_it_was_written(written: str, expected: list[Written]) -> None:
    env = "X=from env\nY=${X}-tail\nQ='in quotes'\n"
    assert pieces(service(written, dot_env=env).services["a"].environment["A"]) == expected


def test_a_key_of_a_list_item_has_its_own_place() -> None:
    variable = service("      - KEY=value\n").services["a"].environment["KEY"]
    assert (variable.key_place.text, variable.place.text, variable.form) == ("KEY", "KEY=value", "list")


def test_the_shell_has_no_place_and_wins_over_the_env_file() -> None:
    project = load(
        {"compose.yaml": "services: {a: {image: '${TAG}'}}\n", ".env": "TAG=env\n"}, Options(shell={"TAG": "shell"})
    )
    image = project.services["a"].image
    assert image is not None
    assert (image.text, image.pieces[0].source, image.pieces[0].place) == ("shell", Source.SHELL, None)
    assert [lost.text for lost in project.variables["TAG"].shadowed] == ["env"]


def test_what_only_the_users_shell_knows_is_unknown_and_the_rest_of_the_text_is_used() -> None:
    project = load({"compose.yaml": "services: {a: {image: x, volumes: ['${HOME}/k:/k:ro'], ports: ['${PWD}:80']}}\n"})
    mount = project.services["a"].mounts[0]
    assert (mount.kind, mount.target, mount.path, mount.read_only, mount.value.known) == (
        "bind",
        "/k",
        None,
        True,
        False,
    )
    port = project.services["a"].ports[0]
    assert (port.known, port.target, port.published) == (False, (80, 80), None)
    assert [p.kind for p in project.problems] == []


@pytest.mark.parametrize(
    ("files", "source"),
    [
        pytest.param({"compose.override.yaml": "services: {a: {hostname: given}}\n"}, Source.OVERRIDE, id="override"),
        pytest.param({}, Source.LITERAL, id="literal"),
    ],
)
def test_a_text_says_which_kind_of_file_gave_it(files: dict[str, str], source: Source) -> None:
    project = load({"compose.yaml": "services: {a: {image: x, hostname: first}}\n", **files})
    assert giver(project, "a", "hostname") is source


def test_what_is_inherited_and_included_says_so() -> None:
    project = load(
        {
            "compose.yaml": "include: [inc.yaml]\nservices:\n  a: {image: own, extends: b}\n"
            "  b: {image: y, hostname: h}\n"
            "  c: {image: z, extends: {file: base.yaml, service: d}}\n",
            "inc.yaml": "services: {i: {image: included}}\n",
            "base.yaml": "services: {d: {hostname: far}}\n",
        }
    )
    found = [
        giver(project, *path) for path in (("a", "image"), ("a", "hostname"), ("b", "hostname"), ("c", "hostname"))
    ]
    assert found == [Source.LITERAL, Source.EXTENDS, Source.LITERAL, Source.EXTENDS]
    assert giver(project, "i", "image") is Source.INCLUDE


def test_definitions_that_lose_stay_reachable_nearest_first() -> None:
    project = load(
        {
            "compose.yaml": "x-s: &s {A: merged}\nservices:\n  a:\n    image: x\n    env_file: [one.env, two.env]\n"
            "    environment: {<<: *s, A: own}\n",
            "compose.override.yaml": "services: {a: {environment: [A=over]}}\n",
            "one.env": "A=one\nB=one\n",
            "two.env": "A=two\nA=last\n",
        }
    )
    variable = project.services["a"].environment["A"]
    assert variable.value.text == "over"
    assert [v.value.text for v in variable.shadowed] == ["own", "merged", "last", "two", "one"]
    assert [v.form for v in variable.shadowed] == ["map", "map", "env_file", "env_file", "env_file"]
    assert [v.text for v in variable.value.shadowed] == ["own", "merged", "last", "two", "one"]


def test_what_services_share_by_an_anchor_is_one_value() -> None:
    project = load(
        {
            "compose.yaml": "x-s: &s {A: '${A:-1}', B: 2}\nservices:\n"
            "  a: {image: x, environment: {<<: *s}}\n  b: {image: x, environment: {<<: *s, B: 3}}\n"
        }
    )
    first, second = project.services["a"].environment, project.services["b"].environment
    assert first["A"].value is second["A"].value
    assert [(use.name, use.path) for use in project.uses] == [("A", ("x-s", "A"))]
    merged = project.services["b"].node.get("environment")
    assert isinstance(merged, MappingNode)
    assert {key: place.text for key, place in merged.merged.items()} == {"A": "*s"}


def test_a_key_without_a_value_takes_the_projects_and_is_unknown_without_one() -> None:
    project = service("      SET:\n      UNSET:\n", dot_env="SET=env\n")
    environment = project.services["a"].environment
    assert (environment["SET"].value.text, environment["SET"].form) == ("env", "inherited")
    assert (environment["UNSET"].value.known, environment["UNSET"].form) == (False, "inherited")


def test_every_use_of_a_variable_is_noted_reached_or_not() -> None:
    project = service("      A: ${SET:-${ONE}}\n      B: ${NO:-${TWO:-x}}\n", dot_env="SET=1\n")
    assert [(u.name, u.operator, u.bound, u.default, u.reached, u.place.text) for u in project.uses] == [
        ("SET", ":-", True, False, True, "${SET:-${ONE}}"),
        ("ONE", "", False, False, False, "${ONE}"),
        ("NO", ":-", False, True, True, "${NO:-${TWO:-x}}"),
        ("TWO", ":-", False, True, True, "${TWO:-x}"),
    ]
    assert project.uses[0].path == ("services", "a", "environment", "A")


def test_no_representation_shows_a_text() -> None:
    project = service("      PASSWORD: sesame-1\n      URL: redis://:${P}@h\n", dot_env="P=sesame-2\n")
    shown = f"{project.services['a'].environment!r} {project.variables!r} {project.services['a']!r}"
    assert "sesame" not in shown


@pytest.mark.parametrize(
    ("written", "word", "exact"),
    [
        pytest.param("|\n      set -e\n      mongo -p a1b2c3\n      wait\n", "a1b2c3", True, id="block"),
        pytest.param("|\n      a1b2c3 first\n      wait\n", "a1b2c3", True, id="first-line-of-a-block"),
        pytest.param(
            "|\n      if x; then\n          mongo -p a1b2c3\n      fi\n", "a1b2c3", True, id="deeper-in-a-block"
        ),
        pytest.param('|\n      run "$$@" &\n\n      mongo -p a1b2c3 $$x\n', "a1b2c3", True, id="between-escapes"),
        pytest.param(">\n      set -e\n      mongo -p a1b2c3\n", "a1b2c3", False, id="folded"),
        pytest.param('"set -e\\nmongo -p a1b2c3"\n', "a1b2c3", False, id="quoted-with-escapes"),
    ],
)
def test_a_part_of_a_text_is_placed_where_it_stands_as_it_reads(written: str, word: str, exact: bool) -> None:
    project = load({"compose.yaml": f"services:\n  a:\n    image: x\n    command: {written}"})
    node = project.services["a"].get("command")
    assert isinstance(node, ScalarNode)
    assert node.text is not None
    start = node.text.index(word)
    place = node.value.place_of(start, start + len(word))
    assert place is not None
    assert (place.text == word) is exact
    assert word in place.text
