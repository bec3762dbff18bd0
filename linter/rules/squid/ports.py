"""Where a stack's squid listens for other containers, by the configuration that it mounts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...kit import Deployment, LatePattern, MountedFile, Service, SquidTree
from .access import CONDITIONALS, is_main
from .written import Written

_PORT = LatePattern(r"(?:(?P<host>.*):)?(?P<port>\d{1,5})")
_OTHERS = frozenset(("accel", "transparent", "intercept", "tproxy"))


class Proxy(NamedTuple):
    """A squid of the stack: its main file, the ports for clients that know of the proxy, and all others."""

    file: MountedFile
    tree: SquidTree
    forward: frozenset[int]
    encrypted: frozenset[int]
    others: frozenset[int]

    @property
    def clients(self) -> frozenset[int]:
        """The ports for clients that know of the proxy."""
        return self.forward | self.encrypted

    @property
    def service(self) -> Service:
        """The service that runs squid."""
        return self.file.service


def proxies(deployment: Deployment, *, reverse: bool = False) -> Iterator[Proxy]:
    """Every active squid with one main file of which all ports are known; with `reverse` those without clients, too."""
    for service in deployment.project.active:
        mains = [
            (file, file.tree)
            for file in deployment.mounted_by(service, "squid")
            if isinstance(file.tree, SquidTree) and is_main(file.tree)
        ]
        if len(mains) == 1:
            found = _proxy(*mains[0])
            if found is not None and (found.clients or (reverse and found.others)):
                yield found


def listening(proxy: Proxy) -> Iterator[tuple[int, Written]]:
    """The ports on which a squid listens, with the word that says so."""
    for directive in proxy.tree.directives:
        if directive.name.text in ("http_port", "https_port") and directive.arguments:
            word = directive.arguments[0]
            match = _PORT.fullmatch(proxy.file.filled(word.text) or "")
            if match is not None:
                yield int(match["port"]), Written(proxy.file, proxy.tree, word)


def _proxy(file: MountedFile, tree: SquidTree) -> Proxy | None:
    forward: set[int] = set()
    encrypted: set[int] = set()
    others: set[int] = set()
    if any(d.placeholder or d.name.text in CONDITIONALS for d in tree.directives):
        return None
    for directive in tree.directives:
        kind = directive.name.text
        if kind not in ("http_port", "https_port") or not directive.arguments:
            continue
        match = _PORT.fullmatch(file.filled(directive.arguments[0].text) or "")
        if match is None:
            return None
        local = (match["host"] or "") in ("127.0.0.1", "localhost", "[::1]")
        plain = not local and not any(word.text in _OTHERS for word in directive.arguments[1:])
        (others if not plain else forward if kind == "http_port" else encrypted).add(int(match["port"]))
    return Proxy(file, tree, frozenset(forward), frozenset(encrypted), frozenset(others))
