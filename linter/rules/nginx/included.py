"""Files that nginx reads in a block where it does not allow what they hold: a main file as a part, and the reverse."""

from __future__ import annotations

from ...kit import Deployment, Diagnostic, Diagnostics, NginxTree, Related, nginx_directives
from .reading import Read, readings

_AS_MAIN = (
    "this file is nginx's main file, and `{name}` may not stand in it outside of all blocks, so nginx does not start: "
    "put it into {places}"
)
_SITE_AS_MAIN = (
    "this file is nginx's main file, and `{name}` may stand in it only within `http`, so nginx does not start: mount a "
    "file of servers on `/etc/nginx/conf.d/default.conf`"
)
_MAIN_AS_PART = (
    "this file is read within `http`, where `{name}` is not allowed, so nginx does not start: mount a main file on "
    "`/etc/nginx/nginx.conf`"
)
_AS_PART = (
    "this file is read within `{block}`, where `{name}` is not allowed, so nginx does not start; it belongs into "
    "{places}"
)


def in_other_blocks(deployment: Deployment) -> Diagnostics:
    """The first line of each file that nginx refuses for the block in which the file is read."""
    for reads in readings(deployment):
        tops: dict[NginxTree, set[int]] = {}
        told: set[NginxTree] = set()
        for read in reads:
            tree = read.line.tree
            if tree not in tops:
                tops[tree] = {id(directive) for directive in tree.directives}
            if tree not in told and id(read.line.directive) in tops[tree] and _is_misplaced(read):
                told.add(tree)
                yield _told(read)


def _is_misplaced(read: Read) -> bool:
    name = read.line.directive.name
    allowed = frozenset[str]().union(*(form.contexts for form in nginx_directives.forms(name.text)))
    if not allowed or nginx_directives.ANY in allowed or name.quote:
        return False
    if not read.parents and _is_main(read.line.tree):
        return False
    around = [parent.name.text for parent in read.parents]
    if around[:1] in (["stream"], ["mail"]) or not allowed & {"main", "http", "server", "location", "events"}:
        return False
    where = nginx_directives.contexts(around) if around else frozenset(("main",))
    return where is not None and bool(where) and allowed.isdisjoint(where)


def _is_main(tree: NginxTree) -> bool:
    """Whether a file shows by itself that it is a main one, so that it is judged as such alone."""
    return any(directive.name.text in ("http", "events") for directive in tree.directives)


def _told(read: Read) -> Diagnostic:
    line = read.line
    forms = nginx_directives.forms(line.name)
    allowed = frozenset[str]().union(*(form.contexts for form in forms))
    of_http = {c for c in allowed if not c.startswith(("stream", "mail"))} - {"main"}
    if not read.parents:
        message = _SITE_AS_MAIN if "server" in {d.name.text for d in line.tree.directives} else _AS_MAIN
    else:
        message = _MAIN_AS_PART if read.level == "http" and _is_main(line.tree) else _AS_PART
    values = (
        *(("name", line.name), ("block", read.level)),
        ("places", ", ".join(f"`{c}`" for c in sorted({c.rpartition("-")[2] for c in of_http})) or "the main file"),
    )
    related = (Related(line.file.mount.place, "it is mounted here"),) if line.file else ()
    return Diagnostic(line.tree.document.place(*line.directive.name.span), message, values, related)
