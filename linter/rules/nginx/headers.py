"""Headers that nginx sends less of than it seems: a block with some of its own inherits none from around it."""

from __future__ import annotations

from collections.abc import Sequence

from ...kit import (
    Applicability,
    Diagnostic,
    Diagnostics,
    Fix,
    LatePattern,
    NginxDirective,
    NginxTree,
    Related,
    Severity,
    nginx_edits,
    rule,
)

# Settings of one route; a location that has others does without them on purpose.
_OF_ONE_ROUTE = frozenset(("upgrade", "connection", "accept-encoding", "range", "if-range"))
# What a browser is told for the whole site. Others (Cache-Control, X-Cache, ...) are matters of one location.
_OF_THE_SITE = frozenset(
    (
        "strict-transport-security",
        "content-security-policy",
        "x-frame-options",
        "x-content-type-options",
        "referrer-policy",
        "permissions-policy",
        "cross-origin-opener-policy",
        "cross-origin-resource-policy",
        "cross-origin-embedder-policy",
    )
)
_ASSETS = LatePattern(r"\b(?:assets?|static|css|js|jpe?g|png|svg|woff2?|favicon|images?|img|fonts?)\b")
_BLOCKS = frozenset(("http", "server", "location", "if"))
_PASSED = (
    "this block passes {dropped} no longer on: nginx takes over no `proxy_set_header` from around a block that has "
    "one of its own; repeat what is meant to stay"
)
_ANSWERED = (
    "answers of this block come without {dropped}: nginx takes over no `add_header` from around a block that has one "
    "of its own; repeat what is meant to stay"
)


@rule("NGX024", "header-set-dropped", NginxTree, Severity.WARNING, fix=Applicability.UNSAFE)
def header_set_dropped(tree: NginxTree) -> Diagnostics:
    """One header more in a location is all the headers of the server less."""
    if tree.template or any(d.name.text.endswith("_header_inherit") for d, _ in tree.walk()):
        return
    sets: dict[tuple[int, str], list[NginxDirective]] = {}
    for block, parents in tree.walk():
        if not parents or block.name.text not in _BLOCKS or not block.block or _is_unclear(block):
            continue
        for name in ("proxy_set_header", "add_header"):
            own = _of(block, name)
            outer = _around(parents, name, sets) if own else []
            if outer and _matters(block, name):
                found = _dropped(tree, block, own, outer)
                if found is not None:
                    yield found


def _of(block: NginxDirective, name: str) -> list[NginxDirective]:
    return [d for d in block.block or () if d.name.text == name and len(d.arguments) > 1]


def _is_unclear(block: NginxDirective) -> bool:
    """Whether a block holds lines that stand elsewhere and may well bring the headers back."""
    return any(d.placeholder or d.name.text == "include" for d in block.block or ())


def _around(
    parents: Sequence[NginxDirective], name: str, sets: dict[tuple[int, str], list[NginxDirective]]
) -> list[NginxDirective]:
    """The set that a block would inherit, as far as the file shows it; `sets` keeps what was looked for before."""
    for parent in reversed(parents):
        if parent.name.text not in _BLOCKS:
            return []
        key = id(parent), name
        if key not in sets:
            sets[key] = _of(parent, name)
        if sets[key]:
            return sets[key]
    return []


def _matters(block: NginxDirective, name: str) -> bool:
    """Whether the block passes requests on, for request headers, or answers with a content of its own."""
    names = {d.name.text for d in block.block or ()}
    if "internal" in names:
        # Requests that nginx makes itself, to ask whether somebody may come in, get what stands here and no more.
        return False
    return "proxy_pass" in names if name == "proxy_set_header" else "return" not in names


def _dropped(
    tree: NginxTree, block: NginxDirective, own: Sequence[NginxDirective], outer: Sequence[NginxDirective]
) -> Diagnostic | None:
    kept = {d.arguments[0].text.lower() for d in own}
    lost = [d for d in outer if d.arguments[0].text.lower() not in kept]
    repeated = {tuple(word.text.lower() for word in d.arguments[:2]) for d in own}
    if any(tuple(word.text.lower() for word in d.arguments[:2]) in repeated for d in outer):
        # Who repeats one line of the set knows the rule, and has left out the others on purpose.
        return None
    passed = own[0].name.text == "proxy_set_header"
    told = [
        d
        for d in lost
        if (d.arguments[0].text.lower() not in _OF_ONE_ROUTE if passed else d.arguments[0].text.lower() in _OF_THE_SITE)
    ]
    if not told:
        return None
    names = list(dict.fromkeys(f"`{d.arguments[0].text}`" for d in told))
    text = "\n".join(tree.document.place(*d.span).text for d in lost)
    edit = nginx_edits.insert_directive(tree, block, text, before=own[0])
    return Diagnostic(
        tree.document.place(*own[0].span),
        _PASSED if passed else _ANSWERED,
        (("dropped", ", ".join(names)),),
        (Related(tree.document.place(*told[0].span), "this set is left out"),),
        (Fix("Repeat the headers here", (edit,), Applicability.UNSAFE),),
        # Nobody opens a style sheet as a page.
        Severity.INFO if _ASSETS.search(" ".join(word.text for word in block.arguments)) else None,
    )
