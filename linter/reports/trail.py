"""How a service's variable came by its value: the places it is written, what asked for them, and what lost to them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from ...schemas.models.project import Project
from ...schemas.models.service import Variable
from ...schemas.models.value import Piece, Source, Value
from ...schemas.parsers.document import Place
from ..masking import Masker
from .veil import Veil

UNASKED = "the service does not ask `.env` for it: it has a text of its own"
LOST: dict[tuple[Source | None, Source | None], str] = {
    (Source.DEFAULT, None): "the fallback is not taken, because {variable} is set",
    (Source.ENV, Source.SHELL): "a variable of the shell wins over `.env`",
    (Source.ENV, Source.ENV): "{variable} is set again further on",
    (Source.ENV, Source.DEFAULT): "{variable} is empty here, and `:-` takes the fallback for an empty value",
    (Source.ENV, Source.LITERAL): UNASKED,
    (Source.ENV_FILE, Source.ENV_FILE): "it is set again further on, or in a later `env_file`",
    (Source.ENV_FILE, None): "`environment` wins over `env_file`",
    (Source.EXTENDS, None): "the service sets it again after `extends`",
    (Source.INCLUDE, None): "the file that includes this one sets it again",
    (None, Source.OVERRIDE): "an override file sets it again",
    (None, None): "it is set again further on",
}
LOST_IN_MAPPING = {
    "own-key": "a key of the mapping itself wins over what `<<` brings",
    "earlier-merge": "of what `<<` brings, the mapping that is named first wins",
}


class Step(NamedTuple):
    """One place on the way: `text` is what is written there, masked; `words` say why it lost (hidden steps only)."""

    kind: Literal["from", "through", "hidden"]
    source: Source
    place: Place | None
    text: str
    words: str = ""


class Trail(NamedTuple):
    """A variable with its value (None: unknown), masked, the way it came, and what it hides."""

    name: str
    text: str | None
    masked: bool
    steps: tuple[Step, ...]
    hidden: tuple[Step, ...]


class Trails:
    """Reads trails off a project."""

    def __init__(self, project: Project, masker: Masker) -> None:
        self._project = project
        self._veil = Veil(masker)
        env = {tree.document.path: Source.ENV for tree in project.env_files}
        self._sources = {tree.document.path: Source.ENV_FILE for tree in project.service_env_files} | env

    def of(self, variable: Variable) -> Trail:
        """The trail of one variable of a service."""
        name, value = variable.name, variable.value
        texts = self._veil.pieces(name, value)
        steps: list[Step] = []
        for piece, text in zip(value.pieces, texts, strict=True):
            steps.append(Step("from", piece.source, piece.place, text))
            steps += (self._through(name, via) for via in piece.via)
        hidden = [*self._shadowed(variable), *self._passed_over(name, value), *self._unasked(variable)]
        # A line that counts may have been asked for by a definition that lost, too.
        way = {step.place for step in steps if step.place is not None}
        hidden = [step for step in hidden if step.place not in way]
        shown = "".join(texts) if value.known else None
        masked = shown is not None and self._veil.hides(shown)
        return Trail(name, shown, masked, _each_once(steps), _each_once(hidden))

    def env_lines(self, name: str) -> list[tuple[Place, str]]:
        """Where the project's `.env` files set a variable, each with what is written there."""
        return [
            (Place(tree.document, entry.value_span), entry.text or "")
            for tree in self._project.env_files
            for entry in tree.entries
            if entry.key == name and entry.separator
        ]

    def _through(self, name: str, via: Place) -> Step:
        source = self._sources.get(via.document.path, Source.LITERAL)
        return Step("through", source, via, self._veil.expression(name, via.text))

    def _shadowed(self, variable: Variable) -> Iterator[Step]:
        """The definitions that the model knows to have lost: each with the `${…}` it is written as, if it is one."""
        name, by = variable.name, _giver(variable.value)
        lost: list[tuple[Value, str, bool]] = []
        for other in variable.shadowed:
            lost.append((other.value, LOST_IN_MAPPING[other.loss] if other.loss else "", True))
            lost += ((value, "", False) for value in other.value.shadowed)
        lost += ((value, "", False) for value in variable.value.shadowed)
        for value, why, is_whole in lost:
            for piece, text in zip(value.pieces, self._veil.pieces(name, value), strict=True):
                for via in piece.via[-1:]:
                    written = self._through(name, via)
                    yield written._replace(kind="hidden", words=why or _why_lost(name, written.source, by))
                # A fallback that was taken has lost with the definition that it stands in.
                taken = is_whole and piece.source is Source.DEFAULT
                source = self._through(name, piece.via[-1]).source if taken and piece.via else piece.source
                words = (not piece.via and why) or _why_lost(name, source, by)
                yield Step("hidden", piece.source, piece.place, text, words)

    def _passed_over(self, name: str, value: Value) -> Iterator[Step]:
        """What each `${…}` on the way could have taken and did not: other lines of `.env`, its own fallback."""
        for piece in value.pieces:
            for via in piece.via:
                asked = asked_of(via)
                for place, text in self.env_lines(asked):
                    if not _on_way(place, piece):
                        words = _why_lost(asked, Source.ENV, piece.source)
                        yield Step("hidden", Source.ENV, place, self._hide(name, asked, text), words)
                fallback = fallback_of(via)
                if fallback is not None and not _on_way(fallback, piece):
                    words = _why_lost(asked, Source.DEFAULT, piece.source)
                    yield Step("hidden", Source.DEFAULT, fallback, self._hide(name, asked, fallback.text), words)

    def _unasked(self, variable: Variable) -> Iterator[Step]:
        """Lines of `.env` that set the variable while the service never asks for it."""
        pieces = variable.value.pieces
        asked = {piece.variable for piece in pieces}.union(asked_of(via) for piece in pieces for via in piece.via)
        if variable.form in ("inherited", "env_file") or variable.name in asked:
            return
        for place, text in self.env_lines(variable.name):
            yield Step("hidden", Source.ENV, place, self._veil.text(variable.name, text), UNASKED)

    def _hide(self, name: str, asked: str, text: str) -> str:
        return self._veil.text(name, self._veil.text(asked, text))


def asked_of(via: Place) -> str:
    """The variable that a `${NAME…}` or `$NAME` asks for."""
    match = re.match(r"\$\{?(\w*)", via.text)
    return match[1] if match else ""


def fallback_of(via: Place) -> Place | None:
    """The place of the text behind `:-` or `-` in a `${NAME:-text}`."""
    match = re.fullmatch(r"\$\{\w+:?-(.+)\}", via.text, re.DOTALL)
    return via.document.place(via.span.start + match.start(1), via.span.start + match.end(1)) if match else None


def _on_way(place: Place, piece: Piece) -> bool:
    """Whether a piece came from a place, or through it."""
    return any(
        way is not None and way.document is place.document and place.span.covers(way.span)
        for way in (piece.place, *piece.via)
    )


def _giver(value: Value) -> Source | None:
    giving = [piece for piece in value.pieces if piece.text] or list(value.pieces)
    return giving[0].source if giving else None


def _why_lost(variable: str, lost: Source, winner: Source | None) -> str:
    keys = ((lost, winner), (lost, None), (None, winner), (None, None))
    return next(LOST[key] for key in keys if key in LOST).format(variable=variable)


def _each_once(steps: list[Step]) -> tuple[Step, ...]:
    return tuple({(s.kind, s.source, s.place): s for s in reversed(steps)}.values())[::-1]
