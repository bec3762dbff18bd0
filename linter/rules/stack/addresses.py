"""Which addresses in the environment a service really calls, where a person edits them, and what they may mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from ...kit import DATASTORE_SCHEMES, Deployment, Edit, Endpoint, Place, Related, Service, join_network

# `DB_HOST`, `REDIS_HOST` …: the words that say which kind of server a bare host variable means.
KINDS = {
    "postgres": "postgres",
    "postgresql": "postgres",
    "pg": "postgres",
    "mysql": "mysql",
    "mariadb": "mariadb",
    "mongo": "mongo",
    "mongodb": "mongo",
    "redis": "redis",
    "valkey": "redis",
    "rabbitmq": "rabbitmq",
    "elasticsearch": "elasticsearch",
    "opensearch": "opensearch",
    "minio": "minio",
    "milvus": "milvus",
    "qdrant": "qdrant",
    "memcached": "memcached",
}
DATABASES = frozenset({"postgres", "mysql", "mariadb", "mongo"})

# Gateways that the model world calls from its servers, whatever program reads the variable.
MODEL_ENDPOINTS = frozenset(
    {"OPENAI_BASE_URL", "OPENAI_API_BASE", "OPENAI_API_BASE_URL", "OLLAMA_BASE_URL", "ONEAPI_URL", "LLM_BASE_URL"}
)


class Address(NamedTuple):
    """One written address, with every service that gets it."""

    endpoint: Endpoint
    place: Place
    readers: tuple[Service, ...]

    @property
    def services(self) -> str:
        """The readers' names for a message, the first few of many."""
        return listed(self.readers)

    @property
    def related(self) -> tuple[Related, ...]:
        """The way from where the value is written to the service."""
        variable = self.endpoint.variable
        steps = [place for place in variable.value.trail if place != self.place]
        if not any(step.document is variable.place.document for step in (self.place, *steps)):
            steps.append(variable.place)
        return tuple(Related(place, "it is passed on here") for place in steps if not _overlap(place, self.place))


def listed(services: Sequence[Service]) -> str:
    """The names of services for a message, the first few of many."""
    names = ", ".join(f"`{service.name}`" for service in services[:3])
    return names + (", …" if len(services) > 3 else "")


def _overlap(one: Place, other: Place) -> bool:
    return one.document is other.document and one.span.start < other.span.end and other.span.start < one.span.end


def written(endpoints: Iterable[Endpoint]) -> Iterator[Address]:
    """Endpoints brought together by the place where a person edits the host: one mistake, one finding."""
    found: dict[tuple[Place, str], list[Endpoint]] = {}
    for endpoint in endpoints:
        found.setdefault(_line(endpoint), []).append(endpoint)
    for (place, _), group in found.items():
        yield Address(group[0], place, tuple(endpoint.reader for endpoint in group))


def wrong_ones(
    deployment: Deployment, wrong: Callable[[Endpoint], bool], right: Callable[[Endpoint], bool]
) -> Iterator[Endpoint]:
    """The called addresses that are wrong for their reader, and not there for another who is given the same line.

    What several services are given in one file or mapping is not read by each; of a product it is known by whom, and
    well-known servers read no addresses of others.
    """
    every = tuple(called(deployment))
    fitting = {_line(e) for e in every if deployment.server(e.reader) is None and right(e)}
    for endpoint in every:
        if wrong(endpoint) and (endpoint.reader.name in deployment.roles or _line(endpoint) not in fitting):
            yield endpoint


def _line(endpoint: Endpoint) -> tuple[Place, str]:
    host = endpoint.host
    return endpoint.variable.place_of(host.start, host.end), host.text


def called(deployment: Deployment) -> Iterator[Endpoint]:
    """The addresses that their readers certainly call themselves, and that are not for a browser.

    Certain are the variables and keys of configuration that the table of a product or a known server names, gateways
    that every program calls from its server, and connection URLs of data stores.
    """
    contacts = {name: deployment.contacts(deployment.services[name]) for name in deployment.roles}
    for endpoint in deployment.endpoints:
        name = endpoint.variable.name
        if endpoint.reader.name in contacts:
            if name in contacts[endpoint.reader.name]:
                yield endpoint
        elif (
            name in MODEL_ENDPOINTS
            or name in deployment.contacts(endpoint.reader)
            or endpoint.protocol in DATASTORE_SCHEMES
            or _own_host_variable(deployment, endpoint)
        ):
            yield endpoint
    yield from deployment.called_by_configuration


def _own_host_variable(deployment: Deployment, endpoint: Endpoint) -> bool:
    """Whether a program of the user is told a server's host; what well-known servers tell each other is theirs."""
    return meant_server(endpoint) != "" and deployment.server(endpoint.reader) is None


def meant_server(endpoint: Endpoint) -> str:
    """The kind of server that a bare host variable names: `REDIS_HOST` → redis, `DB_HOST` → database, "" for others."""
    if endpoint.scheme:
        return ""
    words = endpoint.variable.name.lower().split("_")
    if words[-1] not in ("host", "hostname", "server", "address", "addr"):
        return ""
    if len(words) > 1 and words[-2] in ("db", "database"):
        return "database"
    return next((KINDS[word] for word in words[:-1] if word in KINDS), "")


def candidates(deployment: Deployment, endpoint: Endpoint) -> tuple[Service, ...]:
    """The active services that an address probably means, the reader left out.

    The product's table says it first, then the kind of server that the address names, then the port: one that the host
    publishes, since that is what a person tries by hand, before one that only a container listens on.
    """
    others = tuple(s for s in deployment.project.active if s is not endpoint.reader)
    targets = deployment.contacts(endpoint.reader).get(endpoint.variable.name, ())
    if targets:
        found = tuple(s for s in others if deployment.role(s) in targets or _server_name(deployment, s) in targets)
        return _alike(deployment, endpoint.variable.name, found) if len(found) > 1 else found
    by_kind = tuple(s for s in others if is_meant(deployment, s, endpoint))
    if by_kind or endpoint.protocol in DATASTORE_SCHEMES or not endpoint.port:
        return by_kind
    port = int(endpoint.port.text)
    published = tuple(s for s in others if _publishes(s, port))
    return published or tuple(
        s for s in others if port in (deployment.listening(s) or ()) or port in deployment.offered(s)
    )


def _alike(deployment: Deployment, variable: str, services: tuple[Service, ...]) -> tuple[Service, ...]:
    """Those of several servers of one kind whose name or image shares a word with the variable (`PGVECTOR_HOST`)."""
    words = set(variable.lower().split("_"))

    def shares(service: Service) -> bool:
        image = deployment.image(service)
        return not words.isdisjoint((image.name if image else "").split("-")) or not words.isdisjoint(
            service.name.lower().replace("-", "_").split("_")
        )

    return tuple(service for service in services if shares(service)) or services


def _server_name(deployment: Deployment, service: Service) -> str:
    server = deployment.server(service)
    return server.name if server else ""


def is_meant(deployment: Deployment, service: Service, endpoint: Endpoint) -> bool:
    """Whether a service is a server of the kind that an address names by its scheme or its variable."""
    server = deployment.server(service)
    if server is None:
        return False
    if endpoint.scheme:
        return endpoint.protocol in server.facts.get("schemes", ())
    kind = meant_server(endpoint)
    return server.name == kind or (kind == "database" and server.name in DATABASES)


def _publishes(service: Service, port: int) -> bool:
    return any(p.published and p.published[0] <= port <= p.published[1] for p in service.ports)


def joined(deployment: Deployment, readers: Iterable[Service], target: Service) -> tuple[Edit, ...]:
    """Put services on the one network of another; () where that has several, or where it cannot be written."""
    names = sorted(deployment.networks(target) or ())
    if len(names) != 1:
        return ()
    edits = [join_network(deployment, reader, names[0]) for reader in readers]
    done = tuple(edit for edit in edits if edit is not None)
    return done if len(done) == len(edits) else ()


def inner_port(deployment: Deployment, service: Service, port: int) -> int | None:
    """The container port behind a published host port; the port itself where the container listens on it."""
    if port in deployment.offered(service) or port in (deployment.listening(service) or ()):
        return port
    for mapping in service.ports:
        if mapping.published and mapping.target and mapping.published[0] <= port <= mapping.published[1]:
            return min(mapping.target[0] + port - mapping.published[0], mapping.target[1])
    return None
