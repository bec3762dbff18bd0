"""Containers of one image that must see the same settings, and do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Endpoint,
    Fix,
    Place,
    ProductTable,
    Related,
    Service,
    Severity,
    Variable,
    change_value,
    copy_variables,
    in_range,
    rule,
)

# Settings that may rightly differ: another way to the same server, another user of it; mail, which one may be without.
WAYS = (
    *("_HOST", "_PORT", "_URL", "_URI", "_ENDPOINT", "_SERVER", "_SENTINELS", "_CLUSTERS"),
    *("_USERNAME", "_USER", "_PASSWORD", "_API_KEY", "_TLS", "_SEND_FROM", "MAIL_TYPE", "ETL_TYPE"),
)
# Both ends of the queue of jobs, where no other way leads to the same place.
QUEUE = "CELERY_BROKER_URL"
YES = frozenset({"1", "on", "t", "true", "y", "yes"})
# What the schedule's process does without.
BEAT = "beat"


class Drift(NamedTuple):
    """A variable that a service has otherwise than its twin: `own` is None where it lacks it."""

    service: Service
    own: Variable | None
    twin: Service
    right: Variable


@rule("STK024", "drift-among-twins", Deployment, Severity.ERROR, faq=("D17",), fix=Applicability.UNSAFE)
def drift_among_twins(deployment: Deployment) -> Diagnostics:
    """A setting that one of api, worker and beat has otherwise than the others, or alone."""
    for table in deployment.tables:
        lacking: dict[str, list[Drift]] = {}
        seen: set[Place] = set()
        for drift in _Twins(deployment, table).drifts():
            if drift.own is None:
                lacking.setdefault(drift.service.name, []).append(drift)
            elif (place := drift.own.edit_place) not in seen:
                seen.add(place)
                yield _differs(deployment, drift, drift.own, place)
        for drifts in lacking.values():
            yield _lacks(deployment, drifts)


class _Twins:
    """The settings that twins share by the table, as the active services have them."""

    def __init__(self, deployment: Deployment, table: ProductTable) -> None:
        self.deployment = deployment
        self.table = table
        self.version = deployment.versions.get(table.name)
        data = table.data
        # These have rules of their own.
        self.judged = {data.get("vector_stores", {}).get("variable", ""), *data.get("urls", {}), *data.get("cors", {})}
        self.stores = {store.replace("-", "_").upper() + "_": store for store in table.stores(None)}
        self.via = {m.variable: m.via for group in table.agreeing(self.version) for m in group.members if m.via}
        self._endpoints: Mapping[tuple[str, str], Endpoint] | None = None

    def drifts(self) -> Iterator[Drift]:
        """Every drift, by the table's order."""
        for shared in self.table.shared(self.version):
            twins = self.deployment.playing(self.table.name, *shared.roles)
            if len(twins) < 2:
                continue
            alone = bool(shared.alone_until) and in_range(self.version, "", shared.alone_until) is not False
            for name in shared.variables:
                if name not in self.judged and self._chosen(twins, name):
                    yield from self._of(twins, name, alone=alone)

    def _chosen(self, twins: tuple[Service, ...], name: str) -> bool:
        """Whether a setting is for no vector store, or for one that is chosen."""
        stores = {store for prefix, store in self.stores.items() if name.startswith(prefix)}
        return not stores or any(_text(twin, self.table.data["vector_stores"]["variable"]) in stores for twin in twins)

    def _of(self, twins: tuple[Service, ...], name: str, *, alone: bool) -> Iterator[Drift]:
        """The twins that have a setting otherwise than most, or than the api where equally many have it so."""
        given = [(twin, variable) for twin in twins if (variable := twin.environment.get(name)) is not None]
        known = [(twin, variable) for twin, variable in given if variable.value.text]
        if not known or len(known) < len(given):
            # An empty or unknown one may be filled in elsewhere.
            return
        counts = Counter(_written(variable) for _, variable in known)
        right = max(known, key=lambda pair: counts[_written(pair[1])])
        for pair in known:
            if not self._same(name, pair, right) and not self._is_log_in(pair[0], name):
                yield Drift(*pair, *right)
        if not alone:
            # A second service of one role may be made for a part of its work.
            roles = {self.deployment.role(twin) for twin, _ in known}
            for twin in twins:
                lacks = name not in twin.environment and self.deployment.role(twin) not in roles
                if lacks and self._needs(twin, name, right):
                    yield Drift(twin, None, *right)

    def _same(self, name: str, one: tuple[Service, Variable], other: tuple[Service, Variable]) -> bool:
        mine, its = _written(one[1]), _written(other[1])
        if mine == its:
            return True
        fact = self.table.variables(self.version, self.deployment.role(one[0])).get(name)
        if fact is not None and fact.type == "bool":
            return (mine.lower() in YES) == (its.lower() in YES)
        if name.endswith("_PORT"):
            # A port belongs to its host.
            host = name.removesuffix("PORT") + "HOST"
            return _text(one[0], host) != _text(other[0], host)
        ours, theirs = self._endpoint(one[0], name), self._endpoint(other[0], name)
        return ours is not None and theirs is not None and self._same_address(ours, theirs)

    def _same_address(self, one: Endpoint, other: Endpoint) -> bool:
        """Whether two addresses are two names of one service, alike in everything else."""
        mine, its = (self.deployment.lookup(e.reader, e.host.text) for e in (one, other))
        if not mine.services or mine.services != its.services:
            return False
        rest = [
            (e.scheme, e.rest, *((p.text if p else "") for p in (e.port, e.user, e.password))) for e in (one, other)
        ]
        return rest[0] == rest[1]

    def _endpoint(self, service: Service, name: str) -> Endpoint | None:
        if self._endpoints is None:
            self._endpoints = {(e.reader.name, e.variable.name): e for e in self.deployment.endpoints}
        return self._endpoints.get((service.name, name))

    def _is_log_in(self, service: Service, name: str) -> bool:
        """Whether it is for a server of this stack, which judges it (STK005, STK010)."""
        via = self.via.get(name, "")
        endpoint = self._endpoint(service, via) if via and via != name else None
        return endpoint is not None and self.deployment.lookup(service, endpoint.host.text).reach == "reached"

    def _needs(self, twin: Service, name: str, right: tuple[Service, Variable]) -> bool:
        """Whether a service that lacks a setting falls back to something else than its twin has."""
        role = self.deployment.role(twin)
        files = twin.env_files
        if role == BEAT or not all(f.read and f.path is not None and self.deployment.exists(f.path) for f in files):
            # An optional file that is not here may be there where the stack runs.
            return False
        if name in self.table.required_variables(self.version, role):
            return False
        fact = self.table.variables(self.version, role).get(name)
        return fact is not None and fact.default != _written(right[1])


def _written(variable: Variable) -> str:
    return (variable.value.text or "").strip()


def _text(service: Service, name: str) -> str:
    variable = service.environment.get(name)
    return (variable.value.text or "") if variable is not None else ""


def _differs(deployment: Deployment, drift: Drift, own: Variable, place: Place) -> Diagnostic:
    values = (("variable", own.name), ("service", drift.service.name), ("twin", drift.twin.name))
    right = drift.right.value
    edit = change_value(deployment, own.value, right.text) if right.text else None
    return Diagnostic(
        place,
        "`{service}` has another `{variable}` than `{twin}`, and the two do one work on the same data: what one writes "
        "or asks for the other does not find; give both the same",
        values,
        (Related(right.edit_place or drift.right.place, "`{twin}` has it here", values),),
        (Fix("Use the `{variable}` of `{twin}`", (edit,), Applicability.UNSAFE, values),) if edit else (),
        Severity.WARNING if own.name.endswith(WAYS) and own.name != QUEUE else None,
    )


def _lacks(deployment: Deployment, drifts: list[Drift]) -> Diagnostic:
    first = drifts[0]
    names = ", ".join(f"`{drift.right.name}`" for drift in drifts[:4]) + (", …" if len(drifts) > 4 else "")
    values = (("variables", names), ("service", first.service.name), ("twin", first.twin.name))
    edit = copy_variables(deployment, first.service, [drift.right for drift in drifts])
    return Diagnostic(
        first.service.place,
        "`{service}` is not given {variables}, which `{twin}` is: it goes on with the defaults, and the two do one "
        "work on the same data; give both the same",
        values,
        tuple(Related(drift.right.place, "`{twin}` has it here", values) for drift in drifts[:4]),
        (Fix("Give {variables} to `{service}` too", (edit,), Applicability.UNSAFE, values),) if edit else (),
        Severity.WARNING,
    )
