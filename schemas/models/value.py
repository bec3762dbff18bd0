"""A text that remembers where each of its parts was written, or an unknown that satisfies nothing."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from ..parsers.document import Place


class Source(Enum):
    """Who gave a piece of text."""

    LITERAL = "literal"
    ENV = "env"
    ENV_FILE = "env_file"
    SHELL = "shell"
    DEFAULT = "default"
    OVERRIDE = "override"
    EXTENDS = "extends"
    INCLUDE = "include"
    CONFIG = "config"


class Piece(NamedTuple):
    """Text from one place. `via` are the `${…}` that asked for it, innermost first; `variable` the name asked for."""

    text: str
    source: Source
    place: Place | None
    via: tuple[Place, ...] = ()
    variable: str = ""

    def __repr__(self) -> str:
        return f"<Piece {self.source.value} {self.place!r}>"


class Value:
    """An effective value: pieces in order, or unknown.

    Unknown (`text` is None) is a value that only the running system knows: it equals nothing, and `known` is False.
    `shadowed` holds the definitions that lost, nearest first. The repr hides the text: no traceback shows a secret.
    """

    __slots__ = ("known", "pieces", "shadowed", "text")

    def __init__(self, pieces: tuple[Piece, ...], shadowed: tuple[Value, ...] = (), *, known: bool = True) -> None:
        self.pieces = pieces
        self.shadowed = shadowed
        self.known = known
        self.text: str | None = None
        if known:
            self.text = pieces[0].text if len(pieces) == 1 else "".join([p.text for p in pieces])

    @classmethod
    def literal(cls, text: str, place: Place) -> Value:
        """A value written out in one place."""
        return cls((Piece(text, Source.LITERAL, place),))

    @classmethod
    def unknown(cls, pieces: tuple[Piece, ...] = ()) -> Value:
        """A value nobody can know before the stack runs; `pieces` keep the way as far as it is known."""
        return cls(pieces, known=False)

    @property
    def trail(self) -> tuple[Place, ...]:
        """Every place on the way to this value, where it is written first, each once."""
        places = (place for piece in self.pieces for place in (piece.place, *piece.via) if place is not None)
        return tuple(dict.fromkeys(places))

    @property
    def edit_place(self) -> Place | None:
        """Where a person edits this value: the one place that gives all its text, None when there is no such."""
        giving = [p for p in self.pieces if p.text] or list(self.pieces)
        return giving[0].place if len(giving) == 1 else None

    def piece_at(self, offset: int) -> Piece | None:
        """The piece that gives the character at an offset of `text`."""
        for piece in self.pieces:
            if offset < len(piece.text):
                return piece
            offset -= len(piece.text)
        return None

    def place_of(self, start: int, end: int) -> Place | None:
        """Where the characters [start, end) of `text` are written; None when they come from several places or none.

        Exact where the piece is written as it reads, apart from the indentation of a block; the piece's whole place
        where quotes or escapes come between.
        """
        at = 0
        for piece in self.pieces:
            if at <= start and end <= at + len(piece.text) and piece.text:
                return _part(piece, start - at, end - at)
            at += len(piece.text)
        return None

    def with_shadowed(self, shadowed: tuple[Value, ...]) -> Value:
        """The same value, with the definitions that it hides."""
        return Value(self.pieces, shadowed, known=self.known)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Value):
            return self.known and other.known and self.text == other.text
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]  # unknown equals nothing, so no hash can be right

    def __repr__(self) -> str:
        return f"<Value {'known' if self.known else 'unknown'} {self.pieces!r}>"


def _part(piece: Piece, start: int, end: int) -> Place | None:
    """Where the characters [start, end) of a piece are written, or its whole place."""
    place = piece.place
    if place is None:
        return None
    if place.text == piece.text:
        return place.document.place(place.span.start + start, place.span.start + end)
    before = piece.text[:start].count("\n")
    written, read = place.text.split("\n"), piece.text.removesuffix("\n").split("\n")
    if "\n" in piece.text[start:end] or len(written) != len(read) or written[0] != read[0]:
        return place
    indents = [raw.removesuffix(line) for raw, line in zip(written[1 : before + 1], read[1 : before + 1], strict=True)]
    if any(indent.strip(" ") for indent in indents):
        return place
    first = place.span.start + start + sum(map(len, indents))
    return place.document.place(first, first + end - start)
