"""Mending an unreachable `http_access` line lets it decide its own requests, and changes nothing for any other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stackmend.fixers.apply import apply_fix
from stackmend.linter.diagnostic import Diagnostic, Severity
from stackmend.linter.rules.squid.order import no_final_deny, unreachable_rule
from stackmend.schemas.parsers.document import Document
from stackmend.schemas.parsers.squid import SquidTree, parse_squid

PORTS = range(1, 7)
RANGES = ("1", "2-3", "1-3", "2-5", "1-6", "4", "6")

accesses = st.lists(
    st.tuples(st.sampled_from(("allow", "deny")), st.sampled_from((*RANGES, "all", "!1-3"))), min_size=2, max_size=6
)


def tree_of(text: str) -> SquidTree:
    return parse_squid(Document("/project/squid.conf", text))


def written(lines: list[tuple[str, str]], early: int) -> str:
    """A squid file: each acl is defined before its first use, those of the first `early` lines at the top."""
    out: list[str] = ["http_port 3128"]
    defined: set[str] = set()
    for at, (action, what) in enumerate(lines):
        values = what.lstrip("!")
        for _, each in lines[:early] if at == 0 else ():
            if each != "all" and each.lstrip("!") not in defined:
                defined.add(each.lstrip("!"))
                out.append(f"acl p{each.lstrip('!')} port {each.lstrip('!')}")
        if values != "all" and values not in defined:
            defined.add(values)
            out.append(f"acl p{values} port {values}")
        name = what if what == "all" else what.replace(values, f"p{values}")
        out.append(f"http_access {action} {name}")
    return "\n".join([*out, ""])


def matched(what: str, port: int) -> bool:
    if what == "all":
        return True
    first, _, last = what.lstrip("!").lstrip("p").partition("-")
    return (int(first) <= port <= int(last or first)) != what.startswith("!")


def decision(tree: SquidTree, port: int) -> str:
    """What squid answers: the first line that matches, else the opposite of the last. Undefined names fail the test."""
    defined: set[str] = {"all"}
    answers: list[str] = []
    last = ""
    for directive in tree.directives:
        words = [word.text for word in directive.arguments]
        if directive.name.text == "acl":
            defined.add(words[0])
        elif directive.name.text == "http_access":
            assert words[1].lstrip("!") in defined
            last = words[0]
            if matched(words[1].replace("p", ""), port):
                answers.append(words[0])
    return answers[0] if answers else {"allow": "deny", "deny": "allow"}[last]


def mended(tree: SquidTree, diagnostic: Diagnostic) -> SquidTree:
    return tree_of(apply_fix(diagnostic.fixes[0])[tree.document.path])


def access_lines(tree: SquidTree) -> list[tuple[int, str, str]]:
    """Where each `http_access` line starts, what it does, and what it matches."""
    return [
        (d.span.start, d.arguments[0].text, d.arguments[1].text.replace("p", ""))
        for d in tree.directives
        if d.name.text == "http_access"
    ]


@given(accesses, st.integers(0, 6))
def test_a_finding_is_true_and_its_fix_touches_only_requests_of_hidden_lines(
    lines: list[tuple[str, str]], early: int
) -> None:
    tree = tree_of(written(lines, early))
    for diagnostic in unreachable_rule.check(tree):
        access = {each[0]: each for each in access_lines(tree)}
        starts = [diagnostic.place.span.start, *(related.place.span.start for related in diagnostic.related)]
        # The line that decides may hide several, and is shown with them.
        earlier, dead = access[min(starts)], [access[start] for start in starts if start != min(starts)]
        assert len(dead) == 1 or earlier[2] == "all"
        for each in dead:
            assert earlier[1] != each[1]
            assert all(matched(earlier[2], port) for port in PORTS if matched(each[2], port))
        if not diagnostic.fixes:
            continue
        after = mended(tree, diagnostic)
        assert sorted(a[1:] for a in access_lines(after)) == sorted(a[1:] for a in access.values())
        touched = [a for a in access.values() if a > earlier and a[2] != "all"] if earlier[2] == "all" else dead
        for port in PORTS:
            if not any(matched(what, port) for _, _, what in touched):
                assert decision(after, port) == decision(tree, port)


@given(st.lists(st.tuples(st.sampled_from(("allow", "deny")), st.sampled_from(RANGES)), min_size=1, max_size=4))
def test_a_final_deny_after_an_allow_changes_no_answer(lines: list[tuple[str, str]]) -> None:
    tree = tree_of(written(lines, 0))
    (diagnostic,) = no_final_deny.check(tree)
    answers = {port: decision(tree, port) for port in PORTS}
    closed = {port: decision(mended(tree, diagnostic), port) for port in PORTS}
    if lines[-1][0] == "allow":
        assert diagnostic.severity is Severity.INFO
        assert closed == answers
    else:
        assert diagnostic.severity is None
        assert all(closed[port] == "deny" or closed[port] == answers[port] for port in PORTS)
