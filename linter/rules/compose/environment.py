"""`environment` entries that reach the program as something else than what is written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
    LatePattern,
    MappingNode,
    Node,
    Place,
    ScalarNode,
    SequenceNode,
    Service,
    Severity,
    YamlEntry,
    YamlMapping,
    YamlNode,
    YamlScalar,
    YamlSequence,
    YamlTree,
    rule,
    said,
    secret_name,
)
from .refusals import MOST_FIXES, readable, refusals

_QUOTED = LatePattern(r"([^\s=\"']+)=(?:\"([^\"]*)\"|'([^']*)')")
_SPACED = LatePattern(r"([A-Za-z_][A-Za-z0-9_.-]*)[ \t]+=[ \t]*(.*)", re.DOTALL)
_COLON = LatePattern(r"([A-Za-z_][A-Za-z0-9_]*):[ \t]+([^=]*)")
_KEY = LatePattern(r"[A-Za-z_][A-Za-z0-9_.-]*")
# What a program compares or connects with: there quotes are always one character too many.
_EXACT = LatePattern(r"(?i:.*_)?(?i:url|uri|host|hostname|port|user|username|db|database|name|address|endpoint)\Z")
_WORDS = {"int": "a number", "float": "a number", "timestamp": "a date"}
# `1.0` becomes `1`, which programs that want a number read alike; `1.10` may be a version.
_SAME_NUMBER = LatePattern(r"[+-]?[0-9]+\.0")


def _items(deployment: Deployment) -> Iterator[tuple[Service, ScalarNode]]:
    """The texts in `environment` lists, those too that merging has made a mapping of, each with its service."""
    for service in deployment.services.values():
        node = service.get("environment")
        for item in _scalars(node):
            if item.kind == "str" and item.place.span.end > item.place.span.start:
                yield service, item


def _scalars(node: Node | None) -> Iterator[ScalarNode]:
    if isinstance(node, SequenceNode):
        for item in node.items:
            if isinstance(item, ScalarNode):
                yield item
    elif isinstance(node, MappingNode):
        for entry in node:
            if entry.item and isinstance(entry.node, ScalarNode):
                yield entry.node


@rule("CMP009", "environment-value-type", Deployment, Severity.WARNING, fix=Applicability.SAFE)
def environment_value_type(deployment: Deployment) -> Diagnostics:
    """An unquoted value of which YAML makes a number, boolean or date with another text."""
    for service in deployment.services.values():
        node = service.get("environment")
        for entry in node if isinstance(node, MappingNode) else ():
            value = entry.node
            if entry.item or not isinstance(value, ScalarNode) or value.style or value.kind not in _WORDS:
                continue
            written = value.place.text
            values: tuple[tuple[str, str], ...] = (("name", entry.key), ("what", _WORDS[value.kind]))
            fix = Fix(
                "Put the value of `{name}` in quotes", (Edit(value.place, f'"{written}"'),), Applicability.SAFE, values
            )
            if value.kind == "timestamp":
                message = "YAML reads the value of `{name}` as a date, which Compose refuses: quote it"
                yield Diagnostic(value.place, message, values[:1], fixes=(fix,), severity=Severity.ERROR)
            elif written != value.text and not _SAME_NUMBER.fullmatch(written):
                message = (
                    "YAML reads the value of `{name}` as {what}, and the program gets another text than is written"
                )
                if not secret_name(entry.key):
                    message = "YAML reads the value of `{name}` as {what}: the program gets `{read}`, not `{written}`"
                    values += (("read", value.text or ""), ("written", written))
                yield Diagnostic(value.place, message, values, fixes=(fix,))


@rule("CMP010", "quotes-in-list-item", Deployment, Severity.ERROR, fix=Applicability.SAFE)
def quotes_in_list_item(deployment: Deployment) -> Diagnostics:
    """`- KEY="value"`: the quotes are part of the value."""
    items = ((s, i, _QUOTED.fullmatch(i.place.text)) for s, i in _items(deployment) if not i.style)
    found = ((i, m) for s, i, m in items if m is not None and not _taken_in_as_text(deployment, s, m[1]))
    for count, (item, match) in enumerate(found):
        values = (("name", match[1]),)
        text = f"{match[1]}={match[2] or match[3] or ''}"
        yield Diagnostic(
            item.place.document.place(item.place.span.start + len(match[1]) + 1, item.place.span.end),
            "in a list item the quotes are a part of the value: the program gets `{name}` with the quotes around it",
            values,
            fixes=_rewritten(deployment, item.place, text, "Drop the quotes") if count < MOST_FIXES else (),
            severity=None if secret_name(match[1]) or _EXACT.match(match[1]) else Severity.WARNING,
        )


def _taken_in_as_text(deployment: Deployment, service: Service, name: str) -> bool:
    """Whether a Caddyfile takes a variable in: it does so before it splits its words, and there quotes are quotes."""
    texts = (deployment.mounted_text(service, mount.target) for mount in service.mounts if mount.target)
    return any(text is not None and f"{{${name}" in text for text in texts)


@rule("CMP011", "environment-list-form", Deployment, Severity.ERROR, fix=Applicability.SAFE)
def environment_list_form(deployment: Deployment) -> Diagnostics:
    """An item of an `environment` list that is not `KEY=value`."""
    found = ((item, _SPACED.fullmatch(_written_text(item))) for _, item in _items(deployment))
    for count, (item, match) in enumerate((i, m) for i, m in found if m is not None):
        text = f"{match[1]}={match[2]}"
        yield Diagnostic(
            item.place,
            "the blank before `=` belongs to the name, which Compose refuses: write `{name}=…`",
            (("name", match[1]),),
            fixes=_rewritten(deployment, item.place, text, "Write `KEY=value`") if count < MOST_FIXES else (),
        )
    yield from _with_colons(deployment)
    yield from _not_pairs(deployment)


def _written_text(item: ScalarNode) -> str:
    """The text of an item as it is written, with what `${…}` stands there, but without the quotes around it."""
    text = item.place.text
    return text[1:-1] if item.style and len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def _with_colons(deployment: Deployment) -> Diagnostics:
    """Items in quotes that are written as in a mapping: for Compose they are one long name without a value."""
    found = ((item, _COLON.fullmatch(_written_text(item))) for _, item in _items(deployment) if item.style)
    for count, (item, match) in enumerate((i, m) for i, m in found if m is not None):
        text = f"{match[1]}={match[2]}"
        yield Diagnostic(
            item.place,
            "this list wants `KEY=value`; all of this is one name for Compose, and the program never sees `{name}`: "
            "write `{name}=…`",
            (("name", match[1]),),
            fixes=_rewritten(deployment, item.place, text, "Write `KEY=value`") if count < MOST_FIXES else (),
        )


def _not_pairs(deployment: Deployment) -> Diagnostics:
    """The items that are no texts."""
    told = refusals(deployment).places
    for count, problem in enumerate(readable(deployment, "invalid-environment")):
        found = _written(deployment, problem.place) if count < MOST_FIXES else None
        sequence = _list_of(*found) if found is not None else None
        if found is not None and sequence is not None and isinstance(found[1], YamlMapping) and found[1].entries:
            yield _colon_item(found[0], sequence, found[1])
        elif problem.place not in told or count >= MOST_FIXES or (sequence is not None and _is_ours(found)):
            yield said(problem)


def _is_ours(found: tuple[YamlTree, YamlNode] | None) -> bool:
    """Whether CMP003 leaves an item to this rule: a mapping, or a date."""
    node = found[1] if found is not None else None
    return isinstance(node, YamlMapping) or (isinstance(node, YamlScalar) and node.kind == "timestamp")


def _list_of(tree: YamlTree, node: YamlNode) -> YamlSequence | None:
    """The list whose item a node is."""
    for holder in reversed(tree.at(node.span)):
        if isinstance(holder, YamlSequence) and any(item is node for item in holder.items):
            return holder
    return None


def _colon_item(tree: YamlTree, sequence: YamlSequence, item: YamlMapping) -> Diagnostic:
    first = item.entries[0].key
    values = (("name", first.text if isinstance(first, YamlScalar) else ""),)
    lines = tuple(_pair(tree, sequence, item, entry) for entry in item.entries)
    document = tree.document
    place = document.place(*item.span)
    fixes: tuple[Fix, ...] = ()
    lossless = all(lines) and not any(item.span.covers(comment) for comment in tree.comments)
    if lossless and (len(lines) == 1 or not sequence.flow):
        column = sequence.span.start - document.line_span(document.position(sequence.span.start)[0]).start
        text = f"{document.newline}{' ' * column}- ".join(line for line in lines if line)
        fixes = (Fix("Write `{name}=…`", (Edit(place, text),), Applicability.SAFE, values),)
    return Diagnostic(
        place,
        "this list wants `KEY=value`; `{name}:` makes a mapping of the item, which Compose refuses: write `{name}=…`",
        values,
        fixes=fixes,
    )


def _pair(tree: YamlTree, sequence: YamlSequence, item: YamlMapping, entry: YamlEntry) -> str | None:
    """A key and its value as a list item; None where that cannot be certain."""
    from ...kit import yaml_edits

    key, value = entry.key, entry.value
    if not (isinstance(key, YamlScalar) and _KEY.fullmatch(key.text) and isinstance(value, YamlScalar)):
        return None
    if value.kind == "null" or value.anchor is not None or "\n" in value.text:
        return None
    return yaml_edits.set_item(tree, sequence, item, f"{key.text}={value.text}").text


def _rewritten(deployment: Deployment, place: Place, text: str, title: str) -> tuple[Fix, ...]:
    from ...kit import yaml_edits

    node = _written(deployment, place)
    if node is None or not isinstance(node[1], YamlScalar) or "\n" in node[1].text:
        return ()
    return (Fix(title, (yaml_edits.set_value(node[0], node[1], text),), Applicability.SAFE),)


def _written(deployment: Deployment, place: Place) -> tuple[YamlTree, YamlNode] | None:
    """The node that stands at a place."""
    for tree in deployment.project.files:
        if tree.document is place.document:
            chain = tree.at(place.span)
            return (tree, chain[-1]) if chain and chain[-1].span == place.span else None
    return None
