"""Mappings that hold nothing, and services in the wrong place: slips of indentation, mostly."""

from __future__ import annotations

from collections.abc import Iterator

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Fix,
    Place,
    Severity,
    YamlMapping,
    YamlTree,
    rule,
)
from .refusals import MOST_FIXES, readable, refusals

_SECTIONS = frozenset(("services",))


@rule("CMP031", "empty-mapping", Deployment, Severity.ERROR, fix=Applicability.SAFE)
def empty_mapping(deployment: Deployment) -> Diagnostics:
    """A key with nothing below it where Compose wants a list or a mapping."""
    told: set[tuple[str, int]] = set()
    for place, name in _empty(deployment):
        line = (place.document.path, place.line)
        if line in told:
            continue
        told.add(line)
        yield Diagnostic(
            place,
            "nothing stands under `{key}`, and Compose refuses the file: fill it or take the key out",
            (("key", name),),
            fixes=tuple(_removal(deployment, place, name)) if len(told) <= MOST_FIXES else (),
        )


def _empty(deployment: Deployment) -> Iterator[tuple[Place, str]]:
    """The key (or the written `null`) and the name of each."""
    for problem in readable(deployment, "empty-mapping"):
        yield problem.place, dict(problem.values).get("key", "services")
    for violation in refusals(deployment).violations:
        if violation.kind == "empty-mapping":
            named = [step for step in violation.path if isinstance(step, str)]
            yield violation.place, named[-1] if named else ""


def _removal(deployment: Deployment, place: Place, name: str) -> Iterator[Fix]:
    from ...kit import yaml_edits

    if name in _SECTIONS:
        return
    for tree in deployment.project.files:
        if tree.document is place.document and (holder := tree.enclosing_entry(place.span)) is not None:
            if len(holder[0].entries) > 1:
                edit = yaml_edits.remove_entry(tree, *holder)
                # A service that was begun and not written may be wanted.
                kind = Applicability.UNSAFE if _is_services(tree, holder[0]) else Applicability.SAFE
                yield Fix("Remove `{key}`", (edit,), kind, (("key", name),))
            return


def _is_services(tree: YamlTree, mapping: YamlMapping) -> bool:
    tops = (root.entry("services") for root in tree.roots if isinstance(root, YamlMapping))
    return any(entry is not None and entry.value is mapping for entry in tops)


@rule("CMP032", "service-misplaced", Deployment, Severity.ERROR)
def service_misplaced(deployment: Deployment) -> Diagnostics:
    """A service under another one, or beside `services`."""
    for violation in refusals(deployment).violations:
        if violation.kind == "misplaced-service":
            yield Diagnostic(
                violation.key or violation.place,
                violation.message + "; check how far it is indented",
                violation.values,
            )
