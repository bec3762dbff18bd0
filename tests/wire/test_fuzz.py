"""Any text and any edits: the server's text stays the editor's, nothing crashes, and the next finding is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lsprotocol import types

from stackmend.linter.server.protocol import Texts

from .buffer import Buffer, Json
from .client import Editor, uri_of
from .conftest import COMPOSE

PIECES = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["\r", "\n", "\r\n", "\ufeff", "\0", "\u2028", "\x0c", "😀", "\ud83d", "\ude00", "é", "\t"]),
    st.sampled_from(["$", "${", "}", "{{", "&a", "*a", "<<: *a\n", "- ", ": ", "'", '"', "#", "!reset ", "%YAML 9\n"]),
    st.sampled_from(["services:\n  a:\n    image: ${A:-😀}\n", "A=${A}\n", "server {", ";", "acl a src all\n"]),
    st.sampled_from(["x" * 3000, "[" * 300, "  " * 200]),
    st.binary(max_size=12).map(lambda data: data.decode("utf-8", "surrogateescape")),
    st.binary(max_size=12).map(lambda data: data.decode("latin-1")),
)
DOCUMENTS = st.one_of(st.just(COMPOSE), st.lists(PIECES, max_size=12).map("".join))
PLACES = st.integers(0, 400)
EDITS = st.lists(st.one_of(st.tuples(PLACES, PLACES, PIECES), DOCUMENTS), max_size=6)
ENCODINGS = ["utf-8", "utf-16", "utf-32"]


def joined(text: str) -> str:
    """The text with surrogate pairs as characters, in which a client in UTF-16 cannot tell them apart."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def event(buffer: Buffer, edit: tuple[int, int, str] | str) -> Json:
    """An edit as the client sends it, which is applied to its buffer; past the end stays past the end."""
    if isinstance(edit, str):
        buffer.text = joined(edit)
        return {"text": edit}
    start, end = sorted(min(at, len(buffer.text)) for at in edit[:2])
    where = buffer.range(start, end)
    if edit[1] == 400:
        where["end"]["character"] += 1000
    # Between the halves of a CRLF no position lies.
    start, end = buffer.offset(where["start"]), buffer.offset(where["end"])
    buffer.text = joined(buffer.text[:start] + edit[2] + buffer.text[end:])
    return {"range": where, "text": edit[2]}


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(DOCUMENTS, EDITS)
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_texts_stay_in_step_in_every_encoding(
    encoding: str, text: str, edits: list[tuple[int, int, str] | str]
) -> None:
    texts, buffer = Texts(), Buffer(joined(text), encoding)
    texts.count(encoding)
    uri = "file:///project/compose.yaml"
    texts.open(types.TextDocumentItem(uri, "yaml", 0, text))
    for number, edit in enumerate(edits):
        sent = event(buffer, edit)
        change: types.TextDocumentContentChangeEvent = types.TextDocumentContentChangeWholeDocument(sent["text"])
        if "range" in sent:
            ends = (types.Position(**sent["range"][end]) for end in ("start", "end"))
            change = types.TextDocumentContentChangePartial(types.Range(*ends), sent["text"])
        identifier = types.VersionedTextDocumentIdentifier(number, uri)
        texts.change(types.DidChangeTextDocumentParams(identifier, [change]))
        assert texts.documents["/project/compose.yaml"].text == buffer.text


NAMES = st.sampled_from(["compose.yaml", ".env", "nginx.conf", "squid.conf", "config.json", "x.env"])


def test_any_text_and_any_edits_are_survived(pulling: Editor, tmp_path: Path) -> None:
    """What is told after edits is what is told of the same text when it is opened."""
    pulling.notify(
        "workspace/didChangeWorkspaceFolders",
        {"event": {"added": [{"uri": uri_of(tmp_path), "name": "fuzz"}], "removed": []}},
    )

    def told(path: Path) -> tuple[list[Json], object]:
        uri = {"textDocument": {"uri": uri_of(path)}}
        report = pulling.request("textDocument/diagnostic", uri)
        return report["items"], pulling.request("textDocument/documentSymbol", uri)

    @given(NAMES, DOCUMENTS, EDITS)
    @settings(max_examples=150)
    def survives(name: str, text: str, edits: list[tuple[int, int, str] | str]) -> None:
        path = tmp_path / name
        buffer = pulling.open(path, text)
        buffer.text = joined(text)
        for edit in edits:
            buffer.version += 1
            identifier = {"uri": uri_of(path), "version": buffer.version}
            sent = {"textDocument": identifier, "contentChanges": [event(buffer, edit)]}
            pulling.notify("textDocument/didChange", sent)
        after_edits = told(path)
        pulling.close(path)
        pulling.open(path, buffer.text)
        assert told(path) == after_edits
        pulling.close(path)

    survives()
    path = tmp_path / "compose.yaml"
    pulling.open(path, COMPOSE)
    assert "CMP018" in [d["code"] for d in told(path)[0]]
    pulling.close(path)
    assert pulling.process.poll() is None
    assert b"internal error" not in pulling.stderr
