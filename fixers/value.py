"""Changing an effective value where it is written: in `.env`, an env_file, or the compose file."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..schemas.models.deployment import Deployment
from ..schemas.models.value import Piece, Source, Value
from ..schemas.parsers.document import Place, Span
from ..schemas.parsers.yaml import YamlNode, YamlScalar, YamlTree
from .edit import Edit

# Text that reads the same in every syntax and quoting we write.
_PLAIN = re.compile(r"[A-Za-z0-9_./@+%-]+")

# What may stand in the fallback of `${NAME:-fallback}` as it is.
_FALLBACK = re.compile(r"[^\s${}\"'\\#]+")

Part = tuple[str, int, int]


def change_value(deployment: Deployment, value: Value, text: str) -> Edit | None:
    """Make an effective value another one, where it is written.

    A value that is only the compose file's fallback is set in the project's `.env`, as its author meant it.
    None when several places give the value, or a place that no file holds (the shell).
    """
    giving = [piece for piece in value.pieces if piece.text] or list(value.pieces)
    return _rewrite(deployment, giving[0], text) if len(giving) == 1 else None


def change_part(deployment: Deployment, value: Value, part: Part, text: str) -> Edit | None:
    """Change the part (text, start, end) of an effective value, when one place gives all of it."""
    edits = change_parts(deployment, value, ((part, text),))
    return edits[0] if edits else None


def change_parts(deployment: Deployment, value: Value, changes: Sequence[tuple[Part, str]]) -> tuple[Edit, ...]:
    """Change several parts of an effective value, apart from each other; () when not all can be changed."""
    direct = [_direct(value, part, text) for part, text in changes]
    if all(direct):
        return tuple(edit for edit in direct if edit)
    edits: list[Edit] = []
    done, at = 0, 0
    for piece in value.pieces:
        end = at + len(piece.text)
        inside = [(part, text) for part, text in changes if at <= part[1] and part[2] <= end and part[1] < end]
        if inside:
            edit = _rewrite(deployment, piece, _replaced(piece.text, at, inside))
            if edit is None:
                return ()
            edits.append(edit)
            done += len(inside)
        at = end
    return tuple(edits) if done == len(changes) else ()


def _replaced(text: str, at: int, changes: Sequence[tuple[Part, str]]) -> str:
    for (_, start, end), new in sorted(changes, key=lambda change: change[0][1], reverse=True):
        text = text[: start - at] + new + text[end - at :]
    return text


def _direct(value: Value, part: Part, text: str) -> Edit | None:
    """An edit of just the characters of a part, where they stand as they read and no syntax can come between."""
    wanted, start, end = part
    piece = value.piece_at(start)
    place = value.place_of(start, end)
    if piece is None or piece.source is Source.DEFAULT or place is None or place.text != wanted:
        return None
    return Edit(place, text) if _PLAIN.fullmatch(text) else None


def _rewrite(deployment: Deployment, piece: Piece, text: str) -> Edit | None:
    place = piece.place
    if piece.source is Source.DEFAULT:
        return _instead_of_fallback(deployment, piece, text)
    if place is None:
        return None
    if piece.source is Source.CONFIG:
        return _in_json(place, text)
    if piece.source in (Source.ENV, Source.ENV_FILE):
        return _in_dotenv(deployment, place, text)
    return _in_yaml(deployment, place, text)


def _instead_of_fallback(deployment: Deployment, piece: Piece, text: str) -> Edit | None:
    from . import dotenv

    trees = deployment.project.env_files
    if trees and piece.variable:
        tree = trees[-1]
        entry = tree.last(piece.variable)
        return dotenv.set_value(tree, entry, text) if entry else dotenv.append(tree, piece.variable, text)
    place = piece.place
    if place is not None and place.text == piece.text and piece.text and _FALLBACK.fullmatch(text):
        return Edit(place, text)
    return None


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
    return Edit(place, text) if _PLAIN.fullmatch(text) else None


def _in_json(place: Place, text: str) -> Edit:
    """The text between the quotes that are there."""
    from .json import quote

    mark = place.document.text[place.span.start - 1]
    return Edit(place, quote(text, mark)[1:-1])


def _in_yaml(deployment: Deployment, place: Place, text: str) -> Edit | None:
    from . import yaml

    tree, node = node_at(deployment, place)
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


def node_at(deployment: Deployment, place: Place) -> tuple[YamlTree, YamlNode | None]:
    """The tree of a compose file and the innermost node at a place in it, None when the place is of another text."""
    tree = deployment.workspace.yaml(place.document.path)
    chain = tree.at(place.span) if tree.document is place.document else ()
    return tree, chain[-1] if chain else None
