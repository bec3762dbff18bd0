"""Where nginx passes requests on: host names, ports and networks of the stack behind every upstream."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
    MountedFile,
    NginxDirective,
    NginxTree,
    NginxWord,
    Place,
    Related,
    Service,
    Severity,
    near,
    rule,
)

PASSES = {
    "proxy_pass": "80",
    "grpc_pass": "",
    "fastcgi_pass": "",
    "uwsgi_pass": "",
    "scgi_pass": "",
    "memcached_pass": "",
}
STANDARD = {"http": "80", "https": "443", "grpc": "80", "grpcs": "443"}

_TARGET = re.compile(
    r"(?:(?P<scheme>[a-z]+)://)?(?P<host>\[[0-9A-Fa-f:.]+\]|[^:/\s\[\]$]+)(?::(?P<port>\d+))?(?:/.*)?$"
)


@dataclass(frozen=True, slots=True)
class Upstream:
    """A place where a mounted nginx file names another host. `port` is the one used, "" when the protocol has none."""

    file: MountedFile
    directive: NginxDirective
    host: str
    place: Place
    port: str
    port_place: Place | None

    @property
    def nginx(self) -> Service:
        """The service that runs nginx."""
        return self.file.service


def upstreams(deployment: Deployment) -> Iterator[Upstream]:
    """Every host that the active nginx services pass to; names of `upstream` blocks and unknown values left out."""
    for service in deployment.project.active:
        files = deployment.mounted_by(service, "nginx")
        trees = [(file, file.tree) for file in files if isinstance(file.tree, NginxTree)]
        names = {
            d.arguments[0].text
            for _, tree in trees
            for d, _ in tree.walk()
            if d.name.text == "upstream" and d.arguments
        }
        for file, tree in trees:
            for directive, parents in tree.walk():
                word = _target_word(directive, parents)
                if word is not None:
                    found = _upstream(file, tree, directive, word)
                    if found is not None and found.host not in names:
                        yield found


def _target_word(directive: NginxDirective, parents: tuple[NginxDirective, ...]) -> NginxWord | None:
    if not directive.arguments:
        return None
    if directive.name.text in PASSES:
        return directive.arguments[0]
    inside = parents[-1].name.text if parents else ""
    if directive.name.text == "server" and inside == "upstream" and directive.block is None:
        return directive.arguments[0]
    return None


def _upstream(file: MountedFile, tree: NginxTree, directive: NginxDirective, word: NginxWord) -> Upstream | None:
    text = file.filled(word.text)
    if text is None or text.startswith("unix:"):
        return None
    match = _TARGET.match(text)
    if match is None:
        return None
    shift = word.span.start + len(word.quote)
    exact = text == word.text

    def place(name: str) -> Place:
        if not exact:
            return Place(tree.document, word.span)
        return tree.document.place(shift + match.start(name), shift + match.end(name))

    standard = "80" if directive.name.text == "server" else STANDARD.get(match["scheme"] or "", "")
    return Upstream(
        file,
        directive,
        match["host"],
        place("host"),
        match["port"] or standard,
        place("port") if match["port"] else None,
    )


@rule("NGX010", "upstream-unknown-host", Deployment, Severity.ERROR, faq=("D20",), fix=Applicability.UNSAFE)
def upstream_unknown_host(deployment: Deployment) -> Diagnostics:
    """nginx does not start, or answers 502, when a host it passes to does not exist."""
    for upstream in upstreams(deployment):
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", upstream.host) or upstream.host == "localhost":
            continue
        reach = deployment.lookup(upstream.nginx, upstream.host).reach
        if reach == "inactive":
            yield Diagnostic(
                upstream.place,
                "`{host}` is switched off by its profile: nginx stops with `host not found in upstream`",
                (("host", upstream.host),),
                tuple(
                    Related(s.place, "it is defined here")
                    for s in deployment.lookup(upstream.nginx, upstream.host).services
                ),
            )
        if reach != "none":
            continue
        meant = near(upstream.host, (s.name for s in deployment.project.active))
        fixes: tuple[Fix, ...] = ()
        if meant and upstream.place.text == upstream.host:
            fixes = (
                Fix(
                    "Use the service name `{name}`",
                    (Edit(upstream.place, meant),),
                    Applicability.UNSAFE,
                    (("name", meant),),
                ),
            )
        yield Diagnostic(
            upstream.place,
            "`{host}` is no service, alias or container name of this stack: nginx stops with `host not found in upstream` or answers 502"
            + ("; did you mean `{near}`?" if meant else ""),
            (("host", upstream.host), ("near", meant or "")),
            (Related(upstream.file.mount.place, f"`{upstream.nginx.name}` mounts the file here"),),
            fixes,
        )


@rule("NGX011", "upstream-wrong-port", Deployment, Severity.ERROR, faq=("D20",), fix=Applicability.SAFE)
def upstream_wrong_port(deployment: Deployment) -> Diagnostics:
    """The host is right and nobody listens on the port: 502."""
    for upstream in upstreams(deployment):
        found = deployment.lookup(upstream.nginx, upstream.host)
        if found.reach != "reached" or len(found.services) != 1 or not upstream.port:
            continue
        service, port = found.services[0], int(upstream.port)
        listening = deployment.listening(service)
        mapped = _behind(service, port)
        offered = deployment.offered(service)
        if port in offered or (listening is not None and port in listening):
            continue
        if listening is None and mapped is None:
            continue
        right = mapped if mapped is not None else next(iter(listening or ())) if len(listening or ()) == 1 else None
        fixes: tuple[Fix, ...] = ()
        if right is not None and upstream.port_place is not None and upstream.port_place.text == upstream.port:
            edit = Edit(upstream.port_place, str(right))
            fixes = (Fix("Use port {port}", (edit,), Applicability.SAFE, (("port", str(right)),)),)
        ports = ", ".join(map(str, sorted(listening or ({right} if right else ()))))
        yield Diagnostic(
            upstream.port_place or upstream.place,
            "`{service}` does not listen on port {wrong}"
            + (", which is only its published port on the host" if mapped is not None else "")
            + "; inside the stack it answers on {ports}, so nginx gives 502 here",
            (("service", service.name), ("wrong", upstream.port), ("ports", ports)),
            (Related(service.place, f"`{service.name}` is defined here"),),
            fixes,
        )


def _behind(service: Service, port: int) -> int | None:
    for mapping in service.ports:
        if mapping.published and mapping.target and mapping.published[0] <= port <= mapping.published[1]:
            return min(mapping.target[0] + port - mapping.published[0], mapping.target[1])
    return None


@rule("NGX012", "pasted-container-ip", Deployment, Severity.WARNING, faq=("D20",), fix=Applicability.UNSAFE)
def pasted_container_ip(deployment: Deployment) -> Diagnostics:
    """A container's address changes when it is recreated; its name does not."""
    fixed = {a.ipv4 for s in deployment.services.values() for a in s.networks if a.ipv4}
    for upstream in upstreams(deployment):
        if upstream.host in fixed or not re.fullmatch(r"172(\.\d{1,3}){3}", upstream.host):
            continue
        second, third, last = (int(part) for part in upstream.host.split(".")[1:])
        if not 17 <= second <= 31 or third > 255 or not 1 < last < 255:
            continue
        meant = _listeners(deployment, upstream)
        # Docker hands out 172.17–172.31 with a third number of 0 unless told otherwise; else it may be a machine of the LAN.
        if third != 0 and not meant:
            continue
        fixes: tuple[Fix, ...] = ()
        if len(meant) == 1 and upstream.place.text == upstream.host:
            name = meant[0].name
            fixes = (
                Fix(
                    "Use the service name `{name}`",
                    (Edit(upstream.place, name),),
                    Applicability.UNSAFE,
                    (("name", name),),
                ),
            )
        yield Diagnostic(
            upstream.place,
            "`{address}` is a container's address, which changes when the container is recreated; use the service name"
            + (" `{name}`" if len(meant) == 1 else ""),
            (("address", upstream.host), ("name", meant[0].name if meant else "")),
            (),
            fixes,
        )


def _listeners(deployment: Deployment, upstream: Upstream) -> tuple[Service, ...]:
    if not upstream.port:
        return ()
    port = int(upstream.port)
    return tuple(
        service
        for service in deployment.project.active
        if service is not upstream.nginx and port in (deployment.listening(service) or deployment.offered(service))
    )


@rule("NGX013", "upstream-not-on-network", Deployment, Severity.ERROR, faq=("D20",))
def upstream_not_on_network(deployment: Deployment) -> Diagnostics:
    """The service exists, but nginx is on none of its networks."""
    for upstream in upstreams(deployment):
        found = deployment.lookup(upstream.nginx, upstream.host)
        if found.reach != "apart":
            continue
        service = found.services[0]
        theirs = ", ".join(f"`{name}`" for name in sorted(deployment.networks(service) or ()))
        ours = ", ".join(f"`{name}`" for name in sorted(deployment.networks(upstream.nginx) or ()))
        yield Diagnostic(
            upstream.place,
            "`{host}` exists, but shares no network with `{nginx}`: it is on {theirs}, nginx on {ours}",
            (("host", upstream.host), ("nginx", upstream.nginx.name), ("theirs", theirs), ("ours", ours)),
            (Related(service.place, f"`{service.name}` is defined here"),),
        )
