"""Code actions: which there are, in what shape the client wants them, and what becomes of the text."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from .abilities import MODERN, merged
from .buffer import Buffer, Json
from .client import Editor, RefusedError, uri_of
from .conftest import EXAMPLE, Shared, asked, resolved

NGINX = "nginx/conf.d/default.conf"
COMPOSE = "docker-compose.yaml"
FIX_ALL = "source.fixAll.stackmend"


def chosen(actions: list[Json], title: str) -> Json:
    """The one action with a title."""
    (found,) = [action for action in actions if action["title"] == title]
    return found


def test_a_safe_fix_is_a_quick_fix_and_preferred(dify: Shared) -> None:
    actions = asked(dify, NGINX, "5000")
    assert [(a["kind"], a["title"]) for a in actions] == [
        ("quickfix", "Use port 5001"),
        ("quickfix", "Ignore NGX011 on this line"),
        ("quickfix", "Explain NGX011 upstream-wrong-port"),
        (FIX_ALL, "Fix all that is safe to fix in this file"),
    ]
    assert [a.get("isPreferred") for a in actions] == [True, None, None, None]
    assert all(d["code"] == "NGX011" for a in actions[:3] for d in a["diagnostics"])
    assert "edit" not in actions[0]
    buffer = dify.editor.buffers[uri_of(dify.folder / NGINX)]
    before = buffer.text
    dify.editor.apply(resolved(dify.editor, actions[0])["edit"])
    assert buffer.text == before.replace("5000", "5001")


def test_an_unsafe_fix_rewrites_and_asks_first(dify: Shared) -> None:
    actions = asked(dify, COMPOSE, "qdrant")
    action = chosen(actions, "Use `weaviate` in `worker` too")
    assert (action["kind"], action.get("isPreferred")) == ("refactor.rewrite", None)
    edit = resolved(dify.editor, action)["edit"]
    (change,) = edit["documentChanges"]
    (one,) = change["edits"]
    assert edit["changeAnnotations"][one["annotationId"]] == {"label": action["title"], "needsConfirmation": True}
    assert change["textDocument"] == {"uri": uri_of(dify.folder / COMPOSE), "version": 1}


@pytest.mark.parametrize(
    ("only", "kinds"),
    [
        (["quickfix"], {"quickfix"}),
        (["refactor"], {"refactor.rewrite"}),
        (["refactor.rewrite"], {"refactor.rewrite"}),
        (["refactor.rewrite.other"], set[str]()),
        (["refac"], set[str]()),
        (["source.organizeImports"], set[str]()),
        (["source.fixAll"], set[str]()),  # nothing in this file is safe to fix
        (["quickfix", "refactor"], {"quickfix", "refactor.rewrite"}),
        (["", "x.custom"], {"quickfix", "refactor.rewrite"}),
        ([], {"quickfix", "refactor.rewrite"}),
    ],
)
def test_only_what_is_asked_for_is_offered(only: list[str], kinds: set[str], dify: Shared) -> None:
    assert {a["kind"] for a in asked(dify, COMPOSE, "qdrant", only=only)} == kinds


@pytest.mark.parametrize("only", [["source"], ["source.fixAll"], [FIX_ALL], [""]])
def test_fix_all_is_asked_for_by_any_kind_above_it(only: list[str], dify: Shared) -> None:
    assert FIX_ALL in {a["kind"] for a in asked(dify, NGINX, "server_name", only=only)}


def test_the_range_counts_and_not_the_diagnostics_that_are_sent_along(dify: Shared) -> None:
    path = dify.folder / NGINX
    buffer = dify.editor.open(path)
    dify.editor.settle(path)
    sent = dify.editor.said[uri_of(path)]["diagnostics"]
    elsewhere = dify.editor.actions(path, buffer.of("server_name"), diagnostics=sent, only=["quickfix"])
    assert elsewhere == []


def test_an_action_of_a_text_that_is_gone_has_no_edit(dify: Shared) -> None:
    action = chosen(asked(dify, NGINX, "5000"), "Use port 5001")
    dify.editor.change(dify.folder / NGINX, ("5000", "5001"))
    assert "edit" not in resolved(dify.editor, action)


def test_an_edit_is_made_for_the_text_of_the_moment_when_it_is_resolved(dify: Shared) -> None:
    path = dify.folder / NGINX
    action = chosen(asked(dify, NGINX, "5000"), "Use port 5001")
    buffer = dify.editor.change(path, ("server {", "# 漢😀\nserver {"))
    dify.editor.apply(resolved(dify.editor, action)["edit"])
    assert "http://api:5001;" in buffer.text
    assert "5000" not in buffer.text
    assert dify.editor.codes(path) == ["NGX023"]


def test_two_lines_with_the_same_mistake_are_mended_one_by_one(dify: Shared) -> None:
    path = dify.folder / NGINX
    buffer = dify.editor.open(path)
    dify.editor.change(path, ("http://api:5001", "http://api:5000"))
    first = chosen(dify.editor.actions(path, buffer.of("5000")), "Use port 5001")
    last = buffer.text.rindex("5000")
    second = chosen(dify.editor.actions(path, buffer.range(last, last)), "Use port 5001")
    dify.editor.apply(resolved(dify.editor, first)["edit"])
    assert buffer.text.count("5000") == 1
    # The editor still shows the list of before. Whatever the second action now means, it must not spoil the text.
    answer = resolved(dify.editor, second)
    if "edit" in answer:
        dify.editor.apply(answer["edit"])
        assert "5000" not in buffer.text
    dify.editor.settle(path)
    assert buffer.text.replace("5000", "5001") == (EXAMPLE / NGINX).read_text().replace("5000", "5001")


def test_findings_of_one_line_can_be_ignored_one_after_the_other(dify: Shared) -> None:
    path = dify.folder / COMPOSE
    before = dify.editor.open(path).text
    for code in ("DFY001", "DFY004", "ENV013"):
        action = chosen(asked(dify, COMPOSE, "qdrant"), f"Ignore {code} on this line")
        dify.editor.apply(resolved(dify.editor, action)["edit"])
        assert code not in dify.editor.codes(path)
    assert dify.editor.codes(path) == []
    text = dify.editor.buffers[uri_of(path)].text
    assert "".join(line for line in text.splitlines(keepends=True) if "stackmend:" not in line) == before


def test_no_comment_is_offered_inside_a_value(push: Shared) -> None:
    text = "services:\n  a:\n    image: x:1\n    command: |\n      one\n      echo ${UNSET_HERE}\n"
    push.write({"compose.yaml": text})
    path = push.folder / "compose.yaml"
    buffer = push.editor.open(path)
    action = chosen(push.editor.actions(path, buffer.of("UNSET_HERE")), "Ignore CMP005 on this line")
    assert "edit" not in resolved(push.editor, action)


UNSET = """\
services:
  web:
    image: example/web:${WEB_TAG}
    ports:
      - "${WEB_PORT:-8080}:80"
    environment:
      DOMAIN: ${WEB_DOMAIN}
      HOST: ${WEB_HOST}
      NAME: "${WEB_NAME:-${WEB_HOST:-x}}"
      SAID: "${WEB_SAID-a \\"b}"
"""


@pytest.mark.parametrize(
    ("at", "line"),
    [
        ("WEB_TAG", "WEB_TAG=\n"),
        ("WEB_PORT", "WEB_PORT=8080\n"),
        ("WEB_DOMAIN", "WEB_DOMAIN='as the example: #1'\n"),
        ("WEB_NAME", "WEB_NAME=\n"),
        ("WEB_SAID", "WEB_SAID=\n"),
    ],
)
def test_a_variable_that_nothing_sets_is_added_to_the_env_file(at: str, line: str, push: Shared) -> None:
    example = "WEB_DOMAIN='as the example: #1'\n"
    push.write({"compose.yaml": UNSET, ".env": "# ours\nWEB_HOST=here\n\n", ".env.example": example})
    env = push.editor.open(push.folder / ".env")
    action = chosen(asked(push, "compose.yaml", at), f"Set `{at}` in `.env`")
    assert action["kind"] == "refactor.rewrite"
    push.editor.apply(action["edit"])
    assert env.text == f"# ours\nWEB_HOST=here\n{line}\n"
    path = push.folder / "compose.yaml"
    push.editor.settle(path)
    buffer = push.editor.buffers[uri_of(path)]
    titles = [a["title"] for a in push.editor.actions(path, buffer.of(at))]
    assert f"Set `{at}` in `.env`" not in titles


def test_a_variable_that_is_set_or_whose_only_fix_adds_it_is_not_offered_again(push: Shared) -> None:
    push.write({"compose.yaml": UNSET.replace("${WEB_DOMAIN}", "x"), ".env": "WEB_HOST=here\n"})
    assert [a["title"] for a in asked(push, "compose.yaml", "WEB_HOST", only=["refactor"])] == []
    titles = [a["title"] for a in asked(push, "compose.yaml", "WEB_TAG", only=["refactor"])]
    assert titles == ["Add `WEB_TAG` to `.env`"]


@pytest.mark.parametrize("env", [None, 'WEB_HOST="here\n'])
def test_no_variable_is_added_where_there_is_no_env_file_or_a_broken_one(env: str | None, push: Shared) -> None:
    push.write({"compose.yaml": UNSET} | ({} if env is None else {".env": env}))
    titles = [a["title"] for a in asked(push, "compose.yaml", "WEB_PORT")]
    assert not [title for title in titles if title.startswith("Set ")]


def test_a_variable_of_a_template_is_set_where_its_container_is_given_it_by_that_name(push: Shared) -> None:
    template = "server {\n    listen 80;\n    server_name ${SITE} ${OTHER} ${FIXED};\n}\n"
    compose = """\
services:
  nginx:
    image: nginx:1.27-alpine
    environment:
      SITE: ${SITE:-_}
      OTHER: ${ANOTHER:-}
      FIXED: here
    volumes:
      - ./templates:/etc/nginx/templates:ro
"""
    push.write({"compose.yaml": compose, "templates/default.conf.template": template, ".env": "A=1\n"})
    name = "templates/default.conf.template"
    env = push.editor.open(push.folder / ".env")
    action = chosen(asked(push, name, "SITE", only=["refactor"]), "Set `SITE` in `.env`")
    push.editor.apply(action["edit"])
    assert env.text == "A=1\nSITE=_\n"
    for other in ("OTHER", "FIXED"):
        assert asked(push, name, other, only=["refactor"]) == []


def test_explaining_shows_the_page_of_the_rule(dify: Shared) -> None:
    action = chosen(asked(dify, NGINX, "5000"), "Explain NGX011 upstream-wrong-port")
    with dify.editor.expecting("window/showDocument"):
        dify.editor.request("workspace/executeCommand", action["command"])
    shown = dify.editor.of("window/showDocument")[-1]
    page = Path(shown["uri"].removeprefix("file://"))
    assert page.name == "upstream-wrong-port.md"
    assert page.is_file()


@pytest.mark.parametrize("arguments", [None, [], [1], [None, True], [{"uri": 1}]])
def test_a_command_without_what_it_needs_is_refused(arguments: object, dify: Shared) -> None:
    for command in ("stackmend.fixAll", "stackmend.explain"):
        with pytest.raises(RefusedError) as refused:
            dify.editor.request("workspace/executeCommand", {"command": command, "arguments": arguments})
        assert refused.value.code == -32602
    with pytest.raises(RefusedError) as refused:
        dify.editor.request("workspace/executeCommand", {"command": "other.command"})
    assert refused.value.code == -32602


def test_commands_about_nothing_do_nothing(dify: Shared) -> None:
    for command, argument in (
        ("stackmend.explain", "NOTHING9"),
        ("stackmend.fixAll", "untitled:1"),
        ("stackmend.fixAll", uri_of(dify.folder / "nowhere" / "compose.yaml")),
    ):
        dify.editor.request("workspace/executeCommand", {"command": command, "arguments": [argument]})
    assert (dify.folder / NGINX).read_bytes() == (EXAMPLE / NGINX).read_bytes()


def plain_client(editor: Callable[[], Editor], folder: Path, capabilities: Json) -> tuple[Editor, Buffer]:
    """A client of few abilities that has opened the example's Compose file."""
    shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
    client = editor()
    client.start([folder], capabilities)
    return client, client.open(folder / COMPOSE)


def test_a_plain_client_gets_whole_edits_without_versions_and_questions(
    editor: Callable[[], Editor], tmp_path: Path
) -> None:
    capabilities = merged(
        MODERN,
        {
            "textDocument": {"codeAction": {"resolveSupport": None, "dataSupport": None, "isPreferredSupport": None}},
            "workspace": {"workspaceEdit": None, "applyEdit": None},
            "window": None,
        },
    )
    client, buffer = plain_client(editor, tmp_path, capabilities)
    assert "resolveProvider" not in client.capabilities["codeActionProvider"]
    assert client.capabilities["executeCommandProvider"]["commands"] == []
    actions = client.actions(tmp_path / COMPOSE, buffer.of("qdrant"))
    assert not [a for a in actions if "command" in a or "data" in a or "isPreferred" in a]
    edit = chosen(actions, "Use `weaviate` in `worker` too")["edit"]
    assert set(edit) == {"changes"}
    client.apply(edit)
    assert buffer.text == (EXAMPLE / COMPOSE).read_text().replace("qdrant", "weaviate")
    nginx = client.open(tmp_path / NGINX)
    (action,) = client.actions(tmp_path / NGINX, nginx.of("5000"), only=["source.fixAll"])
    client.apply(action["edit"])
    assert nginx.text == (EXAMPLE / NGINX).read_text().replace("5000", "5001")
    # Mending everything takes its time: it waits until it is asked for.
    assert FIX_ALL not in {a["kind"] for a in client.actions(tmp_path / NGINX, nginx.of("api"))}
    assert client.quit() == 0


def test_a_client_that_knows_no_annotations_gets_versions_only(editor: Callable[[], Editor], tmp_path: Path) -> None:
    capabilities = merged(MODERN, {"workspace": {"workspaceEdit": {"changeAnnotationSupport": None}}})
    client, buffer = plain_client(editor, tmp_path, capabilities)
    action = chosen(client.actions(tmp_path / COMPOSE, buffer.of("qdrant")), "Use `weaviate` in `worker` too")
    edit = resolved(client, action)["edit"]
    assert set(edit) == {"documentChanges"}
    assert [set(e) for e in edit["documentChanges"][0]["edits"]] == [{"range", "newText"}]


def test_a_client_that_knows_no_actions_is_offered_none(editor: Callable[[], Editor], tmp_path: Path) -> None:
    client = editor()
    client.start([tmp_path], {})
    offered = {key for key in client.capabilities if key.endswith("Provider")}
    assert offered == {"executeCommandProvider"}
    with pytest.raises(RefusedError) as refused:
        client.request("textDocument/codeAction", {})
    assert refused.value.code in (-32601, -32602)
    assert client.quit() == 0
