"""How long an editor waits after a key stroke until it is told of all files of the deployment again.

usage: keystroke.py [COMPOSE_FILE]     without one a made-up deployment of 1,600 lines is written and used
"""

from __future__ import annotations

import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

from synthetic import write_stack

ROUNDS = 20
Json = dict[str, Any]


class Client:
    """As much of an editor as can press a key and ask what is found now."""

    def __init__(self, folder: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "stackmend", "server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.number = 0
        self.known: dict[str, str] = {}
        refresh = {"diagnostics": {"refreshSupport": True}, "didChangeWatchedFiles": {"dynamicRegistration": True}}
        capabilities = {"textDocument": {"diagnostic": {}}, "workspace": refresh}
        named = [{"uri": uri(folder), "name": "benchmark"}]
        self.ask(
            "initialize", {"processId": None, "rootUri": None, "workspaceFolders": named, "capabilities": capabilities}
        )
        self.tell("initialized", {})

    def send(self, message: Json) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def tell(self, method: str, params: Json) -> None:
        self.send({"method": method, "params": params})

    def ask(self, method: str, params: Json | None) -> Any:
        """The answer to a request; requests of the server are answered with nothing."""
        self.number += 1
        self.send({"id": self.number, "method": method, "params": params})
        while True:
            message = self.read()
            if "method" in message and "id" in message:
                self.send({"id": message["id"], "result": None})
            elif message.get("id") == self.number:
                return message["result"]

    def read(self) -> Json:
        out = self.process.stdout
        assert out is not None
        length = 0
        while line := out.readline().strip():
            if line.startswith(b"Content-Length:"):
                length = int(line.split(b":")[1])
        message: Json = json.loads(out.read(length))
        return message

    def whole(self) -> None:
        """Ask what is found in all files, as editors do: what they know already is not sent again."""
        known = [{"uri": uri, "value": value} for uri, value in self.known.items()]
        for item in self.ask("workspace/diagnostic", {"previousResultIds": known})["items"]:
            self.known[item["uri"]] = item["resultId"]

    def close(self) -> None:
        self.ask("shutdown", None)
        self.tell("exit", {})
        self.process.wait()


def uri(path: str) -> str:
    """The URI of a path."""
    return "file://" + quote(os.path.abspath(path))


def lines_to_press(text: str) -> Iterator[int]:
    """Lines in which a comment grows, letter by letter, spread over the text."""
    count = text.count("\n")
    return (count * (number % 7 + 1) // 9 for number in range(10**9))


def over_the_wire(folder: str, path: str) -> float:
    """Milliseconds from `didChange` to the diagnostics of all files: the median of many key strokes."""
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read()
    client = Client(folder)
    item = {"uri": uri(path), "languageId": "", "version": 0, "text": text}
    client.tell("textDocument/didOpen", {"textDocument": item})
    client.whole()

    def press(version: int, line: int) -> None:
        far = {"line": line, "character": 10_000}
        change = {"range": {"start": far, "end": far}, "text": " #" if version < 8 else "x"}
        identifier = {"uri": uri(path), "version": version}
        client.tell("textDocument/didChange", {"textDocument": identifier, "contentChanges": [change]})
        client.whole()

    found = median(press, text)
    client.close()
    return found


def in_process(folder: str, path: str) -> float:
    """The same without the wire: from a new text to the new reading."""
    from stackmend.linter.server.live import Live

    with open(path, encoding="utf-8", newline="") as file:
        lines = file.read().split("\n")
    live = Live()
    live.configure([folder], live.over)
    live.put(path, "\n".join(lines))
    live.refresh()
    live.idle()

    def press(version: int, line: int) -> None:
        lines[line] += " #" if version < 8 else "x"
        live.put(path, "\n".join(lines))
        live.refresh()

    return median(press, "\n".join(lines), live.tidy)


def median(press: Callable[[int, int], None], text: str, tidy: Callable[[], object] = gc.collect) -> float:
    """The median of many key strokes in milliseconds; the first ones, which warm up, do not count.

    `tidy` is what is done after the answer.
    """
    times: list[float] = []
    for version, line in zip(range(1, ROUNDS + 8), lines_to_press(text), strict=False):
        gc.collect()
        start = time.perf_counter()
        press(version, line)
        times.append(1000 * (time.perf_counter() - start))
        tidy()
    return statistics.median(times[7:])


def targets(compose: str) -> dict[str, str]:
    """The files to type in: the Compose file, its `.env`, the first nginx and the first squid file below."""
    folder = os.path.dirname(compose)
    found = {"compose": compose, ".env": os.path.join(folder, ".env")}
    for top, _, names in os.walk(folder):
        for name in sorted(names):
            if name.endswith((".conf", ".conf.template")):
                kind = "squid" if name.startswith("squid") else "nginx" if "nginx" in top else ""
                found.setdefault(kind, os.path.join(top, name))
    found.pop("", None)
    return {kind: path for kind, path in found.items() if os.path.exists(path)}


def main() -> None:
    """Print the medians."""
    gc.set_threshold(50_000, 20, 50)  # as `stackmend` has it
    with tempfile.TemporaryDirectory() as made:
        compose = os.path.abspath(sys.argv[1]) if sys.argv[1:] else write_stack(made)
        folder = os.path.dirname(compose)
        with open(compose, encoding="utf-8") as file:
            print(f"{compose}: {sum(1 for _ in file)} lines; medians of {ROUNDS} key strokes, in milliseconds")
        print(f"{'':10}{'in process':>12}{'over the wire':>16}")
        for kind, path in targets(compose).items():
            print(f"{kind:10}{in_process(folder, path):12.1f}{over_the_wire(folder, path):16.1f}")


if __name__ == "__main__":
    main()
