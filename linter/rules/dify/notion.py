"""The Notion integration: its kind, and what each kind needs."""

from __future__ import annotations

from collections.abc import Iterator
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
    rule,
)
from .origins import parse_public
from .settings import is_filled, missing, nearest_choice, text_of

TYPE = "NOTION_INTEGRATION_TYPE"
PAIR = ("NOTION_CLIENT_ID", "NOTION_CLIENT_SECRET")


class Fault(NamedTuple):
    """What is wrong and where; `mended` is the kind to choose instead, "" to keep it."""

    place: Place
    message: str
    name: str = ""
    other: Place | None = None
    mended: str = ""


@rule("DFY040", "notion-integration", Deployment, Severity.ERROR, faq=("D6",), fix=Applicability.UNSAFE)
def notion_integration(deployment: Deployment) -> Diagnostics:
    """A kind of Notion integration without what it needs."""
    seen: set[Place] = set()
    for service in deployment.playing("dify", "api"):
        choice = service.environment.get(TYPE)
        if choice is None or not choice.value.text:
            continue
        for fault in _faults(deployment, service, choice, choice.value.text):
            if fault.place not in seen:
                seen.add(fault.place)
                yield _diagnostic(deployment, choice, fault)


def _diagnostic(deployment: Deployment, choice: Variable, fault: Fault) -> Diagnostic:
    edit = change_value(deployment, choice.value, fault.mended) if fault.mended else None
    values = (("name", fault.name), ("mended", fault.mended), ("kind", choice.value.text or ""))
    return Diagnostic(
        fault.place,
        fault.message,
        values,
        (Related(fault.other, "`{name}` is set here", values),) if fault.other else (),
        (Fix("Use `{mended}`", (edit,), Applicability.UNSAFE, values),) if edit else (),
    )


def _faults(deployment: Deployment, service: Service, choice: Variable, kind: str) -> Iterator[Fault]:
    at = choice.edit_place
    if kind not in ("public", "internal"):
        yield Fault(
            at,
            "`NOTION_INTEGRATION_TYPE` is `public` or `internal`; with `{kind}` nobody can connect Notion",
            mended=nearest_choice(kind, ("public", "internal")) or "",
        )
    elif kind == "internal":
        lacks = missing(deployment, service, "NOTION_INTERNAL_SECRET")
        if lacks is not None:
            yield Fault(
                lacks.place or at,
                "`NOTION_INTEGRATION_TYPE` is `internal`, but `NOTION_INTERNAL_SECRET` is empty, so Notion refuses "
                "every call; copy the secret of the integration from Notion",
            )
    else:
        yield from _public(deployment, service, at)


def _public(deployment: Deployment, service: Service, at: Place) -> Iterator[Fault]:
    """A public integration that somebody has set up: as it comes, its two settings are empty or blanks."""
    filled = [name for name in PAIR if is_filled(text_of(service, name))]
    if not filled:
        return
    for name in PAIR:
        lacks = missing(deployment, service, name)
        if lacks is not None:
            yield Fault(
                lacks.place or at, "`{name}` is empty, and a public Notion integration needs it to sign in", name
            )
    variable = service.environment.get("CONSOLE_API_URL")
    url = parse_public(service, variable) if variable is not None else None
    if url is not None and url.scheme == "http" and url.host != "localhost":
        yield Fault(
            at,
            "`NOTION_INTEGRATION_TYPE` is `public`, but `CONSOLE_API_URL` is not https: Notion sends people back to "
            "https addresses only, so the choice of pages never opens; serve the console over https, or use `internal`",
            "CONSOLE_API_URL",
            url.place,
            "internal" if is_filled(text_of(service, "NOTION_INTERNAL_SECRET")) else "",
        )
