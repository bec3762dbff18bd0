"""The protocol under the server: texts kept in step exactly, crashes answered without a word of the files."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Generator
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams, JsonRpcInvalidRequest, JsonRpcServerNotInitialized
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.language_server import lsp_method

from ...schemas.files import normal
from ...schemas.parsers.document import Document
from ..crash import place_of_crash
from .positions import Positions

MAX_TEXT = 10_000_000
"""Texts of more characters than this are not taken: a file of that size is refused on the disk, too."""
_HALVES = re.compile("[\ud800-\udbff][\udc00-\udfff]")


class Texts:
    """The open files, by absolute path: their texts, the versions and the URIs that the client gave them.

    The library's own store splits lines where the protocol does not (at U+2028, at a form feed), and would put an edit
    behind such a character into the wrong line.
    """

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}
        self.versions: dict[str, int] = {}
        self.uris: dict[str, str] = {}
        self.positions = Positions()
        self.count("utf-16")

    def count(self, encoding: str) -> None:
        """Count characters as the client does from now on."""
        self.positions = Positions(encoding, self.documents)

    def open(self, item: types.TextDocumentItem) -> None:
        """Take an opened file; one that is no file on a disk (`untitled:`) is let be."""
        path = path_of(item.uri)
        if path is not None and len(item.text) <= MAX_TEXT:
            self.uris[path] = item.uri
            self.versions[path] = item.version
            self.documents[path] = Document(path, _joined(item.text))

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
        """Let go of a closed file; its URI is kept, for the client knows what was published by that spelling."""
        path = path_of(uri)
        if path is not None:
            self.documents.pop(path, None)
            self.versions.pop(path, None)

    def _changed(self, document: Document, change: types.TextDocumentContentChangeEvent) -> str:
        if not isinstance(change, types.TextDocumentContentChangePartial):
            return _joined(change.text)
        start, end = self.positions.span(document, change.range)
        return _joined(document.text[:start] + change.text + document.text[end:])


def _joined(text: str) -> str:
    """The text with the halves of a surrogate pair, which may arrive one after the other, as one character."""
    if text.isascii():
        return text
    return _HALVES.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text)


def path_of(uri: str) -> str | None:
    """The absolute path of a `file:` URI (RFC 8089), None for any other.

    Bytes that are not UTF-8 become lone surrogates, as Python has them in paths.
    """
    try:
        scheme, host, path = urlsplit(uri)[:3]
    except ValueError:
        return None
    path = unquote(path, errors="surrogateescape")
    if scheme != "file" or not path.startswith("/") or "\0" in path:
        return None
    if re.match("/[A-Za-z]:", path) and sys.platform == "win32":
        path = path[1].lower() + path[2:]
    elif host and host != "localhost":
        path = f"//{unquote(host)}{path}"
    return normal(path)


class Protocol(LanguageServerProtocol):
    """pygls's protocol with our own store of texts. The server's handlers run after the text is up to date."""

    def __init__(self, server: LanguageServer, converter: Any) -> None:
        self.texts = Texts()
        super().__init__(server, converter)

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Make a message of a JSON object; a request with wrong parameters is answered, which the library does not."""
        method, number = data.get("method"), data.get("id")
        if "jsonrpc" in data and isinstance(method, str) and self.get_message_type(method) is None:
            data.setdefault("params", None)
        try:
            return super().structure_message(data)
        except JsonRpcException:
            if method is not None and isinstance(number, int | str):
                refusal = JsonRpcInvalidParams(f"these are no parameters of {method}")
                self._send_response(number, error=refusal.to_response_error())
            raise NotUnderstoodError from None

    def handle_message(self, message: Any) -> None:
        """Handle a message, if it is time for it."""
        method = getattr(message, "method", None)
        if not hasattr(message, "jsonrpc"):
            raise NotUnderstoodError
        if hasattr(message, "id") and method is not None:
            refusal = self._untimely(method)
            if refusal is not None:
                self._send_response(message.id, error=refusal.to_response_error())
                return
        elif self._workspace is None and method != types.EXIT:
            return
        super().handle_message(message)

    def _untimely(self, method: str) -> JsonRpcException | None:
        """Why a request cannot be answered at this time (LSP 3.17, `initialize` and `shutdown`)."""
        if self._shutdown:
            return JsonRpcInvalidRequest("the server was told to shut down")
        if self._workspace is None and method != types.INITIALIZE:
            return JsonRpcServerNotInitialized("the server waits for initialize")
        if self._workspace is not None and method == types.INITIALIZE:
            return JsonRpcInvalidRequest("the server is initialized already")
        return None

    @property
    def told_to_shut_down(self) -> bool:
        """Whether the client has said that it is about to leave."""
        return self._shutdown

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

    @lsp_method(types.WORKSPACE_EXECUTE_COMMAND)
    def lsp_workspace__execute_command(self, params: types.ExecuteCommandParams) -> Generator[Any, Any, Any]:
        """A command is to be executed; ours take their arguments as they came."""
        commands = cast("dict[str, Any]", self.fm.commands)  # pyright: ignore[reportUnknownMemberType]
        handler = commands.get(params.command)
        if handler is None:
            raise JsonRpcInvalidParams("there is no such command")
        result = yield handler, (params.arguments or (),), None
        return result

    def _handlers(self, method: str, params: Any) -> Generator[Any, Any, None]:
        features = cast("dict[str, Any]", self.fm.features)  # pyright: ignore[reportUnknownMemberType]
        handler = features.get(method)
        if handler is not None:
            yield handler, (params,), None


def quiet_library() -> None:
    """Keep the library's log to itself: it holds messages whole, and with them the texts of `.env` files."""
    # With a handler at the root nothing falls through to the one of last resort, which writes to standard error.
    logging.getLogger().handlers = [logging.NullHandler()]
    logging.getLogger("pygls").setLevel(logging.CRITICAL + 1)


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


class NotUnderstoodError(JsonRpcException):
    """A message that is not one of the protocol's."""

    MESSAGE = "not understood"


class RefusedError(JsonRpcException):
    """The answer to a request that is understood and cannot be granted (LSP 3.17, RequestFailed)."""

    CODE = -32803
    MESSAGE = "request failed"
