"""The server of one editor: what it has read, and what the editor was told of it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import Any, cast

from lsprotocol import types
from pygls.exceptions import FeatureRequestError, JsonRpcException
from pygls.lsp.server import LanguageServer

from ... import __version__
from ...schemas.parsers.document import Document
from ..config import Overrides
from ..masking import escape
from ..reports.portable import unicode_text
from .actions import ActionMaker
from .analysis import Analysis
from .client import Client
from .diagnostics import Said, Writer
from .edits import EditWriter
from .live import Live
from .protocol import NotUnderstoodError, Protocol, Texts, describe, log, path_of, quiet_library

SETTLE = 0.005
"""Seconds to wait for more changes that come in the same breath."""
TIDY = 0.02
"""Seconds after which what a change has replaced is let go; its answer is on the way by then."""
PAUSE = 0.5
IDLE = 2.0
LAPSE = 2.0
"""Seconds after which the disk is asked again for a client that does not tell of its changes."""


class Server(LanguageServer):
    """Answers one client. Everything happens on one thread, one message after the other."""

    def __init__(self) -> None:
        super().__init__("stackmend", __version__, protocol_cls=Protocol)  # pyright: ignore[reportUnknownMemberType]
        self.live = Live()
        self.client = Client()
        self.root: str | None = None
        self.given = Overrides()
        self.pulled: dict[str, str] = {}
        self._said: dict[str, Said] = {}
        self._published: set[str] = set()
        self._edited: set[str] = set()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._told: dict[str, str] = {}
        self._logged: set[str] = set()
        self._asked = 0.0

    @property
    def texts(self) -> Texts:
        """The open files."""
        return cast("Protocol", self.protocol).texts

    @property
    def encoding(self) -> Any:
        """How the client counts characters."""
        return self.workspace.position_encoding

    @property
    def folders(self) -> list[str]:
        """The client's folders, as paths; `root` of a client that knows no folders."""
        # The library keeps them by unquoted URIs, out of which no path can be read any more.
        uris = [folder.uri for folder in self.workspace.folders.values()] if self.root is None else [self.root]
        return [path for uri in uris if (path := path_of(uri)) is not None]

    @property
    def writer(self) -> Writer:
        """What writes findings for this client."""
        return Writer(self.client, self.texts.positions, self.texts.uris)

    @property
    def edits(self) -> EditWriter:
        """What writes edits for this client."""
        return EditWriter(self.client, self.texts.positions, self.writer.uri, self.texts.versions)

    @property
    def actions(self) -> ActionMaker:
        """What makes code actions for this client."""
        return ActionMaker(self.client, self.writer, self.edits, self.mended, self.live.holds)

    def soon(self, delay: float = SETTLE) -> None:
        """Look again, once no more changes come in the same breath."""
        self.live.dirty = True
        self._later("look", delay, self.look)

    def edited(self, path: str) -> None:
        """The client has changed a file, and asks about it anyway if it is one that asks."""
        self._edited.add(path)

    def look(self) -> None:
        """Read what changed, and tell the client what is different now."""
        try:
            self._tell(self._fresh())
        except Exception as error:  # noqa: BLE001 - the server lives on
            log(f"internal error: {describe(error)}; please report this")

    def look_again(self) -> None:
        """Look, if something has changed, also on a disk of which the client does not tell."""
        now = asyncio.get_running_loop().time()
        if not self.client.watches and now > self._asked + LAPSE:
            self._asked = now
            self.live.disk_changed()
        if self.live.dirty:
            self.look()

    def said(self, path: str) -> Said:
        """What is said of a file."""
        return self._said.get(path) or Said([], "")

    @property
    def all_said(self) -> dict[str, Said]:
        """What is said of every file that was read."""
        return self._said

    def analysis(self, uri: str) -> tuple[Analysis, str] | None:
        """The reading that holds for a file, up to date, with the file's path; None for one that is not read."""
        path = path_of(uri)
        if path is None:
            return None
        self.look_again()
        analysis = self.live.analysis(path)
        return (analysis, path) if analysis is not None else None

    def mended(self, path: str, *, whole: bool = False) -> types.WorkspaceEdit | None:
        """The edit that mends all that is safe to mend in a file, or in its deployments; None for nothing."""
        self.look_again()
        changes = self.live.mended(path, whole=whole).changes
        if not changes:
            return None
        texts: list[tuple[Document, str]] = [
            (self.live.document(change.path), change.after.decode("utf-8", "surrogateescape")) for change in changes
        ]
        return self.edits.replaced(texts)

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Log what went wrong below the handlers; the library would show the error's text, which may quote a file."""
        if isinstance(error, NotUnderstoodError | ValueError):
            log("a message was not understood")
        elif source is not FeatureRequestError or not isinstance(error, JsonRpcException):
            log(f"internal error: {describe(error)}")

    def _fresh(self) -> set[str]:
        """Bring the reading up to date; the paths of which something else is said now."""
        if self.live.dirty:
            self._later("tidy", TIDY, self.live.tidy)
        if not self.live.refresh():
            return set()
        before = self._said
        # Where folders lie in one another the inner one speaks of its files, as it does when a client asks of them.
        inner_first = sorted(self.live.analyses, key=len, reverse=True)
        self._said = self.writer.all(self.live.analyses[folder].report for folder in inner_first)
        for path in before.keys() - self._said.keys():
            if before[path].items:
                self._said[path] = Said([], "")
        self._mention_troubles()
        self._later("idle", IDLE, self._idle)
        if self.client.refreshes_hints:
            # What stands behind an expression may have changed in any file; the hints can wait for a pause.
            self._later("hints", PAUSE, self._refresh_hints)
        return {p for p, said in self._said.items() if p not in before or before[p].id != said.id}

    def _tell(self, changed: set[str]) -> None:
        """Push what is new, or have a client that pulls pull again what it does not know to have changed."""
        edited, self._edited = self._edited, set()
        if self.client.pulls:
            if changed - edited:
                self.workspace_diagnostic_refresh(None)
            return
        # An editor moves its marks with the text: in a file that was changed they are set anew, be they the same.
        for path in sorted(changed | edited):
            said = self.said(path)
            if said.items or path in self._published:
                self._publish(path, said)

    def _publish(self, path: str, said: Said) -> None:
        (self._published.add if said.items else self._published.discard)(path)
        version = self.texts.versions.get(path)
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(self.writer.uri(path), said.items, version)
        )

    def _mention_troubles(self) -> None:
        """Show why a folder cannot be read, once; not again for every key stroke by which its words change."""
        for trouble in self.live.troubles:
            told = self._told.get(trouble.folder)
            if told is None or (told != trouble.text and not self._edited):
                text = unicode_text(f"stackmend: {trouble.text}")
                self.window_show_message(types.ShowMessageParams(types.MessageType.Error, text))
        self._told = dict(self.live.troubles)
        broken = {line for analysis in self.live.analyses.values() for line in analysis.report.errors}
        for line in sorted(broken - self._logged):
            log(escape(line))
        self._logged = broken

    def _refresh_hints(self) -> None:
        self.workspace_inlay_hint_refresh(None)

    def _idle(self) -> None:
        try:
            self.live.idle()
        except Exception as error:  # noqa: BLE001 - the server lives on
            log(f"internal error: {describe(error)}; please report this")

    def _later(self, name: str, delay: float, call: Callable[[], None]) -> None:
        """Call after a while, in place of the last call of that name if it still waits."""
        waiting = self._timers.pop(name, None)
        if waiting is not None:
            waiting.cancel()
        self._timers[name] = asyncio.get_running_loop().call_later(delay, call)


def serve() -> int:
    """Serve on standard input and output until the client says to exit; 1 if it did not say to shut down before."""
    from .register import start

    quiet_library()
    server = Server()
    start(server)
    # What anything else prints must not get in between the messages.
    out, sys.stdout = sys.stdout.buffer, sys.stderr
    server.start_io(stdout=out)
    return 0 if cast("Protocol", server.protocol).told_to_shut_down else 1
