"""What squid cannot read, or passes over without doing what was meant."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from ...kit import (
    UTF16,
    Applicability,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
    LatePattern,
    Problem,
    Severity,
    SquidDirective,
    SquidTree,
    SquidWord,
    near,
    rule,
    said,
    squid_directives,
)
from ..encoding import in_utf8
from .access import definitions, is_main
from .values import bad_values, undefined_names

# Of names that are equally near, the one that people write most.
_COMMON = ("http_access", "http_port", "cache_peer")
# `acl` with a slip in it, too short for others to be near.
_ACL = frozenset(("ac", "al", "alc", "cal", "cl"))
_JOINED = LatePattern(r"([a-z][a-z0-9_]*[a-z])([^A-Za-z0-9_$].*|[0-9]+)")
_VALUE = LatePattern(r"[0-9./][\w./:-]*", re.ASCII)


@rule("SQD001", "syntax", SquidTree, Severity.ERROR, fix=Applicability.SAFE)
def syntax(tree: SquidTree) -> Diagnostics:
    """Mistakes that stop squid at its start, and lines of which nothing takes effect."""
    for problem in tree.problems:
        yield said(problem, _fixes(problem))
    main = is_main(tree)
    acls = {d.arguments[0].text for d in definitions(tree)}
    for directive in tree.directives:
        if not directive.placeholder and "$" not in directive.name.text:
            yield from _misnamed(tree, directive, acls, main=main)
            yield from _misspoken(tree, directive)
    yield from bad_values(tree)
    if main:
        yield from undefined_names(tree)


def _fixes(problem: Problem) -> tuple[Fix, ...]:
    if problem.kind == UTF16:
        return in_utf8(problem.place.document, problem.place.document.utf16_codec)
    if problem.kind == "byte-order-mark":
        return (Fix("Remove the byte order mark", (Edit(problem.place, ""),), Applicability.SAFE),)
    if problem.kind == "full-width":
        values = dict(problem.values)
        edit = Edit(problem.place, values["wanted"])
        title = "Write `{wanted}` instead of `{found}`" if values["wanted"] else "Remove `{found}`"
        return (Fix(title, (edit,), Applicability.SAFE, problem.values),)
    return ()


def _misnamed(tree: SquidTree, directive: SquidDirective, acls: Container[str], *, main: bool) -> Iterator[Diagnostic]:
    name = directive.name.text
    if not name.isascii() or name in squid_directives.known():
        return
    place = tree.document.place(*directive.name.span)
    meant = _incomplete(directive, acls) or near(name, (*_COMMON, *sorted(squid_directives.names())))
    if meant is not None:
        values = (("name", name), ("near", meant))
        fix = Fix("Change `{name}` to `{near}`", (Edit(place, meant),), Applicability.UNSAFE, values)
        yield Diagnostic(
            place, "squid knows no directive `{name}` and does not start; did you mean `{near}`?", values, fixes=(fix,)
        )
    elif main and _VALUE.fullmatch(name):
        # A file of values for an acl may well look like this, and is no configuration.
        yield Diagnostic(
            place,
            "squid takes `{name}` for the name of a directive, knows none and does not start: values stand on the line "
            "that they belong to, or that line ends in `\\`",
            (("name", name),),
        )


def _incomplete(directive: SquidDirective, acls: Container[str]) -> str | None:
    """The beginning that a line lacks, with what stands there: `http_access deny`, `acl Safe_ports`, `http_port 80`."""
    name, words = directive.name.text, directive.arguments
    if name in ("allow", "deny"):
        return f"http_access {name}" if words else None
    if words and squid_directives.acl_type(words[0].text) is not None:
        own = name.removeprefix("acl")
        if own in acls or name in acls:
            return f"acl {name if name in acls else own}"
    if name.lower() in _ACL and len(words) > 1 and squid_directives.acl_type(words[1].text) is not None:
        return "acl"
    joined = _JOINED.fullmatch(name)
    if joined and joined[1] in squid_directives.names() and joined[1] not in squid_directives.access():
        return f"{joined[1]} {joined[2]}"
    return None


def _misspoken(tree: SquidTree, directive: SquidDirective) -> Iterator[Diagnostic]:
    """Lines that want `allow` or `deny` and acls: without them squid drops the line and goes on."""
    before = squid_directives.access().get(directive.name.text)
    words = directive.arguments
    if before is None or any("$" in word.text for word in words[: before + 1]):
        return
    if len(words) <= before:
        if not words:
            yield Diagnostic(
                tree.document.place(*directive.span),
                "`{directive}` wants `allow` or `deny` and acls behind it: squid passes over the whole line",
                (("directive", directive.name.text),),
            )
        return
    action = words[before]
    values = (("directive", directive.name.text), ("word", action.text))
    if action.text not in ("allow", "deny"):
        yield Diagnostic(
            tree.document.place(*action.span),
            "`{directive}` wants `allow` or `deny` here and not `{word}`: squid passes over the whole line",
            values,
            fixes=_action(tree, action),
        )
    elif len(words) == before + 1:
        yield Diagnostic(
            tree.document.place(*directive.span),
            "no acl follows `{word}`, so squid passes over the whole line; `all` stands for every request",
            values,
        )


def _action(tree: SquidTree, action: SquidWord) -> tuple[Fix, ...]:
    meant = near(action.text, ("allow", "deny"))
    if meant is None or action.quote:
        return ()
    edit = Edit(tree.document.place(*action.span), meant)
    return (Fix("Write `{action}`", (edit,), Applicability.UNSAFE, (("action", meant),)),)
