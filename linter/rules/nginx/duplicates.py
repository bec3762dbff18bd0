"""What may stand only once and stands twice: settings of a block, locations, default servers, upstreams."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import NamedTuple

from ...kit import (
    Applicability,
    Deployment,
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
from .reading import HTTP_OF_IMAGE, readings

_SETTING = "`{name}` stands in this block already: nginx stops here with `is duplicate`; keep the one that is right"
_ALIAS = "`root` and `alias` exclude each other in one block: nginx stops here with `is duplicate`"
_LOCATION = "this block has a location `{path}` already: nginx stops here with `duplicate location`"
_DEFAULT = "another server is the `default_server` of `{path}` already: nginx stops with `duplicate default server`"
_UPSTREAM = "an upstream `{path}` is there already: nginx stops here with `duplicate upstream`"
_FORMAT = 'a log format `{path}` is there already: nginx stops here with `duplicate "log_format" name`'
_IMAGE = (
    "the `nginx.conf` of nginx's image sets `{name}` already, and includes this file: nginx stops here with `is "
    "duplicate`; set it inside of `server`"
)
_IMAGE_FORMAT = (
    "the `nginx.conf` of nginx's image has a log format `{path}` already: nginx stops here with `duplicate "
    '"log_format" name`; choose another name'
)
# What the main file of the image has in its `http`.
_OF_IMAGE = (("default_type", ""), ("sendfile", ""), ("keepalive_timeout", ""), ("log_format", "main"))


class _Twice(NamedTuple):
    """What stands a second time: what to say of it, and the first one, None for the image's own."""

    tree: NginxTree
    each: Placed
    message: str
    path: str
    first: tuple[NginxTree, NginxDirective] | None


def _in_many_files(deployment: Deployment) -> Diagnostics:
    """What stands in one file, and again in another that the same nginx reads."""
    for reads in readings(deployment):
        known = {tree: {id(each.directive) for each in placed(tree)} for tree in {read.line.tree for read in reads}}
        lines = (
            (read.line.tree, Placed(read.line.directive, read.parents, None))
            for read in reads
            if id(read.line.directive) in known[read.line.tree]
        )
        for twice in _twice(lines):
            if twice.first is None or twice.first[0] is not twice.tree:
                yield _repeated(twice)


@rule(
    "NGX006",
    "duplicate-directive",
    NginxTree,
    Severity.ERROR,
    fix=Applicability.UNSAFE,
    together=_in_many_files,
)
def duplicate_directive(tree: NginxTree) -> Diagnostics:
    """nginx does not start when a setting, location, default server or upstream is there twice."""
    yield from map(_repeated, _twice((tree, each) for each in placed(tree)))


def _twice(lines: Iterable[tuple[NginxTree, Placed]]) -> Iterator[_Twice]:
    of_image = {_key(HTTP_OF_IMAGE, name, path) for name, path in _OF_IMAGE}
    first: dict[Hashable, tuple[NginxTree, NginxDirective]] = {}
    for tree, each in lines:
        for message, path, key in _keys(each):
            if key in of_image:
                yield _Twice(tree, each, _IMAGE_FORMAT if path else _IMAGE, path, None)
                continue
            known = first.setdefault(key, (tree, each.directive))
            if known[1] is not each.directive:
                same = known[1].name.text == each.name
                yield _Twice(tree, each, message if same else _ALIAS, path, known)


def _key(block: NginxDirective | None, name: str, path: str = "") -> Hashable:
    """What makes a second one of a name, or of a name and a path, in a block (None: outside of all) too many."""
    # nginx keeps both in one place.
    return id(block) if block else 0, "root" if name == "alias" else name, path


def _keys(each: Placed) -> Iterator[tuple[str, str, Hashable]]:
    """What may not come again, with the words for it."""
    words = [word.text for word in each.directive.arguments]
    block = each.parents[-1] if each.parents else None
    if each.parents and each.parents[0].name.text in ("stream", "mail"):
        return
    if each.name == "location":
        # `^~ /a` and `/a` are one to nginx, `= /a` is another; patterns may come again.
        if words and words[0] not in ("~", "~*") and not words[0].startswith("~") and "$" not in "".join(words):
            kind = words[0] if words[0] == "=" else ""
            yield _LOCATION, words[-1], _key(block, each.name, f"{kind} {words[-1]}")
    elif each.name == "listen":
        if "default_server" in words[1:] and "$" not in words[0]:
            outer = each.parents[-2] if len(each.parents) > 1 else None
            yield _DEFAULT, words[0], _key(outer, each.name, address_of(words[0]))
    elif each.name == "upstream":
        if words and "$" not in words[0]:
            yield _UPSTREAM, words[0], _key(block, each.name, words[0].lower())
    elif each.name == "log_format":
        if words and "$" not in words[0]:
            yield _FORMAT, words[0], _key(block, each.name, words[0])
    elif each.name in ("limit_req", "limit_conn"):
        # One limit may come again with another zone.
        zone = next((word for word in words if each.name == "limit_conn" or word.startswith("zone=")), "$")
        if "$" not in zone:
            yield _SETTING, "", _key(block, each.name, zone)
    elif nginx_directives.is_single(each.name):
        yield _SETTING, "", _key(block, each.name)


def address_of(text: str) -> str:
    """An address of `listen` as nginx compares it: `80`, `*:80` and `0.0.0.0:80` are one."""
    host, _, port = text.rpartition(":")
    if "." in port or "]" in port or not port.isdigit():
        host, port = text, "80"
    return f"{'' if host in ('*', '0.0.0.0') else host}:{port}"  # noqa: S104


def _repeated(twice: _Twice) -> Diagnostic:
    tree, each, first = twice.tree, twice.each, twice.first
    values = (("name", each.name), ("path", twice.path))
    related: tuple[Related, ...] = ()
    edit = None
    if first is not None:
        related = (Related(first[0].document.place(*first[1].name.span), "the first one is here"),)
        same = [w.text for w in first[1].arguments] == [w.text for w in each.directive.arguments]
        edit = nginx_edits.remove_directive(tree, each.directive) if same and twice.message == _SETTING else None
    return Diagnostic(
        tree.document.place(*each.directive.name.span),
        twice.message,
        values,
        related,
        (Fix("Remove the second `{name}`", (edit,), Applicability.UNSAFE, values),) if edit else (),
    )
