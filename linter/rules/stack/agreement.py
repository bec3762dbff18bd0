"""Values that a product needs to be the same in several services, brought together as they stand in this deployment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...kit import Deployment, Endpoint, Place, ProductTable, Service, Value, Variable


class Holder(NamedTuple):
    """A service that was given one of the values that must agree: `text` stands at [start, end) of the variable.

    `calls` says that the service takes the value to another one, which compares. The repr shows no text.
    """

    service: Service
    variable: Variable
    text: str
    start: int
    end: int
    calls: bool

    @property
    def value(self) -> Value:
        """The value of which the text is a part."""
        return self.variable.value

    @property
    def whole(self) -> bool:
        """Whether the text is all of the value."""
        return self.text == self.variable.value.text

    @property
    def place(self) -> Place:
        """Where a person edits it."""
        value = self.variable.value
        return value.place_of(self.start, self.end) or value.edit_place or self.variable.place

    def __repr__(self) -> str:
        return f"<Holder {self.service.name} {self.variable.name}>"


class Agreement(NamedTuple):
    """Services of one group that deal with each other; `name` is that of the group, `target` of the one that compares.

    `target` is "" where the service that compares is none of this deployment. `items` are those of a comparing service
    that takes several values.
    """

    name: str
    target: str
    holders: tuple[Holder, ...]


def agreements(deployment: Deployment, table: ProductTable) -> Iterator[Agreement]:
    """What must be one value among the active services of a product, by the choices and addresses they were given."""
    parts = _Parts(deployment, table)
    for group in table.agreeing(deployment.versions.get(table.name)):
        found: dict[str, list[Holder]] = {}
        callers = [member for member in group.members if member.via]
        for member in group.members:
            for service in parts.playing(member.roles):
                variable = service.environment.get(member.variable)
                if variable is None or not variable.value.text:
                    continue
                if group.when and member.via and not _chosen(service, group.when):
                    continue
                targets = [service.name] if callers else [""]
                if member.via:
                    targets = parts.called(service, member.via)
                for target in targets:
                    for text, start, end in parts.texts(service, variable, member.part):
                        holder = Holder(service, variable, text, start, end, bool(member.via))
                        found.setdefault(target, []).append(holder)
        for target, holders in found.items():
            # A server that nobody of the product calls has its password for somebody else.
            if not callers or any(holder.calls for holder in holders):
                yield Agreement(group.name, target, tuple(holders))


def _chosen(service: Service, when: object) -> bool:
    assert isinstance(when, dict)
    return all((v := service.environment.get(name)) is not None and v.value.text in values for name, values in when.items())
