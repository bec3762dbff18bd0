"""The addresses under which the containers of a stack look for its squid, against the ports where it listens."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Edit,
    Endpoint,
    Fix,
    LatePattern,
    Place,
    Related,
    Service,
    Severity,
    change_part,
    names_of,
    rule,
    squid_edits,
)
from .ports import Proxy, listening, proxies
from .written import Written

# HTTP_PROXY and its like, and Dify's SSRF_PROXY_HTTP_URL, SSRF_PROXY_HTTPS_URL, SSRF_PROXY_ALL_URL.
_PLAIN = LatePattern(r"(?:HTTPS?|ALL)_PROXY", re.IGNORECASE)
_PROXY_VARIABLE = LatePattern(r"(?:.*_)?(?:(?:HTTPS?|ALL)_PROXY(?:_URL)?|PROXY_(?:HTTPS?|ALL)_URL)", re.IGNORECASE)
_NO_PORT = (
    "{variables} names no port, and `{service}` listens on {ports}: nothing gets through the proxy; write "
    "`{service}:{right}`"
)
_WRONG_PORT = (
    "{variables} asks for port {port}, and `{service}` listens on {ports} for its clients: nothing gets through the "
    "proxy"
)
_REVERSE_PORT = (
    "{variables} asks for port {port}, which `{service}` keeps for requests that know of no proxy (`accel` and the "
    "like); its clients reach it on {ports}"
)
_NO_CLIENTS = (
    "`{service}` listens here for requests that know of no proxy, and has no `http_port` for those of {variables}, on "
    "port {port}: nothing gets through it"
)
_NOTHING = "{variables} asks for port {port} of `{service}`, which listens on {all}: nothing answers there"
_ENCRYPTED = (
    "{variables} begins with `https://`, and `{service}` speaks plain HTTP on port {port}, for requests to https "
    "addresses, too: the connection to the proxy fails; write `http://`"
)
_LOOPBACK = (
    "{variables} says `{host}`, which is the container of `{reader}` itself: nothing gets through the proxy, which "
    "answers as `{service}`"
)
_MOVED = (
    "`{service}` listens on {ports} for its clients, and {variables} ask for {port}: nothing gets through the proxy; "
    "let both say the same"
)


class Miss(NamedTuple):
    """An address that does not lead to the proxy: what is wrong with it, which part, and what should stand there."""

    endpoint: Endpoint
    message: str
    start: int
    end: int
    wanted: str

    @property
    def place(self) -> Place:
        """Where the part is written."""
        variable = self.endpoint.variable
        return variable.value.place_of(self.start, self.end) or variable.place

    @property
    def port(self) -> str:
        """The port that is asked for, "" for none."""
        return self.endpoint.port.text if self.endpoint.port else ""

    def changed(self, deployment: Deployment) -> Edit | None:
        """Write what should stand there; None where nobody knows, or there is no one place to write it."""
        text = self.endpoint.variable.value.text or ""
        part = text[self.start : self.end], self.start, self.end
        return change_part(deployment, self.endpoint.variable.value, part, self.wanted) if self.wanted else None


@rule("SQD009", "proxy-address-mismatch", Deployment, Severity.ERROR, faq=("D18",), fix=Applicability.UNSAFE)
def proxy_address_mismatch(deployment: Deployment) -> Diagnostics:
    """A proxy that is looked for where it is not: every request that should go through it fails."""
    for proxy in proxies(deployment, reverse=True):
        asking = list(_clients(deployment, proxy))
        missing = [miss for endpoint in asking if (miss := _miss(proxy, endpoint)) is not None]
        about_proxy = [e for e in asking if _PROXY_VARIABLE.fullmatch(e.variable.name)]
        groups: dict[tuple[str, str], dict[Place, Miss]] = {}
        for miss in missing:
            # One line of `.env` serves many containers.
            groups.setdefault((miss.message, miss.port), {}).setdefault(miss.place, miss)
        for group in groups.values():
            misses = list(group.values())
            if misses[0].message == _NO_CLIENTS:
                yield _lacking(proxy, misses)
                continue
            own = _moved(proxy, misses) if len(missing) == len(about_proxy) and len(groups) == 1 else None
            yield _told_once(deployment, proxy, misses) if own is None else _told_there(deployment, proxy, misses, own)


def _clients(deployment: Deployment, proxy: Proxy) -> Iterator[Endpoint]:
    names = {name.lower() for name in names_of(proxy.service, deployment.project.name)}
    for endpoint in deployment.endpoints:
        if endpoint.scheme not in ("http", "https") or endpoint.reader is proxy.service:
            continue
        # To look up every name of a stack takes long; a link gives a name that its reader alone knows.
        known = endpoint.host.text.lower() in names or endpoint.reader.links
        if not known and not _PROXY_VARIABLE.fullmatch(endpoint.variable.name):
            continue
        if endpoint.loopback:
            if _is_meant(deployment, proxy, endpoint):
                yield endpoint
            continue
        found = deployment.lookup(endpoint.reader, endpoint.host.text)
        if (
            found.reach == "reached"
            and found.services == (proxy.service,)
            and not _is_shared(deployment, proxy.service)
        ):
            yield endpoint


def _is_shared(deployment: Deployment, service: Service) -> bool:
    """Whether another container listens in the network of a service, on ports of which its own says nothing."""
    mode = f"service:{service.name}"
    return any(other.network_mode == mode for other in deployment.services.values())


def _is_meant(deployment: Deployment, proxy: Proxy, endpoint: Endpoint) -> bool:
    """Whether a container that looks for a proxy on its own loopback means this one."""
    reader = endpoint.reader
    port = int(endpoint.port.text) if endpoint.port else None
    if port not in proxy.forward or deployment.networks(reader) is None:
        return False
    if reader.network_mode or _is_shared(deployment, reader) or port in deployment.offered(reader):
        return False
    known = not _PLAIN.fullmatch(endpoint.variable.name) or endpoint.variable.name in deployment.contacts(reader)
    others = [p for p in proxies(deployment) if port in p.forward]
    return not known and len(others) == 1 and deployment.lookup(reader, proxy.service.name).reach == "reached"


def _miss(proxy: Proxy, endpoint: Endpoint) -> Miss | None:
    part, port = endpoint.port or endpoint.host, int(endpoint.port.text) if endpoint.port else None
    wanted = _one(proxy.forward or proxy.encrypted)
    if endpoint.loopback:
        return Miss(endpoint, _LOOPBACK, *endpoint.host[1:], proxy.service.name)
    if any(p.published and port and p.published[0] <= port <= p.published[1] for p in proxy.service.ports):
        # That it is the port of the host STK004 tells.
        return None
    if not _PROXY_VARIABLE.fullmatch(endpoint.variable.name):
        known = not port or port in proxy.clients | proxy.others or proxy.service.get("build") is not None
        return None if known else Miss(endpoint, _NOTHING, *part[1:], _one(proxy.others))
    if port is None:
        wanted = f"{part.text}:{wanted}" if wanted else ""
        return Miss(endpoint, _NO_PORT, *part[1:], wanted) if proxy.clients else None
    if port not in proxy.clients:
        message = _REVERSE_PORT if port in proxy.others else _WRONG_PORT
        return Miss(endpoint, message if proxy.clients else _NO_CLIENTS, *part[1:], wanted)
    if endpoint.scheme == "https" and port in proxy.forward:
        at = (endpoint.variable.value.text or "").index("https")
        return Miss(endpoint, _ENCRYPTED, at, at + len("https"), "http")
    return None


def _moved(proxy: Proxy, misses: Sequence[Miss]) -> Written | None:
    """The one port of squid's that none of several clients asks for, while they agree on another."""
    own = [word for number, word in listening(proxy) if number in proxy.forward]
    right = len(misses) > 1 and misses[0].message == _WRONG_PORT and len(own) == 1 and len(proxy.clients) == 1
    return own[0] if right else None


def _lacking(proxy: Proxy, misses: Sequence[Miss]) -> Diagnostic:
    """Say it of the first port of a squid that has none for clients: a line is missing, or commented out."""
    values = (*_values(proxy, misses), ("variables", _named(misses)))
    _, word = next(listening(proxy))
    line = next(d for d in proxy.tree.directives if word.word in d.arguments)
    edit = squid_edits.insert_line(proxy.tree, f"http_port {misses[0].port}", before=line)
    return Diagnostic(
        proxy.tree.document.place(*line.span),
        _NO_CLIENTS,
        values,
        tuple(Related(miss.place, "a client asks for {port} here", values) for miss in misses),
        (Fix("Let `{service}` listen on {port}, too", (edit,), Applicability.UNSAFE, values),),
    )


def _told_there(deployment: Deployment, proxy: Proxy, misses: Sequence[Miss], own: Written) -> Diagnostic:
    """Say it of squid's own port; the addresses of its clients can be changed as well."""
    values = (*_values(proxy, misses), ("variables", _named(misses)))
    host, colon, _ = own.word.text.rpartition(":")
    edit = own.changed(deployment, f"{host}{colon}{misses[0].port}")
    fixes = [Fix("Let `{service}` listen on {port}", (edit,), Applicability.UNSAFE, values)] if edit else []
    return Diagnostic(
        own.place,
        _MOVED,
        values,
        tuple(Related(miss.place, "a client asks for {port} here", values) for miss in misses),
        (*fixes, *_changed(deployment, misses)),
    )


def _told_once(deployment: Deployment, proxy: Proxy, misses: Sequence[Miss]) -> Diagnostic:
    """Say it of the first of the addresses that are wrong in one way."""
    first, *others = misses
    values = _values(proxy, misses)
    like = f" (like {_named(others)})" if others else ""
    return Diagnostic(
        first.place,
        first.message,
        (*values, ("variables", f"`{first.endpoint.variable.name}`{like}")),
        (
            *(Related(miss.place, "the same is wrong here") for miss in others),
            *(Related(_line(word), "`{service}` listens here", values) for _, word in listening(proxy)),
        ),
        _changed(deployment, misses),
    )


def _changed(deployment: Deployment, misses: Sequence[Miss]) -> tuple[Fix, ...]:
    edits = [miss.changed(deployment) for miss in misses]
    known = tuple(edit for edit in edits if edit is not None)
    values = (("wanted", misses[0].wanted),)
    return (Fix("Write `{wanted}`", known, Applicability.UNSAFE, values),) if len(known) == len(edits) else ()


def _named(misses: Sequence[Miss]) -> str:
    return ", ".join(f"`{name}`" for name in dict.fromkeys(miss.endpoint.variable.name for miss in misses))


def _values(proxy: Proxy, misses: Sequence[Miss]) -> tuple[tuple[str, str], ...]:
    return (
        ("service", proxy.service.name),
        ("port", misses[0].port),
        ("ports", _shown(proxy.forward or proxy.encrypted)),
        ("all", _shown(proxy.clients | proxy.others)),
        ("right", _one(proxy.forward or proxy.encrypted)),
        ("host", misses[0].endpoint.host.text),
        ("reader", misses[0].endpoint.reader.name),
    )


def _one(ports: frozenset[int]) -> str:
    """The port where there is only one, else ""."""
    return str(next(iter(ports))) if len(ports) == 1 else ""


def _shown(ports: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(ports)))


def _line(written: Written) -> Place:
    return written.tree.document.place(*written.word.span)
