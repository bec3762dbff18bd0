"""Comments that silence a rule on a line or in a file, and whether each of them still does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from ..schemas.parsers.document import Document, Place, Span
from .diagnostic import Diagnostic
from .rule import Rule

MARK = "stackmend:"


@dataclass(slots=True, eq=False)
class Suppression:
    """One code in one comment. `line` is the 1-based line that it speaks of, None for the whole file.

    `place` is the code, `comment` the whole comment. `head` is False for an `ignore-file` that does not stand at the
    top.
    """

    code: str
    place: Place
    comment: Place
    line: int | None
    head: bool = True
    used: bool = False

    def names(self, rule: Rule) -> bool:
        """Whether it speaks of a rule."""
        return self.code.upper() == rule.code or self.code == rule.name


@dataclass(slots=True)
class Suppressions:
    """All suppressions of a run, by file. Rules see it after every other rule has spoken.

    `known` are the rules that exist, `on` the codes of those that ran, and `whole` the files that a deployment reads,
    on which rules over whole deployments ran too.
    """

    known: Sequence[Rule] = ()
    on: frozenset[str] = frozenset()
    by_path: dict[str, list[Suppression]] = field(default_factory=dict[str, list[Suppression]])
    whole: set[str] = field(default_factory=set[str])
    _by_line: dict[tuple[str, int | None], list[Suppression]] = field(
        default_factory=dict[tuple[str, "int | None"], list[Suppression]]
    )

    def read(self, document: Document, comments: Iterable[Span]) -> None:
        """Take in the comments of one file, once."""
        if document.path not in self.by_path:
            self._add(document.path, suppressions(document, comments))

    def take(self, others: Mapping[str, list[Suppression]]) -> None:
        """Take in what was read elsewhere; a comment that did something there has done something."""
        for path, found in others.items():
            if path not in self.by_path:
                self._add(path, found)
            for own, other in zip(self.by_path[path], found, strict=True):
                own.used |= other.used

    def _add(self, path: str, found: list[Suppression]) -> None:
        self.by_path[path] = found
        for suppression in found:
            if suppression.head:
                self._by_line.setdefault((path, suppression.line), []).append(suppression)

    def judged(self, rule: Rule, path: str) -> bool:
        """Whether a rule had its say on a file, so that what it did not need is not needed."""
        checks = rule.checks
        # Whether a comment silences reports about comments is not known before those are made.
        return (
            rule.code in self.on and "Suppressions" not in checks and (path in self.whole or "Deployment" not in checks)
        )

    def silences(self, diagnostic: Diagnostic, rule: Rule) -> bool:
        """Whether a diagnostic is silenced; remembers which comment did it."""
        path = diagnostic.place.document.path
        if not self.by_path.get(path):
            return False
        hit = False
        for line in (None, diagnostic.place.line):
            for suppression in self._by_line.get((path, line), ()):
                if suppression.names(rule):
                    suppression.used = hit = True
        return hit


@lru_cache(maxsize=1)
def _directive() -> re.Pattern[str]:
    return re.compile(r"stackmend:[ \t]*ignore(-file)?[ \t]*(?:\[([^\]\n]*)\])?")


def suppressions(document: Document, comments: Iterable[Span]) -> list[Suppression]:
    """The suppressions that stand in a document's comments, in order."""
    text = document.text
    found: list[Suppression] = []
    if MARK not in text:
        return found
    spans = sorted(comments)
    by_line = {document.position(span.start)[0]: span for span in spans}
    top = _head_end(text, spans)
    for comment in spans:
        match = _directive().search(text, *comment)
        if match is None:
            continue
        whole = match[1] is not None
        line = None if whole else _line_spoken_of(document, comment, by_line)
        head = not whole or comment.start < top
        start = match.start(2)
        for code in (match[2] or "").split(","):
            at = start + len(code) - len(code.lstrip())
            name = code.strip()
            place = document.place(at, at + len(name)) if name else document.place(*match.span())
            found.append(Suppression(name, place, Place(document, comment), line, head))
            start += len(code) + 1
    return found


def _alone(document: Document, comment: Span) -> bool:
    """Whether nothing but the comment stands on its lines."""
    text = document.text
    start = document.line_span(document.position(comment.start)[0]).start
    end = document.line_span(document.position(max(comment.start, comment.end - 1))[0]).end
    return not text[start : comment.start].strip("\ufeff \t") and not text[comment.end : end].strip()


def _line_spoken_of(document: Document, comment: Span, by_line: Mapping[int, Span]) -> int:
    if not _alone(document, comment):
        return document.position(comment.start)[0]
    # Directives may stand under each other: all of them speak of the first line after them.
    line = document.position(max(comment.start, comment.end - 1))[0] + 1
    while (following := by_line.get(line)) is not None and _alone(document, following):
        if _directive().search(document.text, *following) is None:
            break
        line = document.position(max(following.start, following.end - 1))[0] + 1
    return line


def _head_end(text: str, spans: Sequence[Span]) -> int:
    """The offset before which only comments and blank lines stand."""
    at = 0
    for span in spans:
        if text[at : span.start].strip("\ufeff \t\r\n"):
            break
        at = span.end
    return at
