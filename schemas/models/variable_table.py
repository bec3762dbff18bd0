"""The variables of a product by release and reader, from `schemas/data/NAME.variables.json`, read when asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from .image import Version, in_range, parse_version
from .tables import read_table
from .variable_fact import JUDGED_FORMS, VariableFact, fact_of


class _Group(NamedTuple):
    """The variables of some readers; `first` is the first release whose variables were read at all."""

    roles: tuple[str, ...]
    first: str
    variables: Mapping[str, list[dict[str, Any]]]


class VariableTable(Mapping[str, VariableFact]):
    """The variables that one release knows, by name; a fact is made when it is asked for."""

    def __init__(self, groups: tuple[_Group, ...], version: Version | None) -> None:
        self._groups = groups
        self._version = version
        self._made: dict[str, VariableFact | None] = {}

    def __getitem__(self, name: str) -> VariableFact:
        if name not in self._made:
            self._made[name] = self._fact(name)
        found = self._made[name]
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        names = dict.fromkeys(name for group in self._groups for name in group.variables)
        return (name for name in names if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def refusing(self, name: str, text: str) -> VariableFact | None:
        """The fact by which the reader refuses a text; None where it takes it, or does not know the variable.

        For the many variables that hold any text, or what the program itself falls back on, no fact is made.
        """
        if not any(_may_refuse(data, text) for group in self._groups for data in group.variables.get(name, ())):
            return None
        fact = self.get(name)
        return None if fact is None or fact.accepts(text) else fact

    def _fact(self, name: str) -> VariableFact | None:
        for group in self._groups:
            for data in reversed(group.variables.get(name, ())):
                # Nobody knows how long before the first release that was read it was there: always, as far as we say.
                since = "" if data["since"] == group.first else data["since"]
                if self._version is None or _holds(self._version, since, data.get("until", "")):
                    return fact_of(name, data, group.roles)
        return None


def _may_refuse(data: dict[str, Any], text: str) -> bool:
    limited = "type" in data or "min_length" in data or "max_length" in data or data.get("form") in JUDGED_FORMS
    return limited and data.get("default") != text


@lru_cache(maxsize=64)
def variables_of(product: str, version: Version | None, role: str = "") -> VariableTable:
    """The variables that a release of a product knows, those of one role or of all; see ProductTable.variables."""
    return VariableTable(tuple(g for g in _groups(product) if not role or role in g.roles), version)


def history(product: str, role: str, name: str) -> Iterator[VariableFact]:
    """Every fact about one variable as a role reads it, each with its own range of releases."""
    for group in _groups(product):
        if role in group.roles:
            yield from (fact_of(name, data, group.roles) for data in group.variables.get(name, ()))


@lru_cache(maxsize=64)
def gone_from(product: str, version: Version, role: str) -> Mapping[str, VariableFact]:
    """The variables that a role read before a release and does not read in it, each with its last fact.

    The name that took over is one that this release may read: a name that is gone as well hands on to its own heir.
    """
    last: dict[str, tuple[dict[str, Any], _Group]] = {}
    kept: set[str] = set()
    for group in _groups(product):
        for name, facts in group.variables.items() if role in group.roles else ():
            for data in facts:
                end = parse_version(data.get("until", ""))
                if end is None or version[: len(end)] <= end:
                    kept.add(name)
                elif name not in last or end > (parse_version(last[name][0]["until"]) or ()):
                    last[name] = data, group
    gone = {name: fact_of(name, data, group.roles) for name, (data, group) in last.items() if name not in kept}
    return {name: fact._replace(renamed_to=_heir(fact, gone)) for name, fact in gone.items()}


def _heir(fact: VariableFact, gone: Mapping[str, VariableFact]) -> str:
    name, seen = fact.renamed_to, {fact.name}
    while name in gone and name not in seen:
        seen.add(name)
        name = gone[name].renamed_to
    return "" if name in seen else name


@lru_cache(maxsize=64)
def required_of(product: str, version: Version, role: str) -> tuple[str, ...]:
    """The variables without which a role does not work in a release."""
    return tuple(
        name
        for group in _groups(product)
        if role in group.roles
        for name, facts in group.variables.items()
        if any("required" in fact and in_range(version, fact["since"], fact.get("until", "")) for fact in facts)
    )


@lru_cache(maxsize=128)
def facts_with(key: str, product: str, version: Version, role: str) -> tuple[VariableFact, ...]:
    """The facts of a role's variables of which a table says something of a kind, in a release.

    `key` is "required_when" for those that are wanted when others have certain values, "not_above" for numbers that
    must not exceed another's.
    """
    return tuple(
        fact_of(name, fact, group.roles)
        for group in _groups(product)
        if role in group.roles
        for name, facts in group.variables.items()
        for fact in facts
        if key in fact and in_range(version, fact["since"], fact.get("until", ""))
    )


@lru_cache(maxsize=32)
def names_of(product: str, role: str = "") -> frozenset[str]:
    """Every name that some release of a product knows, that a role reads or anybody."""
    return frozenset(name for group in _groups(product) if not role or role in group.roles for name in group.variables)


def facts_of(product: str) -> Iterator[VariableFact]:
    """Every fact of the table, each with its own range of releases."""
    for group in _groups(product):
        for name, facts in group.variables.items():
            yield from (fact_of(name, data, group.roles) for data in facts)


@lru_cache(maxsize=8)
def _groups(product: str) -> tuple[_Group, ...]:
    try:
        groups: list[dict[str, Any]] = read_table(f"{product}.variables")["groups"]
    except FileNotFoundError:
        return ()
    return tuple(
        _Group(
            tuple(group["roles"]),
            group.get("first", ""),
            {name: facts if isinstance(facts, list) else [facts] for name, facts in group["variables"].items()},
        )
        for group in groups
    )


# The table has a thousand facts and some hundred spans.
@lru_cache(maxsize=1024)
def _holds(version: Version, since: str, until: str) -> bool:
    return in_range(version, since, until) is not False
