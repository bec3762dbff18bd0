"""Stores for files other than a folder: the settings without which they cannot work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
    rule,
)
from .settings import (
    Missing,
    asked_name,
    filled_in,
    known_choices,
    nearest_choice,
    no_such_choice,
    text_of,
    unfilled,
)

# The variable that chooses, who reads it, and the choices that need nothing.
SELECTORS = (
    ("STORAGE_TYPE", ("api", "worker"), ("local", "opendal")),
    ("OPENDAL_SCHEME", ("api", "worker"), ("fs",)),
    ("PLUGIN_STORAGE_TYPE", ("plugin_daemon",), ("local",)),
)
# Servers by their own names, and the store whose language they speak.
SPEAKS = {"minio": "s3", "rustfs": "s3", "ceph": "s3", "garage": "s3", "r2": "s3", "gcs": "google-storage"}


@rule("DFY032", "storage-settings", Deployment, Severity.ERROR, fix=Applicability.UNSAFE)
def storage_settings(deployment: Deployment) -> Diagnostics:
    """A store for files is chosen, and what it needs is not set."""
    seen: set[tuple[str, Place]] = set()
    for selector, roles, needless in SELECTORS:
        for service in deployment.playing("dify", *roles):
            choice = service.environment.get(selector)
            if choice is None or not choice.value.text or choice.value.text in needless:
                continue
            if selector == "OPENDAL_SCHEME" and not _is_opendal(service):
                continue
            unknown = _unknown(deployment, service, choice)
            if unknown is not None and (selector, unknown.place) not in seen:
                seen.add((selector, unknown.place))
                yield unknown
            for names in _lacking(deployment, service, choice):
                diagnostic = _diagnostic(deployment, service, choice, names)
                key = ("|".join(names), diagnostic.place)
                if key not in seen:
                    seen.add(key)
                    yield diagnostic


def _unknown(deployment: Deployment, service: Service, choice: Variable) -> Diagnostic | None:
    """A store that this release does not have; OpenDAL has many that no table here names."""
    text, known = choice.value.text or "", known_choices(deployment, choice.name)
    if known is None or text in known or choice.name == "OPENDAL_SCHEME":
        return None
    meant = nearest_choice(SPEAKS.get(text.strip().lower(), text), known)
    if choice.name == "PLUGIN_STORAGE_TYPE" and meant is None:
        return None
    message = (
        "`{selector}` is `{kind}`, and there is no such store for files: `{service}` does not start; did you mean "
        "`{meant}`?"
        if meant
        else "`{selector}` is `{kind}`, and there is no such store for files: `{service}` does not start; write one of "
        "{known}"
    )
    return no_such_choice(deployment, service, choice, message, known=known, meant=meant)


def _is_opendal(service: Service) -> bool:
    variable = service.environment.get("STORAGE_TYPE")
    return variable is not None and variable.value.text == "opendal"


def _lacking(deployment: Deployment, service: Service, choice: Variable) -> Iterator[Sequence[str]]:
    """Each need that is not met: the settings of its first alternative that are surely missing."""
    table = deployment.table("dify")
    fact = table.settings_of(choice.name, deployment.versions["dify"]).get(choice.value.text or "") if table else None
    for need in fact.needs if fact is not None else ():
        if not need.when and not any(_may_hold(deployment, service, names) for names in need.any_of):
            yield need.any_of[0]


def _may_hold(deployment: Deployment, service: Service, names: Sequence[str]) -> bool:
    return all(unfilled(deployment, service, name) is None for name in names)


def _diagnostic(deployment: Deployment, service: Service, choice: Variable, names: Sequence[str]) -> Diagnostic:
    lacks = next(filter(None, (unfilled(deployment, service, name) for name in names)))
    at = choice.edit_place
    own = asked_name(service, lacks.name)
    values = (
        ("selector", asked_name(service, choice.name)),
        ("kind", choice.value.text or ""),
        ("name", own),
        ("service", service.name),
    )
    # The fallback of the compose file is no place to set anything.
    place = lacks.place if lacks.place is not None and lacks.place.document is at.document else at
    message = _message(deployment, choice.name, lacks, own)
    related = (Related(at, "the store is chosen here"),) if place != at else ()
    return Diagnostic(place, message, values, related, _region(deployment, service, lacks.name))


def _message(deployment: Deployment, selector: str, lacks: Missing, own: str) -> str:
    """What a setting lacks; `own` is its name in `.env`."""
    in_vain = deployment.project.variables.get(own) if lacks.place is None else None
    if lacks.example:
        said = "`{selector}` is `{kind}`, but `{name}` still is the example's text: `{service}` "
    elif in_vain is not None and in_vain.text:
        said = "`{selector}` is `{kind}`, and the compose file does not hand `{name}` over to `{service}`: it "
    else:
        said = "`{selector}` is `{kind}`, but `{name}` is empty: `{service}` "
    if selector == "PLUGIN_STORAGE_TYPE" and not lacks.example:
        return said + "refuses to start without it"
    return said + "cannot store or read any file " + ("with that" if lacks.example else "without it")


def _region(deployment: Deployment, service: Service, name: str) -> tuple[Fix, ...]:
    """A store of one's own that speaks S3 takes any region, so the usual one will do."""
    if name != "AWS_REGION" or not text_of(service, "S3_ENDPOINT"):
        return ()
    edit = filled_in(deployment, service, name, "us-east-1")
    return (Fix("Set it to `us-east-1`", (edit,), Applicability.UNSAFE),) if edit else ()
