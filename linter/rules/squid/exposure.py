"""Proxies that anybody may use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...kit import Deployment, Diagnostic, Diagnostics, MountedFile, Place, Port, Related, Severity, SquidTree, rule
from .access import AccessList, Line, is_main

# A line of these says what may be asked for, not who may ask.
_ABOUT_TARGETS = frozenset(
    ("port", "method", "proto", "dst", "dstdomain", "dstdom_regex", "url_regex", "urlpath_regex", "url_port")
)


@rule("SQD005", "open-proxy", Deployment, Severity.ERROR)
def open_proxy(deployment: Deployment) -> Diagnostics:
    """A proxy on a port of the host that lets every client through to every address."""
    for service in deployment.project.active:
        for file in deployment.mounted_by(service, "squid"):
            if isinstance(file.tree, SquidTree) and is_main(file.tree):
                line = _open_line(file.tree)
                ports = list(_published(file, file.tree))
                if line is not None and ports:
                    yield _open(file, Place(file.tree.document, line.directive.span), ports)


def _open(file: MountedFile, place: Place, ports: Sequence[Port]) -> Diagnostic:
    first = ports[0]
    assert first.published is not None
    return Diagnostic(
        place,
        "this lets every client through, and `{service}` is published on port {port} of the host: whoever reaches the "
        "host uses it as an open proxy; allow the networks that need it, and bind the port to an address of the host",
        (("service", file.service.name), ("port", str(first.published[0]))),
        tuple(Related(port.place, "the port is published here") for port in ports),
    )


def _open_line(tree: SquidTree) -> Line | None:
    """The line that allows everything to everyone, if no line before it can keep a client out."""
    for line in AccessList(tree).lines:
        if line.allows:
            if line.matches_everything:
                return line
        elif line.literals is None or any(each.acl.type not in _ABOUT_TARGETS for each in line.literals):
            if line.literals is not None and any(each.acl.name == "manager" for each in line.literals):
                continue
            return None
    return None


def _published(file: MountedFile, tree: SquidTree) -> Iterator[Port]:
    """The ports of the host, on all its addresses, that lead to a forward proxy."""
    listening: set[int] = set()
    for directive in tree.directives:
        if directive.name.text in ("http_port", "https_port") and directive.arguments:
            words = [word.text for word in directive.arguments]
            address, _, port = (file.filled(words[0]) or "").rpartition(":")
            if port.isascii() and port.isdigit() and "accel" not in words and address not in ("127.0.0.1", "localhost"):
                listening.add(int(port))
    for mapping in file.service.ports:
        if mapping.target is None or mapping.published is None or not mapping.known or mapping.protocol != "tcp":
            continue
        if mapping.host_ip in ("", "0.0.0.0", "::", "[::]") and any(  # noqa: S104 - compared, not bound
            mapping.target[0] <= port <= mapping.target[1] for port in listening
        ):
            yield mapping
