"""An address to which nginx passes, in pieces: each with where it is written, in the file or in what fills it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ...kit import LatePattern, MountedFile, NginxTree, NginxWord, Place, Source, Variable

_VARIABLE = LatePattern(r"((?:[a-z]+://)?)\$(?:\{(\w+)\}|(\w+))((?::\d+)?(?:/.*)?)", re.DOTALL)
_HOLE = LatePattern(r"\$(?:\{(\w+)\}|(\w+))")


class Piece(NamedTuple):
    """A part of an address. `start` is None where the file has something else for it; `variable` fills it in."""

    text: str
    word: NginxWord
    start: int | None
    variable: Variable | None = None

    def place(self, tree: NginxTree, start: int, end: int) -> Place:
        """Where a person edits the characters [start, end) of it."""
        if self.start is not None:
            return tree.document.place(self.start + start, self.start + end)
        if self.variable is None:
            return Place(tree.document, self.word.span)
        given = self.variable.value.piece_at(start)
        if given is not None and given.source is Source.DEFAULT:
            # The fallback is its author's; another value goes beside it.
            return self.variable.edit_place
        return self.variable.place_of(start, end)


class Address(NamedTuple):
    """What nginx reads, in pieces. `late`: a variable of nginx gives it, and it is looked up for each request."""

    pieces: Sequence[Piece]
    late: bool

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(piece.text for piece in self.pieces)

    def piece(self, start: int, end: int) -> tuple[Piece, int] | None:
        """The piece that has all characters of [start, end), and where it starts; None where several have them."""
        at = 0
        for piece in self.pieces:
            if at <= start and end <= at + len(piece.text) and piece.text:
                return piece, at
            at += len(piece.text)
        return None


def made(tree: NginxTree) -> dict[str, NginxWord]:
    """What `set` makes of the variables that a file sets only once."""
    found: dict[str, NginxWord] = {}
    often: set[str] = set()
    for directive, _ in tree.walk():
        if directive.name.text == "set" and len(directive.arguments) == 2:
            name = directive.arguments[0].text.lower()
            (often.add(name) if name in found else found.setdefault(name, directive.arguments[1]))
    return {name.removeprefix("$"): word for name, word in found.items() if name not in often}


def address(file: MountedFile, tree: NginxTree, own: Mapping[str, NginxWord], word: NginxWord) -> Address | None:
    """A word as nginx reads it, its variables followed to where they are set; None where that cannot be told."""
    if file.filled(word.text) is not None:
        return Address(_filled(file, tree, word), late=False)
    match = _VARIABLE.fullmatch(word.text)
    value = own.get((match[2] or match[3]).lower()) if match else None
    if match is None or value is None or file.filled(value.text) is None:
        return None
    head, tail = _written(tree, word, match[1]), _written(tree, word, match[4])
    if head.start is not None:
        tail = tail._replace(start=head.start + match.start(4))
    return Address([head, *_filled(file, tree, value), tail], late=True)


def _filled(file: MountedFile, tree: NginxTree, word: NginxWord) -> list[Piece]:
    """A word of which the template is filled with known values."""
    environment = file.service.environment
    found: list[Piece] = []
    at = 0
    for hole in _HOLE.finditer(word.text):
        found.append(_written(tree, word, word.text[at : hole.start()], at))
        variable = environment[hole[1] or hole[2]]
        found.append(Piece(variable.value.text or "", word, None, variable))
        at = hole.end()
    return [*found, _written(tree, word, word.text[at:], at)]


def _written(tree: NginxTree, word: NginxWord, text: str, at: int = 0) -> Piece:
    start = word.span.start + len(word.quote)
    return Piece(text, word, start + at if tree.document.text.startswith(word.text, start) else None)
