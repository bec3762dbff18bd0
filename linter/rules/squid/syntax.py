"""What squid cannot read, or passes over without doing what was meant."""

from __future__ import annotations

from collections.abc import Iterator

from ...kit import (
    UTF16,
    Applicability,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
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
from .access import is_main
from .values import bad_values, undefined_names

# Of names that are equally near, the one that people write most.
_COMMON = ("http_access", "http_port", "cache_peer")


@rule("SQD001", "syntax", SquidTree, Severity.ERROR, fix=Applicability.SAFE)
def syntax(tree: SquidTree) -> Diagnostics:
    """Mistakes that stop squid at its start, and lines of which nothing takes effect."""
    for problem in tree.problems:
        yield said(problem, _fixes(problem))
    for directive in tree.directives:
        if not directive.placeholder and "$" not in directive.name.text:
            yield from _misnamed(tree, directive)
            yield from _misspoken(tree, directive)
    yield from bad_values(tree)
    if is_main(tree):
        yield from undefined_names(tree)


def _fixes(problem: Problem) -> tuple[Fix, ...]:
    if problem.kind == UTF16:
        fix = in_utf8(problem.place.document)
        return (fix,) if fix else ()
    if problem.kind == "byte-order-mark":
        return (Fix("Remove the byte order mark", (Edit(problem.place, ""),), Applicability.SAFE),)
    if problem.kind == "full-width":
        values = dict(problem.values)
        edit = Edit(problem.place, values["wanted"])
        title = "Write `{wanted}` instead of `{found}`" if values["wanted"] else "Remove `{found}`"
        return (Fix(title, (edit,), Applicability.SAFE, problem.values),)
    return ()


def _misnamed(tree: SquidTree, directive: SquidDirective) -> Iterator[Diagnostic]:
    name = directive.name.text
    if not name.isascii() or name in squid_directives.known():
        return
    meant = near(name, (*_COMMON, *sorted(squid_directives.names())))
    if meant is not None:
        place = tree.document.place(*directive.name.span)
        values = (("name", name), ("near", meant))
        fix = Fix("Change `{name}` to `{near}`", (Edit(place, meant),), Applicability.UNSAFE, values)
        yield Diagnostic(
            place, "squid knows no directive `{name}` and does not start; did you mean `{near}`?", values, fixes=(fix,)
        )


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
