"""What squid answers a request, as far as its `http_access` lines and acls let one know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ...kit import Acl, LatePattern, Literal, parse_range
from .access import AccessList, Line, reads_more

_ADDRESS = LatePattern(r"[\d.]+|\[.*|.*:.*")


class Asked(NamedTuple):
    """A request: the host as its URL names it (in lower case), an address or a name. `client` "": nobody knows who."""

    client: str
    host: str
    port: int
    method: str
    scheme: str = "http"

    @property
    def by_address(self) -> bool:
        """Whether the host is an address."""
        return _ADDRESS.fullmatch(self.host) is not None


class Answer(NamedTuple):
    """Whether squid allows a request, None when nobody knows, and the line that decides; None: the end of the file."""

    allows: bool | None
    line: Line | None = None


def answer(access: AccessList, asked: Asked) -> Answer:
    """What the first line that matches says, else the opposite of the last one."""
    done = 0
    doubt: set[bool] = set()
    directives = access.tree.directives
    for line in access.lines:
        if any(map(reads_more, directives[done : line.at])):
            return Answer(None)
        done = line.at
        matches = _matches(line, asked)
        if matches is None:
            doubt.add(line.allows)
        elif matches:
            # A line above that may match is of no account where it says the same.
            return Answer(line.allows, line) if doubt <= {line.allows} else Answer(None)
    if doubt or any(map(reads_more, directives[done:])) or any(line.conditional for line in access.lines):
        return Answer(None)
    return Answer(not access.lines[-1].allows if access.lines else False)


def _matches(line: Line, asked: Asked) -> bool | None:
    """Whether a line matches a request, None when that cannot be told."""
    if line.literals is None or line.conditional:
        return None
    answers = [_true_of(literal, asked) for literal in line.literals]
    return False if False in answers else None if None in answers else True


def _true_of(literal: Literal, asked: Asked) -> bool | None:
    found = matched(literal.acl, asked)
    return found if found is None else found != literal.negated


def matched(acl: Acl, asked: Asked) -> bool | None:
    """Whether an acl matches a request, None when nobody knows."""
    if acl.is_all:
        return True
    if acl.name == "manager" or (acl.name == "localhost" and not asked.client):
        # No other container asks from squid's own loopback, or for squid's own pages.
        return False
    if acl.type == "src":
        return _holds(acl, parse_range(asked.client)) if asked.client else None
    if acl.type == "dst":
        return _holds(acl, parse_range(asked.host.strip("[]"))) if asked.by_address else None
    if acl.type == "port":
        return _holds(acl, (asked.port, asked.port))
    if acl.type == "dstdomain":
        return _named(acl, asked)
    if acl.type in ("method", "proto") and acl.most is not None:
        return (asked.method if acl.type == "method" else asked.scheme.upper()) in acl.most
    return None


def _holds(acl: Acl, wanted: tuple[int, int] | None) -> bool | None:
    if wanted is None:
        return None
    if any(not isinstance(r, str) and r[0] <= wanted[0] and wanted[1] <= r[1] for r in acl.least):
        return True
    if acl.most is None or any(not isinstance(r, str) and r[0] <= wanted[1] and wanted[0] <= r[1] for r in acl.most):
        return None
    return False


def _named(acl: Acl, asked: Asked) -> bool | None:
    domains: Sequence[str] = [str(domain) for domain in acl.most or ()]
    if acl.most is None:
        return None
    if not asked.by_address:
        return any(_in_domain(asked.host, domain) for domain in domains)
    # A name that leads to the address may be among them, but nobody asks for the address by it.
    return None if any(_ADDRESS.fullmatch(domain) for domain in domains) else False


def _in_domain(host: str, domain: str) -> bool:
    return host == domain.lstrip(".") or (domain.startswith(".") and host.endswith(domain))
