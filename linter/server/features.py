"""Answers the client's requests: positions in, what is known of them out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from ...schemas.parsers.document import Document, Place
from . import completion, hover, navigation, outline
from .actions import Here
from .adding import additions
from .analysis import Analysis
from .offers import Sort
from .protocol import RefusedError, path_of
from .settings import members

if TYPE_CHECKING:
    from .main import Server

_SORTS = {
    Sort.VARIABLE: types.CompletionItemKind.Variable,
    Sort.VALUE: types.CompletionItemKind.EnumMember,
    Sort.ADDRESS: types.CompletionItemKind.Reference,
    Sort.SERVICE: types.CompletionItemKind.Module,
    Sort.NAME: types.CompletionItemKind.Reference,
    Sort.KEY: types.CompletionItemKind.Property,
    Sort.DIRECTIVE: types.CompletionItemKind.Keyword,
}
_SHAPES = {
    outline.Shape.SECTION: types.SymbolKind.Namespace,
    outline.Shape.SERVICE: types.SymbolKind.Module,
    outline.Shape.KEY: types.SymbolKind.Property,
    outline.Shape.VARIABLE: types.SymbolKind.Variable,
    outline.Shape.BLOCK: types.SymbolKind.Object,
    outline.Shape.ACL: types.SymbolKind.Key,
    outline.Shape.RULE: types.SymbolKind.Event,
}


class Spot:
    """A position that a client asked about, found again in the reading that holds for its file."""

    def __init__(self, server: Server, analysis: Analysis, path: str) -> None:
        self.server = server
        self.analysis = analysis
        self.path = path
        self.document: Document = analysis.workspace.document(path)

    def offset(self, position: types.Position) -> int:
        """The offset of a position."""
        return self.server.texts.positions.offset(self.document, position)

    def range(self, span: Any) -> types.Range:
        """The range of a span of this file."""
        return self.server.texts.positions.range(self.document, span)

    def location(self, place: Place) -> types.Location:
        """The location of a place in any file."""
        where = self.server.texts.positions.of_place(place)
        return self.server.writer.location(place.document.path, where)


def spot(server: Server, uri: str) -> Spot | None:
    """The file of a URI; None for one that nothing is known of."""
    found = server.analysis(uri)
    if found is None:
        return None
    try:
        return Spot(server, *found)
    except OSError:
        return None


def document_diagnostic(server: Server, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
    """What is said of a file, unless the client has it already, and what is new of those that depend on it."""
    found = server.analysis(params.text_document.uri)
    path = path_of(params.text_document.uri) or ""
    said = server.said(path)
    server.pulled[path] = said.id
    related = _related(server, *found) if found is not None and server.client.related_documents else None
    if said.id and said.id == params.previous_result_id:
        return types.RelatedUnchangedDocumentDiagnosticReport(result_id=said.id, related_documents=related)
    return types.RelatedFullDocumentDiagnosticReport(
        items=said.items, result_id=said.id or None, related_documents=related
    )


def _related(server: Server, analysis: Analysis, path: str) -> dict[str, types.FullDocumentDiagnosticReport] | None:
    """What is said of the other files of a file's deployments, where the client was last told something else."""
    found: dict[str, types.FullDocumentDiagnosticReport] = {}
    for other in {tree.document.path for each in analysis.readers(path) for tree in each.trees} - {path}:
        said = server.said(other)
        if said.id != server.pulled.get(other) and (said.items or other in server.pulled):
            server.pulled[other] = said.id
            found[server.writer.uri(other)] = types.FullDocumentDiagnosticReport(said.items, result_id=said.id or None)
    return found or None


def workspace_diagnostic(server: Server, params: types.WorkspaceDiagnosticParams) -> types.WorkspaceDiagnosticReport:
    """What is said of every file."""
    server.look_again()
    known = {path_of(previous.uri): previous.value for previous in params.previous_result_ids}
    items: list[types.WorkspaceDocumentDiagnosticReport] = []
    for path, said in sorted(server.all_said.items()):
        server.pulled[path] = said.id
        uri, version = server.writer.uri(path), server.texts.versions.get(path)
        if said.id and known.get(path) == said.id:
            items.append(types.WorkspaceUnchangedDocumentDiagnosticReport(uri, said.id, version=version))
        else:
            items.append(
                types.WorkspaceFullDocumentDiagnosticReport(uri, said.items, version=version, result_id=said.id or None)
            )
    # Of what was deleted, or lies in no folder of the client's any more, nothing is said.
    gone = sorted(path for path in known if path is not None and path not in server.all_said)
    items += [types.WorkspaceFullDocumentDiagnosticReport(server.writer.uri(path), []) for path in gone]
    return types.WorkspaceDiagnosticReport(items)


def code_action(server: Server, params: types.CodeActionParams) -> list[types.CodeAction] | None:
    """What can be done about what is found in a range; the range counts, not the diagnostics that came with it."""
    here = spot(server, params.text_document.uri)
    if here is None:
        return None
    span = server.texts.positions.span(here.document, params.range)
    only = params.context.only
    asked = None if not only else [str(getattr(kind, "value", kind)) for kind in only]
    place = Here(here.analysis.report, here.path, span, asked)
    found = additions(here.analysis, here.path, span)
    return [*server.actions.actions(place), *server.actions.adding(place, found)]


def code_action_resolve(server: Server, action: types.CodeAction) -> types.CodeAction:
    """The edit of an action that was chosen."""
    path = members(action.data).get("path")
    server.look_again()
    analysis = server.live.analysis(path) if isinstance(path, str) else None
    return server.actions.resolve(action, analysis.report) if analysis is not None else action


def show(server: Server, params: types.HoverParams) -> types.Hover | None:
    """What is known of what stands at a position."""
    here = spot(server, params.text_document.uri)
    found = hover.hover(here.analysis, here.path, here.offset(params.position)) if here is not None else None
    if here is None or found is None:
        return None
    kind = types.MarkupKind.Markdown if server.client.markdown else types.MarkupKind.PlainText
    return types.Hover(types.MarkupContent(kind, found.markdown), here.range(found.span))


def complete(server: Server, params: types.CompletionParams) -> types.CompletionList | None:
    """What may be written at a position."""
    here = spot(server, params.text_document.uri)
    if here is None:
        return None
    found = completion.completions(here.analysis, here.path, here.offset(params.position))
    items = [
        types.CompletionItem(
            each.label,
            kind=_SORTS.get(each.sort),
            detail=each.detail or None,
            text_edit=types.TextEdit(here.range(each.span), each.text),
            filter_text=each.text,
            data={"path": here.path, "key": each.key} if each.key else None,
        )
        for each in found
    ]
    return types.CompletionList(is_incomplete=False, items=items)


def complete_resolve(server: Server, item: types.CompletionItem) -> types.CompletionItem:
    """The documentation of an offer."""
    data = members(item.data)
    path, key = data.get("path"), data.get("key")
    analysis = server.live.analysis(path) if isinstance(path, str) else None
    if analysis is not None and isinstance(key, str):
        text = completion.documentation(analysis, str(path), key)
        kind = types.MarkupKind.Markdown if server.client.markdown_completions else types.MarkupKind.PlainText
        item.documentation = types.MarkupContent(kind, text) if text else None
    return item


def define(server: Server, params: types.DefinitionParams) -> list[types.Location] | None:
    """Where what stands at a position is defined."""
    here = spot(server, params.text_document.uri)
    if here is None:
        return None
    places = navigation.definitions(here.analysis, here.path, here.offset(params.position))
    return [here.location(place) for place in places]


def refer(server: Server, params: types.ReferenceParams) -> list[types.Location] | None:
    """Every place that names what stands at a position."""
    here = spot(server, params.text_document.uri)
    if here is None:
        return None
    declaration = params.context.include_declaration
    places = navigation.references(here.analysis, here.path, here.offset(params.position), declaration=declaration)
    return [here.location(place) for place in places]


def highlight(server: Server, params: types.DocumentHighlightParams) -> list[types.DocumentHighlight] | None:
    """The same within one file."""
    here = spot(server, params.text_document.uri)
    if here is None:
        return None
    places = navigation.references(here.analysis, here.path, here.offset(params.position))
    return [types.DocumentHighlight(here.range(p.span)) for p in places if p.document.path == here.path]


def prepare_rename(server: Server, params: types.PrepareRenameParams) -> types.Range | None:
    """The name at a position that may be changed; refused with the reason where it may not."""
    here = spot(server, params.text_document.uri)
    if here is None:
        return None
    found = navigation.prepare_rename(here.analysis, here.path, here.offset(params.position))
    if isinstance(found, navigation.Refusal):
        raise RefusedError(found.words)
    return here.range(found)


def rename(server: Server, params: types.RenameParams) -> types.WorkspaceEdit | None:
    """Another name, in all files at once."""
    here = spot(server, params.text_document.uri)
    if here is None:
        return None
    found = navigation.rename(here.analysis, here.path, here.offset(params.position), params.new_name)
    if isinstance(found, navigation.Refusal):
        raise RefusedError(found.words)
    edit = server.edits.workspace_edit(found)
    if edit is None:
        raise RefusedError("a file holds bytes that are not UTF-8, which an editor cannot keep")
    return edit


def links(server: Server, params: types.DocumentLinkParams) -> list[types.DocumentLink] | None:
    """The files and pages that a file names."""
    here = spot(server, params.text_document.uri)
    if here is None:
        return None
    made: list[types.DocumentLink] = []
    for link in outline.links(here.analysis, here.path):
        target = link.url or server.writer.uri(link.path)
        tooltip = link.tooltip if server.client.link_tooltips else None
        made.append(types.DocumentLink(here.range(link.span), target, tooltip or None))
    return made


def hints(server: Server, params: types.InlayHintParams) -> list[types.InlayHint] | None:
    """What expressions become, behind them."""
    here = spot(server, params.text_document.uri)
    if here is None:
        return None
    span = server.texts.positions.span(here.document, params.range)
    return [
        types.InlayHint(
            server.texts.positions.position(here.document, hint.offset),
            hint.text,
            padding_left=True,
            tooltip=hint.tooltip or None,
        )
        for hint in outline.inlay_hints(here.analysis, here.path, span)
    ]


def symbols(
    server: Server, params: types.DocumentSymbolParams
) -> list[types.DocumentSymbol] | list[types.SymbolInformation] | None:
    """The parts of a file: as a tree, or as a list for a client that knows no tree."""
    here = spot(server, params.text_document.uri)
    if here is None:
        return None
    found = outline.symbols(here.analysis, here.path)
    if server.client.nested_symbols:
        return [_symbol(here, symbol) for symbol in found]
    return list(_flat(here, found))


def folds(server: Server, params: types.FoldingRangeParams) -> list[types.FoldingRange] | None:
    """What can be folded, by lines."""
    here = spot(server, params.text_document.uri)
    if here is None:
        return None
    ranges = [here.range(span) for span in outline.folds(here.analysis, here.path)]
    return [types.FoldingRange(r.start.line, r.end.line) for r in ranges if r.start.line < r.end.line]


def _symbol(here: Spot, symbol: outline.Symbol) -> types.DocumentSymbol:
    return types.DocumentSymbol(
        symbol.name or "-",  # clients refuse an empty name
        _SHAPES[symbol.shape],
        here.range(symbol.span),
        here.range(symbol.selection),
        detail=symbol.detail or None,
        children=[_symbol(here, child) for child in symbol.children] or None,
    )


def _flat(
    here: Spot, found: Iterable[outline.Symbol], container: str | None = None
) -> Iterator[types.SymbolInformation]:
    for symbol in found:
        where = here.server.writer.location(here.path, here.range(symbol.span))
        yield types.SymbolInformation(where, symbol.name or "-", _SHAPES[symbol.shape], container_name=container)
        yield from _flat(here, symbol.children, symbol.name)
