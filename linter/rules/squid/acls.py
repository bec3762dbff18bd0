"""Acls by their names: used without being defined, or defined as two different things."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import NamedTuple

from ...kit import (
    Applicability,
    Deployment,
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
from .access import definitions, is_definition, is_main, reads_more
from .reading import ReadLine, readings

# The value of these acls are names of other acls.
_OF_ACLS = frozenset(("any-of", "all-of"))
# Older and newer name of one type.
_RENAMED = {"myport": "localport", "myip": "localip"}


def _together(deployment: Deployment) -> Diagnostics:
    """What stands behind an `include`, or in an included file, with all files that squid has read by then."""
    for reading in readings(deployment):
        alone = next(d for d in reading.main.directives if reads_more(d)).span.start
        for name, found in _missing(reading.lines, whole=reading.defined):
            if found.line.tree is not reading.main or found.word.span.start > alone:
                yield _undefined(name, found)


@rule("SQD002", "undefined-acl", SquidTree, Severity.ERROR, fix=Applicability.UNSAFE, together=_together)
def undefined_acl(tree: SquidTree) -> Diagnostics:
    """squid reads from top to bottom and stops at a name that no line above defines."""
    if is_main(tree):
        lines = [ReadLine(tree, directive, directive) for directive in tree.directives]
        # What included files define nobody can see here.
        seen = next((at for at, line in enumerate(lines) if reads_more(line.directive)), len(lines))
        for name, found in _missing(lines, whole=seen == len(lines), judged=seen):
            yield _undefined(name, found)


class _Use(NamedTuple):
    """A word that names no acl of the lines above. `later` is a line below that defines it, `near` a similar name.

    `whole`: no other line can define it.
    """

    line: ReadLine
    word: SquidWord
    later: ReadLine | None
    near: str | None
    whole: bool


def _missing(lines: Sequence[ReadLine], *, whole: bool, judged: int | None = None) -> Iterator[tuple[str, _Use]]:
    """The names of acls that squid does not know where it meets them first, in the first lines, by default in all."""
    later: dict[str, ReadLine] = {}
    names = {"all", "CONNECT", "localhost", "manager", "to_localhost"}
    for line in lines:
        if is_definition(line.directive):
            later.setdefault(_defined(line.directive), line)
            names.add(line.directive.arguments[0].text)
    known = set(squid_directives.BUILT_IN)
    formats = {"squid", "common", "combined", "referrer", "useragent"}
    for line in lines[:judged]:
        directive = line.directive
        if directive.name.text == "logformat" and directive.arguments:
            formats.add(directive.arguments[0].text)
        for word in _used(directive, formats):
            name = word.text.removeprefix("!").removeprefix("!")
            if name.isascii() and name and "$" not in name and name.lower() not in known:
                known.add(name.lower())
                yield name, _Use(line, word, later.get(name.lower()), near(name, sorted(names)), whole)
        if directive.name.text == "acl" and directive.arguments:
            known.add(directive.arguments[0].text.lower())


def _defined(definition: SquidDirective) -> str:
    """The name that an `acl` line defines, as squid compares it."""
    return definition.arguments[0].text.lower()


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


def _undefined(name: str, found: _Use) -> Diagnostic:
    tree, word, later = found.line.tree, found.word, found.later
    place = tree.document.place(word.span.start + len(word.text) - len(word.text.lstrip("!")), word.span.end)
    values: tuple[tuple[str, str], ...] = (("name", name),)
    if later is not None:
        return Diagnostic(
            place,
            "the acl `{name}` is used here and defined only further down: squid reads from the top and stops here",
            values,
            (Related(later.tree.document.place(*later.directive.span), "`{name}` is defined here", values),),
            _moved(found.line, later, values) if later.tree is tree else (),
        )
    message = (
        "no line defines an acl `{name}`: squid stops here; "
        if found.whole
        else "no line above defines an acl `{name}`: squid stops here; "
    )
    if found.near is None:
        return Diagnostic(place, message + "define it above with `acl {name} …`", values)
    values = (*values, ("near", found.near))
    return Diagnostic(
        place,
        message + "did you mean `{near}`?",
        values,
        fixes=(Fix("Change `{name}` to `{near}`", (Edit(place, found.near),), Applicability.UNSAFE, values),),
    )


def _moved(before: ReadLine, definition: ReadLine, values: tuple[tuple[str, str], ...]) -> tuple[Fix, ...]:
    tree, name = before.tree, _defined(definition.directive)
    lines = [d for d in definitions(tree) if _defined(d) == name]
    if definition.directive.arguments[1].text in _OF_ACLS or definition.directive is before.directive:
        return ()
    edits = squid_edits.move_lines(tree, lines, before.directive)
    return (Fix("Define `{name}` before it is used", edits, Applicability.UNSAFE, values),)


def _clashing(deployment: Deployment) -> Diagnostics:
    """The type of a name in one file, against that of the file in which squid met the name first."""
    for reading in readings(deployment):
        lines = [line for line in reading.lines if is_definition(line.directive)]
        for line, wanted, known in _clashes(lines):
            if known.tree is not line.tree:
                yield _clash(line, wanted, known)


@rule("SQD007", "acl-type-clash", SquidTree, Severity.ERROR, together=_clashing)
def acl_type_clash(tree: SquidTree) -> Diagnostics:
    """Lines of one name add up to one acl, so they must be of one type: squid stops at another one."""
    yield from (_clash(*found) for found in _clashes([ReadLine(tree, d, d) for d in definitions(tree)]))


def _clashes(lines: Sequence[ReadLine]) -> Iterator[tuple[ReadLine, str, ReadLine]]:
    """Definitions of another type than the name has already, with that type, and the line that gave it or itself."""
    first: dict[str, ReadLine] = {}
    for line in lines:
        kind, key = line.directive.arguments[1].text, _defined(line.directive)
        if squid_directives.acl_type(kind) is None:
            # SQD001 tells of it.
            continue
        known = first.setdefault(key, line)
        wanted = squid_directives.BUILT_IN.get(key) or known.directive.arguments[1].text
        # squid itself passes over the `manager` of configurations for its release 3.1.
        if not _same(kind, wanted) and (key, kind) != ("manager", "proto"):
            yield line, wanted, known


def _clash(line: ReadLine, wanted: str, known: ReadLine) -> Diagnostic:
    name, kind = line.directive.arguments[:2]
    values = (("name", name.text), ("type", kind.text), ("first", wanted))
    place = line.tree.document.place(*kind.span)
    if known is line:
        return Diagnostic(
            place,
            "squid brings an acl `{name}` of its own, of the type `{first}`, and stops at this line, which makes "
            "it a `{type}`: choose another name",
            values,
        )
    return Diagnostic(
        place,
        "`{name}` is already of the type `{first}`: squid stops at this line, which makes it a `{type}`; "
        "choose another name",
        values,
        (
            Related(
                known.tree.document.place(*known.directive.arguments[1].span), "here `{name}` is a `{first}`", values
            ),
        ),
    )


def _same(one: str, other: str) -> bool:
    return _RENAMED.get(one, one) == _RENAMED.get(other, other)
