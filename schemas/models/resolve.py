"""Templates become values: `${…}` looked up, each piece with the place that gave it and the expressions that asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from ..parsers.document import Document, Place, Span
from ..parsers.interpolation import Reference, Template, Text, invalid_spans, names
from .project import VariableUse
from .record import Record
from .value import Piece, Source, Value

AMBIENT = frozenset({"HOME", "PWD", "USER", "LOGNAME", "PATH", "SHELL"})
"""What every login shell exports; Compose itself adds PWD where the shell did not (cmd/compose/compose.go)."""


_DOTENV = frozenset({Source.ENV, Source.ENV_FILE})


class Scope(NamedTuple):
    """The variables that `${…}` sees; `shell_known` is False when the process environment is not ours to know.

    `settled` is False when nothing at all tells which variables are set: there is no env file either. What is not among
    `variables` is then unknown where no fallback is written, and not empty. So is what is `elsewhere`: in scripts that
    start Compose.
    """

    variables: Mapping[str, Value]
    shell_known: bool
    settled: bool = True
    elsewhere: Callable[[], frozenset[str]] = frozenset

    def lookup(self, name: str) -> Value | None:
        """The value of a variable, None when it is unset; unknown for one that only the user's shell knows."""
        found = self.variables.get(name)
        if found is None and not self.shell_known and name in AMBIENT:
            return Value.unknown((Piece("", Source.SHELL, None, (), name),))
        return found


class _Way(NamedTuple):
    """How a text is reached: who wrote it, the expressions that asked, for which name, from where in the tree."""

    source: Source
    via: tuple[Place, ...]
    name: str
    path: tuple[str, ...]
    shift: int


class Resolver:
    """Evaluates the templates of one document in one scope.

    `source` marks the text that is written out. What Compose refuses or warns about goes to `record`.
    """

    def __init__(self, document: Document, scope: Scope, source: Source, record: Record) -> None:
        self._document = document
        self._scope = scope
        self._source = source
        self._record = record

    def value(self, template: Template, path: tuple[str, ...], start: int = 0) -> Value:
        """The value of a template; unknown when a part of it is, or when Compose refuses it.

        Its offsets count from `start` in the document.
        """
        pieces: list[Piece] = []
        known = self._expand(template, pieces, _Way(self._source, (), "", path, start))
        if not pieces:
            pieces.append(Piece("", self._source, Place(self._document, Span(0, 0))))
        return Value(tuple(pieces), known=known)

    def _expand(self, template: Template, pieces: list[Piece], way: _Way) -> bool:
        """Append the pieces of a template; whether all of them are known."""
        known = not template.invalid
        for span in template.invalid:
            self._invalid(span, way.shift)
        for part in template.parts:
            if isinstance(part, Text):
                place = self._place(part.span, way.shift)
                pieces.append(Piece(part.text, way.source, place, way.via, way.name))
            elif not self._reference(part, pieces, way):
                known = False
        return known

    def _reference(self, part: Reference, pieces: list[Piece], way: _Way) -> bool:
        """Append what one expression gives; whether it is known."""
        value = self._scope.lookup(part.name)
        operator, argument = part.operator, part.argument
        holds = value is not None and (len(operator) < 2 or not value.known or bool(value.text))
        alternative = operator[-1:] == "+"
        wanted = argument is not None and holds == alternative
        place, name_place = self._place(part.span, way.shift), self._place(part.name_span, way.shift)
        self._record.use(VariableUse(part.name, operator, place, name_place, value is not None, wanted, True, way.path))
        below = _Way(Source.DEFAULT, (place, *way.via), part.name, way.path, way.shift)
        if argument is None:
            return self._found(part, value, pieces, below)
        if not wanted:
            self._unreached(argument, way)
            return self._empty(part, pieces, below) if alternative else self._found(part, value, pieces, below)
        if operator[-1] == "?":
            self._unreached(argument, way)
            return self._missing(part, pieces, below)
        count = len(pieces)
        known = self._expand(argument, pieces, below)
        if len(pieces) == count:
            self._empty(part, pieces, below)
        return known

    def _found(self, part: Reference, value: Value | None, pieces: list[Piece], way: _Way) -> bool:
        """Append a variable's value; an unset one is empty, or unknown as the scope says, with a warning."""
        if value is None:
            pieces.append(Piece("", Source.DEFAULT, way.via[0], way.via, part.name))
            self._record.problem(
                "undefined-variable",
                self._place(part.name_span, way.shift),
                "`{name}` is not set anywhere; Compose puts an empty string in its place",
                name=part.name,
            )
            return self._scope.settled and part.name not in self._scope.elsewhere()
        if not self._record.spend(sum([len(text) + len(via) + 1 for text, _, _, via, _ in value.pieces])):
            pieces.append(Piece("", value.pieces[0].source, None, way.via, part.name))
            return self._too_much(part, way)
        for text, source, place, via, variable in value.pieces:
            pieces.append(Piece(text, source, place, via + way.via, variable or part.name))
        return value.known

    def _too_much(self, part: Reference, way: _Way) -> bool:
        self._record.problem(
            "too-much",
            self._place(part.name_span, way.shift),
            "the values in this project multiply without end; `{name}` is not followed",
            name=part.name,
        )
        return False

    def _empty(self, part: Reference, pieces: list[Piece], way: _Way) -> bool:
        """Append the nothing that an empty fallback gives; a person would write one before the closing brace."""
        end = part.span.end - 1 + way.shift
        pieces.append(Piece("", Source.DEFAULT, Place(self._document, Span(end, end)), way.via, part.name))
        return True

    def _missing(self, part: Reference, pieces: list[Piece], way: _Way) -> bool:
        self._record.problem(
            "required-variable",
            self._place(part.name_span, way.shift),
            "`{name}` is not set, and this line requires it",
            name=part.name,
        )
        pieces.append(Piece("", Source.DEFAULT, way.via[0], way.via, part.name))
        return False

    def _unreached(self, argument: Template, way: _Way) -> None:
        """Note what stands in a fallback that is not needed; Compose before 2026 refuses mistakes there too."""
        if not argument.invalid and not any(isinstance(part, Reference) for part in argument.parts):
            return
        for span in invalid_spans(argument):
            self._invalid(span, way.shift)
        for reference in names(argument):
            place, name_place = self._place(reference.span, way.shift), self._place(reference.name_span, way.shift)
            value = self._scope.lookup(reference.name)
            operator = reference.operator
            self._record.use(
                VariableUse(reference.name, operator, place, name_place, value is not None, False, False, way.path)
            )
            if operator[-1:] == "?" and (value is None or (operator == ":?" and value.text == "")):
                self._record.problem(
                    "required-in-fallback",
                    name_place,
                    "`{name}` is not set; the fallback that requires it is not needed, but Compose before 2026 stops",
                    name=reference.name,
                )

    def _place(self, span: Span, shift: int) -> Place:
        """Where a part of a template stands."""
        return Place(self._document, Span(span[0] + shift, span[1] + shift) if shift else span)

    def _invalid(self, span: Span, shift: int) -> None:
        if self._source in _DOTENV:
            return  # the dotenv parser has reported it
        self._record.problem(
            "invalid-interpolation",
            self._place(span, shift),
            "this is no variable expression that Compose knows; it refuses the whole file (a `$` that is meant as it "
            "stands is written `$$`)",
        )
