"""What is offered to be written: variables, their values, addresses of services, names of the deployment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from ...schemas.parsers.document import Span
from .facts import Known, allowed, known, names_for
from .index import index_of
from .words import Shown

if TYPE_CHECKING:
    from ...schemas.models.deployment import Deployment
    from ...schemas.models.service import Service

_URL_ENDS = ("URL", "URI", "ENDPOINT", "BASE", "ORIGIN")
_HOST_ENDS = ("HOST", "HOSTNAME", "SERVER")
_ADDRESS_ENDS = ("ADDRESS", "ADDR", "BROKER", "ENDPOINTS", "HOSTS")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Sort(Enum):
    """What kind of thing a completion is."""

    VARIABLE = "variable"
    VALUE = "value"
    SERVICE = "service"
    ADDRESS = "address"
    NAME = "name"
    KEY = "key"
    DIRECTIVE = "directive"


class Completion(NamedTuple):
    """One offer: `text` takes the place of what stands at `span`.

    `key` names its documentation, which `completion.documentation` makes when it is asked for; "" where there is none.
    """

    label: str
    sort: Sort
    detail: str
    span: Span
    text: str
    key: str = ""


def variables(deployments: Iterable[Deployment], shown: Shown, span: Span, form: str) -> Iterator[Completion]:
    """The variables that may stand in a `${…}`: of `.env`, of the project's files, of the product's release.

    `form` holds `{name}` in the place of the name.
    """
    seen: set[str] = set()
    for deployment in deployments:
        project = deployment.project
        for name, value in project.variables.items():
            place = value.pieces[0].place if value.pieces else None
            if name not in seen and place is not None and _NAME.fullmatch(name):
                seen.add(name)
                yield _variable(name, shown.where(place), span, form)
        for name in dict.fromkeys(use.name for use in project.uses):
            if name not in seen:
                seen.add(name)
                yield _variable(name, "set nowhere", span, form)
        for name, found in names_for(deployment).items():
            if name not in seen:
                seen.add(name)
                yield _variable(name, _release(found), span, form)


def environment_names(deployment: Deployment, service: str, span: Span, form: str) -> Iterator[Completion]:
    """The variables that a service's role knows and that are not in its environment."""
    reader = deployment.services.get(service)
    present = frozenset(reader.environment) if reader is not None else frozenset[str]()
    for name, found in names_for(deployment, service).items():
        if name not in present:
            yield _variable(name, _release(found), span, form)
    server = deployment.server(reader) if reader is not None else None
    for fact in ("user", "password", "database", "root", "root_password") if server is not None else ():
        for name in server.variables(fact) if server is not None else ():
            if name not in present:
                yield _variable(name, f"{server.name if server else ''}: {fact.replace('_', ' ')}", span, form)


def values(deployment: Deployment, name: str, service: str, span: Span) -> Iterator[Completion]:
    """The values that a variable takes, and the addresses of services for one that holds an address."""
    found = known(deployment, name, (service,) if service else _readers(deployment, name))
    for text in allowed(found) if found is not None else ():
        yield Completion(text, Sort.VALUE, name, span, text, f"variable:{name}")
    yield from addresses(deployment, name, found, service, span)


def addresses(deployment: Deployment, name: str, found: Known | None, service: str, span: Span) -> Iterator[Completion]:
    """The addresses under which the services of a deployment can be reached, in the form that a variable wants."""
    form = _form(name, found)
    if not form:
        return
    reader = deployment.services.get(service)
    for other in deployment.services.values():
        if other is reader or (reader is not None and not _near(deployment, reader, other)):
            continue
        state = "" if other.active else ", switched off by its profile"
        if form == "host":
            yield Completion(other.name, Sort.ADDRESS, f"service{state}", span, other.name, f"service:{other.name}")
            continue
        for port in ports(deployment, other):
            text = f"{other.name}:{port}"
            if form == "url":
                text = f"{scheme(deployment, other)}://{text}"
            yield Completion(text, Sort.ADDRESS, f"service {other.name}{state}", span, text, f"service:{other.name}")


def ports(deployment: Deployment, service: Service) -> tuple[int, ...]:
    """The container ports of a service, as far as its image or the file tells."""
    found = deployment.listening(service) or deployment.offered(service)
    return tuple(sorted(found))[:8]


def scheme(deployment: Deployment, service: Service) -> str:
    """The scheme of a URL that leads to a service."""
    server = deployment.server(service)
    schemes = server.facts.get("schemes", ()) if server is not None else ()
    return str(schemes[0]) if schemes else "http"


def things(deployments: Iterable[Deployment], kind: str, text_names: Iterable[str], span: Span) -> Iterator[Completion]:
    """The services, networks, volumes or profiles of a deployment, those included that a broken file only shows."""
    seen: dict[str, str] = {}
    for deployment in deployments:
        project = deployment.project
        if kind == "profile":
            names: Iterable[str] = index_of(deployment).profiles()
        else:
            names = getattr(project, f"{kind}s")
        seen.update(dict.fromkeys(names, kind))
    seen.update(dict.fromkeys(text_names, kind))
    sort = Sort.SERVICE if kind == "service" else Sort.NAME
    for name in seen:
        yield Completion(name, sort, kind, span, name, f"service:{name}" if kind == "service" else "")


def _near(deployment: Deployment, reader: Service, other: Service) -> bool:
    own, theirs = deployment.networks(reader), deployment.networks(other)
    return own is None or theirs is None or bool(own & theirs)


def _form(name: str, found: Known | None) -> str:
    """Whether a variable holds a "url", a "host", a "host:port" or none of them."""
    fact = found.fact if found is not None else None
    last = re.sub(r"\d+$", "", name).rpartition("_")[2]
    if fact is not None and (fact.type == "url" or fact.form in ("url", "origin")):
        return "url"
    if fact is not None and fact.type in ("bool", "int", "float", "enum"):
        return ""
    if (fact is not None and fact.form in ("host", "bare-host")) or last in _HOST_ENDS:
        return "host"
    if last in _URL_ENDS:
        return "url"
    return "host:port" if last in _ADDRESS_ENDS else ""


def _readers(deployment: Deployment, name: str) -> tuple[str, ...]:
    return tuple(s.name for s in deployment.services.values() if name in s.environment)


def _variable(name: str, detail: str, span: Span, form: str) -> Completion:
    return Completion(name, Sort.VARIABLE, detail, span, form.replace("{name}", name), f"variable:{name}")


def _release(found: Known) -> str:
    version = ".".join(map(str, found.version)) if found.version else ""
    return f"{found.table.title} {version}".strip()
