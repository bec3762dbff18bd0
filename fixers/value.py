"""Changing an effective value where it is written: in `.env`, an env_file, or the compose file."""

from __future__ import annotations

import re

from ..schemas.models.deployment import Deployment
from ..schemas.models.node import SequenceNode
from ..schemas.models.service import Service
from ..schemas.models.value import Piece, Source, Value
from ..schemas.parsers.document import Place, Span
from ..schemas.parsers.yaml import YamlMapping, YamlNode, YamlScalar, YamlSequence, YamlTree
from .edit import Edit

# Text that reads the same in every syntax and quoting we write.
_PLAIN = re.compile(r"[A-Za-z0-9_./@+-]+")


def change_value(deployment: Deployment, value: Value, text: str) -> Edit | None:
    """Make an effective value another one, where it is written.

    A value that is only the compose file's default is set in the project's `.env`, as its author meant it.
    None when several places give the value, or a place that no file holds (the shell).
    """
    giving = [piece for piece in value.pieces if piece.text] or list(value.pieces)
    return _rewrite(deployment, giving[0], text) if len(giving) == 1 else None


def change_part(deployment: Deployment, value: Value, part: tuple[str, int, int], text: str) -> Edit | None:
    """Change the part (text, start, end) of an effective value, when one place gives all of it."""
    _, start, end = part
    at = 0
    for piece in value.pieces:
        if at <= start and end <= at + len(piece.text) and piece.text:
            place = value.place_of(start, end)
            if place is None:
                return None
            if piece.source is not Source.DEFAULT and place.text == part[0] and _PLAIN.fullmatch(text):
                return Edit(place, text)
            return _rewrite(deployment, piece, piece.text[: start - at] + text + piece.text[end - at :])
        at += len(piece.text)
    return None


def append_to(deployment: Deployment, service: Service, key: str, item: str) -> Edit | None:
    """Add an item to a list of a service (`volumes`, `networks`, …), making the list when there is none."""
    from . import yaml

    entry = service.node.entries.get(key)
    if entry is not None:
        if not isinstance(entry.node, SequenceNode):
            return None
        tree, node = _node(deployment, entry.node.place)
        return yaml.append_item(tree, node, item) if isinstance(node, YamlSequence) else None
    tree, node = _node(deployment, service.node.place)
    return yaml.insert_key(tree, node, key, [item]) if isinstance(node, YamlMapping) else None


def _rewrite(deployment: Deployment, piece: Piece, text: str) -> Edit | None:
    place = piece.place
    if piece.source is Source.DEFAULT:
        return _set_variable(deployment, piece.variable, text)
    if place is None:
        return None
    if piece.source in (Source.ENV, Source.ENV_FILE):
        return _in_dotenv(deployment, place, text)
    return _in_yaml(deployment, place, text)


def _set_variable(deployment: Deployment, name: str, text: str) -> Edit | None:
    from . import dotenv

    if not name or not deployment.project.env_files:
        return None
    tree = deployment.project.env_files[-1]
    entry = tree.last(name)
    return dotenv.set_value(tree, entry, text) if entry else dotenv.append(tree, name, text)


def _in_dotenv(deployment: Deployment, place: Place, text: str) -> Edit | None:
    from . import dotenv

    project = deployment.project
    for tree in (*project.env_files, *project.service_env_files):
        if tree.document is not place.document:
            continue
        for entry in tree.entries:
            inner = Span(entry.value_span.start + len(entry.quote), entry.value_span.end - len(entry.quote))
            if place.span in (entry.value_span, inner):
                return dotenv.set_value(tree, entry, text)
    return None


def _in_yaml(deployment: Deployment, place: Place, text: str) -> Edit | None:
    from . import yaml

    tree, node = _node(deployment, place)
    if not isinstance(node, YamlScalar):
        return None
    text = text.replace("$", "$$")
    written = place.text
    if place.span == node.span or written == node.text:
        return yaml.set_value(tree, node, text)
    at = place.span.start - node.span.start - len(node.style if node.style in ("'", '"') else "")
    if node.text[at : at + len(written)] != written:
        return None
    return yaml.set_value(tree, node, node.text[:at] + text + node.text[at + len(written) :])


def _node(deployment: Deployment, place: Place) -> tuple[YamlTree, YamlNode | None]:
    tree = deployment.workspace.yaml(place.document.path)
    chain = tree.at(place.span) if tree.document is place.document else ()
    return tree, chain[-1] if chain else None
