"""Secrets that a product's own files publish, still in use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...kit import (
    Deployment,
    Diagnostic,
    Diagnostics,
    Place,
    ProductTable,
    Related,
    Service,
    Severity,
    known_servers,
    rule,
)
from .agreement import Holder, agreements


@rule("STK008", "default-secret", Deployment, Severity.WARNING)
def default_secret(deployment: Deployment) -> Diagnostics:
    """A password or key that everyone knows who has read the files that the product ships."""
    for table in deployment.tables:
        for holders in _one_by_one(_published(deployment, table)):
            yield _known_to_all(table, holders)


def _known_to_all(table: ProductTable, holders: list[Holder]) -> Diagnostic:
    first, *others = dict.fromkeys(holder.place for holder in holders)
    by_place = {holder.place: holder for holder in reversed(holders)}
    values = (("variable", _written_name(by_place[first])), ("product", table.title))
    message = (
        "`{variable}` still is what the files of {product} ship with, so everyone knows it and it protects nothing; "
        "write a long random text of your own"
    )
    related = tuple(
        Related(place, "`{variable}` holds it, too", (("variable", _written_name(by_place[place])),))
        for place in others
    )
    return Diagnostic(first, message, values, related)


def _written_name(holder: Holder) -> str:
    """The name under which a person finds a value where it is written."""
    piece = holder.value.piece_at(holder.start)
    return (piece.variable if piece else "") or holder.variable.name


def _one_by_one(found: Iterable[list[Holder]]) -> Iterator[list[Holder]]:
    """Bring together what is written in one place: one secret, one finding."""
    secrets: list[list[Holder]] = []
    at: dict[Place, list[Holder]] = {}
    for holders in found:
        secret = next((at[holder.place] for holder in holders if holder.place in at), list[Holder]())
        if not secret:
            secrets.append(secret)
        secret.extend(holders)
        at.update((holder.place, secret) for holder in holders)
    return iter(secrets)


def _published(deployment: Deployment, table: ProductTable) -> Iterator[list[Holder]]:
    """The published secrets: those on which several services agree first, then what a service has for itself."""
    grouped: set[tuple[str, str]] = set()
    for agreement in agreements(deployment, table):
        grouped.update((holder.service.name, holder.variable.name) for holder in agreement.holders)
        known = [holder for holder in agreement.holders if _is_published(table, holder)]
        if known:
            yield known
    shared = {member.variable for group in table.agreeing() for member in group.members}
    alone: dict[str, list[Holder]] = {}
    for service in deployment.project.active:
        mine = deployment.roles.get(service.name, ("", None))[0] == table.name
        if not mine and deployment.server(service) is None:
            continue
        for name in table.default_secret_names & service.environment.keys():
            text = service.environment[name].value.text
            # What services of the product agree on was judged above, by the choices made; the others do not read it.
            if not text or (service.name, name) in grouped:
                continue
            if mine and (name in shared or _of_a_server(name) or _of_another_store(table, service, name)):
                continue
            holder = Holder(service, service.environment[name], text, 0, len(text))
            if _is_published(table, holder):
                alone.setdefault(text, []).append(holder)
    yield from alone.values()


def _is_published(table: ProductTable, holder: Holder) -> bool:
    whole = holder.text == holder.value.text
    return table.default_secret(holder.text, holder.variable.name if whole else "")


def _of_a_server(name: str) -> bool:
    """Whether well-known servers read their own credentials from a variable, which others get for nothing."""
    return any(name in names for server in known_servers() for names in server.credentials.values())


def _of_another_store(table: ProductTable, service: Service, name: str) -> bool:
    """Whether a variable is for a vector store that is not the chosen one."""
    stores = {s for s in table.stores(None) if name.lower().startswith(s.replace("-", "_") + "_")}
    if not stores:
        return False
    choice = service.environment.get(table.data["vector_stores"]["variable"])
    return choice is None or choice.value.text not in stores
