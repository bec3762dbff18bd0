"""The protocol itself: the handshake, the end, messages that are none, and what no answer may hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from .abilities import MODERN, PULLING, merged
from .buffer import Json
from .client import Editor, RefusedError, uri_of
from .conftest import COMPOSE, SECRET, Shared

INVALID_REQUEST, NO_METHOD, INVALID_PARAMS, NOT_INITIALIZED = -32600, -32601, -32602, -32002


def test_only_what_the_client_can_use_is_offered(pushed: Editor, editor: Callable[[], Editor], tmp_path: Path) -> None:
    assert pushed.capabilities["textDocumentSync"] == {"openClose": True, "change": 2, "save": True}
    assert pushed.capabilities["renameProvider"] == {"prepareProvider": True}
    assert pushed.capabilities["codeActionProvider"]["resolveProvider"] is True
    client = editor()
    client.start([tmp_path], {"textDocument": {"rename": {}, "hover": {}}})
    assert "hoverProvider" in client.capabilities
    assert client.capabilities["renameProvider"] is True
    assert client.capabilities["executeCommandProvider"]["commands"] == []
    path = tmp_path / "compose.yaml"
    client.open(path, COMPOSE)
    at = client.buffers[uri_of(path)].of("SECRET_KEY}")["start"]
    hover = client.request("textDocument/hover", {"textDocument": {"uri": uri_of(path)}, "position": at})
    assert hover["contents"]["kind"] == "plaintext"
    sent = {m["method"] for m in client.received if "method" in m}
    assert sent <= {"textDocument/publishDiagnostics"}
    assert client.quit() == 0


def test_exit_after_shutdown_is_0_and_exit_without_is_1(editor: Callable[[], Editor], tmp_path: Path) -> None:
    good, rude, gone = editor(), editor(), editor()
    good.start([tmp_path])
    assert good.quit() == 0
    rude.start([tmp_path])
    rude.notify("exit", None)
    assert rude.ended() == 1
    gone.start([tmp_path])
    assert gone.process.stdin is not None
    gone.process.stdin.close()
    assert gone.ended() == 1
    assert (good.stderr, rude.stderr, gone.stderr) == (b"", b"", b"")


def test_a_server_that_was_never_started_can_be_told_to_exit(editor: Callable[[], Editor]) -> None:
    client = editor()
    client.notify("exit", None)
    assert client.ended() == 1


def refused(client: Editor, method: str, params: object) -> int:
    """The code with which a request is refused."""
    with pytest.raises(RefusedError) as error:
        client.request(method, params)
    return error.value.code


def test_requests_at_the_wrong_time_are_refused(editor: Callable[[], Editor], tmp_path: Path) -> None:
    client = editor()
    asked: Json = {"textDocument": {"uri": uri_of(tmp_path / "compose.yaml")}}
    assert refused(client, "textDocument/documentSymbol", asked) == NOT_INITIALIZED
    assert refused(client, "shutdown", None) == NOT_INITIALIZED
    client.notify("textDocument/didSave", asked)
    assert refused(client, "initialize", {"capabilities": 3}) == INVALID_PARAMS
    client.start([tmp_path])
    assert refused(client, "initialize", {"processId": None, "rootUri": None, "capabilities": {}}) == INVALID_REQUEST
    client.request("shutdown", None)
    assert refused(client, "textDocument/documentSymbol", asked) == INVALID_REQUEST
    client.notify("exit", None)
    assert client.ended() == 0


def test_unknown_requests_are_refused_and_unknown_notifications_are_let_be(push: Shared) -> None:
    editor = push.editor
    assert refused(editor, "stackmend/unheardOf", {"a": 1}) == NO_METHOD
    assert (
        refused(
            editor,
            "textDocument/formatting",
            {"textDocument": {"uri": "file:///a"}, "options": {"tabSize": 2, "insertSpaces": True}},
        )
        == NO_METHOD
    )
    editor.send({"jsonrpc": "2.0", "id": "without parameters", "method": "stackmend/unheardOf"})
    editor.wait(lambda: "without parameters" in editor._results)  # type: ignore[comparison-overlap]
    editor.notify("$/unheardOf", [1])
    editor.notify("stackmend/unheardOf", None)
    assert editor.codes(push.folder / "compose.yaml") == []


MALFORMED: list[tuple[str, object]] = [
    ("textDocument/hover", None),
    ("textDocument/hover", []),
    ("textDocument/hover", {"textDocument": {}, "position": {"line": 0, "character": 0}}),
    ("textDocument/hover", {"textDocument": {"uri": "file:///a"}, "position": {"line": -1, "character": 0}}),
    ("textDocument/hover", {"textDocument": {"uri": "file:///a"}, "position": {"line": 2**40, "character": 0}}),
    ("textDocument/codeAction", {"textDocument": {"uri": "file:///a"}, "range": 1, "context": {}}),
    ("workspace/executeCommand", {"arguments": 1}),
    ("codeAction/resolve", {"kind": 3}),
]


@pytest.mark.parametrize(("method", "params"), MALFORMED)
def test_a_request_with_malformed_parameters_is_refused(method: str, params: object, push: Shared) -> None:
    assert refused(push.editor, method, params) == INVALID_PARAMS


@pytest.mark.parametrize(
    "data", [None, 1, [], {}, {"path": 1, "fingerprint": {}}, {"path": "/nowhere", "index": -1, "fingerprint": "x"}]
)
def test_data_that_is_not_ours_resolves_to_nothing(data: object, push: Shared) -> None:
    action = {"title": "x", "kind": "quickfix", "data": data}
    answer = push.editor.request("codeAction/resolve", action)
    assert "edit" not in answer
    item = push.editor.request("completionItem/resolve", {"label": "x", "data": data})
    assert "documentation" not in item


BODIES: list[bytes] = [
    b"{",
    b"",
    b"\xff\xfe",
    b"[]",
    b"null",
    b"1",
    b'"text"',
    b"[" * 100_000,
    b'{"jsonrpc": "2.0"}',
    b'{"jsonrpc": "1.0", "method": "shutdown", "id": 77}',
    b'{"jsonrpc": "2.0", "id": {}, "method": "textDocument/hover", "params": {}}',
    b'{"jsonrpc": "2.0", "id": 12345, "result": null}',
    b'{"jsonrpc": "2.0", "id": null, "error": {"code": 1, "message": "x"}}',
    b'{"jsonrpc": "2.0", "method": 7, "params": {}}',
    b'{"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": {"text": 1}}}',
    b'{"jsonrpc": "2.0", "method": "textDocument/didChange", "params": null}',
    b'{"jsonrpc": "2.0", "method": "workspace/didChangeWorkspaceFolders", "params": {"event": {}}}',
    b'{"jsonrpc": "2.0", "method": "workspace/didChangeWatchedFiles", "params": {"changes": [{"uri": 1}]}}',
    b'{"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": {}}}',
]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_messages_that_are_none_are_survived(body: bytes, push: Shared) -> None:
    push.editor.send_bytes(body)
    path = push.folder / "compose.yaml"
    push.editor.open(path, COMPOSE)
    assert "CMP018" in push.editor.codes(path)
    assert push.editor.process.poll() is None


def test_a_request_may_be_cancelled_and_is_answered_all_the_same(push: Shared) -> None:
    number = push.editor.ask("textDocument/documentSymbol", {"textDocument": {"uri": uri_of(push.folder / "x.yaml")}})
    push.editor.notify("$/cancelRequest", {"id": number})
    push.editor.notify("$/cancelRequest", {"id": "never sent"})
    try:
        push.editor.answer(number)
    except RefusedError as error:
        assert error.code == -32800  # noqa: PT017 - either is right
    push.editor.settle(push.folder / "x.yaml")


def test_changes_of_files_that_were_never_opened_are_let_be(push: Shared) -> None:
    uri = uri_of(push.folder / "compose.yaml")
    change: Json = {"textDocument": {"uri": uri, "version": 3}, "contentChanges": [{"text": COMPOSE}]}
    push.editor.notify("textDocument/didChange", change)
    push.editor.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert push.editor.codes(push.folder / "compose.yaml") == []


SECRETS = {
    "compose.yaml": COMPOSE
    + f"""\
  db:
    image: postgres:15
    environment:
      POSTGRES_PASSWORD: {SECRET}-in-compose
      DATABASE_URL: postgres://user:{SECRET}-in-url@db:5432/x
      SECRET_KEY: ${{SECRET_KEY}}
      OTHER_KEY: ${{SECRET_KEY:-{SECRET}-fallback}}
""",
    ".env": f"SECRET_KEY={SECRET}\nSECRET_KEY='{SECRET}2\nPOSTGRES_PASSWORD={SECRET}3 #x\nAPI_KEY = {SECRET}4\n",
    "nginx.conf": "events {}\n",
}


def test_no_secret_of_a_file_is_in_any_message(editor: Callable[[], Editor], tmp_path: Path) -> None:
    client = editor()
    client.start([tmp_path], merged(MODERN, PULLING))
    for name, text in SECRETS.items():
        client.open(tmp_path / name, text)
    for name, text in SECRETS.items():
        path, uri = tmp_path / name, {"textDocument": {"uri": uri_of(tmp_path / name)}}
        client.request("textDocument/diagnostic", uri)
        for method in ("documentSymbol", "documentLink", "foldingRange"):
            client.request(f"textDocument/{method}", uri)
        buffer = client.buffers[uri_of(path)]
        everything = buffer.range(0, len(text))
        client.request("textDocument/inlayHint", {**uri, "range": everything})
        for action in client.actions(path, everything):
            assert SECRET not in json.dumps({k: v for k, v in action.items() if k != "edit"})
        for offset in range(0, len(text), 3):
            at = {**uri, "position": buffer.position(offset)}
            client.request("textDocument/hover", at)
            completed: Json = client.request("textDocument/completion", at) or {"items": []}
            for item in completed["items"][:3]:
                client.request("completionItem/resolve", item)
            client.request("textDocument/definition", at)
    client.request("workspace/diagnostic", {"previousResultIds": []})
    assert SECRET not in json.dumps(client.received)
    assert len(client.received) > 200
    assert client.quit() == 0
    assert SECRET.encode() not in client.stderr


def test_what_a_malformed_message_holds_is_not_logged(editor: Callable[[], Editor], tmp_path: Path) -> None:
    client = editor()
    client.start([tmp_path])
    uri = uri_of(tmp_path / ".env")
    client.notify("textDocument/didOpen", {"textDocument": {"uri": uri, "text": f"A={SECRET}", "version": "x"}})
    client.notify("textDocument/didChange", {"contentChanges": [{"text": f"A={SECRET}"}], "textDocument": 1})
    client.send_bytes(b'{"jsonrpc": "2.0", "text": "' + SECRET.encode())
    assert refused(client, "textDocument/hover", {"textDocument": SECRET, "position": SECRET}) == INVALID_PARAMS
    assert client.quit() == 0
    lines = client.stderr.decode().splitlines()
    assert set(lines) == {"stackmend: a message was not understood"}
    assert SECRET not in json.dumps(client.received)
