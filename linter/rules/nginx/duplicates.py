"""What may stand only once and stands twice: settings of a block, locations, default servers, upstreams."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from ...kit import (
    Applicability,
    Diagnostic,
    Diagnostics,
    Fix,
    NginxDirective,
    NginxTree,
    Related,
    Severity,
    nginx_directives,
    nginx_edits,
    rule,
)
from .directives import Placed, placed

_SETTING = "`{name}` stands in this block already: nginx stops here with `is duplicate`; keep the one that is right"
_ALIAS = "`root` and `alias` exclude each other in one block: nginx stops here with `is duplicate`"
_LOCATION = "this block has a location `{path}` already: nginx stops here with `duplicate location`"
_DEFAULT = "another server is the `default_server` of `{path}` already: nginx stops with `duplicate default server`"
_UPSTREAM = "an upstream `{path}` is there already: nginx stops here with `duplicate upstream`"


@rule("NGX006", "duplicate-directive", NginxTree, Severity.ERROR, fix=Applicability.UNSAFE)
def duplicate_directive(tree: NginxTree) -> Diagnostics:
    """nginx does not start when a setting, location, default server or upstream is there twice."""
    first: dict[Hashable, NginxDirective] = {}
    for each in placed(tree):
        for message, path, key in _keys(each):
            known = first.setdefault(key, each.directive)
            if known is not each.directive:
                yield _repeated(tree, each, known, message if known.name.text == each.name else _ALIAS, path)


def _keys(each: Placed) -> Iterator[tuple[str, str, Hashable]]:
    """What may not come again, with the words for it."""
    words = [word.text for word in each.directive.arguments]
    block = id(each.parents[-1]) if each.parents else 0
    if each.parents and each.parents[0].name.text in ("stream", "mail"):
        return
    if each.name == "location":
        # `^~ /a` and `/a` are one to nginx, `= /a` is another; patterns may come again.
        if words and words[0] not in ("~", "~*") and not words[0].startswith("~") and "$" not in "".join(words):
            kind = words[0] if words[0] == "=" else ""
            yield _LOCATION, words[-1], (block, each.name, kind, words[-1])
    elif each.name == "listen":
        if "default_server" in words[1:] and "$" not in words[0]:
            outer = id(each.parents[-2]) if len(each.parents) > 1 else 0
            yield _DEFAULT, words[0], (outer, each.name, _address(words[0]))
    elif each.name == "upstream":
        if words and "$" not in words[0]:
            yield _UPSTREAM, words[0], (block, each.name, words[0].lower())
    elif nginx_directives.is_single(each.name):
        # nginx keeps both in one place.
        yield _SETTING, "", (block, "root" if each.name == "alias" else each.name)


def _address(text: str) -> str:
    """An address of `listen` as nginx compares it: `80`, `*:80` and `0.0.0.0:80` are one."""
    host, _, port = text.rpartition(":")
    if "." in port or "]" in port or not port.isdigit():
        host, port = text, "80"
    return f"{'' if host in ('*', '0.0.0.0') else host}:{port}"  # noqa: S104


def _repeated(tree: NginxTree, each: Placed, known: NginxDirective, message: str, path: str) -> Diagnostic:
    document = tree.document
    values = (("name", each.name), ("path", path))
    same = [w.text for w in known.arguments] == [w.text for w in each.directive.arguments] and message == _SETTING
    edit = nginx_edits.remove_directive(tree, each.directive) if same else None
    return Diagnostic(
        document.place(*each.directive.name.span),
        message,
        values,
        (Related(document.place(*known.name.span), "the first one is here"),),
        (Fix("Remove the second `{name}`", (edit,), Applicability.UNSAFE, values),) if edit else (),
    )
