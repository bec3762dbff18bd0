"""Lines of a dotenv file that its reader refuses, and text behind a closing quote."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...kit import (
    Applicability,
    Diagnostic,
    Diagnostics,
    Document,
    DotenvTree,
    Edit,
    Fix,
    LatePattern,
    Place,
    Problem,
    Related,
    Severity,
    rule,
    said,
)
from .reading import CONFLICT, is_list_item, is_template
from .spacing import is_spaced_name

_KINDS = frozenset(
    ("bad-key", "blank-in-key", "bad-line", "invalid-template", "line-too-long", "name-at-end", "unterminated-quote")
)
# `cat << EOF > .env` and its like, copied along with the lines that they were to write.
_HEREDOC = LatePattern(r"[ \t]*(?:sudo[ \t]+)?((?:cat|tee)\b[^\n]*?<<-?[ \t]*(['\"]?)(\w+)\2)[^\n]*")
_MOST_COMMANDS = 20
_STATEMENT = LatePattern(r"(?:export[ \t]+)?[A-Za-z_]\w*=")


@rule("ENV001", "syntax", DotenvTree, Severity.ERROR, fix=Applicability.SAFE)
def syntax(tree: DotenvTree) -> Diagnostics:
    """A line that the reader of the file refuses."""
    told: set[int] = set()
    for problem in () if is_template(tree) else tree.problems:
        if problem.kind not in _KINDS or is_list_item(problem) or _is_behind_quote(problem):
            continue
        if tree.dialect == "raw" and is_spaced_name(problem):
            continue  # space-around-equals says it
        line = _line_of(problem.place)
        if line.span.start in told:
            continue
        if CONFLICT.match(line.text):
            told.add(line.span.start)
            if line.text.startswith("<"):
                yield Diagnostic(
                    line,
                    "a merge conflict is left here: keep one of the two sides, and take the lines with the marks out",
                )
            continue
        heredoc = _HEREDOC.match(line.text) if len(told) < _MOST_COMMANDS else None
        if heredoc:
            for each in _pasted_command(tree, line, heredoc):
                told.add(_line_of(each.place).span.start)
                yield each
        else:
            yield _unended(problem) if problem.kind == "name-at-end" else said(problem)


def _unended(problem: Problem) -> Diagnostic:
    end = problem.place.span.end
    document = problem.place.document
    return Diagnostic(
        problem.place,
        problem.message,
        problem.values,
        (),
        (Fix("End the line", (Edit(document.place(end, end), document.newline),), Applicability.SAFE),),
        Severity.WARNING,
    )


def _line_of(place: Place) -> Place:
    """The line on which a place starts, without its line end."""
    return Place(place.document, place.document.line_span(place.line))


def _pasted_command(tree: DotenvTree, line: Place, heredoc: re.Match[str]) -> Iterator[Diagnostic]:
    """The shell command that was to write the file, and the word that ends it."""
    edits = [_without(line)]
    end = _end_word(tree, heredoc[3], line.span.end)
    if end is not None:
        edits.append(_without(end))
    values = (("command", heredoc[1]), ("word", heredoc[3]))
    fix = Fix("Remove the lines of the shell command", tuple(edits), Applicability.SAFE)
    related = (Related(end, "the command ends here"),) if end is not None else ()
    yield Diagnostic(
        line,
        "`{command}` is a shell command that was to write this file, not a `KEY=value`: Compose refuses the whole file",
        values,
        related,
        (fix,),
    )
    if end is not None:
        yield Diagnostic(
            end,
            "`{word}` ends the shell command `{command}` and is no variable",
            values,
            (Related(line, "the command begins here"),),
            (fix,),
        )


def _end_word(tree: DotenvTree, word: str, start: int) -> Place | None:
    """The line that holds only the word that ends a command, behind an offset."""
    document = tree.document
    found = re.compile(rf"^{word}[ \t\r]*$", re.MULTILINE).search(document.text, start)
    return document.place(found.start(), found.start() + len(word)) if found else None


def _without(place: Place) -> Edit:
    document: Document = place.document
    line = document.line_span(place.line)
    starts = document.line_starts
    end = starts[place.line] if place.line < len(starts) else line.end
    return Edit(document.place(line.start, end), "")


@rule("ENV005", "text-after-quote", DotenvTree, Severity.ERROR)
def text_after_quote(tree: DotenvTree) -> Diagnostics:
    """Text behind a closing quote, which is no part of the value."""
    for problem in tree.problems:
        if problem.kind == "text-after-quote":
            if not _starts_statement(problem.place):
                yield said(problem)
        elif _is_behind_quote(problem):
            opening = problem.related[0][0]
            yield Diagnostic(
                problem.place,
                "text behind the closing quote is no part of the value: Compose refuses the whole file",
                (),
                (Related(opening, "the value begins here"),),
            )


def _is_behind_quote(problem: Problem) -> bool:
    """Whether a name is refused that stands behind a quoted value of the same line."""
    related = problem.related
    return problem.kind in ("bad-key", "blank-in-key") and bool(related) and related[0][0].line == problem.place.line


def _starts_statement(place: Place) -> bool:
    """Whether what follows is clearly meant as a statement of its own: `A="1" B="2"`."""
    apart = place.document.text[place.span.start - 1].isspace()
    return apart and _STATEMENT.match(place.text) is not None
