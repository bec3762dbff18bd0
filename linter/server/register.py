"""Ties the handlers to the protocol's messages, as far as the client can do something with the answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.capabilities import get_capability
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams

from ..reports.portable import docs_uri
from ..rules import find_rules
from . import features
from .actions import EXPLAIN, FIX_ALL
from .client import Client
from .first_look import look_first
from .protocol import CrashedError, describe, log, path_of
from .settings import SECTION, members, overrides_of

if TYPE_CHECKING:
    from .main import Server

FIX_ALL_COMMAND = "stackmend.fixAll"
WATCHED = (
    "**/*.{yml,yaml,env,conf,template,json,json5,sh,example}",
    "**/.env*",
    "**/{.stackmend,pyproject}.toml",
)
_ANSWERS: tuple[tuple[str, str, Callable[..., Any], Any], ...] = (
    ("text_document.hover", types.TEXT_DOCUMENT_HOVER, features.show, None),
    (
        "text_document.completion",
        types.TEXT_DOCUMENT_COMPLETION,
        features.complete,
        types.CompletionOptions(trigger_characters=["$", "{", "=", ":", "/", " "], resolve_provider=True),
    ),
    ("text_document.completion", types.COMPLETION_ITEM_RESOLVE, features.complete_resolve, None),
    ("text_document.definition", types.TEXT_DOCUMENT_DEFINITION, features.define, None),
    ("text_document.references", types.TEXT_DOCUMENT_REFERENCES, features.refer, None),
    ("text_document.document_highlight", types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT, features.highlight, None),
    ("text_document.rename", types.TEXT_DOCUMENT_RENAME, features.rename, None),
    ("text_document.rename.prepare_support", types.TEXT_DOCUMENT_PREPARE_RENAME, features.prepare_rename, None),
    ("text_document.document_link", types.TEXT_DOCUMENT_DOCUMENT_LINK, features.links, None),
    ("text_document.inlay_hint", types.TEXT_DOCUMENT_INLAY_HINT, features.hints, None),
    ("text_document.document_symbol", types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, features.symbols, None),
    ("text_document.folding_range", types.TEXT_DOCUMENT_FOLDING_RANGE, features.folds, None),
)


def guarded(server: Server, name: str, answer: Callable[..., Any], *, request: bool = True) -> Callable[[Any], Any]:
    """A handler that logs what goes wrong in it, and answers it if it is a request; no text of a file is in either."""

    def handle(params: Any) -> Any:
        try:
            return answer(server, params)
        except JsonRpcException:
            raise
        except Exception as error:  # noqa: BLE001 - the server lives on, whatever a file holds
            log(f"internal error: {name} failed with {describe(error)}; please report this")
            if request:
                raise CrashedError(f"{name} failed: {describe(error)}") from None
            return None

    return handle


def start(server: Server) -> None:
    """Register what every client needs; the rest waits for `initialize`."""

    def on(name: str, answer: Callable[..., Any]) -> None:
        server.feature(name)(guarded(server, name, answer, request=False))

    server.feature(types.INITIALIZE)(guarded(server, types.INITIALIZE, initialize))
    on(types.INITIALIZED, initialized)
    on(types.TEXT_DOCUMENT_DID_OPEN, opened)
    on(types.TEXT_DOCUMENT_DID_CHANGE, changed)
    on(types.TEXT_DOCUMENT_DID_CLOSE, closed)
    on(types.TEXT_DOCUMENT_DID_SAVE, saved)
    on(types.WORKSPACE_DID_CHANGE_WATCHED_FILES, saved)
    on(types.WORKSPACE_DID_CHANGE_CONFIGURATION, configured)
    on(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, folders_changed)


def initialize(server: Server, params: types.InitializeParams) -> None:
    """Learn what the client can do and where it works; offer what it can use."""
    client = server.client = Client.of(params.capabilities)
    server.texts.count(str(getattr(server.encoding, "value", server.encoding)))
    server.root = (server.workspace.root_uri or "") if params.workspace_folders is None else None
    server.given = overrides_of(params.initialization_options)
    server.live.configure(server.folders, server.given)

    def offer(name: str, answer: Callable[..., Any], options: Any = None) -> None:
        server.feature(name, options)(guarded(server, name, answer))

    for capability, name, answer, options in _ANSWERS:
        if get_capability(params.capabilities, capability):
            offer(name, answer, options)
    if client.action_literals:
        kinds = [types.CodeActionKind.QuickFix, types.CodeActionKind.RefactorRewrite, FIX_ALL]
        options = types.CodeActionOptions(kinds, resolve_provider=client.resolves_edits or None)
        offer(types.TEXT_DOCUMENT_CODE_ACTION, features.code_action, options)
        if client.resolves_edits:
            offer(types.CODE_ACTION_RESOLVE, features.code_action_resolve)
    if client.pulls:
        options = types.DiagnosticOptions(True, True, "stackmend")
        offer(types.TEXT_DOCUMENT_DIAGNOSTIC, features.document_diagnostic, options)
        offer(types.WORKSPACE_DIAGNOSTIC, features.workspace_diagnostic)
    if client.shows_documents:
        server.command(EXPLAIN)(guarded(server, EXPLAIN, explain))
    if client.applies_edits:
        server.command(FIX_ALL_COMMAND)(guarded(server, FIX_ALL_COMMAND, fix_all))


def initialized(server: Server, params: Any) -> None:  # noqa: ARG001
    """Ask to be told of changes on the disk and of the settings; begin."""
    wanted: list[types.Registration] = []
    if server.client.watches:
        watchers = [types.FileSystemWatcher(pattern) for pattern in WATCHED]
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
        wanted.append(types.Registration("stackmend-files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options))
    if server.client.registers_settings:
        sections = types.DidChangeConfigurationRegistrationOptions(section=SECTION)
        name = types.WORKSPACE_DID_CHANGE_CONFIGURATION
        wanted.append(types.Registration("stackmend-settings", name, sections))
    if wanted:
        server.client_register_capability(types.RegistrationParams(wanted))
    ask_settings(server)
    look_first(server)


def opened(server: Server, params: types.DidOpenTextDocumentParams) -> None:
    """Take the text of an opened file."""
    _take(server, params.text_document.uri)


def changed(server: Server, params: types.DidChangeTextDocumentParams) -> None:
    """Take the new text of an open file."""
    _take(server, params.text_document.uri)


def closed(server: Server, params: types.DidCloseTextDocumentParams) -> None:
    """Read from the disk again."""
    path = path_of(params.text_document.uri)
    if path is not None:
        server.live.drop(path)
        server.soon()


def saved(server: Server, params: Any) -> None:  # noqa: ARG001
    """Something was written to the disk."""
    server.live.disk_changed()
    server.soon()


def configured(server: Server, params: types.DidChangeConfigurationParams) -> None:
    """Take new settings: those that came along, or, of a client that is to be asked, those that it answers."""
    if server.client.configures:
        ask_settings(server)
        return
    server.live.configure(server.folders, overrides_of(members(params.settings).get(SECTION)))
    server.soon()


def folders_changed(server: Server, params: Any) -> None:  # noqa: ARG001
    """Take the client's folders as they are now."""
    server.live.configure(server.folders, server.live.over)
    server.soon()


def ask_settings(server: Server) -> None:
    """Ask a client that can be asked for the settings."""
    if not server.client.configures:
        return

    def take(answer: Any) -> None:
        # Null is the answer of an editor in which nobody has set anything.
        settings: Any = next(iter(answer), None)
        over = overrides_of(settings) if settings is not None else server.given
        if over != server.live.over:
            server.live.configure(server.folders, over)
            server.soon()

    server.workspace_configuration(types.ConfigurationParams([types.ConfigurationItem(section=SECTION)]), take)


def explain(server: Server, arguments: Sequence[Any]) -> None:
    """Show the page of a rule, which the argument names."""
    for rule in find_rules(_text(arguments))[:1]:
        server.window_show_document(types.ShowDocumentParams(docs_uri(rule), take_focus=True))


def fix_all(server: Server, arguments: Sequence[Any]) -> None:
    """Apply all safe fixes of the file that the argument names, or of its deployments if a true follows."""
    path = path_of(_text(arguments))
    edit = server.mended(path, whole=list(arguments[1:2]) == [True]) if path is not None else None
    if edit is not None:
        server.workspace_apply_edit(types.ApplyWorkspaceEditParams(edit, "stackmend: safe fixes"))


def _text(arguments: Sequence[Any]) -> str:
    """The first argument of a command."""
    if not arguments or not isinstance(arguments[0], str):
        raise JsonRpcInvalidParams("the command needs an argument")
    return arguments[0]


def _take(server: Server, uri: str) -> None:
    path = path_of(uri)
    if path is None:
        return
    document = server.texts.documents.get(path)
    if document is None:  # the client has made it too large to be taken
        server.live.drop(path)
    else:
        server.live.put(path, document.text)
    server.edited(path)
    server.soon()
