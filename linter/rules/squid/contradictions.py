"""Access lines that ask for two things of which a request has only one."""

from __future__ import annotations

from itertools import combinations

from ...kit import Applicability, Diagnostic, Edit, Fix, Literal, Severity, SquidTree, implies, squid_edits
from .access import Line


def contradiction(line: Line) -> tuple[int, int] | None:
    """Which two acls of a line never match together, by their places on it."""
    literals = line.literals or ()
    if any(each.acl.is_all for each in literals):
        return None
    for (i, one), (j, other) in combinations(enumerate(literals), 2):
        if implies(one, Literal(other.acl, not other.negated)):
            return i, j
    return None


def contradictory(tree: SquidTree, line: Line, pair: tuple[int, int]) -> Diagnostic:
    """Say that no request matches the two acls of a line; two lines are what was meant."""
    document = tree.document
    action, *words = line.directive.arguments
    one, other = (words[i] for i in pair)
    fixes: tuple[Fix, ...] = ()
    if not any(word.text.startswith("!") for word in (one, other)):
        before = words[pair[1] - 1]
        rest = " ".join(word.text for word in words if word is not one)
        edits = (
            Edit(document.place(before.span.end, other.span.end), ""),
            squid_edits.insert_line(tree, f"http_access {action.text} {rest}", after=line.directive),
        )
        fixes = (Fix("Write a line for each", edits, Applicability.UNSAFE),)
    return Diagnostic(
        document.place(one.span.start, other.span.end),
        "no request matches `{one}` and `{other}` at once, and a line decides only what matches all of its acls: this "
        "one decides nothing; write a line for each",
        (("one", one.text), ("other", other.text)),
        fixes=fixes,
        severity=Severity.WARNING if line.allows else None,
    )
