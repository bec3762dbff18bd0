"""An editor for tests: speaks the protocol with a real server process, and keeps texts by rules of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from .abilities import MODERN
from .buffer import Buffer, Json

PATIENCE = 60.0


def uri_of(path: Path | str) -> str:
    """The URI of a path, spelled as VS Code does."""
    return "file://" + quote(os.fsencode(path))


class Refusal(dict[str, Any]):
    """An error that the editor answers to a request of the server."""


class RefusedError(Exception):
    """The server answered a request with an error."""

    def __init__(self, error: Json) -> None:
        super().__init__(error["code"], error["message"])
        self.code: int = error["code"]
        self.message: str = error["message"]


class Editor:
    """A client with its server process. `answers` holds what it says to requests of the server, by method."""

    def __init__(self, *, env: Mapping[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "stackmend", "server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **(env or {})},
        )
        self.settings: Any = None
        self.answers: dict[str, Callable[[Any], Any]] = {
            "workspace/configuration": lambda asked: [self.settings for _ in asked["items"]],
            "workspace/applyEdit": self._apply,
            "window/showDocument": lambda _: {"success": True},
        }
        self.received: list[Json] = []
        self.said: dict[str, Json] = {}
        self.buffers: dict[str, Buffer] = {}
        self.stray = b""
        self.stderr = b""
        self.encoding = "utf-16"
        self.capabilities: Json = {}
        self._number = 0
        self._results: dict[int, Json] = {}
        self._news = threading.Condition()
        self._readers = [threading.Thread(target=t, daemon=True) for t in (self._read, self._read_errors)]
        for reader in self._readers:
            reader.start()

    def start(self, folders: list[Path] | None, capabilities: Json = MODERN, **more: Any) -> Json:
        """Shake hands; wait until the server has asked for the settings, if it may."""
        named = None if folders is None else [{"uri": uri_of(f), "name": f.name} for f in folders]
        params = {"processId": os.getpid(), "rootUri": None, "capabilities": capabilities, "workspaceFolders": named}
        result: Json = self.request("initialize", {**params, **more})
        self.capabilities = result["capabilities"]
        self.encoding = self.capabilities["positionEncoding"]
        asks = capabilities.get("workspace", {}).get("configuration")
        with self.expecting("workspace/configuration", 1 if asks else 0):
            self.notify("initialized", {})
        return self.capabilities

    def send(self, message: Json) -> None:
        """Send a message as it is."""
        self.send_bytes(json.dumps(message).encode())

    def send_bytes(self, body: bytes) -> None:
        """Send the body of a message."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def ask(self, method: str, params: Any) -> int:
        """Send a request without waiting for its answer."""
        self._number += 1
        self.send({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params})
        return self._number

    def answer(self, number: int) -> Any:
        """Wait for the answer to a request. Raises RefusedError for an error."""
        self.wait(lambda: number in self._results)
        message = self._results.pop(number)
        if "error" in message:
            raise RefusedError(message["error"])
        return message["result"]

    def request(self, method: str, params: Any) -> Any:
        """Send a request and wait for its answer."""
        return self.answer(self.ask(method, params))

    def wait(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds, which only messages of the server can bring about."""
        end = time.monotonic() + PATIENCE
        with self._news:
            while not holds():
                assert self.process.poll() is None or self._readers[0].is_alive(), self.stderr.decode()
                assert time.monotonic() < end, "the server does not answer"
                self._news.wait(0.5)

    def expecting(self, method: str, more: int = 1) -> _Expecting:
        """Within the block the server sends that many more messages of a method."""
        return _Expecting(self, method, more)

    def of(self, method: str) -> list[Any]:
        """The parameters of all messages of a method that were received."""
        with self._news:
            return [message.get("params") for message in self.received if message.get("method") == method]

    def settle(self, path: Path) -> None:
        """Wait until the server has told all that follows from what was sent."""
        self.request("textDocument/documentSymbol", {"textDocument": {"uri": uri_of(path)}})

    def open(self, path: Path, text: str | None = None) -> Buffer:
        """Open a file, with the text on the disk if none is given."""
        if text is None:
            with open(path, encoding="utf-8", newline="") as file:
                text = file.read()
        uri = uri_of(path)
        buffer = self.buffers[uri] = Buffer(text, self.encoding)
        item = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})
        return buffer

    def change(self, path: Path, *changes: tuple[str, str] | Json) -> Buffer:
        """Change an open file: pairs replace words where they stand first, objects are edits or new texts."""
        buffer = self.buffers[uri_of(path)]
        sent: list[Json] = []
        for change in changes:
            event: Json = change if isinstance(change, dict) else {"range": buffer.of(change[0]), "text": change[1]}
            sent.append(event)
            if "range" in event:
                buffer.change([{"range": event["range"], "newText": event["text"]}])
            else:
                buffer.text = event["text"]
        buffer.version += 1
        identifier = {"uri": uri_of(path), "version": buffer.version}
        self.notify("textDocument/didChange", {"textDocument": identifier, "contentChanges": sent})
        return buffer

    def close(self, path: Path) -> None:
        """Close a file."""
        del self.buffers[uri_of(path)]
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri_of(path)}})

    def wrote(self, *paths: Path, kind: int = 2) -> None:
        """Tell of files that were created (1), changed (2) or deleted (3)."""
        events = [{"uri": uri_of(path), "type": kind} for path in paths]
        self.notify("workspace/didChangeWatchedFiles", {"changes": events})

    def codes(self, path: Path) -> list[str]:
        """The codes that are published for a file, once the server has told all."""
        self.settle(path)
        return [d["code"] for d in self.said.get(uri_of(path), {}).get("diagnostics", [])]

    def actions(self, path: Path, where: Json, **context: Any) -> list[Json]:
        """The code actions for a range."""
        asked: Json = {"textDocument": {"uri": uri_of(path)}, "range": where, "context": {"diagnostics": [], **context}}
        return self.request("textDocument/codeAction", asked) or []

    def apply(self, edit: Json) -> None:
        """Apply a workspace edit, strictly: to open files only in the version that it was made for."""
        for item in edit.get("documentChanges", ()):
            uri, version = item["textDocument"]["uri"], item["textDocument"]["version"]
            assert version == (self.buffers[uri].version if uri in self.buffers else None)
            self._edit(uri, item["edits"])
        for uri, edits in edit.get("changes", {}).items():
            self._edit(uri, edits)

    def quit(self) -> int:
        """Shut the server down in the proper way; its exit code."""
        self.request("shutdown", None)
        self.notify("exit", None)
        return self.ended()

    def ended(self) -> int:
        """Wait for the end of the process; its exit code."""
        code = self.process.wait(PATIENCE)
        for reader in self._readers:
            reader.join(PATIENCE)
        return code

    def _edit(self, uri: str, edits: list[Json]) -> None:
        if uri in self.buffers:
            buffer = self.buffers[uri]
            # As one notification: from the end to the start each edit leaves the places of the others alone.
            last_first = sorted(edits, key=lambda e: buffer.offset(e["range"]["start"]), reverse=True)
            buffer.change(edits)
            buffer.version += 1
            identifier = {"uri": uri, "version": buffer.version}
            changes = [{"range": e["range"], "text": e["newText"]} for e in last_first]
            self.notify("textDocument/didChange", {"textDocument": identifier, "contentChanges": changes})
            return
        path = Path(os.fsdecode(unquote_to_bytes(uri.removeprefix("file://"))))
        buffer = Buffer(path.read_bytes().decode(), self.encoding)
        buffer.change(edits)
        path.write_bytes(buffer.text.encode())

    def _apply(self, params: Json) -> Json:
        self.apply(params["edit"])
        return {"applied": True}

    def _read(self) -> None:
        out = self.process.stdout
        assert out is not None
        while header := out.readline():
            length = 0
            while header not in (b"\r\n", b""):
                name, _, value = header.partition(b": ")
                if name not in (b"Content-Length", b"Content-Type"):
                    self.stray += header
                if name == b"Content-Length":
                    length = int(value)
                header = out.readline()
            self._take(json.loads(out.read(length).decode("utf-8")))

    def _take(self, message: Json) -> None:
        with self._news:
            self.received.append(message)
            if message.get("method") == "textDocument/publishDiagnostics":
                self.said[message["params"]["uri"]] = message["params"]
            if "method" not in message:
                self._results[message["id"]] = message
        if "method" in message and "id" in message:
            say = self.answers.get(message["method"])
            answer = say(message.get("params")) if say is not None else None
            said = {"error": answer} if isinstance(answer, Refusal) else {"result": answer}
            self.send({"jsonrpc": "2.0", "id": message["id"], **said})
        with self._news:
            message["done"] = True
            self._news.notify_all()

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.stderr += line


class _Expecting:
    def __init__(self, editor: Editor, method: str, more: int) -> None:
        self._editor = editor
        self._method = method
        self._wanted = self._count() + more

    def _count(self) -> int:
        return sum(m.get("method") == self._method and "done" in m for m in self._editor.received)

    def __enter__(self) -> None:
        return None

    def __exit__(self, *error: object) -> None:
        if error[0] is None:
            self._editor.wait(lambda: self._count() >= self._wanted)
