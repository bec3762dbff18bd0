"""The chosen vector store: what it must be told, and whether its address leads to such a server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ...kit import Deployment, Diagnostic, Diagnostics, Place, Related, Service, Severity, Variable, rule
from .settings import Missing, text_of, unfilled
from .vector_store import NAME

if TYPE_CHECKING:
    from ....schemas.models.product_facts import Need


def _choices(deployment: Deployment) -> Iterator[tuple[Service, Variable, str]]:
    for service in deployment.playing("dify", "api", "worker"):
        variable = service.environment.get(NAME)
        if variable is not None and variable.value.text:
            yield service, variable, variable.value.text


@rule("DFY003", "vector-store-not-running", Deployment, Severity.ERROR, faq=("D17",))
def vector_store_not_running(deployment: Deployment) -> Diagnostics:
    """The address of the chosen store leads to a server of another kind."""
    table = deployment.table("dify")
    if table is None:
        return
    selector = table.data["vector_stores"]["variable"]
    servers = {
        server
        for fact in table.data["endpoints"]
        if selector in fact.get("when", {})
        for targets in fact["variables"].values()
        for server in targets
    }
    seen: set[Place] = set()
    of_service: dict[str, Mapping[str, Sequence[str]]] = {}
    for endpoint in deployment.endpoints:
        service, name = endpoint.reader, endpoint.variable.name
        choice = service.environment.get(NAME)
        if choice is None or not choice.value.text or deployment.role(service) not in ("api", "worker"):
            continue
        if service.name not in of_service:
            of_service[service.name] = _wanted(deployment, choice.value.text)
        wanted = of_service[service.name].get(name, ())
        found = deployment.lookup(service, endpoint.host.text) if wanted else None
        if not wanted or found is None or found.reach != "reached" or len(found.services) != 1:
            continue
        server = deployment.server(found.services[0])
        place = endpoint.variable.edit_place
        if server is None or server.name in wanted or server.name not in servers or place in seen:
            continue
        seen.add(place)
        yield Diagnostic(
            place,
            "`VECTOR_STORE` is `{store}`, but `{name}` of `{service}` leads to `{target}`, which is {server}: nothing "
            "can be indexed or found; write the address of a {store} server",
            (
                ("store", choice.value.text),
                ("name", name),
                ("service", service.name),
                ("target", found.services[0].name),
                ("server", server.name),
            ),
            (Related(choice.edit_place, "the store is chosen here"),),
        )


def _wanted(deployment: Deployment, store: str) -> Mapping[str, Sequence[str]]:
    """The variables of a store, with the servers that may answer at each."""
    table = deployment.table("dify")
    facts = [fact for fact in table.data["endpoints"] if store in fact.get("when", {}).get(NAME, ())] if table else []
    return {name: servers for fact in reversed(facts) for name, servers in fact["variables"].items()}


@rule("DFY004", "vector-store-settings", Deployment, Severity.ERROR, faq=("D17",))
def vector_store_settings(deployment: Deployment) -> Diagnostics:
    """A vector store is chosen, and a service that uses it is not told where it is or how to get in."""
    seen: set[Place] = set()
    for service, choice, store in _choices(deployment):
        at = choice.edit_place
        # Where not even the database is named, the settings come from somewhere that is not seen here.
        if not text_of(service, "DB_HOST"):
            continue
        found = [[unfilled(deployment, service, n) for n in names] for names in _lacking(deployment, service, store)]
        lacks = [each for names in found for each in names if each is not None]
        place = next((m.place for m in lacks if m.place is not None and m.place.document is at.document), at)
        if not lacks or place in seen:
            continue
        seen.add(place)
        example = all(each.example for each in lacks)
        yield Diagnostic(
            place,
            "`VECTOR_STORE` is `{store}`, but `{service}` has only the example's text for {names}: it cannot use the "
            "store, and nothing can be indexed or found"
            if example
            else "`VECTOR_STORE` is `{store}`, but `{service}` has no {names}: it cannot use the store, and nothing "
            "can be indexed or found",
            (
                ("store", store),
                ("service", service.name),
                ("names", _listed(deployment, service, store, lacks)),
            ),
            (Related(at, "the store is chosen here"),) if at != place else (),
        )


def _listed(deployment: Deployment, service: Service, store: str, lacks: Sequence[Missing]) -> str:
    """The names of what is lacking, each with what would do in its place."""
    shown = {each.name: f"`{each.name}`" for each in lacks}
    for need in _needs(deployment, service, store):
        first, *others = need.any_of
        if others and first[0] in shown:
            ways = [" with ".join(f"`{name}`" for name in names) for names in need.any_of]
            shown[first[0]] = " or ".join(ways)
            for name in first[1:]:
                shown.pop(name, None)
    return ", ".join(shown.values())


def _lacking(deployment: Deployment, service: Service, store: str) -> Iterator[Sequence[str]]:
    for need in _needs(deployment, service, store):
        if all(any(unfilled(deployment, service, name) for name in names) for names in need.any_of):
            yield need.any_of[0]


def _needs(deployment: Deployment, service: Service, store: str) -> Iterator[Need]:
    """What a store needs in this release, by the other choices of a service."""
    table, version = deployment.table("dify"), deployment.versions["dify"]
    facts = table.store_needs(store, version) if table and version is not None else None
    for need in facts.needs if facts is not None else ():
        if all(text_of(service, name) in values for name, values in need.when.items()):
            yield need
