"""A mistake of ours in a handler or in a rule: logged without a word of the files, answered, and survived."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest

from stackmend.linter.server import register
from stackmend.linter.server.main import Server

from .abilities import MODERN
from .client import uri_of
from .conftest import COMPOSE, SECRET


class Wire:
    """What a server in this process writes."""

    def __init__(self) -> None:
        self.messages: list[Any] = []

    def write(self, data: bytes) -> None:
        self.messages.append(json.loads(data.partition(b"\r\n\r\n")[2]))

    def close(self) -> None:
        """Nothing is open."""


def fails(*_: object, **__: object) -> NoReturn:
    """A handler with a mistake, whose error quotes a file."""
    raise ValueError(f"cannot read {SECRET}")


def spoken(messages: list[dict[str, Any]], prepare: Callable[[Server], None] = lambda _: None) -> list[Any]:
    """What a server answers to messages, one after the other."""

    async def talk() -> list[Any]:
        server, wire = Server(), Wire()
        register.start(server)
        server.protocol.set_writer(wire)
        prepare(server)
        for message in messages:
            text = json.dumps({"jsonrpc": "2.0", **message})
            server.protocol.handle_message(json.loads(text, object_hook=server.protocol.structure_message))
            await asyncio.sleep(0.02)
        return wire.messages

    return asyncio.run(talk())


def conversation(folder: Path, *messages: dict[str, Any]) -> list[dict[str, Any]]:
    """The start of a conversation in which a file is open, and what follows."""
    uri = uri_of(folder)
    capabilities = {**MODERN, "workspace": {**MODERN["workspace"], "configuration": False}}
    params = {"capabilities": capabilities, "processId": None, "rootUri": uri, "workspaceFolders": None}
    item = {"uri": f"{uri}/.env", "languageId": "dotenv", "version": 1, "text": f"A={SECRET}\n"}
    return [
        {"id": 1, "method": "initialize", "params": params},
        {"method": "initialized", "params": {}},
        {"method": "textDocument/didOpen", "params": {"textDocument": item}},
        *messages,
    ]


def hover(folder: Path, number: int) -> dict[str, Any]:
    """A question about the first variable."""
    uri = {"uri": f"{uri_of(folder)}/.env"}
    params = {"textDocument": uri, "position": {"line": 0, "character": 0}}
    return {"id": number, "method": "textDocument/hover", "params": params}


def test_a_crash_is_answered_and_logged_without_what_it_quotes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("stackmend.linter.server.hover.hover", fails)
    symbols = {"textDocument": {"uri": f"{uri_of(tmp_path)}/.env"}}
    heard = spoken(
        conversation(
            tmp_path, hover(tmp_path, 2), {"id": 3, "method": "textDocument/documentSymbol", "params": symbols}
        )
    )
    answers = {m["id"]: m for m in heard if "method" not in m}
    assert answers[2]["error"]["code"] == -32603
    assert answers[2]["error"]["message"].startswith(
        "textDocument/hover failed: ValueError at linter/server/features.py:"
    )
    assert "data" not in answers[2]["error"]
    assert [symbol["name"] for symbol in answers[3]["result"]] == ["A"]
    logged = capsys.readouterr().err
    assert logged.count("\n") == 1
    assert "textDocument/hover failed with ValueError at linter/server/features.py:" in logged
    assert SECRET not in logged + json.dumps(heard)


def test_a_crash_on_a_notification_is_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(register, "saved", fails)
    uri = {"uri": f"{uri_of(tmp_path)}/.env"}
    saved = {"method": "textDocument/didSave", "params": {"textDocument": uri}}
    heard = spoken(conversation(tmp_path, saved, hover(tmp_path, 2)))
    assert any(m.get("id") == 2 and "result" in m for m in heard)
    logged = capsys.readouterr().err
    assert "textDocument/didSave failed with ValueError" in logged
    assert logged.count("\n") == 1
    assert SECRET not in logged + json.dumps(heard)


def test_a_crash_of_a_command_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("stackmend.linter.server.live.Live.mended", fails)
    command = {"command": "stackmend.fixAll", "arguments": [f"{uri_of(tmp_path)}/.env"]}
    heard = spoken(conversation(tmp_path, {"id": 2, "method": "workspace/executeCommand", "params": command}))
    (answer,) = [m for m in heard if m.get("id") == 2]
    assert answer["error"]["code"] == -32603
    assert SECRET not in capsys.readouterr().err + json.dumps(heard)


def test_a_crash_while_everything_is_read_is_logged_and_the_next_reading_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    with monkeypatch.context() as broken:
        broken.setattr("stackmend.linter.server.live.run", fails)
        heard = spoken(conversation(tmp_path, hover(tmp_path, 2)))
    assert next(m for m in heard if m.get("id") == 2)["result"] is None
    logged = capsys.readouterr().err
    assert "internal error: ValueError at linter/server/live.py:" in logged
    assert SECRET not in logged + json.dumps(heard)


def test_a_crash_of_a_rule_is_logged_once_and_the_other_rules_speak(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE)

    def break_one(server: Server) -> None:
        rules = server.live._rules  # pyright: ignore[reportPrivateUsage]
        server.live._rules = tuple(  # pyright: ignore[reportPrivateUsage]
            r._replace(check=fails) if r.code == "CMP005" else r for r in rules
        )

    change = {
        "textDocument": {"uri": f"{uri_of(tmp_path)}/.env", "version": 2},
        "contentChanges": [{"text": f"B={SECRET}\n"}],
    }
    heard = spoken(
        conversation(tmp_path, hover(tmp_path, 2), {"method": "textDocument/didChange", "params": change}), break_one
    )
    published = [m["params"] for m in heard if m.get("method") == "textDocument/publishDiagnostics"]
    assert any(d["code"] == "CMP018" for p in published for d in p["diagnostics"])
    logged = capsys.readouterr().err
    assert logged.count("rule CMP005") == 1
    assert SECRET not in logged + json.dumps(heard)
