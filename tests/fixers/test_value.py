"""A value is changed where a person would change it, and the container then gets exactly the new text."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackmend.fixers.apply import combine
from stackmend.fixers.edit import Applicability, Edit, Fix
from stackmend.fixers.service import add_extra_host, append_to, join_network
from stackmend.fixers.value import change_part, change_parts, change_value
from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.models.deployment import Deployment
from stackmend.schemas.models.loading import load_deployment
from stackmend.schemas.models.project import Options
from stackmend.schemas.models.value import Value
from stackmend.schemas.workspace import Workspace


def stack(files: Mapping[str, str], shell: Mapping[str, str] | None = None) -> Deployment:
    data = {f"/p/{name}": text.encode() for name, text in files.items()}
    return load_deployment(Workspace(MemoryFiles(data)), "/p", Options(shell=shell or {}))


def value_of(deployment: Deployment, service: str = "app", name: str = "X") -> Value:
    return deployment.services[service].environment[name].value


def changed(deployment: Deployment, edits: Sequence[Edit | None]) -> dict[str, str]:
    """The files that edits change, with their new texts."""
    done = tuple(edit for edit in edits if edit is not None)
    assert len(done) == len(edits)
    combined = combine([Fix("", done, Applicability.SAFE)])
    assert combined.taken
    return {path.removeprefix("/p/"): text for path, text in combined.texts.items()}


COMPOSE = "services:\n  app:\n    image: x\n    environment:\n      X: {}  # note\n"
LIST = "services:\n  app:\n    image: x\n    environment:\n      - X={}  # note\n"


@pytest.mark.parametrize(
    ("files", "file", "after"),
    [
        pytest.param({"compose.yaml": COMPOSE.format("old")}, "compose.yaml", COMPOSE.format("new"), id="literal"),
        pytest.param(
            {"compose.yaml": COMPOSE.format("'old'")}, "compose.yaml", COMPOSE.format("'new'"), id="in-quotes"
        ),
        pytest.param({"compose.yaml": LIST.format("old")}, "compose.yaml", LIST.format("new"), id="list-item"),
        pytest.param(
            {"compose.yaml": COMPOSE.format("${X}"), ".env": "A=1\nX=old # why\n"},
            ".env",
            "A=1\nX=new # why\n",
            id="dotenv",
        ),
        pytest.param(
            {"compose.yaml": COMPOSE.format("${X:-old}"), ".env": "A=1\n"},
            ".env",
            "A=1\nX=new\n",
            id="fallback-goes-to-dotenv",
        ),
        pytest.param(
            {"compose.yaml": COMPOSE.format("${X:-old}"), ".env": "X=\n"},
            ".env",
            "X=new\n",
            id="fallback-of-an-empty-one",
        ),
        pytest.param(
            {"compose.yaml": COMPOSE.format("${X:-old}")},
            "compose.yaml",
            COMPOSE.format("${X:-new}"),
            id="fallback-without-a-dotenv",
        ),
        pytest.param(
            {"compose.yaml": "services:\n  app:\n    image: x\n    env_file: a.env\n", "a.env": 'X="old"\n'},
            "a.env",
            'X="new"\n',
            id="env-file",
        ),
        pytest.param(
            {"compose.yaml": COMPOSE.format("base"), "compose.override.yaml": COMPOSE.format("old")},
            "compose.override.yaml",
            COMPOSE.format("new"),
            id="override",
        ),
        pytest.param(
            {"compose.yaml": COMPOSE.format("${A}${B}"), ".env": "A=\nB=old\n"},
            ".env",
            "A=\nB=new\n",
            id="the-one-that-is-not-empty",
        ),
    ],
)
def test_a_value_is_changed_where_it_is_written(files: dict[str, str], file: str, after: str) -> None:
    deployment = stack(files)
    assert value_of(deployment).text in ("old", "")
    assert changed(deployment, [change_value(deployment, value_of(deployment), "new")]) == {file: after}


@pytest.mark.parametrize(
    ("files", "shell"),
    [
        pytest.param({"compose.yaml": COMPOSE.format("${X}")}, {"X": "old"}, id="the-shell"),
        pytest.param({"compose.yaml": COMPOSE.format("${A}-${B}"), ".env": "A=1\nB=2\n"}, {}, id="several-places"),
        pytest.param({"compose.yaml": COMPOSE.format("${X:-${Y:-a b}}")}, {"Y": "z"}, id="a-fallback-from-the-shell"),
    ],
)
def test_what_no_single_file_gives_is_not_changed(files: dict[str, str], shell: dict[str, str]) -> None:
    deployment = stack(files, shell)
    assert change_value(deployment, value_of(deployment), "new") is None


TEXT = st.text(string.ascii_letters + string.digits + " $#'\"\\:/@{}=!%&*?,-", max_size=20)
PLACES = {
    "plain": {"compose.yaml": COMPOSE.format("old")},
    "single": {"compose.yaml": COMPOSE.format("'old'")},
    "double": {"compose.yaml": COMPOSE.format('"old"')},
    "list": {"compose.yaml": LIST.format("old")},
    "dotenv": {"compose.yaml": COMPOSE.format("${X}"), ".env": "X=old\n"},
    "quoted dotenv": {"compose.yaml": COMPOSE.format("${X}"), ".env": "X='old'\n"},
    "fallback": {"compose.yaml": COMPOSE.format("${X-old}"), ".env": "A=1\n"},
    "bare fallback": {"compose.yaml": COMPOSE.format("${X-old}")},
}


@given(TEXT, st.sampled_from(sorted(PLACES)))
def test_the_container_gets_exactly_the_text_that_was_asked_for(text: str, place: str) -> None:
    files = PLACES[place]
    deployment = stack(files)
    edit = change_value(deployment, value_of(deployment), text)
    if edit is None:
        assert place == "bare fallback"
        return
    again = stack({**files, **changed(deployment, [edit])})
    assert value_of(again).text == text
    assert list(again.services["app"].environment) == ["X"]


def url_parts(text: str) -> tuple[tuple[str, int, int], tuple[str, int, int]]:
    host, port = text.index("old"), text.index("1234")
    return ("old", host, host + 3), ("1234", port, port + 4)


@pytest.mark.parametrize(
    ("files", "after"),
    [
        pytest.param(
            {"compose.yaml": COMPOSE.format("http://old:1234/v1")},
            {"compose.yaml": COMPOSE.format("http://new:80/v1")},
            id="literal",
        ),
        pytest.param(
            {"compose.yaml": COMPOSE.format("${X:-http://old:1234/v1}"), ".env": "A=1\n"},
            {".env": "A=1\nX=http://new:80/v1\n"},
            id="fallback-as-a-whole",
        ),
        pytest.param(
            {"compose.yaml": COMPOSE.format("http://${H}:${P}/v1"), ".env": "H=old\nP=1234\n"},
            {".env": "H=new\nP=80\n"},
            id="each-where-it-is-written",
        ),
        pytest.param(
            {"compose.yaml": COMPOSE.format("http://${H}:1234/v1"), ".env": "H=old\n"},
            {"compose.yaml": COMPOSE.format("http://${H}:80/v1"), ".env": "H=new\n"},
            id="in-two-files",
        ),
        pytest.param(
            {"compose.yaml": COMPOSE.format('"${X}"'), ".env": "X='http://old:1234/v1'\n"},
            {".env": "X='http://new:80/v1'\n"},
            id="quoted-in-dotenv",
        ),
    ],
)
def test_parts_of_an_address_are_changed_together(files: dict[str, str], after: dict[str, str]) -> None:
    deployment = stack(files)
    value = value_of(deployment)
    host, port = url_parts(value.text or "")
    edits = change_parts(deployment, value, [(host, "new"), (port, "80")])
    assert changed(deployment, edits) == after


def test_a_part_that_grows_leaves_the_others_where_they_are() -> None:
    deployment = stack({"compose.yaml": COMPOSE.format("${X:-http://old:1234/v1}"), ".env": "Y=1\n"})
    value = value_of(deployment)
    host, port = url_parts(value.text or "")
    edits = change_parts(deployment, value, [(host, "a-longer-name"), (port, "80")])
    assert changed(deployment, edits) == {".env": "Y=1\nX=http://a-longer-name:80/v1\n"}


def test_parts_are_changed_all_or_none() -> None:
    deployment = stack({"compose.yaml": COMPOSE.format("http://${H}:1234/v1")}, {"H": "old"})
    value = value_of(deployment)
    host, port = url_parts(value.text or "")
    assert change_parts(deployment, value, [(host, "new"), (port, "80")]) == ()
    assert change_part(deployment, value, port, "80") is not None


@given(TEXT.filter(bool), st.sampled_from(["plain", "double", "dotenv", "fallback"]))
def test_the_rest_of_a_value_stays_when_a_part_changes(text: str, place: str) -> None:
    files = {name: body.replace("old", "a-old-b") for name, body in PLACES[place].items()}
    deployment = stack(files)
    edit = change_part(deployment, value_of(deployment), ("old", 2, 5), text)
    again = stack({**files, **changed(deployment, [edit])})
    assert value_of(again).text == f"a-{text}-b"


SERVICE = "services:\n  app:\n    image: x\n"


@pytest.mark.parametrize(
    ("more", "after"),
    [
        pytest.param("    networks:\n      - a\n", "    networks:\n      - a\n      - net\n", id="list"),
        pytest.param("    networks: [a]\n", "    networks: [a, net]\n", id="list-in-brackets"),
        pytest.param("    networks:\n      a:\n", "    networks:\n      a:\n      net: {}\n", id="map"),
        pytest.param("", "    networks:\n      - default\n      - net\n", id="none-yet-so-default-is-named"),
        pytest.param("    networks:\n", "    networks: [default, net]\n", id="an-empty-key"),
    ],
)
def test_a_service_joins_a_network_and_leaves_none(more: str, after: str) -> None:
    deployment = stack({"compose.yaml": SERVICE + more})
    edit = join_network(deployment, deployment.services["app"], "net")
    text = changed(deployment, [edit])["compose.yaml"]
    assert text == SERVICE + after
    names = {a.network for a in stack({"compose.yaml": text}).services["app"].networks}
    assert names == {a.network for a in deployment.services["app"].networks} | {"net"}


@pytest.mark.parametrize(
    "more",
    [
        pytest.param("", id="none-yet"),
        pytest.param('    extra_hosts:\n      - "a:10.0.0.1"\n', id="list"),
        pytest.param("    extra_hosts:\n      a: 10.0.0.1\n", id="map"),
    ],
)
def test_a_service_gets_another_extra_host(more: str) -> None:
    deployment = stack({"compose.yaml": SERVICE + more})
    edit = add_extra_host(deployment, deployment.services["app"], "host.docker.internal", "host-gateway")
    after = stack({"compose.yaml": changed(deployment, [edit])["compose.yaml"]}).services["app"].extra_hosts
    assert dict(after) == {**deployment.services["app"].extra_hosts, "host.docker.internal": "host-gateway"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x-v: &v\n  volumes: [./a:/a]\nservices:\n  app:\n    <<: *v\n    image: x\n", id="anchor"),
        pytest.param(
            "services:\n  base:\n    image: x\n    volumes: [./a:/a]\n  app:\n    extends: base\n", id="extends"
        ),
        pytest.param("services:\n  app:\n    image: x\n    volumes: {}\n", id="no-list"),
    ],
)
def test_nothing_is_added_to_a_list_that_others_share_or_that_is_none(text: str) -> None:
    deployment = stack({"compose.yaml": text})
    assert append_to(deployment, deployment.services["app"], "volumes", "./b:/b") is None
