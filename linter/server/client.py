"""What the editor at the other end can do; what it does not announce is not used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lsprotocol import types
from pygls.capabilities import get_capability


@dataclass(frozen=True)
class Client:
    """The abilities of a client that answers depend on (LSP 3.17, `ClientCapabilities`)."""

    related: bool = False
    tags: frozenset[int] = frozenset()
    code_description: bool = False
    pulls: bool = False
    document_changes: bool = False
    annotations: bool = False
    action_literals: bool = False
    preferred_actions: bool = False
    resolves_edits: bool = False
    applies_edits: bool = False
    shows_documents: bool = False
    watches: bool = False
    configures: bool = False
    registers_settings: bool = False
    markdown: bool = False
    markdown_completions: bool = False
    nested_symbols: bool = False
    link_tooltips: bool = False
    refreshes_hints: bool = False
    related_documents: bool = False
    shows_progress: bool = False

    @classmethod
    def of(cls, capabilities: types.ClientCapabilities) -> Client:
        """Read the capabilities that a client sent."""

        def asked(name: str, default: Any = None) -> Any:
            return get_capability(capabilities, name, default)

        def can(name: str) -> bool:
            return bool(asked(name, default=False))

        diagnostics = "text_document.publish_diagnostics"
        tags = asked(f"{diagnostics}.tag_support.value_set", ())
        formats = asked("text_document.hover.content_format", ())
        documented = asked("text_document.completion.completion_item.documentation_format", ())
        resolved = asked("text_document.code_action.resolve_support.properties", ())
        action = "text_document.code_action"
        return cls(
            related=can(f"{diagnostics}.related_information"),
            tags=frozenset(int(tag) for tag in tags),
            code_description=can(f"{diagnostics}.code_description_support"),
            # Without the refresh a client would not learn that a change of one file tells on another.
            pulls=asked("text_document.diagnostic") is not None and can("workspace.diagnostics.refresh_support"),
            document_changes=can("workspace.workspace_edit.document_changes"),
            annotations=asked("workspace.workspace_edit.change_annotation_support") is not None,
            action_literals=asked(f"{action}.code_action_literal_support") is not None,
            preferred_actions=can(f"{action}.is_preferred_support"),
            resolves_edits="edit" in resolved and can(f"{action}.data_support"),
            applies_edits=can("workspace.apply_edit"),
            shows_documents=can("window.show_document.support"),
            watches=can("workspace.did_change_watched_files.dynamic_registration"),
            configures=can("workspace.configuration"),
            registers_settings=can("workspace.did_change_configuration.dynamic_registration"),
            markdown=types.MarkupKind.Markdown in formats,
            markdown_completions=types.MarkupKind.Markdown in documented,
            nested_symbols=can("text_document.document_symbol.hierarchical_document_symbol_support"),
            link_tooltips=can("text_document.document_link.tooltip_support"),
            refreshes_hints=can("workspace.inlay_hint.refresh_support"),
            related_documents=can("text_document.diagnostic.related_document_support"),
            shows_progress=can("window.work_done_progress"),
        )
