"""What product tables and well-known images say about a variable of a deployment, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from ...schemas.models.image import Version, in_range
from .words import code, listed

if TYPE_CHECKING:
    from ...schemas.models.deployment import Deployment
    from ...schemas.models.product import ProductTable
    from ...schemas.models.variable_fact import VariableFact

_TYPES = {
    "bool": "true or false", "int": "whole number", "float": "number", "enum": "one of its values",
    "url": "http or https address", "json": "JSON", "datetime": "date and time",
}  # fmt: skip
_FORMS = {
    "port": "port", "host": "host name", "bare-host": "host name", "address": "address",
    "web-address": "http or https address", "origin": "origin (scheme, host and port)",
    "origins": "origins, parted by commas", "url": "URL", "url-template": "URL with holes to fill",
    "log-level": "level of Python's log", "websocket": "ws or wss address", "any-case": "in any case",
    "switch": "word that a start script compares",
}  # fmt: skip
_CREDENTIALS = {
    "user": "the name of its user", "password": "its password", "database": "the name of its database",
    "root": "the name of its administrator", "root_password": "its administrator's password",
}  # fmt: skip


class Known(NamedTuple):
    """A fact with the product whose it is and that product's release in the deployment."""

    table: ProductTable
    version: Version | None
    fact: VariableFact


def known(deployment: Deployment, name: str, services: Iterable[str] = ()) -> Known | None:
    """What the product's table says about a variable in the deployment's release, else in the last that had it.

    As the named services read it, those first that play a role; as anybody does where they do not read it at all.
    """
    roles = [deployment.roles[s] for s in services if s in deployment.roles]
    for product, role in roles:
        table = deployment.table(product)
        if table is not None and (found := _of_role(table, deployment.versions.get(product), role.name, name)):
            return found
    for table in deployment.tables:
        if found := _of_role(table, deployment.versions.get(table.name), "", name):
            return found
    return None


def readers(deployment: Deployment, name: str) -> tuple[str, ...]:
    """The roles that read a variable in the deployment's release."""
    found: dict[str, None] = {}
    for product, version in deployment.versions.items():
        table = deployment.table(product)
        for role in table.roles if table is not None else ():
            fact = table.variables(version, role.name).get(name) if table is not None else None
            if fact is not None and _current(fact, version):
                found.setdefault(role.name)
    return tuple(found)


def names_for(deployment: Deployment, service: str = "") -> Mapping[str, Known]:
    """The variables that the deployment's release knows: those of a service's role, else all.

    A server that a product's files configure, such as nginx, plays the role of that name.
    """
    found: dict[str, Known] = {}
    for table in deployment.tables:
        role = _role(deployment, table, service) if service else ""
        if role is None:
            continue
        version = deployment.versions.get(table.name)
        for name, fact in table.variables(version, role).items():
            found.setdefault(name, Known(table, version, fact))
    return found


def _role(deployment: Deployment, table: ProductTable, service: str) -> str | None:
    """The role of a service in a product, None where it plays none."""
    played = deployment.roles.get(service)
    if played is not None:
        return played[1].name if played[0] == table.name else None
    server = deployment.server(deployment.services[service]) if service in deployment.services else None
    return server.name if server is not None else None


def _of_role(table: ProductTable, version: Version | None, role: str, name: str) -> Known | None:
    fact = table.variables(version, role).get(name)
    if fact is None and name in table.names(role):
        roles = [role] if role else [r.name for r in table.roles]
        fact = next((f for r in roles for f in reversed(table.history(r, name))), None)
    return Known(table, version, fact) if fact is not None else None


def _current(fact: VariableFact, version: Version | None) -> bool:
    return version is None or in_range(version, fact.since, fact.until) is not False


def allowed(known_fact: Known) -> tuple[str, ...]:
    """The few values that a variable takes, () where it takes any text or too many to name."""
    table, version, fact = known_fact
    if fact.type == "enum":
        return fact.values
    if fact.type == "bool":
        return ("true", "false")
    if table.data.get("vector_stores", {}).get("variable") == fact.name:
        return tuple(sorted(table.stores(version)))
    return tuple(table.settings_of(fact.name, version))


def documentation(known_fact: Known, roles: Iterable[str]) -> Iterator[str]:
    """Lines of Markdown about a variable of a product."""
    table, version, fact = known_fact
    shown = f"{table.title} {'.'.join(map(str, version))}" if version else table.title
    if not _current(fact, version):
        yield f"{shown} does not know it: it was read {_span(fact)}."
    else:
        readers_of = listed(roles or fact.roles)
        yield f"{shown}: read by {readers_of}." if readers_of else f"{shown}: handed over, but read by no service."
    few = () if fact.type == "bool" else allowed(known_fact)
    yield f"Takes one of {listed(few, 40)}." if few else f"Takes: {_kind(fact)}."
    if bounds := _bounds(fact):
        yield f"Bounds: {bounds}."
    if fact.default is not None and not fact.secret:
        yield f"Without it: {code(fact.default) if fact.default else 'empty'}."
    if (fact.since or fact.until) and _current(fact, version):
        yield f"Known {_span(fact)}."
    if fact.renamed_to:
        yield f"Now called {code(fact.renamed_to)}."
    if fact.alias_of:
        yield f"Another name of {code(fact.alias_of)}."
    notes = (("required", "the service does not work without it"), ("secret", "secret"))
    said = [words for field, words in notes if getattr(fact, field)]
    said += ["it reaches the browser"] if fact.browser else []
    if said:
        yield f"Note: {'; '.join(said)}."


def _kind(fact: VariableFact) -> str:
    return _FORMS.get(fact.form) or _TYPES.get(fact.type) or "text"


def _bounds(fact: VariableFact) -> str:
    sides = (
        ("at least", fact.minimum),
        ("at most", fact.maximum),
        ("more than", fact.above),
        ("less than", fact.below),
    )
    said = [f"{words} {number:g}" for words, number in sides if number is not None]
    said += [f"at least {fact.min_length} characters"] if fact.min_length else []
    said += [f"at most {fact.max_length} characters"] if fact.max_length else []
    return ", ".join(said)


def _span(fact: VariableFact) -> str:
    since = f"since {fact.since}" if fact.since else ""
    until = f"until {fact.until}" if fact.until else ""
    return " ".join(filter(None, (since, until))) or "in every release"


def of_servers(deployment: Deployment, name: str, services: Iterable[str]) -> Iterator[str]:
    """Lines about a variable from which a well-known image takes its credentials."""
    for service in services:
        server = deployment.server(deployment.services[service]) if service in deployment.services else None
        for fact, words in _CREDENTIALS.items() if server is not None else ():
            if server is not None and name in server.variables(fact):
                yield f"The image of {code(service)} ({server.name}) takes {words} from it at its first start."
