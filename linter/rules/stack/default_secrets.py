"""Secrets that a product's own files publish, still in use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

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
    if not _set_up(deployment):
        return
    for table in deployment.tables:
        for holders in _one_by_one(_published(deployment, table)):
            yield _known_to_all(table, holders)


def _set_up(deployment: Deployment) -> bool:
    """Whether the stack can run at all: while an env file is still to be copied, its secrets are still to be chosen."""
    return all(file.read or not file.required for s in deployment.project.active for file in s.env_files)


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
    own = _own_secrets(table)
    alone: dict[str, list[Holder]] = {}
    for service in deployment.project.active:
        mine = deployment.roles.get(service.name, ("", None))[0] == table.name
        if not mine and deployment.server(service) is None:
            continue
        names = own.keys() if mine else table.default_secret_names
        for name in filter(names.__contains__, service.environment):
            text = service.environment[name].value.text
            if not text or (service.name, name) in grouped or (mine and not _read(table, service, own[name])):
                continue
            holder = Holder(service, service.environment[name], text, 0, len(text))
            if _is_published(table, holder):
                alone.setdefault(text, []).append(holder)
    yield from alone.values()


def _own_secrets(table: ProductTable) -> Mapping[str, frozenset[str]]:
    """The secrets that a service of the product has for itself, with the vector stores that each is for.

    Left out is what services agree on, which is judged by the choices and addresses they have, and what well-known
    servers read, which others are given for nothing.
    """
    others = {member.variable for group in table.agreeing() for member in group.members}
    others.update(name for server in known_servers() for names in server.credentials.values() for name in names)
    stores = {store.replace("-", "_").upper() + "_": store for store in table.stores(None)}
    return {
        name: frozenset(store for prefix, store in stores.items() if name.startswith(prefix))
        for name in table.default_secret_names - others
    }


def _read(table: ProductTable, service: Service, stores: frozenset[str]) -> bool:
    """Whether a secret is for no vector store, or for the chosen one."""
    if not stores:
        return True
    choice = service.environment.get(table.data["vector_stores"]["variable"])
    return choice is not None and choice.value.text in stores


def _is_published(table: ProductTable, holder: Holder) -> bool:
    whole = holder.text == holder.value.text
    return table.default_secret(holder.text, holder.variable.name if whole else "")
