"""Servers that listen with TLS and have no certificate, or a certificate without its key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ...kit import Deployment, Diagnostic, Diagnostics, NginxTree, Place, Related, Severity, rule
from .duplicates import address_of
from .reading import Read, alone, readings
from .targets import TLS_HOLE

_CERTIFICATE = "ssl_certificate"
_KEY = "ssl_certificate_key"
_NONE = (
    "this server listens on `{address}` with `ssl`, and neither it nor `http` has an `ssl_certificate`: nginx does not "
    "start"
)
_OTHER = (
    "`ssl` is asked for here, and the server that answers first on `{address}` has no `ssl_certificate`: nginx does "
    "not start"
)
_NO_KEY = "a certificate without an `ssl_certificate_key` beside it: nginx does not start"


class _Server(NamedTuple):
    """A `server` block: the names of what it has or gets from `http`, its lines, and the number of its keys."""

    names: frozenset[str]
    listens: list[Read]
    certificates: list[Read]
    keys: int

    @property
    def certified(self) -> bool:
        """Whether it has a certificate; what a script writes in place of a hole brings one."""
        return _CERTIFICATE in self.names or TLS_HOLE in self.names


class _Listen(NamedTuple):
    """A line that asks for TLS or not, by an address."""

    server: _Server
    read: Read
    words: list[str]


def _of_stacks(deployment: Deployment) -> Diagnostics:
    """A certificate may stand in another file than the server."""
    for reads in readings(deployment):
        yield from _lacking(reads)


@rule("NGX031", "tls-without-certificate", NginxTree, Severity.ERROR, together=_of_stacks)
def tls_without_certificate(tree: NginxTree) -> Diagnostics:
    """nginx does not start where it is to speak TLS without a certificate and its key."""
    yield from _lacking(alone(tree) or ())


def _lacking(reads: Sequence[Read]) -> Diagnostics:
    servers = _servers(reads)
    keyless = (server.certificates[server.keys] for server in servers if len(server.certificates) > server.keys)
    yield from (Diagnostic(place, _NO_KEY) for place in dict.fromkeys(map(_place, keyless)))
    for address, group in _by_address(servers).items():
        asking = [listen for listen in group if "ssl" in listen.words]
        if asking:
            yield from _uncertified(address, asking, group)


def _uncertified(address: str, asking: Sequence[_Listen], group: Sequence[_Listen]) -> Diagnostics:
    """The first server of an address speaks for all; where it turns everybody away, the others need their own."""
    first = next((listen for listen in group if {"default_server", "default"} & {*listen.words}), group[0])
    if first.server.certified:
        return
    judged = [first]
    if _rejects(first.server):
        judged = [each for each in group if not each.server.certified and not _rejects(each.server)]
    for listen in judged[:1]:
        own = next((each for each in asking if each.server is listen.server), None)
        related = () if own else (Related(_place(listen.read), "this server answers first"),)
        yield Diagnostic(
            _place((own or asking[0]).read),
            _NONE if own else _OTHER,
            (("address", address.removeprefix(":")),),
            related,
        )


def _rejects(server: _Server) -> bool:
    return "ssl_reject_handshake" in server.names


def _servers(reads: Sequence[Read]) -> list[_Server]:
    """The servers of `http`, in nginx's order."""
    of_http = [read for read in reads if read.level == "http"]
    inherited = frozenset(read.line.name for read in of_http if not _is_off(read))
    certificates, keys = _called(_CERTIFICATE, of_http), _called(_KEY, of_http)
    inside: dict[int, list[Read]] = {}
    for read in reads:
        if read.level == "http" and read.line.name == "server" and read.line.directive.block is not None:
            inside.setdefault(id(read.line.directive), [])
        elif read.level == "server" and (found := inside.get(id(read.parents[-1]))) is not None:
            found.append(read)
    return [
        _Server(
            inherited.union(read.line.name for read in lines if not _is_off(read)),
            _called("listen", lines),
            _called(_CERTIFICATE, lines) or certificates,
            len(_called(_KEY, lines) or keys),
        )
        for lines in inside.values()
    ]


def _called(name: str, reads: Sequence[Read]) -> list[Read]:
    return [read for read in reads if read.line.name == name]


def _is_off(read: Read) -> bool:
    return read.line.name == "ssl_reject_handshake" and read.line.words == ["off"]


def _by_address(servers: Sequence[_Server]) -> dict[str, list[_Listen]]:
    """The `listen` lines by their address, {} where one of them cannot be told."""
    found: dict[str, list[_Listen]] = {}
    for server in servers:
        for read in server.listens:
            words = [read.line.filled(word) for word in read.line.words]
            known = [word for word in words if word is not None]
            if len(known) < len(words) or not known:
                return {}
            if not known[0].startswith("unix:"):
                found.setdefault(address_of(known[0]), []).append(_Listen(server, read, known[1:]))
    return found


def _place(read: Read) -> Place:
    return read.line.tree.document.place(*read.line.directive.span)
