"""Secrets that their reader refuses: too short, or without the kinds of characters that it wants."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ...kit import Deployment, Diagnostic, Diagnostics, Place, Related, Service, Severity, in_range, rule

SHORT = (
    "`{variable}` of `{service}` has {length} characters, and this release wants {minimum} or more, or it does not "
    "start: write one made with `openssl rand -hex 32`, wherever it is given"
)
REFUSED = (
    "`{variable}` of `{service}` is no password that its image takes, so it stops at its first start: it wants "
    "{minimum} characters or more, with {kinds} among them; write another one, here and in every address that holds it"
)


@rule("FGP050", "secret-too-short", Deployment, Severity.ERROR)
def secret_too_short(deployment: Deployment) -> Diagnostics:
    """A secret with fewer characters than the program wants, which then does not start."""
    table = deployment.table("fastgpt")
    told: set[Place] = set()
    if table is None:
        return
    for fact in table.data.get("secret_lengths", ()):
        for service in _readers(deployment, fact["role"]):
            variable = service.environment.get(fact["variable"])
            text = variable.value.text if variable is not None else None
            if variable is None or not text or not _wanted(deployment, service, fact):
                continue
            place = variable.edit_place
            kinds: dict[str, str] = fact.get("needs", {})
            taken = len(text) >= fact["minimum"] and all(re.search(pattern, text) for pattern in kinds.values())
            # Of a secret that the product's own files publish STK008 speaks, which wants a new one as well.
            if place in told or taken or table.default_secret(text, variable.name):
                continue
            told.add(place)
            values = (
                ("variable", variable.name),
                ("service", service.name),
                ("length", str(len(text))),
                ("minimum", str(fact["minimum"])),
                ("kinds", ", ".join(kinds)),
            )
            passed = place.span != variable.place.span
            yield Diagnostic(
                place,
                REFUSED if kinds else SHORT,
                values,
                (Related(variable.key_place, "`{service}` gets it here", values),) if passed else (),
            )


def _readers(deployment: Deployment, role: str) -> Iterator[Service]:
    """The services of a role, of the product's own or of a well-known server's."""
    for service in deployment.project.active:
        server = deployment.server(service)
        if deployment.role(service) == role or (server is not None and server.name == role):
            yield service


def _wanted(deployment: Deployment, service: Service, fact: dict[str, Any]) -> bool:
    if "image_since" in fact:
        image = deployment.image(service)
        return in_range(image.version if image else None, fact["image_since"], "") is True
    return in_range(deployment.versions.get("fastgpt"), fact["since"], "") is True
