"""The protocol under the server: texts kept in step exactly, crashes answered without a word of the files."""

from __future__ import annotations

import logging
import sys
from collections.abc import Generator
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.language_server import lsp_method
from pygls.uris import to_fs_path

from ...schemas.files import normal
from ...schemas.parsers.document import Document
from ..crash import place_of_crash
from .positions import Positions

MAX_TEXT = 10_000_000
"""Texts of more characters than this are not taken: a file of that size is refused on the disk, too."""


class Texts:
    """The open files, by absolute path: their texts, the versions and the URIs that the client gave them.

    The library's own store splits lines where the protocol does not (at U+2028, at a form feed), and would put an edit
    behind such a character into the wrong line.
    """

    def __init__(self) -> None:
        self.positions = Positions()
        self.documents: dict[str, Document] = {}
        self.versions: dict[str, int] = {}
        self.uris: dict[str, str] = {}

    def open(self, item: types.TextDocumentItem) -> None:
        """Take an opened file; one that is no file on a disk (`untitled:`) is let be."""
        path = path_of(item.uri)
        if path is not None and len(item.text) <= MAX_TEXT:
            self.uris[path] = item.uri
            self.versions[path] = item.version
            self.documents[path] = Document(path, item.text)

    def change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Apply changes, each to the text that the one before it left."""
        path = path_of(params.text_document.uri)
        document = self.documents.get(path) if path is not None else None
        if path is None or document is None:
            return
        for change in params.content_changes:
            document = Document(path, self._changed(document, change))
        if len(document.text) > MAX_TEXT:
            self.close(params.text_document.uri)
            return
        self.documents[path] = document
        self.versions[path] = params.text_document.version

    def close(self, uri: str) -> None:
        """Let go of a closed file."""
        path = path_of(uri)
        if path is not None:
            for table in (self.documents, self.versions, self.uris):
                table.pop(path, None)

    def _changed(self, document: Document, change: types.TextDocumentContentChangeEvent) -> str:
        if not isinstance(change, types.TextDocumentContentChangePartial):
            return change.text
        start, end = self.positions.span(document, change.range)
        return document.text[:start] + change.text + document.text[end:]


def path_of(uri: str) -> str | None:
    """The absolute path of a `file:` URI, None for any other."""
    if not uri.startswith("file:"):
        return None
    path = to_fs_path(uri)
    return normal(path) if path else None


class Protocol(LanguageServerProtocol):
    """pygls's protocol with our own store of texts. The server's handlers run after the text is up to date."""

    def __init__(self, server: LanguageServer, converter: Any) -> None:
        self.texts = Texts()
        super().__init__(server, converter)

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> Generator[Any, Any, None]:
        """A file was opened."""
        self.texts.open(params.text_document)
        yield from self._handlers(types.TEXT_DOCUMENT_DID_OPEN, params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> Generator[Any, Any, None]:
        """An open file was changed."""
        self.texts.change(params)
        yield from self._handlers(types.TEXT_DOCUMENT_DID_CHANGE, params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> Generator[Any, Any, None]:
        """A file was closed."""
        self.texts.close(params.text_document.uri)
        yield from self._handlers(types.TEXT_DOCUMENT_DID_CLOSE, params)

    def _handlers(self, method: str, params: Any) -> Generator[Any, Any, None]:
        features: dict[str, Any] = self.fm.features  # pyright: ignore[reportUnknownMemberType]
        handler = features.get(method)
        if handler is not None:
            yield handler, (params,), None


def quiet_library() -> None:
    """Keep the library's log to itself: it holds messages whole, and with them the texts of `.env` files."""
    for name in ("pygls", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers = [logging.NullHandler()]
        logger.propagate = False
        logger.setLevel(logging.CRITICAL + 1)


def describe(error: BaseException) -> str:
    """A crash in words: what kind, and where in our code."""
    return f"{type(error).__name__} at {place_of_crash(error)}"


def log(line: str) -> None:
    """Write a line to the log that editors show, standard error."""
    sys.stderr.write(f"stackmend: {line}\n")
    sys.stderr.flush()


class CrashedError(JsonRpcException):
    """The answer to a request on which a handler of ours crashed (JSON-RPC 2.0, internal error)."""

    CODE = -32603
    MESSAGE = "internal error"


class RefusedError(JsonRpcException):
    """The answer to a request that is understood and cannot be granted (LSP 3.17, RequestFailed)."""

    CODE = -32803
    MESSAGE = "request failed"
