"""Access lines that have no effect because squid reads them behind a line of another file."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from itertools import islice

from ...kit import Applicability, Deployment, Diagnostic, Diagnostics, Fix, Related, Severity, SquidTree, squid_edits
from .access import AccessList, Line
from .reading import Reading, readings

# Each line is compared with each before it.
_MOST_LINES = 500


def hidden_by_others(deployment: Deployment) -> Diagnostics:
    """Lines that say the opposite of one in a file that squid has read before."""
    for reading in readings(deployment):
        yield from (_hidden(reading, earlier, line) for earlier, line in _pairs(reading))


def _pairs(reading: Reading) -> Iterator[tuple[Line, Line]]:
    access = AccessList(joined(reading))
    lines = access.lines[:_MOST_LINES]
    for at, line in enumerate(lines):
        # What nobody sees may add to an acl, but not to `all`.
        earlier = next(
            (e for e in islice(lines, at) if (reading.defined or e.matches_everything) and e.covers(line)), None
        )
        if earlier is None or earlier.allows == line.allows or line.matches_everything or line.literals is None:
            continue
        if reading.lines[earlier.at].tree is not reading.lines[line.at].tree:
            yield earlier, line


def joined(reading: Reading) -> SquidTree:
    """All lines of a reading as if they stood in one file."""
    return SquidTree(reading.main.document, tuple(line.directive for line in reading.lines), (), ())


def _hidden(reading: Reading, earlier: Line, line: Line) -> Diagnostic:
    first, own = reading.lines[earlier.at], reading.lines[line.at]
    place = first.tree.document.place(*first.directive.span)
    values = (
        ("line", " ".join(place.text.split())),
        ("file", posixpath.basename(place.document.path)),
        ("acls", " ".join(word.text for word in line.directive.arguments[1:])),
    )
    fixes: tuple[Fix, ...] = ()
    if first.tree is reading.main and own.top is not own.directive:
        edits = squid_edits.move_lines(reading.main, [own.top], first.directive)
        fixes = (Fix("Include the file before `{line}`", edits, Applicability.UNSAFE, values),)
    related = [Related(place, "this line decides")]
    if own.top is not own.directive:
        related.append(Related(reading.main.document.place(*own.top.span), "squid reads the file here"))
    return Diagnostic(
        own.tree.document.place(*own.directive.span),
        "nothing is allowed here: `{line}` in `{file}` comes first and already denies whatever matches `{acls}`"
        if line.allows
        else "nothing is denied here: `{line}` in `{file}` comes first and already allows whatever matches `{acls}`",
        values,
        tuple(related),
        fixes,
        Severity.WARNING if line.allows else None,
    )
