"""The vector store: one choice, made in every service that reads or writes it, that the release knows."""

from __future__ import annotations

from collections import Counter

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


def _choices(deployment: Deployment) -> list[tuple[Service, Variable, str]]:
    """The services that use the store, with what each was told; services that were told nothing or something unknown left out."""
    found = []
    for service in deployment.playing("dify", "api", "worker", "beat"):
        variable = service.environment.get(NAME)
        if variable is not None and variable.value.text:
            found.append((service, variable, variable.value.text))
    return found


@rule("DFY001", "vector-store-mismatch", Deployment, Severity.ERROR, faq=("D17",), fix=Applicability.UNSAFE)
def vector_store_mismatch(deployment: Deployment) -> Diagnostics:
    """The API searches one store while the worker fills another."""
    choices = _choices(deployment)
    counts = Counter(text for _, _, text in choices)
    if len(counts) < 2:
        return
    # Where two say the same they are right; else the API's choice is the one a person sees.
    right = next(
        (c for c in choices if counts[c[2]] > 1),
        next((c for c in choices if deployment.role(c[0]) == "api"), choices[0]),
    )
    for service, variable, text in choices:
        if text == right[2]:
            continue
        edit = change_value(deployment, variable.value, right[2])
        place = variable.value.edit_place or variable.place
        yield Diagnostic(
            place,
            "`{service}` uses the vector store `{store}`, but `{other}` uses `{right}`: what the worker indexes is never found; "
            "VECTOR_STORE must be the same in api, worker and worker_beat",
            (("service", service.name), ("store", text), ("other", right[0].name), ("right", right[2])),
            (Related(right[1].value.edit_place or right[1].place, f"`{right[0].name}` gets its store here"),),
            (
                Fix(
                    "Use `{right}` in `{service}` too",
                    (edit,),
                    Applicability.UNSAFE,
                    (("right", right[2]), ("service", service.name)),
                ),
            )
            if edit
            else (),
        )


@rule("DFY002", "vector-store-unsupported", Deployment, Severity.ERROR, faq=("D17",), fix=Applicability.UNSAFE)
def vector_store_unsupported(deployment: Deployment) -> Diagnostics:
    """A store that this release does not know stops the API at its first search."""
    table = deployment.table("dify")
    if table is None:
        return
    version = deployment.versions["dify"]
    stores = table.stores(version)
    newest = table.newest
    seen: set[Place] = set()
    for service, variable, text in _choices(deployment):
        if text in stores:
            continue
        meant = near(text, sorted(stores))
        # A release newer than the table may know more stores than the table does.
        if not meant and (version is None or version > newest):
            continue
        place = variable.value.edit_place or variable.place
        if place in seen:
            continue
        seen.add(place)
        edit = change_value(deployment, variable.value, meant) if meant else None
        later = text in table.stores(None)
        yield Diagnostic(
            place,
            "`{store}` is no vector store that Dify {version} knows"
            + ("; did you mean `{meant}`?" if meant else "; a later release does" if later else ""),
            (
                ("store", text),
                ("version", ".".join(map(str, version)) if version else "(of an unknown release)"),
                ("meant", meant or ""),
            ),
            tuple(Related(p, f"`{service.name}` gets it here") for p in (variable.place,) if p != place),
            (Fix("Use `{meant}`", (edit,), Applicability.UNSAFE, (("meant", meant or ""),)),) if edit else (),
        )
