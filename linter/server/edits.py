"""Edits of ours as workspace edits of the protocol, bound to the versions that they were made for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lsprotocol import types

from ...fixers.edit import Applicability, Edit
from ...schemas.parsers.document import Document
from ..reports.portable import unicode_text
from .client import Client
from .positions import Positions

_ASK = "unsafe"


class EditWriter:
    """Writes edits for one client. `uri` gives a path's URI, `versions` the versions of the open files, by path."""

    def __init__(
        self, client: Client, positions: Positions, uri: Callable[[str], str], versions: Mapping[str, int]
    ) -> None:
        self._client = client
        self._positions = positions
        self._uri = uri
        self._versions = versions

    def workspace_edit(
        self, edits: Iterable[Edit], title: str = "", applicability: Applicability = Applicability.SAFE
    ) -> types.WorkspaceEdit | None:
        """The edits of one fix, None for one without; an unsafe one asks the person first, where the client can.

        Bytes that are not UTF-8 cannot be sent, so there is no edit that would write some.
        """
        edits = tuple(edits)
        if not edits or any(unicode_text(edit.text) != edit.text for edit in edits):
            return None
        asking = applicability is not Applicability.SAFE and self._client.annotations and self._client.document_changes
        by_path: dict[str, list[Any]] = {}
        for edit in edits:
            where = self._positions.of_place(edit.place)
            made = types.AnnotatedTextEdit(_ASK, where, edit.text) if asking else types.TextEdit(where, edit.text)
            by_path.setdefault(edit.place.document.path, []).append(made)
        whole = self._whole(by_path)
        if asking:
            whole.change_annotations = {_ASK: types.ChangeAnnotation(title or "Apply", needs_confirmation=True)}
        return whole

    def replaced(self, documents: Iterable[tuple[Document, str]]) -> types.WorkspaceEdit | None:
        """New texts for whole files, as the stretches in which they differ; None where there are none."""
        return self.workspace_edit(edit for document, text in documents for edit in _difference(document, text))

    def _whole(self, by_path: Mapping[str, list[Any]]) -> types.WorkspaceEdit:
        if not self._client.document_changes:
            return types.WorkspaceEdit(changes={self._uri(path): edits for path, edits in by_path.items()})
        return types.WorkspaceEdit(
            document_changes=[
                types.TextDocumentEdit(
                    types.OptionalVersionedTextDocumentIdentifier(self._uri(path), self._versions.get(path)), edits
                )
                for path, edits in by_path.items()
            ]
        )


def _difference(document: Document, text: str) -> Iterable[Edit]:
    """The lines that differ, one edit for each stretch of them."""
    from difflib import SequenceMatcher

    old, new = document.text.splitlines(keepends=True), text.splitlines(keepends=True)
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line))
    # The common ends are cut off first: between them the matcher, quadratic at worst, has little to do.
    head = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    matcher = SequenceMatcher(None, old[head : len(old) - tail], new[head : len(new) - tail], autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag != "equal":
            yield Edit(document.place(starts[head + a], starts[head + b]), "".join(new[head + c : head + d]))
