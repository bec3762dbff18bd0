"""A config.json that was written for another release: keys that this one does not look at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...kit import (
    Deployment,
    Diagnostic,
    Diagnostics,
    JsonMember,
    JsonObject,
    JsonTree,
    MountedFile,
    Related,
    Severity,
    Version,
    in_range,
    rule,
)
from .config_files import configurations, shown

if TYPE_CHECKING:
    from ....schemas.models.config_keys import ConfigTable

_MANY = 4


@rule("FGP002", "config-version", Deployment, Severity.ERROR, faq=("F3.2", "F2.7"))
def config_version(deployment: Deployment) -> Diagnostics:
    """The structure of another release: what stands under its keys is not read."""
    product, version = deployment.table("fastgpt"), deployment.versions.get("fastgpt")
    if product is None or version is None:
        return
    for file, tree, root in configurations(deployment):
        table = product.configuration
        if in_range(version, table.variables_since, ""):
            yield from _now_variables(file, tree, root, table, version)
            continue
        yield from _replaced(tree, root, table, version)
        if in_range(version, table.models_elsewhere_since, ""):
            yield from _models_elsewhere(tree, root, table, version)


def _replaced(tree: JsonTree, root: JsonObject, table: ConfigTable, version: Version) -> Iterator[Diagnostic]:
    """Keys whose content this release takes from another key."""
    names = {member.key.text for member in root.members}
    lost: dict[str, list[JsonMember]] = {}
    for member in root.members:
        key = table.keys.get(member.key.text)
        now = table.now(member.key.text, version) if key is not None and not key.known(version) else None
        if now is not None:
            lost.setdefault(now, []).append(member)
    for now, members in lost.items():
        facts = table.keys[members[0].key.text]
        values = (
            ("keys", _listed(members)),
            ("now", now),
            ("version", shown(version)),
            ("since", facts.since),
            ("until", facts.until),
        )
        there = now in names
        yield Diagnostic(
            tree.document.place(*members[0].key.span),
            "{keys}: FastGPT {since} to {until} read this, FastGPT {version} reads only `{now}` and leaves it alone: "
            "remove it"
            if there
            else "{keys}: FastGPT {since} to {until} read this, FastGPT {version} looks for `{now}` instead and finds "
            "nothing: write the file anew for this release",
            values,
            tuple(Related(tree.document.place(*m.key.span), "this belongs to it") for m in members[1:]),
            severity=Severity.WARNING if there else None,
        )


def _models_elsewhere(tree: JsonTree, root: JsonObject, table: ConfigTable, version: Version) -> Iterator[Diagnostic]:
    chained = {name for chain in table.successors for name in chain if chain[-1] != "systemEnv"}
    members = [member for member in root.members if member.key.text in chained]
    if members:
        yield Diagnostic(
            tree.document.place(*members[0].key.span),
            "{keys}: from {since} on FastGPT keeps its models in the database, and FastGPT {version} leaves these "
            'alone: change models on the page "Account, Model providers", and remove them here',
            (("keys", _listed(members)), ("since", table.models_elsewhere_since), ("version", shown(version))),
            tuple(Related(tree.document.place(*m.key.span), "this belongs to it") for m in members[1:]),
            severity=Severity.WARNING,
        )


def _now_variables(
    file: MountedFile, tree: JsonTree, root: JsonObject, table: ConfigTable, version: Version
) -> Iterator[Diagnostic]:
    """Settings that environment variables took over."""
    moved: list[tuple[JsonMember, str]] = []
    for path, name in table.variables.items():
        member = _member(root, path.split("."))
        if member is not None and name not in file.service.environment:
            moved.append((member, name))
    if moved:
        names = ", ".join(f"`{name}`" for _, name in moved[:_MANY]) + (", …" if len(moved) > _MANY else "")
        yield Diagnostic(
            tree.document.place(*moved[0][0].key.span),
            "FastGPT {version} takes its settings from the environment and not from this file: give {names} to "
            "`{service}`, or its defaults stay in force",
            (("version", shown(version)), ("names", names), ("service", file.service.name)),
            (Related(file.mount.place, "the file is mounted here"),),
            severity=Severity.WARNING,
        )


def _member(root: JsonObject, path: list[str]) -> JsonMember | None:
    node, found = root, None
    for name in path:
        found = next((member for member in reversed(node.members) if member.key.text == name), None)
        if found is None or not isinstance(found.value, JsonObject):
            break
        node = found.value
    return found if found is not None and found.key.text == path[-1] else None


def _listed(members: list[JsonMember]) -> str:
    names = ", ".join(f"`{member.key.text}`" for member in members[:_MANY])
    return names + (", …" if len(members) > _MANY else "")
