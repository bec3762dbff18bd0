"""Product tables: which image plays which role, where roles listen, what each release knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from .image import Image, Version, in_range, parse_version
from .servers import ListenPort, left_out, listen_ports
from .service import Service, Variable
from .tables import read_table

if TYPE_CHECKING:
    from ..parsers.json import Dialect
    from .config_keys import ConfigTable
    from .product_facts import Choice, Group, Required, Route, Shared, Store, Suited
    from .variable_fact import VariableFact
    from .variable_table import VariableTable

PRODUCTS = ("dify", "fastgpt")


class Role(NamedTuple):
    """What an image does in a product. `when` maps a variable to the values that make it this role ("" = not set).

    `complete` says that it listens on `ports` only, unless it is told otherwise. `judges_since` is the first release
    that does not start with a value which it cannot read, "" for all of them, None where it takes what it gets.
    """

    name: str
    images: frozenset[str]
    when: Mapping[str, tuple[str, ...]]
    ports: tuple[ListenPort, ...] | None
    settings: bool
    complete: bool = False
    judges_since: str | None = None

    def judges(self, version: Version | None) -> bool:
        """Whether a release certainly looks at all of its settings before it starts."""
        since = self.judges_since
        return since is not None and (since == "" or in_range(version, since, "") is True)


@dataclass(frozen=True)
class ProductTable:
    """The facts about one product over its releases; `data` is the checked JSON of schemas/data."""

    name: str
    title: str
    roles: tuple[Role, ...]
    data: Mapping[str, Any]

    @cached_property
    def stack(self) -> Mapping[str, Any]:
        """The facts about the stack as a whole (`NAME.stack.json`), read when asked for; {} without such a file."""
        return _read_beside(f"{self.name}.stack")

    @cached_property
    def images(self) -> frozenset[str]:
        """Every image name of the product."""
        return frozenset(image for role in self.roles for image in role.images)

    @property
    def newest(self) -> Version:
        """The newest release that the table was checked against."""
        return parse_version(self.data["newest"]) or ()

    def role(self, service: Service, image: Image) -> Role | None:
        """The role that a service plays, None when it cannot be told."""
        for role in self.roles:
            if image.name in role.images and all(_matches(service, n, v) for n, v in role.when.items()):
                return role
        return None

    def version(self, images: Iterable[Image]) -> Version | None:
        """The release that a stack's images name; None when they disagree or name none."""
        wanted = self.data["version_of"]
        found = {parse_version(image.tag) for image in images if image.name in wanted}
        return found.pop() if len(found) == 1 else None

    def stores(self, version: Version | None) -> frozenset[str]:
        """The vector stores that a release accepts; all known ones when the release is unknown."""
        names: Mapping[str, tuple[str, str]] = self.data.get("vector_stores", {}).get("names", {})
        return frozenset(n for n, (since, until) in names.items() if in_range(version, since, until) is not False)

    def json_dialect(self, service: Service, image: Image, path: str, version: Version | None) -> Dialect:
        """How a service reads a JSON file at a path in its container: as JSON5 unless the table says otherwise."""
        config: Mapping[str, Any] = self.data.get("config", {})
        if in_range(version, config.get("json5_since", ""), "") is not False:
            return "json5"
        role = self.role(service, image)
        mine = role is not None and role.name == config.get("role")
        return "strict" if mine and any(path == each["path"] for each in config["paths"]) else "json5"

    @property
    def configuration(self) -> ConfigTable:
        """The keys of the product's JSON configuration by release. Raises OSError for a product without one."""
        from .config_keys import config_table

        return config_table(self.name)

    def contacts(self, role: str, environment: Mapping[str, Variable]) -> Mapping[str, tuple[str, ...]]:
        """The variables from which a role takes the addresses that it calls itself, by the choices in its environment.

        Each with the roles and servers that may answer there, () when the table does not say.
        """
        found: dict[str, tuple[str, ...]] = {}
        for fact in self.data.get("endpoints", ()):
            chosen = all(_chosen(environment, n, v) for n, v in fact.get("when", {}).items())
            if role in fact["roles"] and chosen and not left_out(environment, fact.get("unless", {})):
                found.update({name: tuple(targets) for name, targets in fact["variables"].items()})
        return found

    def variables(self, version: Version | None, role: str = "") -> VariableTable:
        """The variables that a release knows, those of one role or of all. No roles: handed over, and read by nothing.

        For an unknown release all that were ever known, each as the newest release has it. The settings of a checkout
        (`schemas.settings_source.read_settings`) say the same for exactly that checkout.
        """
        from .variable_table import variables_of

        return variables_of(self.name, version, role)

    def names(self, role: str = "") -> frozenset[str]:
        """The variables that some release knows, those of one role or of all."""
        from .variable_table import names_of

        return names_of(self.name, role)

    def history(self, role: str, name: str) -> tuple[VariableFact, ...]:
        """What is known about one variable as a role reads it, a fact for each range of releases."""
        from .variable_table import history

        return tuple(history(self.name, role, name))

    def gone(self, version: Version | None, role: str) -> Mapping[str, VariableFact]:
        """The variables that a role read before a release and does not read in it; none for an unknown release."""
        from .variable_table import gone_from

        return gone_from(self.name, version, role) if version else {}

    def required_variables(self, version: Version | None, role: str) -> tuple[str, ...]:
        """The variables without which a role does not work in a release; none for an unknown release."""
        from .variable_table import required_of

        return required_of(self.name, version, role) if version else ()

    def required_with(self, version: Version | None, role: str) -> tuple[VariableFact, ...]:
        """The facts of the variables that a release wants when others have certain values; none for an unknown one."""
        from .variable_table import facts_with

        return facts_with("required_when", self.name, version, role) if version else ()

    def limited_by_others(self, version: Version | None, role: str) -> tuple[VariableFact, ...]:
        """The facts of the numbers that must not exceed another variable's; none for an unknown release."""
        from .variable_table import facts_with

        return facts_with("not_above", self.name, version, role) if version else ()

    def free_prefix(self, name: str) -> bool:
        """Whether the product takes any variable that begins as this one does."""
        return any(name.startswith(each["prefix"]) for each in self._facts("free_prefixes", "names"))

    def agreeing(self, version: Version | None = None) -> tuple[Group, ...]:
        """The groups of variables that must hold one value, without those that a release does not have yet."""
        return tuple(group for group in self._groups if in_range(version, group.since, group.until) is not False)

    @cached_property
    def _groups(self) -> tuple[Group, ...]:
        from .product_facts import groups

        return groups(self._facts("agreeing", "groups"))

    def required(self, version: Version | None) -> tuple[Required, ...]:
        """The services that a release needs; none for an unknown release."""
        from .product_facts import required

        found = required(self._facts("required", "services"))
        return tuple(each for each in found if in_range(version, each.since, each.until))

    def routes(self, version: Version | None) -> tuple[Route, ...]:
        """The paths that a release's reverse proxy passes on; none for an unknown release."""
        from .product_facts import routes

        return tuple(
            each for each in routes(self._facts("routes", "paths")) if in_range(version, each.since, each.until)
        )

    def shared(self, version: Version | None = None) -> tuple[Shared, ...]:
        """The variables that services of one image must have alike, without those that a release does not have yet."""
        from .product_facts import shared

        found = shared(self._facts("shared", "groups"))
        return tuple(each for each in found if in_range(version, each.since, each.until) is not False)

    def suited_images(self, version: Version | None) -> tuple[Suited, ...]:
        """What the servers of a release must be; none for an unknown release."""
        from .product_facts import suited

        found = suited(self._facts("suited_images", "servers"))
        return tuple(each for each in found if in_range(version, each.since, each.until))

    def store_needs(self, name: str, version: Version | None = None) -> Store | None:
        """A vector store with what it needs; None for a name that no release accepts."""
        from .product_facts import store

        stores: Mapping[str, Any] = self.stack.get("stores", {}).get("names", {})
        return store(name, stores[name], version) if name in stores else None

    def settings_of(self, selector: str, version: Version | None = None) -> Mapping[str, Choice]:
        """The values of a variable that selects an implementation (`STORAGE_TYPE`, `MAIL_TYPE`), with their needs."""
        from .product_facts import choice

        found = (choice(each, version) for each in self._facts("choices", "values") if each["variable"] == selector)
        return {each.value: each for each in found if in_range(version, each.since, each.until) is not False}

    def default_secret(self, text: str, variable: str = "") -> bool:
        """Whether a text is a secret that the product's own files publish, for that variable where one is given."""
        if not text:
            return False
        known = self._default_secrets.get(secret_hash(text))
        return known is not None and (not variable or variable in known)

    @cached_property
    def default_secret_names(self) -> frozenset[str]:
        """The variables for which the product's own files publish a secret."""
        return frozenset(name for names in self._default_secrets.values() for name in names)

    @cached_property
    def _default_secrets(self) -> Mapping[str, frozenset[str]]:
        return {each["hash"]: frozenset(each["variables"]) for each in self._facts("default_secrets", "entries")}

    def _facts(self, kind: str, items: str) -> list[dict[str, Any]]:
        facts: dict[str, list[dict[str, Any]]] = self.stack.get(kind, {})
        return facts.get(items, [])


def secret_hash(text: str) -> str:
    """What a table holds in place of a published secret: sha256 of "stackmend:" and the text, 20 hex digits of it."""
    from hashlib import sha256

    return sha256(f"stackmend:{text}".encode("utf-8", "surrogatepass")).hexdigest()[:20]


def _chosen(environment: Mapping[str, Variable], name: str, values: Sequence[str]) -> bool:
    variable = environment.get(name)
    return variable is not None and variable.value.text in values


# What stands in a role's `when` for every other text.
ANY = "*"


def _matches(service: Service, name: str, values: tuple[str, ...]) -> bool:
    variable = service.environment.get(name)
    text = "" if variable is None else variable.value.text
    if text is None:
        return False
    if variable is not None and text.strip() in values:
        return True
    # Without a mode that the image's own program knows, a command decides, and that nobody can read off a table.
    other = "" if variable is None else ANY
    return other in values and service.get("command") is None and service.get("entrypoint") is None


def _read_beside(name: str) -> dict[str, Any]:
    try:
        return read_table(name)
    except FileNotFoundError:
        return {}


@cache
def product_table(name: str) -> ProductTable:
    """The table of a product. Raises OSError for a name that has none."""
    data = read_table(name)
    roles = tuple(
        Role(
            role["role"],
            frozenset(role["images"]),
            {variable: tuple(values) for variable, values in role.get("when", {}).items()},
            listen_ports(role["ports"]) if "ports" in role else None,
            role.get("settings", False),
            role.get("complete", False),
            role.get("judges_since"),
        )
        for role in data["roles"]
    )
    return ProductTable(data["product"], data["title"], roles, data)
