"""Servers that several tests share, and small deployments for each of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from .abilities import MODERN, PULLING, merged
from .buffer import Json
from .client import Editor, uri_of

COMPOSE = """\
services:
  api:
    image: example/api:1.0
    environment:
      SECRET_KEY: ${SECRET_KEY}
    ports:
      - "8080:80"
  web:
    image: example/web:1.0
    ports:
      - "8080:81"
"""
"""Publishes a port twice (CMP018), which nothing but a person can mend."""
SECRET = "swordfish-8841-lantern-harbour"


EXAMPLE = Path(__file__).parents[2] / "examples" / "dify"


class Shared(NamedTuple):
    """A running server and a folder that is one of its own for one test."""

    editor: Editor
    folder: Path

    def write(self, files: Mapping[str, str]) -> None:
        """Write files into the folder and tell the server of them.

        It may look at any moment: it sees no half of a file, and no Compose file before those that it reads.
        """
        for name, text in reversed(tuple(files.items())):
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            half = path.with_name(f"{path.name}.half")
            half.write_bytes(text.encode("utf-8", "surrogateescape"))
            half.replace(path)
        self.editor.wrote(*(self.folder / name for name in files))


@pytest.fixture(scope="session")
def pushed() -> Iterator[Editor]:
    """A server of an editor that can do everything and is pushed to."""
    yield from _served(MODERN)


@pytest.fixture(scope="session")
def pulling() -> Iterator[Editor]:
    """A server of an editor that pulls."""
    yield from _served(merged(MODERN, PULLING))


@pytest.fixture
def push(pushed: Editor, tmp_path: Path) -> Iterator[Shared]:
    """The server that pushes, with a folder."""
    yield from _lent(pushed, tmp_path)


@pytest.fixture
def pull(pulling: Editor, tmp_path: Path) -> Iterator[Shared]:
    """The server that is asked, with a folder."""
    yield from _lent(pulling, tmp_path)


@pytest.fixture
def dify(push: Shared) -> Shared:
    """The example deployment, which has a mistake with a safe fix (nginx) and one with an unsafe fix (Compose)."""
    shutil.copytree(EXAMPLE, push.folder, dirs_exist_ok=True)
    push.editor.wrote(push.folder / "docker-compose.yaml")
    push.editor.settle(push.folder / "docker-compose.yaml")
    return push


@pytest.fixture
def editor() -> Iterator[Callable[[], Editor]]:
    """Starts servers of the test's own."""
    started: list[Editor] = []

    def start() -> Editor:
        started.append(Editor())
        return started[-1]

    yield start
    for one in started:
        _end(one)


def _served(capabilities: Json) -> Iterator[Editor]:
    editor = Editor()
    editor.start([], capabilities)
    yield editor
    assert editor.quit() == 0
    _end(editor)


def _end(editor: Editor) -> None:
    if editor.process.poll() is None:
        editor.process.kill()
    editor.ended()
    for stream in (editor.process.stdin, editor.process.stdout, editor.process.stderr):
        assert stream is not None
        stream.close()
    assert editor.stray == b"", "something else than the protocol on standard output"
    assert SECRET.encode() not in editor.stderr


def _lent(editor: Editor, folder: Path) -> Iterator[Shared]:
    this = {"uri": uri_of(folder), "name": folder.name}
    editor.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [this], "removed": []}})
    yield Shared(editor, folder)
    for uri in list(editor.buffers):
        del editor.buffers[uri]
        editor.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    editor.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": [this]}})


def resolved(editor: Editor, action: Json) -> Json:
    """The action with its edit."""
    answer: Json = editor.request("codeAction/resolve", action)
    assert {key: value for key, value in answer.items() if key != "edit"} == action
    return answer


def asked(dify: Shared, name: str, words: str, **context: object) -> list[Json]:
    """The actions where words stand in a file of the example, which is opened."""
    path = dify.folder / name
    buffer = dify.editor.buffers.get(uri_of(path)) or dify.editor.open(path)
    return dify.editor.actions(path, buffer.of(words), **context)
