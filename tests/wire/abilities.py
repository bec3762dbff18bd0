"""What test editors say that they can do."""

from __future__ import annotations

from typing import cast

from .buffer import Json

MODERN: Json = {
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {
        "publishDiagnostics": {
            "relatedInformation": True,
            "tagSupport": {"valueSet": [1, 2]},
            "codeDescriptionSupport": True,
            "versionSupport": True,
        },
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "refactor", "source"]}},
            "isPreferredSupport": True,
            "dataSupport": True,
            "resolveSupport": {"properties": ["edit"]},
        },
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "completion": {"completionItem": {"documentationFormat": ["markdown"]}},
        "definition": {},
        "references": {},
        "documentHighlight": {},
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
        "documentLink": {"tooltipSupport": True},
        "foldingRange": {},
        "inlayHint": {},
        "rename": {"prepareSupport": True},
    },
    "workspace": {
        "applyEdit": True,
        "workspaceEdit": {"documentChanges": True, "changeAnnotationSupport": {}},
        "configuration": True,
        "didChangeConfiguration": {"dynamicRegistration": True},
        "didChangeWatchedFiles": {"dynamicRegistration": True},
        "workspaceFolders": True,
        "inlayHint": {"refreshSupport": True},
    },
    "window": {"showDocument": {"support": True}},
}
PULLING: Json = {"textDocument": {"diagnostic": {}}, "workspace": {"diagnostics": {"refreshSupport": True}}}


def merged(*parts: Json) -> Json:
    """The objects laid over one another, members deep; a None takes a member away."""
    whole: Json = {}
    for part in parts:
        for key, value in part.items():
            if value is None:
                whole.pop(key, None)
            else:
                below: Json = whole.get(key, {})
                whole[key] = merged(below, cast("Json", value)) if isinstance(value, dict) else value
    return whole
