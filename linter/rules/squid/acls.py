"""Acls by their names: used without being defined, or defined as two different things."""

from __future__ import annotations

from collections.abc import Container, Iterator

from ...kit import (
    Applicability,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
    Related,
    Severity,
    SquidDirective,
    SquidTree,
    SquidWord,
    near,
    rule,
    squid_directives,
    squid_edits,
)
from .access import definitions, is_main, reads_more

# The value of these acls are names of other acls.
_OF_ACLS = frozenset(("any-of", "all-of"))
# Older and newer name of one type.
_RENAMED = {"myport": "localport", "myip": "localip"}


@rule("SQD002", "undefined-acl", SquidTree, Severity.ERROR, fix=Applicability.UNSAFE)
def undefined_acl(tree: SquidTree) -> Diagnostics:
    """squid reads from top to bottom and stops at a name that no line above defines."""
    if not is_main(tree):
        return
    later = {d.arguments[0].text.lower(): d for d in reversed(list(definitions(tree)))}
    known = set(squid_directives.BUILT_IN)
    names = {*(d.arguments[0].text for d in later.values()), "all", "CONNECT", "localhost", "manager", "to_localhost"}
    formats = {"squid", "common", "combined", "referrer", "useragent"}
    for directive in tree.directives:
        if directive.name.text == "logformat" and directive.arguments:
            formats.add(directive.arguments[0].text)
        if reads_more(directive):
            # What the included file defines nobody can see here.
            return
        for word in _used(directive, formats):
            name = word.text.removeprefix("!").removeprefix("!")
            if name.isascii() and name and "$" not in name and name.lower() not in known:
                known.add(name.lower())
                yield _undefined(tree, directive, word, later.get(name.lower()), near(name, sorted(names)))
        if directive.name.text == "acl" and directive.arguments:
            known.add(directive.arguments[0].text.lower())


def _used(directive: SquidDirective, formats: Container[str]) -> Iterator[SquidWord]:
    """The words of a directive that name acls; `formats` are the log formats so far."""
    words = directive.arguments
    before = squid_directives.access().get(directive.name.text)
    if before is not None:
        if len(words) > before and words[before].text in ("allow", "deny"):
            yield from words[before + 1 :]
    elif directive.name.text == "acl" and len(words) > 1 and words[1].text in _OF_ACLS:
        yield from (word for word in words[2:] if not word.quote)
    elif (before := squid_directives.acls_after(directive.name.text)) is not None:
        yield from words[before:]
    elif directive.name.text in ("access_log", "icap_log"):
        named = [word for word in words[1:] if "=" not in word.text]
        yield from named[1:] if named and named[0].text in formats else named


def _undefined(
    tree: SquidTree, directive: SquidDirective, word: SquidWord, later: SquidDirective | None, meant: str | None
) -> Diagnostic:
    negations = len(word.text) - len(word.text.lstrip("!"))
    place = tree.document.place(word.span.start + negations, word.span.end)
    name = word.text[negations:]
    values: tuple[tuple[str, str], ...] = (("name", name),)
    if later is not None:
        return Diagnostic(
            place,
            "the acl `{name}` is used here and defined only further down: squid reads from the top and stops here",
            values,
            (Related(tree.document.place(*later.span), "`{name}` is defined here", values),),
            _moved(tree, later, directive, values),
        )
    if meant is None:
        return Diagnostic(
            place, "no line defines an acl `{name}`: squid stops here; define it above with `acl {name} …`", values
        )
    values = (*values, ("near", meant))
    return Diagnostic(
        place,
        "no line defines an acl `{name}`: squid stops here; did you mean `{near}`?",
        values,
        fixes=(Fix("Change `{name}` to `{near}`", (Edit(place, meant),), Applicability.UNSAFE, values),),
    )


def _moved(
    tree: SquidTree, definition: SquidDirective, before: SquidDirective, values: tuple[tuple[str, str], ...]
) -> tuple[Fix, ...]:
    name = definition.arguments[0].text.lower()
    lines = [d for d in definitions(tree) if d.arguments[0].text.lower() == name]
    if definition.arguments[1].text in _OF_ACLS or definition is before:
        return ()
    edits = squid_edits.move_lines(tree, lines, before)
    return (Fix("Define `{name}` before it is used", edits, Applicability.UNSAFE, values),)


@rule("SQD007", "acl-type-clash", SquidTree, Severity.ERROR)
def acl_type_clash(tree: SquidTree) -> Diagnostics:
    """Lines of one name add up to one acl, so they must be of one type: squid stops at another one."""
    first: dict[str, SquidDirective] = {}
    for directive in definitions(tree):
        name, kind = directive.arguments[:2]
        if squid_directives.acl_type(kind.text) is None:
            # SQD001 tells of it.
            continue
        key = name.text.lower()
        known = first.setdefault(key, directive)
        wanted = squid_directives.BUILT_IN.get(key) or known.arguments[1].text
        if _same(kind.text, wanted) or (key == "manager" and kind.text == "proto"):
            # squid itself passes over the `manager` of configurations for its release 3.1.
            continue
        values = (("name", name.text), ("type", kind.text), ("first", wanted))
        place = tree.document.place(*kind.span)
        if known is directive:
            yield Diagnostic(
                place,
                "squid brings an acl `{name}` of its own, of the type `{first}`, and stops at this line, which makes "
                "it a `{type}`: choose another name",
                values,
            )
        else:
            yield Diagnostic(
                place,
                "`{name}` is already of the type `{first}`: squid stops at this line, which makes it a `{type}`; "
                "choose another name",
                values,
                (Related(tree.document.place(*known.arguments[1].span), "here `{name}` is a `{first}`", values),),
            )


def _same(one: str, other: str) -> bool:
    return _RENAMED.get(one, one) == _RENAMED.get(other, other)
