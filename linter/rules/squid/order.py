"""The order of `http_access` lines: the first that matches decides, and when none does, the last one's opposite."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
    Place,
    Related,
    Severity,
    SquidTree,
    rule,
    squid_edits,
)
from .access import CONDITIONALS, AccessList, Line, definitions, is_main, reads_more
from .contradictions import contradiction, contradictory
from .hidden import hidden_by_others, joined
from .reading import readings

# Each line is compared with each before it.
_MOST_LINES = 500
_PORTS = ("http_port", "https_port")
_CLOSING = "http_access deny all"


@rule(
    "SQD003",
    "unreachable-rule",
    SquidTree,
    Severity.ERROR,
    faq=("D18",),
    fix=Applicability.UNSAFE,
    together=hidden_by_others,
)
def unreachable_rule(tree: SquidTree) -> Diagnostics:
    """A line that says the opposite of an earlier one, which leaves it nothing to decide."""
    access = AccessList(tree)
    lines = access.lines[:_MOST_LINES]
    hidden: dict[int, tuple[Line, list[Line]]] = {}
    for at, line in enumerate(lines):
        if (pair := contradiction(line)) is not None:
            yield contradictory(tree, line, pair)
            continue
        earlier = next((e for e in islice(lines, at) if e.covers(line)), None)
        if earlier is None or earlier.allows == line.allows:
            continue
        if not _closes_reverse_proxy(access, earlier, line):
            hidden.setdefault(earlier.at, (earlier, []))[1].append(line)
    for earlier, below in hidden.values():
        if earlier.matches_everything and len(below) > 1:
            yield _too_early(access, earlier, below)
        else:
            yield from (_unreachable(access, earlier, line) for line in below)


def _too_early(access: AccessList, earlier: Line, below: Sequence[Line]) -> Diagnostic:
    """One line that decides everything is one mistake, however many stand below it."""
    document = access.tree.document
    narrow = [line for line in below if not line.matches_everything]
    place = document.place(*earlier.directive.span)
    return Diagnostic(
        place,
        "this line decides everything, so that nothing is denied below it: {count} lines have no effect; move it "
        "behind them"
        if earlier.allows
        else "this line decides everything, so that nothing is allowed below it: {count} lines have no effect; move "
        "it behind them",
        (("count", str(len(below))),),
        tuple(Related(document.place(*line.directive.span), "this line has no effect") for line in below),
        _mended(access, earlier, narrow[-1]) if narrow else (),
        None if earlier.allows and narrow else Severity.WARNING,
    )


def _unreachable(access: AccessList, earlier: Line, line: Line) -> Diagnostic:
    document = access.tree.document
    place = document.place(*earlier.directive.span)
    values = (
        ("line", " ".join(place.text.split())),
        ("number", str(place.line)),
        ("acls", " ".join(word.text for word in line.directive.arguments[1:])),
    )
    if line.matches_everything:
        # Above the other it would decide everything itself.
        message = (
            "this line has no effect: `{line}` on line {number} comes first and decides everything; only the last "
            "`http_access` line may say `all`"
        )
    elif line.allows:
        message = (
            "nothing is allowed here: `{line}` on line {number} comes first and already denies whatever matches "
            "`{acls}`; move this line above it"
        )
    else:
        message = (
            "nothing is denied here: `{line}` on line {number} comes first and already allows whatever matches "
            "`{acls}`; move this line above it"
        )
    return Diagnostic(
        document.place(*line.directive.span),
        message,
        values,
        (Related(place, "this line decides"),),
        _mended(access, earlier, line),
        # Only a line that denies somebody in particular leaves a door open without its author's knowing.
        Severity.WARNING if line.allows or line.matches_everything else None,
    )


def _closes_reverse_proxy(access: AccessList, earlier: Line, line: Line) -> bool:
    """Whether an `allow all` belongs to the settings of a reverse proxy, as those of Dify's own releases do.

    It names nobody who would be kept out by mistake, or by an acl that nobody knows, and to let it take effect would
    open the proxy.
    """
    between = access.tree.directives[earlier.at : line.at]
    return (
        line.allows
        and (line.matches_everything or line.literals is None)
        and any(d.name.text in _PORTS and any(word.text == "accel" for word in d.arguments) for d in between)
    )


def _mended(access: AccessList, earlier: Line, line: Line) -> tuple[Fix, ...]:
    """Put the line before the one that hides it, so that nothing but its own requests is decided anew."""
    between = access.tree.directives[earlier.at : line.at]
    unclear = any(reads_more(d) or d.name.text in CONDITIONALS for d in between)
    if line.covers(earlier) or line.matches_everything or line.literals is None or line.conditional or unclear:
        return ()
    group = [line]
    hidden = [e for e in access.lines if earlier.at < e.at < line.at]
    if earlier.matches_everything:
        # Nothing in between has decided anything yet; exceptions to the line come along, in their order.
        group = [e for e in hidden if not e.matches_everything] + group
    elif _has_exceptions(earlier, hidden) or _decides_the_rest(access, line):
        return ()
    if earlier.matches_everything and len(group) == len(hidden) + 1:
        edits = _lowered(access, earlier, line)
    else:
        edits = _raised(access, earlier, group)
    values = (("line", " ".join(access.tree.document.place(*earlier.directive.span).text.split())),)
    return (Fix("Let it be asked before `{line}`", edits, Applicability.UNSAFE, values),)


def _has_exceptions(earlier: Line, hidden: Sequence[Line]) -> bool:
    """Whether a line in between, other than one for all that was not reached, says the same of some requests."""
    return any(e.allows == earlier.allows and not e.matches_everything for e in hidden)


def _decides_the_rest(access: AccessList, line: Line) -> bool:
    """Whether moving the line would turn what squid does when no line matches: the opposite of the last."""
    *others, last = access.lines
    return last is line and not any(e.matches_everything for e in others) and others[-1].allows != line.allows


def _lowered(access: AccessList, earlier: Line, line: Line) -> tuple[Edit, ...]:
    """Move the line that decides everything behind the last of the lines that it hides."""
    last = line
    for each in access.lines:
        between = access.tree.directives[last.at : each.at]
        if each.at <= last.at:
            continue
        if each.matches_everything or each.conditional or any(map(reads_more, between)):
            break
        last = each
    return squid_edits.move_line_after(access.tree, earlier.directive, last.directive)


def _raised(access: AccessList, earlier: Line, group: Sequence[Line]) -> tuple[Edit, ...]:
    """Move lines, with the acls that are defined between, above the line that hides them."""
    needed = {word.text.lstrip("!").lower() for each in group for word in each.directive.arguments[1:]}
    last = group[-1].at
    moving = {id(d) for d in definitions(access.tree) if d.arguments[0].text.lower() in needed}
    moving.update(id(each.directive) for each in group)
    between = access.tree.directives[earlier.at + 1 : last + 1]
    return squid_edits.move_lines(access.tree, [d for d in between if id(d) in moving], earlier.directive)


def _last_of_all(deployment: Deployment) -> Diagnostics:
    """The last line of a squid that reads several files; it is closed in the main one, behind what it includes."""
    for reading in readings(deployment):
        if not reading.whole:
            continue
        document, lines = reading.main.document, reading.lines
        last = _unclosed(joined(reading))
        if last is not None:
            tree, _, top = lines[last.at]
            place = tree.document.place(*last.directive.span)
            edit = squid_edits.insert_line(reading.main, _CLOSING, after=top)
            related = (Related(document.place(*top.span), "squid reads it here"),) if tree is not reading.main else ()
            yield _open(place, edit, related, allows=last.allows)


@rule("SQD004", "no-final-deny", SquidTree, Severity.WARNING, fix=Applicability.SAFE, together=_last_of_all)
def no_final_deny(tree: SquidTree) -> Diagnostics:
    """What no line matches gets the opposite of the last line."""
    if is_main(tree) and not any(map(reads_more, tree.directives)):
        last = _unclosed(tree)
        if last is not None:
            edit = squid_edits.insert_line(tree, _CLOSING, after=last.directive)
            yield _open(tree.document.place(*last.directive.span), edit, (), allows=last.allows)


def _unclosed(tree: SquidTree) -> Line | None:
    """The last `http_access` line, unless one of them decides on everything, or may do so."""
    if any(d.name.text in CONDITIONALS for d in tree.directives):
        return None
    lines = AccessList(tree).lines
    closed = any(line.matches_everything or line.literals is None for line in lines)
    return lines[-1] if lines and not closed else None


def _open(place: Place, edit: Edit, related: tuple[Related, ...], *, allows: bool) -> Diagnostic:
    """What to say of a last line that says nothing of the rest. What all others may do is not for a fix to take."""
    return Diagnostic(
        place,
        "the last `http_access` line allows, so squid denies the rest, but only until somebody adds a line that "
        "denies: end with `http_access deny all`"
        if allows
        else "the last `http_access` line denies, so squid allows everything that no line matches: end with "
        "`http_access deny all`",
        related=related,
        fixes=(
            Fix(
                "Add `http_access deny all` at the end", (edit,), Applicability.SAFE if allows else Applicability.UNSAFE
            ),
        ),
        severity=Severity.INFO if allows else None,
    )
