"""Keys and values of a product's JSON configuration that its release does not take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
    JsonArray,
    JsonMember,
    JsonNode,
    JsonObject,
    JsonScalar,
    JsonTree,
    LatePattern,
    Severity,
    Version,
    in_range,
    near,
    rule,
)

if TYPE_CHECKING:
    from ....schemas.models.config_keys import ConfigKey, ConfigTable

_SAFE, _UNSAFE = Applicability.SAFE, Applicability.UNSAFE
_NUMBER = LatePattern(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_KINDS = {"true": "boolean", "false": "boolean", "string": "string", "number": "number", "null": "any"}
_WORDS = {
    "object": "an object, in `{` and `}`",
    "array": "a list, in `[` and `]`",
    "number": "a number",
    "boolean": "`true` or `false`",
    "string": "a text",
}


class Reader(NamedTuple):
    """A file with what its reader knows."""

    tree: JsonTree
    table: ConfigTable
    version: Version
    title: str


@rule("JSN003", "schema-violation", Deployment, Severity.ERROR, faq=("F2.7",), fix=_SAFE)
def schema_violation(deployment: Deployment) -> Diagnostics:
    """A value of the wrong kind, a misspelt key, or one that has another name in this release."""
    for reader, root in _files(deployment):
        stack: list[tuple[str, JsonObject]] = [("", root)]
        while stack:
            path, node = stack.pop()
            below: list[tuple[str, JsonObject]] = []
            for member in node.members:
                inner = f"{path}.{member.key.text}" if path else member.key.text
                yield from _member(reader, node, member, inner)
                # Below a key that no release knows nothing is known either.
                if inner in reader.table.keys:
                    below += _objects(inner, member.value)
            stack += reversed(below)


def _files(deployment: Deployment) -> Iterator[tuple[Reader, JsonObject]]:
    """The configuration files of a product in the stack whose release is known."""
    for table in deployment.tables:
        version = deployment.versions.get(table.name)
        config = table.data.get("config")
        if version is None or config is None:
            continue
        paths = {each["path"] for each in config["paths"] if in_range(version, each["since"], each["until"])}
        for service in deployment.playing(table.name, config["role"]) if paths else ():
            for file in deployment.mounted_by(service, "json"):
                tree = file.tree
                if file.container_path not in paths or not isinstance(tree, JsonTree):
                    continue
                if isinstance(tree.root, JsonObject):
                    yield Reader(tree, table.configuration, version, table.title), tree.root


def _objects(path: str, node: JsonNode) -> Iterator[tuple[str, JsonObject]]:
    if isinstance(node, JsonObject):
        yield path, node
    elif isinstance(node, JsonArray):
        for item in node.items:
            if isinstance(item, JsonObject):
                yield f"{path}[]", item


def _member(reader: Reader, holder: JsonObject, member: JsonMember, path: str) -> Iterator[Diagnostic]:
    key = reader.table.keys.get(path)
    if key is None:
        yield from _misspelt(reader, holder, member, path)
    elif key.known(reader.version):
        yield from _wrong_kind(reader, member, key)
    else:
        renamed = list(_renamed(reader, holder, member, path))
        yield from renamed or _of_another_release(reader, member, path, key)


def _wrong_kind(reader: Reader, member: JsonMember, key: ConfigKey) -> Iterator[Diagnostic]:
    node = member.value
    kind = "object" if isinstance(node, JsonObject) else "array" if isinstance(node, JsonArray) else _KINDS[node.kind]
    # Numbers where a text is wanted are made texts by their reader.
    if kind == key.type or "any" in (kind, key.type) or (key.type == "string" and kind == "number"):
        return
    place = reader.tree.document.place(*node.span)
    values = (("key", member.key.text), ("wanted", _WORDS[key.type]), ("title", reader.title))
    if isinstance(node, JsonScalar) and node.kind == "string" and _bare(node.text.strip(), key.type):
        fix = Fix("Take the quotes away", (Edit(place, node.text.strip()),), _SAFE)
        yield Diagnostic(
            place,
            "`{key}` is a text here, and {title} wants {wanted}: every text counts as true, `false` as well"
            if key.type == "boolean"
            else "`{key}` is a text here, and {title} wants {wanted}: sums and comparisons with it go wrong",
            values,
            fixes=(fix,),
            severity=None if key.type == "boolean" else Severity.WARNING,
        )
        return
    yield Diagnostic(place, "`{key}` must be {wanted}: with this {title} cannot work", values)


def _bare(text: str, wanted: str) -> bool:
    return text in ("true", "false") if wanted == "boolean" else wanted == "number" and bool(_NUMBER.fullmatch(text))


def _siblings(reader: Reader, path: str) -> list[str]:
    """The keys that a release knows in the object of a path."""
    parent = path.rpartition(".")[0]
    return [
        known.rpartition(".")[2]
        for known, key in reader.table.keys.items()
        if known.rpartition(".")[0] == parent and key.known(reader.version)
    ]


def _misspelt(reader: Reader, holder: JsonObject, member: JsonMember, path: str) -> Iterator[Diagnostic]:
    meant = near(member.key.text, _siblings(reader, path))
    if meant is not None and holder.get(meant) is None:
        yield _renaming(
            reader, member, meant, "{title} does not know `{key}`, and leaves it alone; did you mean `{meant}`?"
        )


def _renamed(reader: Reader, holder: JsonObject, member: JsonMember, path: str) -> Iterator[Diagnostic]:
    name, seen = path, {path}
    while (after := reader.table.renamed.get(name)) is not None:
        name = f"{path.rpartition('.')[0]}.{after}"
        key = reader.table.keys.get(name)
        if key is None or name in seen:
            return
        seen.add(name)
        if key.known(reader.version) and holder.get(after) is None:
            message = "{title} {version} calls this `{meant}`: under `{key}` nothing reads it"
            yield _renaming(reader, member, after, message)
            return


def _of_another_release(reader: Reader, member: JsonMember, path: str, key: ConfigKey) -> Iterator[Diagnostic]:
    """A key that nothing took over: this release leaves it alone, which does no harm."""
    parent = path.rpartition(".")[0]
    known = parent == "" or (
        (above := reader.table.keys.get(parent.removesuffix("[]"))) and above.known(reader.version)
    )
    # A file is often newer than the image beside it. Of structures that have another name now FGP002 speaks.
    past = in_range(reader.version, "", key.until) is False
    if known and past and not any(path in chain for chain in reader.table.successors):
        values = (
            ("key", member.key.text),
            ("title", reader.title),
            ("version", ".".join(map(str, reader.version))),
            ("since", key.since),
            ("until", key.until),
        )
        yield Diagnostic(
            reader.tree.document.place(*member.key.span),
            "{title} {since} to {until} read `{key}`, {title} {version} leaves it alone",
            values,
            severity=Severity.INFO,
        )


def _renaming(reader: Reader, member: JsonMember, meant: str, message: str) -> Diagnostic:
    from ...kit import json_edits

    values = (
        ("key", member.key.text),
        ("meant", meant),
        ("title", reader.title),
        ("version", ".".join(map(str, reader.version))),
    )
    edit = json_edits.rename_key(reader.tree, member, meant)
    return Diagnostic(
        reader.tree.document.place(*member.key.span),
        message,
        values,
        fixes=(Fix("Rename it to `{meant}`", (edit,), _UNSAFE, values),),
        severity=Severity.WARNING,
    )
