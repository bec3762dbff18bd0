"""A key that stands twice in one object: readers keep the last one and say nothing."""

from __future__ import annotations

from collections.abc import Iterator

from ...kit import (
    Applicability,
    Diagnostic,
    Diagnostics,
    Fix,
    JsonArray,
    JsonMember,
    JsonNode,
    JsonObject,
    JsonScalar,
    JsonTree,
    Place,
    Related,
    Severity,
    rule,
)
from .reading import conflict, is_template, objects


@rule("JSN002", "duplicate-key", JsonTree, Severity.ERROR, fix=Applicability.SAFE)
def duplicate_key(tree: JsonTree) -> Diagnostics:
    """The first of two values is lost without a word."""
    if not any(p.kind == "duplicate-key" for p in tree.problems) or is_template(tree) or conflict(tree):
        return
    for holder in objects(tree):
        for lost, kept in _pairs(holder):
            yield _lost(tree, holder, lost, kept)


def _pairs(holder: JsonObject) -> Iterator[tuple[JsonMember, JsonMember]]:
    """Each member that another one hides, with the one of its key that counts."""
    last = {member.key.text: member for member in holder.members}
    if len(last) < len(holder.members):
        for member in holder.members:
            if last[member.key.text] is not member:
                yield member, last[member.key.text]


def _lost(tree: JsonTree, holder: JsonObject, lost: JsonMember, kept: JsonMember) -> Diagnostic:
    from ...kit import json_edits

    counting = Place(tree.document, kept.key.span)
    same = _data(lost.value) == _data(kept.value)
    values = (("key", lost.key.text), ("line", str(counting.line)))
    edits = json_edits.remove_member(tree, holder, lost)
    applicability = Applicability.SAFE if same else Applicability.UNSAFE
    return Diagnostic(
        Place(tree.document, lost.key.span),
        "`{key}` stands again on line {line} with the same value; one of them is enough"
        if same
        else "`{key}` stands again on line {line} with another value, and only that one counts: this one does nothing",
        values,
        (Related(counting, "this one counts"),),
        (Fix("Keep the `{key}` of line {line} only", edits, applicability, values),),
    )


def _data(root: JsonNode) -> list[object]:
    """What a value says, layout and comments left out, as a flat list that can be compared."""
    found: list[object] = []
    stack: list[JsonNode | str] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, JsonScalar):
            found.append((node.kind, node.text))
        elif isinstance(node, JsonObject):
            found.append("{")
            stack.append("}")
            for member in reversed(node.members):
                stack += [member.value, member.key]
        elif isinstance(node, JsonArray):
            found.append("[")
            stack += ["]", *reversed(node.items)]
        else:
            found.append(node)
    return found
