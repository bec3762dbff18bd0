"""The names and ports behind what nginx passes on: services that exist, listen there and share a network with it."""

from __future__ import annotations

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
    HostLookup,
    LatePattern,
    Related,
    Service,
    Severity,
    in_range,
    join_network,
    near,
    rule,
)
from .targets import Upstream, reads_other_files, speaks_no_tls, the_one, upstreams

_LABEL = LatePattern(r"[A-Za-z_][A-Za-z0-9_-]*")


@rule("NGX010", "upstream-unknown-host", Deployment, Severity.ERROR, faq=("D20",), fix=Applicability.UNSAFE)
def upstream_unknown_host(deployment: Deployment) -> Diagnostics:
    """nginx does not start when a host that it passes to does not exist."""
    unseen: dict[str, bool] = {}
    for upstream in upstreams(deployment):
        if upstream.host == "localhost" or not _LABEL.fullmatch(upstream.host):
            continue
        found = deployment.lookup(upstream.nginx, upstream.host)
        if found.reach == "inactive":
            # What is looked up late does no harm before somebody asks for it.
            if not upstream.late:
                yield _inactive(upstream, found)
        elif found.reach == "none":
            name = upstream.nginx.name
            if name not in unseen:
                unseen[name] = reads_other_files(deployment, upstream.nginx)
            meant = near(upstream.host, (s.name for s in deployment.project.active if s is not upstream.nginx))
            # A host that is looked up late may come and go; a slip does neither.
            if not unseen[name] and (meant or not upstream.late):
                yield _unknown(deployment, upstream, meant)


def _inactive(upstream: Upstream, found: HostLookup) -> Diagnostic:
    return Diagnostic(
        upstream.place,
        "`{host}` is switched off by its profile, so nginx stops with `host not found in upstream`",
        (("host", upstream.host),),
        (*(Related(s.place, "it is defined here") for s in found.services), *upstream.filled_in),
    )


def _unknown(deployment: Deployment, upstream: Upstream, meant: str | None) -> Diagnostic:
    answering = _sole_listener(deployment, upstream) if meant is None else None
    name = meant or answering
    later = _of_later_release(deployment, upstream.host)
    message = "no service, alias or container of this stack is called `{host}`, so nginx " + _outcome(upstream) + "; "
    if meant is not None:
        message += "did you mean `{name}`?"
    elif answering is not None:
        message += "`{name}` answers on port {port}"
    elif later:
        message += "it came with {title} {since}, and this is {version}: take nginx's files of the same release"
    else:
        message += "write the name of the service that should answer"
    values = (("host", upstream.host), ("nginx", upstream.nginx.name), ("port", upstream.port), *later)
    return Diagnostic(
        upstream.place,
        message,
        (*values, ("name", name or "")),
        upstream.filled_in or (Related(upstream.file.mount.place, "`{nginx}` mounts the file here", values),),
        _named(upstream, name) if name else (),
    )


def _of_later_release(deployment: Deployment, host: str) -> tuple[tuple[str, str], ...]:
    """The product and release with which a service of this name came, and the older one of the stack; () for none."""
    for table in deployment.tables:
        version = deployment.versions.get(table.name)
        for fact in table.data["roles"]:
            if fact["role"] == host and version and in_range(version, fact["since"], "") is False:
                own = ".".join(map(str, version))
                return (("title", table.title), ("since", fact["since"]), ("version", own))
    return ()


def _outcome(upstream: Upstream) -> str:
    """What nginx does with a host that it does not find."""
    return "gives 502 with `could not be resolved`" if upstream.late else "stops with `host not found in upstream`"


def _sole_listener(deployment: Deployment, upstream: Upstream) -> str | None:
    """The one service that nginx can reach and that listens on the port."""
    found = [
        service
        for service in deployment.project.active
        if service is not upstream.nginx
        and upstream.port
        and int(upstream.port) in (deployment.listening(service) or ())
        and deployment.lookup(upstream.nginx, service.name).reach == "reached"
    ]
    service = the_one(deployment, upstream, found)
    return service.name if service else None


def _named(upstream: Upstream, name: str) -> tuple[Fix, ...]:
    if upstream.place.text != upstream.host:
        return ()
    edit = Edit(upstream.place, name)
    return (Fix("Use the service name `{name}`", (edit,), Applicability.UNSAFE, (("name", name),)),)


@rule("NGX011", "upstream-wrong-port", Deployment, Severity.ERROR, faq=("D20",), fix=Applicability.SAFE)
def upstream_wrong_port(deployment: Deployment) -> Diagnostics:
    """The host is right and nobody listens on the port: 502."""
    for upstream in upstreams(deployment):
        found = deployment.lookup(upstream.nginx, upstream.host)
        if _lacks_port(deployment, upstream):
            yield _portless(deployment, upstream, found)
        if found.reach != "reached" or len(found.services) != 1 or not upstream.port:
            continue
        service = found.services[0]
        if service is upstream.nginx or shares_its_network(deployment, service):
            continue
        wrong = _wrong_port(deployment, upstream, service) or _encrypted(deployment, upstream, service)
        if wrong is not None:
            yield wrong


def _lacks_port(deployment: Deployment, upstream: Upstream) -> bool:
    """Whether a port has to be written, other than for HTTP, and no `upstream` block that one cannot see has one."""
    if upstream.port or upstream.late or upstream.directive.name.text == "proxy_pass":
        return False
    return not reads_other_files(deployment, upstream.nginx)


def _portless(deployment: Deployment, upstream: Upstream, found: HostLookup) -> Diagnostic:
    ports = deployment.listening(found.services[0]) if found.reach == "reached" and len(found.services) == 1 else None
    right = next(iter(ports)) if ports and len(ports) == 1 else None
    values = (("name", upstream.directive.name.text), ("host", upstream.host), ("port", str(right or "")))
    message = "`{name}` has no usual port, so nginx stops with `no port in upstream`; "
    return Diagnostic(
        upstream.place,
        message + ("write `{host}:{port}`" if right else "write the port behind `{host}`"),
        values,
        upstream.filled_in,
        _ported(upstream, right, Applicability.UNSAFE) if right else (),
    )


def _wrong_port(deployment: Deployment, upstream: Upstream, service: Service) -> Diagnostic | None:
    port = int(upstream.port)
    listening = deployment.listening(service)
    if port in deployment.offered(service) or (listening is not None and port in listening):
        return None
    mapped = _behind(service, port)
    if listening:
        right = mapped if mapped in listening else next(iter(listening)) if len(listening) == 1 else None
    elif listening is None and mapped is not None:
        right = mapped
    else:
        return None
    ports = ", ".join(map(str, sorted(listening or {mapped or 0})))
    return Diagnostic(
        upstream.port_place or upstream.place,
        "`{service}` does not listen on port {wrong}, which is only its port on the host; inside the stack it answers "
        "on {ports}, and nginx gives 502 here"
        if mapped is not None
        else "`{service}` does not listen on port {wrong}; it answers on {ports}, and nginx gives 502 here",
        (("service", service.name), ("wrong", upstream.port), ("ports", ports)),
        (Related(service.place, "`{service}` is defined here", (("service", service.name),)), *upstream.filled_in),
        _ported(upstream, right, Applicability.SAFE if listening else Applicability.UNSAFE) if right else (),
    )


def _encrypted(deployment: Deployment, upstream: Upstream, service: Service) -> Diagnostic | None:
    """TLS to a container of a product: none of them speaks it."""
    if not upstream.scheme or upstream.scheme.text != "https" or not deployment.role(service):
        return None
    if int(upstream.port) not in (deployment.listening(service) or ()):
        return None
    defined = Related(service.place, "`{service}` is defined here", (("service", service.name),))
    return speaks_no_tls(upstream.scheme, service, upstream.port, defined)


def _ported(upstream: Upstream, right: int, applicability: Applicability) -> tuple[Fix, ...]:
    values = (("port", str(right)),)
    if upstream.port_place is None:
        # The place of the host is exact unless a variable of the template gives it.
        if upstream.place.text != upstream.host:
            return ()
        end = upstream.place.span.end
        edit = Edit(upstream.place.document.place(end, end), f":{right}")
    elif upstream.port_place.text == upstream.port:
        edit = Edit(upstream.port_place, str(right))
    else:
        return ()
    return (Fix("Use port {port}", (edit,), applicability, values),)


def _behind(service: Service, port: int) -> int | None:
    """The container port that a port of the host leads to."""
    for mapping in service.ports:
        if mapping.published and mapping.target and mapping.published[0] <= port <= mapping.published[1]:
            return min(mapping.target[0] + port - mapping.published[0], mapping.target[1])
    return None


def shares_its_network(deployment: Deployment, service: Service) -> bool:
    """Whether another container answers at this one's address, too."""
    modes = (f"service:{service.name}", f"container:{service.container_name.text if service.container_name else ''}")
    return service.network_mode is not None or any(s.network_mode in modes for s in deployment.services.values())


@rule("NGX013", "upstream-not-on-network", Deployment, Severity.ERROR, faq=("D20",), fix=Applicability.UNSAFE)
def upstream_not_on_network(deployment: Deployment) -> Diagnostics:
    """The service exists, but nginx is on none of its networks."""
    for upstream in upstreams(deployment):
        found = deployment.lookup(upstream.nginx, upstream.host)
        if found.reach == "apart":
            yield _apart(deployment, upstream, found.services[0])


def _apart(deployment: Deployment, upstream: Upstream, service: Service) -> Diagnostic:
    theirs = sorted(deployment.networks(service) or ())
    ours = sorted(deployment.networks(upstream.nginx) or ())
    fixes: tuple[Fix, ...] = ()
    if len(theirs) == 1:
        edit = join_network(deployment, upstream.nginx, theirs[0])
        values = (("nginx", upstream.nginx.name), ("network", theirs[0]))
        if edit is not None:
            fixes = (Fix("Put `{nginx}` on the network `{network}`", (edit,), Applicability.UNSAFE, values),)
    return Diagnostic(
        upstream.place,
        "`{host}` shares no network with `{nginx}`, so nginx " + _outcome(upstream) + ": `{host}` is on {theirs}, "
        "`{nginx}` on {ours}",
        (
            ("host", upstream.host),
            ("nginx", upstream.nginx.name),
            ("theirs", _listed(theirs)),
            ("ours", _listed(ours)),
        ),
        (
            Related(service.place, "`{service}` is defined here", (("service", service.name),)),
            Related(upstream.nginx.place, "and `{nginx}` here", (("nginx", upstream.nginx.name),)),
            *upstream.filled_in,
        ),
        fixes,
    )


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "–"
