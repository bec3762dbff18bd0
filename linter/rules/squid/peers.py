"""The servers to which squid passes requests on: names and ports that the stack has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Fix,
    HostLookup,
    LatePattern,
    MountedFile,
    Related,
    Service,
    Severity,
    SquidDirective,
    SquidTree,
    near,
    rule,
)
from .written import Written

_LABEL = LatePattern(r"[A-Za-z_][A-Za-z0-9_-]*")


class Peer(NamedTuple):
    """A `cache_peer` line of a mounted file. `host` and `port` are what squid reads."""

    file: MountedFile
    tree: SquidTree
    directive: SquidDirective
    host: str
    port: int

    def written(self, index: int) -> Written:
        """An argument of the line."""
        return Written(self.file, self.tree, self.directive.arguments[index])


@rule("SQD010", "peer-unknown", Deployment, Severity.ERROR, fix=Applicability.UNSAFE)
def peer_unknown(deployment: Deployment) -> Diagnostics:
    """A peer whose name nobody has, or a port on which it does not listen: squid answers 503."""
    for service in deployment.project.active:
        for peer in _peers(deployment, service):
            found = deployment.lookup(service, peer.host)
            if found.reach == "none" and _LABEL.fullmatch(peer.host) and peer.host.lower() != "localhost":
                yield _unknown(deployment, peer)
            elif found.reach in ("apart", "inactive"):
                yield _unreached(peer, found)
            elif found.reach == "reached" and len(found.services) == 1:
                yield from _wrong_port(deployment, peer, found.services[0])


def _peers(deployment: Deployment, service: Service) -> Iterator[Peer]:
    for file in deployment.mounted_by(service, "squid"):
        tree = file.tree
        if not isinstance(tree, SquidTree):
            continue
        for directive in tree.directives:
            if directive.name.text == "cache_peer" and len(directive.arguments) > 2:
                host, _, port = (file.filled(word.text) for word in directive.arguments[:3])
                if host and port and port.isascii() and port.isdigit() and len(port) <= 5:
                    yield Peer(file, tree, directive, host, int(port))


def _unknown(deployment: Deployment, peer: Peer) -> Diagnostic:
    meant = near(peer.host, (s.name for s in deployment.project.active if s is not peer.file.service))
    answering = _answering(deployment, peer) if meant is None else None
    values = (
        *(("host", peer.host), ("squid", peer.file.service.name)),
        *(("name", meant or answering or ""), ("port", str(peer.port))),
    )
    message = (
        "no service, alias or container of this stack is called `{host}`: `{squid}` cannot pass requests on to it and "
        "answers 503; "
    )
    if meant is not None:
        message += "did you mean `{name}`?"
    elif answering is not None:
        message += "`{name}` answers on port {port}"
    else:
        message += "write the name of the service that should answer"
    name = meant or answering
    return Diagnostic(
        peer.written(0).place,
        message,
        values,
        _read_here(peer),
        _changed(deployment, peer, 0, name) if name else (),
    )


def _answering(deployment: Deployment, peer: Peer) -> str | None:
    """The service that goes by a new name: of those that listen on the port, the only one, or the one of this role."""
    found = [
        service
        for service in deployment.project.active
        if service is not peer.file.service
        and peer.port in (deployment.listening(service) or deployment.offered(service))
        and deployment.lookup(peer.file.service, service.name).reach == "reached"
    ]
    playing = [service for service in found if deployment.role(service) == peer.host] or found
    return playing[0].name if len(playing) == 1 else None


def _unreached(peer: Peer, found: HostLookup) -> Diagnostic:
    values = (("host", peer.host), ("squid", peer.file.service.name))
    return Diagnostic(
        peer.written(0).place,
        "`{host}` shares no network with `{squid}`, which cannot pass requests on to it and answers 503: put both on "
        "one network"
        if found.reach == "apart"
        else "`{host}` is switched off by its profile: `{squid}` cannot pass requests on to it and answers 503",
        values,
        (Related(found.services[0].place, "`{host}` is defined here", values), *_read_here(peer)),
    )


def _wrong_port(deployment: Deployment, peer: Peer, target: Service) -> Iterator[Diagnostic]:
    listening = deployment.listening(target)
    if not listening or peer.port in listening or peer.port in deployment.offered(target) or target.network_mode:
        return
    values = (
        ("host", target.name),
        ("port", str(peer.port)),
        ("ports", ", ".join(map(str, sorted(listening)))),
        ("squid", peer.file.service.name),
    )
    yield Diagnostic(
        peer.written(2).place,
        "`{host}` does not listen on port {port}; it answers on {ports}: `{squid}` cannot pass requests on and answers "
        "503",
        values,
        (Related(target.place, "`{host}` is defined here", values), *_read_here(peer)),
        _changed(deployment, peer, 2, str(next(iter(listening)))) if len(listening) == 1 else (),
    )


def _read_here(peer: Peer) -> tuple[Related, ...]:
    place = peer.tree.document.place(*peer.directive.span)
    return (Related(place, "squid reads it here"),)


def _changed(deployment: Deployment, peer: Peer, index: int, text: str) -> tuple[Fix, ...]:
    edit = peer.written(index).changed(deployment, text)
    return (Fix("Write `{text}`", (edit,), Applicability.UNSAFE, (("text", text),)),) if edit else ()
