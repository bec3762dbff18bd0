"""Values that a product needs to be the same in several services, brought together as they stand in this deployment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ...kit import Deployment, Endpoint, Place, ProductTable, Service, Value, Variable, left_out

if TYPE_CHECKING:
    from ...kit import Group, Member


class Holder(NamedTuple):
    """A service that was given one of the values that must agree: `text` stands at [start, end) of the variable.

    `calls` says that the service takes the value to another one, which compares; `item` that a service which takes
    several values was given this one among others. The repr shows no text.
    """

    service: Service
    variable: Variable
    text: str
    start: int
    end: int
    calls: bool = False
    item: bool = False

    @property
    def value(self) -> Value:
        """The value of which the text is a part, or all."""
        return self.variable.value

    @property
    def place(self) -> Place:
        """Where a person edits it."""
        return self.variable.place_of(self.start, self.end)

    def __repr__(self) -> str:
        return f"<Holder {self.service.name} {self.variable.name}>"


class Agreement(NamedTuple):
    """What the services hold that deal with each other; `name` is that of the table's group.

    `target` is the host or service that compares, "" where the table names none.
    """

    name: str
    target: str
    holders: tuple[Holder, ...]


def agreements(deployment: Deployment, table: ProductTable) -> Iterator[Agreement]:
    """What must be one value among the active services of a product, by the choices and addresses they were given."""
    stack = _Stack(deployment, table)
    for group in table.agreeing(deployment.versions.get(table.name)):
        addressed = any(member.via for member in group.members)
        found: dict[str, list[Holder]] = {}
        for member in group.members:
            for target, holder in stack.holders(group, member):
                found.setdefault(target if addressed else "", []).append(holder)
        for target, holders in found.items():
            # A server that nobody of the product calls has its password for somebody else.
            if not addressed or any(holder.calls for holder in holders):
                yield Agreement(group.name, target, tuple(holders))


class _Stack:
    """The services of a deployment by role and server, and whom they call."""

    def __init__(self, deployment: Deployment, table: ProductTable) -> None:
        self.deployment = deployment
        self._by_role: dict[str, list[Service]] = {}
        self._endpoints: Mapping[tuple[str, str], Endpoint] | None = None
        for service in deployment.project.active:
            product, role = deployment.roles.get(service.name, ("", None))
            server = deployment.server(service)
            name = role.name if role and product == table.name else server.name if server else ""
            self._by_role.setdefault(name, []).append(service)

    def holders(self, group: Group, member: Member) -> Iterator[tuple[str, Holder]]:
        """Who holds a member's value, each under the host or service that compares it."""
        for role in member.roles:
            for service in self._by_role.get(role, ()):
                variable = service.environment.get(member.variable)
                if variable is None or not variable.value.text:
                    continue
                if not member.via:
                    target = service.name
                elif chosen(service, group.when) and not left_out(service.environment, group.unless):
                    target = self._called(service, member.via)
                else:
                    continue
                for text, start, end in self._texts(service, variable, member.part):
                    item, calls = member.part == "list", bool(member.via)
                    yield target, Holder(service, variable, text, start, end, calls, item)

    def _called(self, service: Service, via: str) -> str:
        """The service that an address leads to, its host where that is none of this deployment."""
        endpoint = self._endpoint(service, via)
        if endpoint is None:
            return f"{service.name}:{via}"
        found = self.deployment.lookup(service, endpoint.host.text)
        if found.reach == "reached" and len(found.services) == 1:
            return found.services[0].name
        return f"//{endpoint.host.text}"

    def _texts(self, service: Service, variable: Variable, part: str) -> Iterator[tuple[str, int, int]]:
        text = variable.value.text or ""
        if part == "password":
            endpoint = self._endpoint(service, variable.name)
            if endpoint is not None and endpoint.password is not None and endpoint.password.text:
                yield endpoint.password.text, endpoint.password.start, endpoint.password.end
        elif part == "list":
            start = 0
            for item in text.split(","):
                blank = len(item) - len(item.lstrip())
                if item.strip():
                    yield item.strip(), start + blank, start + blank + len(item.strip())
                start += len(item) + 1
        else:
            yield text, 0, len(text)

    def _endpoint(self, service: Service, name: str) -> Endpoint | None:
        if self._endpoints is None:
            self._endpoints = {(e.reader.name, e.variable.name): e for e in self.deployment.endpoints}
        return self._endpoints.get((service.name, name))


def chosen(service: Service, choices: Mapping[str, Sequence[str]]) -> bool:
    """Whether a service was given values with which something is so, as a table's `when` says it."""
    environment = service.environment
    return all(name in environment and environment[name].value.text in values for name, values in choices.items())
