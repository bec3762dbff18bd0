"""Directives that nginx refuses: names it does not know, places and arguments that it does not allow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...kit import (
    Applicability,
    Diagnostic,
    Diagnostics,
    Fix,
    LatePattern,
    NginxDirective,
    NginxTree,
    Severity,
    near,
    nginx_directives,
    nginx_edits,
    rule,
)
from .included import in_other_blocks
from .values import bad_values

# What a template may have for several words, or for none; `$host` is left to nginx.
_HOLE = LatePattern(r"\$(?:\{\w+\}|[A-Z])")
# After these nobody knows which block the rest of the file belongs to.
_BROKEN_BLOCKS = frozenset(
    ("unclosed-block", "unexpected-close", "unexpected-open", "unterminated-quote", "text-after-quote", "nesting-depth")
)


class Placed(NamedTuple):
    """A directive with the blocks around it; `where` are the contexts that they may be, None for unknown ones."""

    directive: NginxDirective
    parents: tuple[NginxDirective, ...]
    where: frozenset[str] | None

    @property
    def name(self) -> str:
        """The directive's name."""
        return self.directive.name.text


def is_legible(tree: NginxTree) -> bool:
    """Whether it is clear which block each line of a file belongs to."""
    return not tree.template and not any(p.kind in _BROKEN_BLOCKS for p in tree.problems)


def placed(tree: NginxTree) -> Iterator[Placed]:
    """The directives about which nginx's own tables tell: outside of value tables and of blocks of other modules."""
    if not is_legible(tree):
        return
    of_http = [d for d in tree.directives if d.name.text == "server" and _serves_http(d)]
    # A file with an `http` block of its own is none that another one includes somewhere.
    top = frozenset(("main",)) if any(d.name.text in ("http", "events") for d in tree.directives) else None
    unended = {p.place.span.start for p in tree.problems}
    for directive, parents in tree.walk():
        name = directive.name
        if directive.placeholder or name.quote or "$" in name.text or directive.end.start in unended:
            continue
        if not name.text.isascii() or any(p.raw or not nginx_directives.forms(p.name.text) for p in parents):
            continue
        where = nginx_directives.contexts([p.name.text for p in parents]) if parents else top
        if where and parents and parents[0] in of_http:
            where = frozenset(c for c in where if not c.startswith(("stream", "mail")))
        if where is None or where:
            yield Placed(directive, parents, where)


def _serves_http(server: NginxDirective) -> bool:
    """Whether a `server` at the top of a file has what only those of `http` have: it may else be one of `stream`."""
    for directive in server.block or ():
        contexts = frozenset[str]().union(*(form.contexts for form in nginx_directives.forms(directive.name.text)))
        if "server" in contexts and not any(c.startswith(("stream", "mail")) for c in contexts):
            return True
    return False


@rule("NGX002", "unknown-directive", NginxTree, Severity.ERROR, fix=Applicability.UNSAFE)
def unknown_directive(tree: NginxTree) -> Diagnostics:
    """A mistyped name; other unknown names may be directives of a module that the image brings."""
    for each in placed(tree):
        if nginx_directives.forms(each.name) or nginx_directives.is_foreign(each.name):
            continue
        count, block = len(each.directive.arguments), each.directive.block is not None
        fitting = (
            n for n in nginx_directives.names() if nginx_directives.accepts(n, count, block=block, where=each.where)
        )
        meant = near(each.name, fitting)
        if meant is None:
            continue
        edit = nginx_edits.rename(tree, each.directive, meant)
        values = (("name", each.name), ("near", meant))
        yield Diagnostic(
            tree.document.place(*each.directive.name.span),
            "nginx knows no directive `{name}` and does not start; did you mean `{near}`?",
            values,
            fixes=(Fix("Change `{name}` to `{near}`", (edit,), Applicability.UNSAFE, values),),
        )


@rule("NGX003", "misplaced-directive", NginxTree, Severity.ERROR, together=in_other_blocks)
def misplaced_directive(tree: NginxTree) -> Diagnostics:
    """nginx knows the directive, but not in this block."""
    for each in placed(tree):
        forms = nginx_directives.forms(each.name)
        if not forms or not each.where or _of_other_protocol(each):
            continue
        allowed = frozenset[str]().union(*(form.contexts for form in forms))
        if nginx_directives.ANY in allowed or not allowed.isdisjoint(each.where):
            continue
        values = (
            ("name", each.name),
            ("block", each.parents[-1].name.text if each.parents else ""),
            ("places", _places(allowed)),
        )
        yield Diagnostic(tree.document.place(*each.directive.name.span), _misplacement(each, allowed), values)


def _misplacement(each: Placed, allowed: frozenset[str]) -> str:
    if not each.parents:
        return "`{name}` is not allowed outside of all blocks, so nginx does not start; it belongs into {places}"
    if allowed - {"main"}:
        return "`{name}` is not allowed inside `{block}`, so nginx does not start; it belongs into {places}"
    return "`{name}` is not allowed inside `{block}`, so nginx does not start; it belongs outside of all blocks"


def _of_other_protocol(each: Placed) -> bool:
    """Whether the directive stands, or belongs, in blocks whose table is not complete: stream and mail."""
    return bool(each.parents) and each.parents[0].name.text in ("stream", "mail")


def _places(contexts: frozenset[str]) -> str:
    """The blocks of some contexts, by the names that they have in a file; those of `http` where there are any."""
    of_http = {c for c in contexts if not c.startswith(("stream", "mail"))}
    blocks = {c.rpartition("-")[2] for c in (of_http or contexts) - {"main"}}
    return ", ".join(f"`{c}`" for c in sorted(blocks))


@rule("NGX004", "argument-count", NginxTree, Severity.ERROR, fix=Applicability.UNSAFE)
def argument_count(tree: NginxTree) -> Diagnostics:
    """nginx knows the directive here, but not with these arguments, or so many, or not with (or without) a block."""
    filled = tree.document.path.endswith(".template")
    yield from _maps(tree)
    for each in placed(tree):
        if _of_other_protocol(each):
            continue
        fitting = [
            form
            for form in nginx_directives.forms(each.name)
            if each.where is None or nginx_directives.ANY in form.contexts or not each.where.isdisjoint(form.contexts)
        ]
        directive = each.directive
        if not fitting or (filled and any(_HOLE.search(word.text) for word in directive.arguments)):
            continue
        count = len(directive.arguments)
        of_kind = [form for form in fitting if form.block == (directive.block is not None)]
        if any(form.takes(count) for form in of_kind):
            yield from bad_values(tree, directive, each.parents)
            continue
        yield Diagnostic(
            tree.document.place(*directive.name.span),
            _message(tree, directive, of_kind),
            (("name", each.name), ("count", str(count)), ("wanted", _wanted(of_kind))),
        )


def _maps(tree: NginxTree) -> Diagnostics:
    """The lines of `map`, which are no directives."""
    for directive, parents in tree.walk() if is_legible(tree) else ():
        if parents and parents[-1].name.text == "map" and directive.block is None and not directive.placeholder:
            yield from bad_values(tree, directive, parents)


def _message(tree: NginxTree, directive: NginxDirective, forms: list[nginx_directives.Form]) -> str:
    if forms:
        words = [directive.name, *directive.arguments]
        if "\n" in tree.document.text[words[0].span.start : words[-1].span.end]:
            return (
                "wrong number of arguments for `{name}`, {count} on several lines instead of {wanted}: is a `;` "
                "missing on the first?"
            )
        return "wrong number of arguments for `{name}`, {count} instead of {wanted}: nginx does not start"
    if directive.block is not None:
        return "`{name}` takes no block: nginx wants a `;` after its arguments and does not start"
    return "`{name}` wants a block in braces after its arguments: nginx does not start"


def _wanted(forms: list[nginx_directives.Form]) -> str:
    """The numbers of arguments that some forms take: `1`, `2-3`, `1+`."""
    least = min((form.least for form in forms), default=0)
    if any(form.most is None for form in forms):
        return f"{least}+"
    most = max((form.most or 0 for form in forms), default=0)
    return str(least) if least == most else f"{least}-{most}"
