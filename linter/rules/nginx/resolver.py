"""Names that nginx has to look up while it runs, and no name server that it could ask."""

from __future__ import annotations

from collections.abc import Sequence

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Fix,
    LatePattern,
    Severity,
    nginx_edits,
    rule,
)
from .reading import Read, readings
from .targets import Upstream, upstreams

_ADDRESS = LatePattern(r"\[.*|\d{1,3}(?:\.\d{1,3}){3}")
_RESOLVER = "resolver 127.0.0.11 valid=30s;"


@rule("NGX034", "resolver-missing", Deployment, Severity.ERROR, fix=Applicability.UNSAFE)
def resolver_missing(deployment: Deployment) -> Diagnostics:
    """A name in a variable is looked up for each request, and nginx answers 502 where nobody tells whom to ask."""
    known = {id(read.line.directive): read for reads in readings(deployment) for read in _unresolved(reads)}
    if not known:
        return
    found = list(upstreams(deployment))
    # What is written out elsewhere is known since the start, and serves for a variable, too.
    written = {(u.nginx.name, u.host.lower(), u.port) for u in found if not u.late}
    for upstream in found:
        read = known.get(id(upstream.directive))
        if read is None or not upstream.late or _ADDRESS.fullmatch(upstream.host):
            continue
        if (upstream.nginx.name, upstream.host.lower(), upstream.port) not in written:
            yield _told(deployment, upstream, read)


def _unresolved(reads: Sequence[Read]) -> list[Read]:
    """The `proxy_pass` lines and the like of an nginx that is told of no name server at all."""
    if any(read.line.name == "resolver" for read in reads):
        return []
    return [read for read in reads if read.line.name.endswith("_pass")]


def _told(deployment: Deployment, upstream: Upstream, read: Read) -> Diagnostic:
    values = (("host", upstream.host), ("name", read.line.name), ("resolver", _RESOLVER))
    server = next((block for block in read.parents if block.name.text == "server"), None)
    own = server is not None and any(directive is server for directive in read.line.tree.directives)
    fixes: tuple[Fix, ...] = ()
    if server is not None and own and deployment.networks(upstream.nginx):
        first = next(iter(server.block or ()), None)
        edit = nginx_edits.insert_directive(read.line.tree, server, _RESOLVER, before=first)
        fixes = (Fix("Add `{resolver}`, Docker's own", (edit,), Applicability.UNSAFE, values),)
    return Diagnostic(
        read.line.tree.document.place(*read.line.directive.arguments[0].span),
        "a variable gives the host here, so nginx looks `{host}` up for each request, and no `resolver` says where: it "
        "gives 502 with `no resolver defined`; in a container write `{resolver}`",
        values,
        fixes=fixes,
    )
