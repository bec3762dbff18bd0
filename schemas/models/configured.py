"""Texts of a product's JSON configuration, each as the variable that it would be in the environment of its reader."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..parsers.document import Place
from ..parsers.json import JsonArray, JsonNode, JsonObject, JsonScalar, JsonTree
from .image import Version
from .mounted import MountedFile
from .product import ProductTable
from .service import Service, Variable
from .value import Piece, Source, Value


class Configured(NamedTuple):
    """A text at a path (`reRankModels[].requestUrl`) of the file that a service mounts; `variable` has the last key.

    `called` says that it is an address which the service calls itself.
    """

    service: Service
    path: str
    variable: Variable
    called: bool


def configured(
    table: ProductTable, version: Version | None, services: Iterable[Service], mounted: Iterable[MountedFile]
) -> Iterator[Configured]:
    """The texts that a product's services take from their JSON configuration, by the keys that the release reads.

    Nothing for an unknown release, or where what was read of a file is not all that is in it.
    """
    config = table.data["config"]
    paths, readers = {each["path"] for each in config["paths"]}, {id(service) for service in services}
    for file in mounted:
        if id(file.service) not in readers or file.container_path not in paths or version is None:
            continue
        tree = file.tree
        if not isinstance(tree, JsonTree) or not tree.whole:
            continue
        for path, key, node in _texts(tree.root):
            fact = table.configuration.keys.get(path)
            if fact is not None and fact.known(version):
                yield Configured(file.service, path, _variable(tree, file, key, node), path in config["called"])


def _texts(root: JsonNode | None) -> Iterator[tuple[str, JsonScalar, JsonScalar]]:
    """Every text with the key that it stands under, and its path."""
    pending: list[tuple[str, JsonNode]] = [("", root)] if root is not None else []
    while pending:
        path, node = pending.pop()
        if isinstance(node, JsonArray):
            pending += [(f"{path}[]", item) for item in reversed(node.items)]
        elif isinstance(node, JsonObject):
            # Of a key that stands twice the last one counts.
            last = {member.key.text: member for member in node.members}
            for name, member in last.items():
                inner = f"{path}.{name}" if path else name
                if isinstance(member.value, JsonScalar) and member.value.kind == "string":
                    yield inner, member.key, member.value
                else:
                    pending.append((inner, member.value))


def _variable(tree: JsonTree, file: MountedFile, key: JsonScalar, node: JsonScalar) -> Variable:
    inside: Place = tree.document.place(node.span.start + 1, node.span.end - 1)
    value = Value((Piece(node.text, Source.CONFIG, inside),))
    return Variable(key.text, value, tree.document.place(*key.span), file.mount.place, "config")
