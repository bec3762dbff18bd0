"""The vector store: one choice, made in every service that reads or writes it, that the release knows."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Fix,
    Place,
    Related,
    Service,
    Severity,
    Variable,
    change_value,
    near,
    rule,
)

NAME = "VECTOR_STORE"


class Choice(NamedTuple):
    """What a service was told to use."""

    service: Service
    variable: Variable
    store: str

    @property
    def place(self) -> Place:
        """Where a person edits it."""
        return self.variable.edit_place


def _choices(deployment: Deployment) -> list[Choice]:
    """The choices of the services that use the store; those that were told nothing, or something unknown, left out."""
    found: list[Choice] = []
    for service in deployment.playing("dify", "api", "worker", "beat"):
        variable = service.environment.get(NAME)
        if variable is not None and variable.value.text:
            found.append(Choice(service, variable, variable.value.text))
    return found


@rule("DFY001", "vector-store-mismatch", Deployment, Severity.ERROR, faq=("D17",), fix=Applicability.UNSAFE)
def vector_store_mismatch(deployment: Deployment) -> Diagnostics:
    """The API searches one store while the worker fills another."""
    choices = _choices(deployment)
    counts = Counter(choice.store for choice in choices)
    if len(counts) < 2:
        return
    # Where two say the same they are right; else the API's choice is the one a person sees.
    right = next(
        (c for c in choices if counts[c.store] > 1),
        next((c for c in choices if deployment.role(c.service) == "api"), choices[0]),
    )
    for choice in choices:
        if choice.store != right.store:
            yield _mismatch(deployment, choice, right)


def _mismatch(deployment: Deployment, choice: Choice, right: Choice) -> Diagnostic:
    edit = change_value(deployment, choice.variable.value, right.store)
    values = (
        ("service", choice.service.name),
        ("store", choice.store),
        ("other", right.service.name),
        ("right", right.store),
    )
    return Diagnostic(
        choice.place,
        "`{service}` uses the vector store `{store}`, but `{other}` uses `{right}`, so what one writes the other never "
        "finds; VECTOR_STORE must be the same in all of api, worker and worker_beat",
        values,
        (Related(right.place, "`{other}` gets its store here", values),),
        (Fix("Use `{right}` in `{service}` too", (edit,), Applicability.UNSAFE, values),) if edit else (),
    )


@rule("DFY002", "vector-store-unsupported", Deployment, Severity.ERROR, faq=("D17",), fix=Applicability.UNSAFE)
def vector_store_unsupported(deployment: Deployment) -> Diagnostics:
    """A store that this release does not know stops the API at its first search."""
    table = deployment.table("dify")
    if table is None:
        return
    version = deployment.versions["dify"]
    stores = table.stores(version)
    seen: set[Place] = set()
    for choice in _choices(deployment):
        if choice.store in stores or choice.place in seen:
            continue
        later = choice.store in table.stores(None)
        meant = None if later else near(choice.store, sorted(stores))
        # A release newer than the table may know more stores than the table does.
        if not meant and (version is None or version > table.newest):
            continue
        seen.add(choice.place)
        yield _unsupported(deployment, choice, meant, later=later)


def _unsupported(deployment: Deployment, choice: Choice, meant: str | None, *, later: bool) -> Diagnostic:
    version = deployment.versions["dify"]
    edit = change_value(deployment, choice.variable.value, meant) if meant else None
    values = (
        ("store", choice.store),
        ("version", ".".join(map(str, version)) if version else "?"),
        ("meant", meant or ""),
        ("service", choice.service.name),
    )
    if meant:
        message = "Dify has no vector store `{store}`, so nothing can be indexed; did you mean `{meant}`?"
    elif later:
        message = "Dify {version} does not know the vector store `{store}` yet; a later release does"
    else:
        message = "Dify {version} has no vector store `{store}`, so nothing can be indexed"
    place = choice.variable.place
    return Diagnostic(
        choice.place,
        message,
        values,
        (Related(place, "`{service}` gets it here", values),) if place.document is not choice.place.document else (),
        (Fix("Use `{meant}`", (edit,), Applicability.UNSAFE, values),) if edit else (),
    )
