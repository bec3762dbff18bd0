"""The tokenizer that early releases of Dify fetch from Hugging Face, and settings under which they cannot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...kit import Deployment, Diagnostic, Diagnostics, Place, Service, Severity, Variable, in_range, rule, within

_OFFLINE = "`{service}` is told not to ask Hugging Face for the tokenizer `gpt2`, "
_ISOLATED = "`{service}` is on internal networks only and cannot ask Hugging Face for the tokenizer `gpt2`, "
_HIDDEN = "and `{hidden}` hides the copy in its image: documents are not indexed (`Can't load tokenizer for 'gpt2'`)"
_LACKING = "and the image of this release holds no copy: documents are not indexed (`Can't load tokenizer for 'gpt2'`)"
_TRUE = ("1", "true", "yes", "on")


@rule("DFY090", "tokenizer-offline", Deployment, Severity.INFO, faq=("D13",))
def tokenizer_offline(deployment: Deployment) -> Diagnostics:
    """The tokenizer `gpt2` can neither be fetched nor be found in the image: nothing can be indexed."""
    table, version = deployment.table("dify"), deployment.versions.get("dify")
    facts: Mapping[str, Any] = table.data.get("tokenizer", {}) if table else {}
    if not facts or in_range(version, "", facts["until"]) is not True:
        return
    held = in_range(version, facts["held_since"], "") is True
    seen: set[Place] = set()
    for service in deployment.playing("dify", "api", "worker"):
        offline = next(_switched_on(service, facts["offline"]), None)
        hidden = next(_hiding(service, facts), None)
        if (offline is None and not _is_isolated(deployment, service)) or (held and hidden is None):
            continue
        place = offline.edit_place if offline else service.place
        if place in seen:
            continue
        seen.add(place)
        yield Diagnostic(
            place,
            (_OFFLINE if offline else _ISOLATED) + (_HIDDEN if hidden else _LACKING),
            (("service", service.name), ("hidden", hidden or "")),
        )


def _switched_on(service: Service, names: list[str]) -> Iterator[Variable]:
    for name in names:
        variable = service.environment.get(name)
        if variable is not None and (variable.value.text or "").strip().lower() in _TRUE:
            yield variable


def _hiding(service: Service, facts: Mapping[str, Any]) -> Iterator[str]:
    """What makes the libraries look for their copies elsewhere than the image has them, or lies over that folder."""
    for name in facts["moved_by"]:
        variable = service.environment.get(name)
        if variable is not None and variable.value.text:
            yield name
    yield from (m.target for m in service.mounts if m.target and within(facts["folder"], m.target.rstrip("/") or "/"))


def _is_isolated(deployment: Deployment, service: Service) -> bool:
    """Whether all networks of a service are `internal`, and it is told of no proxy."""
    networks = deployment.networks(service)
    if not networks or any(name.upper() in ("HTTPS_PROXY", "ALL_PROXY") for name in service.environment):
        return False
    bodies = [deployment.project.networks.get(name) for name in networks]
    return all(body is not None and _is_true(body.get("internal")) for body in bodies)


def _is_true(node: object) -> bool:
    return getattr(node, "text", "") == "true"
