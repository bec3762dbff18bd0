"""Names that nginx looks up once, when it starts: a container that comes back with another address is lost to it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
    NginxDirective,
    NginxTree,
    Place,
    Related,
    Service,
    Severity,
    nginx_edits,
    rule,
)
from .targets import Upstream, trees, upstreams

# Docker's own name server in networks that Compose makes.
_RESOLVER = "resolver 127.0.0.11 valid=10s;"
_SHOWN = 5


@rule("NGX023", "stale-upstream", Deployment, Severity.INFO, faq=("D20",), fix=Applicability.UNSAFE)
def stale_upstream(deployment: Deployment) -> Diagnostics:
    """nginx goes on asking the old address of a container until it is reloaded."""
    by_service: dict[str, list[Upstream]] = {}
    for upstream in upstreams(deployment):
        if upstream.late or any(word.text == "resolve" for word in upstream.directive.arguments[1:]):
            continue
        if deployment.lookup(upstream.nginx, upstream.host).reach == "reached" and not _is_fixed(deployment, upstream):
            by_service.setdefault(upstream.nginx.name, []).append(upstream)
    for found in by_service.values():
        yield _stale(deployment, found)


def _is_fixed(deployment: Deployment, upstream: Upstream) -> bool:
    """Whether the container keeps its address, or is nginx's own."""
    services = deployment.lookup(upstream.nginx, upstream.host).services
    return any(s is upstream.nginx or any(a.ipv4 for a in s.networks) for s in services)


def _stale(deployment: Deployment, found: Sequence[Upstream]) -> Diagnostic:
    hosts = list(dict.fromkeys(upstream.host for upstream in found))
    shown = ", ".join(f"`{host}`" for host in hosts[:_SHOWN]) + (", …" if len(hosts) > _SHOWN else "")
    first = found[0]
    edits = _looked_up_again(deployment, first.nginx, found)
    return Diagnostic(
        _place(first),
        "`{nginx}` looks {hosts} up only when it starts: after an update that gives the container another address it "
        "answers 502 until `{nginx}` is restarted",
        (("nginx", first.nginx.name), ("hosts", shown)),
        tuple(Related(_place(u), "looked up once, too") for u in found[1:_SHOWN]),
        (Fix("Look the names up again while nginx runs", edits, Applicability.UNSAFE),) if edits else (),
    )


def _place(upstream: Upstream) -> Place:
    """The name in nginx's file: what is wrong is how it is used, wherever it comes from."""
    return upstream.read if upstream.filled_in else upstream.place


def _looked_up_again(deployment: Deployment, nginx: Service, found: Sequence[Upstream]) -> tuple[Edit, ...]:
    """A variable for every name, and a resolver for every server; () where that would change more than the look-up.

    With a variable nginx passes the path on as it came, as it does without a path (documentation of proxy_pass).
    """
    known = trees(deployment, nginx)
    names = {d.name.text for _, tree in known for d, _ in tree.walk()}
    if "proxy_redirect" in names or "rewrite" in names or deployment.networks(nginx) in (None, frozenset()):
        return ()
    wanted = {id(upstream.directive): upstream for upstream in found}
    edits: list[Edit] = []
    for _, tree in known:
        servers: dict[int, NginxDirective] = {}
        for directive, parents in tree.walk():
            upstream = wanted.pop(id(directive), None)
            if upstream is None:
                continue
            own = _edits(tree, upstream, parents)
            if not own:
                return ()
            edits += own
            server = next(p for p in parents if p.name.text == "server")
            servers[id(server)] = server
        if "resolver" not in names:
            edits += [
                nginx_edits.insert_directive(tree, server, _RESOLVER, before=next(iter(server.block or ()), None))
                for server in servers.values()
            ]
    return () if wanted else tuple(edits)


def _edits(tree: NginxTree, upstream: Upstream, parents: Sequence[NginxDirective]) -> tuple[Edit, ...]:
    around = [p.name.text for p in parents]
    if upstream.directive.name.text != "proxy_pass" or upstream.path or around[-1:] != ["location"]:
        return ()
    if "server" not in around or upstream.filled_in or upstream.place.text != upstream.host:
        return ()
    name = "upstream_" + re.sub(r"\W", "_", upstream.host)
    edit = nginx_edits.insert_directive(tree, parents[-1], f"set ${name} {upstream.host};", before=upstream.directive)
    return edit, Edit(upstream.place, f"${name}")
