"""Names that lead nowhere: services, networks, volumes, secrets and configs that are not defined, or are off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
    Place,
    Problem,
    Severity,
    YamlMapping,
    YamlTree,
    near,
    rule,
    said,
)
from .mounts import means_path

_MOST = 50


@rule("CMP012", "unknown-service-reference", Deployment, Severity.ERROR, fix=Applicability.UNSAFE)
def unknown_service_reference(deployment: Deployment) -> Diagnostics:
    """`depends_on`, `links`, `extends` and the like that name no service."""
    for problem in deployment.project.problems:
        if problem.kind != "undefined-service":
            continue
        values = dict(problem.values)
        name = values.get("name", "")
        container = _service_of_container(deployment, name)
        meant = container or near(name, (n for n in deployment.services if n != values.get("service")))
        if not meant or "file" in values:
            yield said(problem)
            continue
        hint = "; that is the container name of `{near}`" if container else "; did you mean `{near}`?"
        yield Diagnostic(
            problem.place,
            problem.message + hint,
            (*problem.values, ("near", meant)),
            fixes=tuple(_renamed(problem.place, name, meant)),
        )


def _service_of_container(deployment: Deployment, name: str) -> str | None:
    """The service whose `container_name` this is."""
    for service in deployment.services.values():
        if service.container_name is not None and service.container_name.text == name:
            return service.name
    return None


def _renamed(place: Place, name: str, meant: str) -> Iterator[Fix]:
    """The name, which a place holds once, changed to the one that was meant."""
    at = place.text.find(name)
    if name and place.text.count(name) == 1:
        start = place.span.start + at
        edit = Edit(place.document.place(start, start + len(name)), meant)
        yield Fix("Change `{name}` to `{near}`", (edit,), Applicability.UNSAFE, (("name", name), ("near", meant)))


@rule("CMP013", "undefined-resource", Deployment, Severity.ERROR, fix=Applicability.SAFE)
def undefined_resource(deployment: Deployment) -> Diagnostics:
    """A network, volume, secret or config that a service uses and the file does not define."""
    kinds = ("undefined-network", "undefined-volume", "undefined-secret", "undefined-config")
    problems = [p for p in deployment.project.problems if p.kind in kinds and not _means_file(deployment, p)]
    meant = {name: _near_one(deployment, name) for name in {_resource(p) for p in problems}}
    missing = _missing(deployment, (p for p in problems if meant[_resource(p)] is None))
    for problem in problems:
        section, name = _resource(problem)
        near_one = meant[section, name]
        if near_one is None:
            yield said(problem, tuple(_declared(deployment, problem, missing, Applicability.SAFE)))
            continue
        own = _missing(deployment, (problem,))
        # Beside a name that is nearly the same, another one is a choice.
        fixes = (
            *_renamed(problem.place, name, near_one),
            *_declared(deployment, problem, own, Applicability.UNSAFE),
        )
        message = problem.message + "; did you mean `{near}`?"
        yield Diagnostic(problem.place, message, (*problem.values, ("near", near_one)), fixes=fixes)


def _resource(problem: Problem) -> tuple[str, str]:
    """The section and the name of what is not defined."""
    values = dict(problem.values)
    return values["section"], values["name"]


def _near_one(deployment: Deployment, resource: tuple[str, str]) -> str | None:
    section, name = resource
    return near(name, getattr(deployment.project, section))


def _missing(deployment: Deployment, problems: Iterable[Problem]) -> dict[tuple[str, str], tuple[str, ...]]:
    """The names that are not defined, by the file where the service stands and the section where they belong.

    They are added together: each for itself they would all be put at one and the same place.
    """
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for problem in problems:
        section, name = _resource(problem)
        tree = _file_of(deployment, dict(problem.values)["service"])
        if tree is not None and section in ("networks", "volumes"):
            key = (tree.document.path, section)
            found[key] = tuple(dict.fromkeys((*found.get(key, ()), name)))
    return found


def _means_file(deployment: Deployment, problem: Problem) -> bool:
    """Whether a volume's name rather means a file beside the Compose file, which CMP023 says."""
    return dict(problem.values)["what"] == "volume" and any(
        means_path(deployment, mount)
        for service in deployment.project.active
        for mount in service.mounts
        if problem.place in (mount.source_place, mount.place)
    )


def _declared(
    deployment: Deployment,
    problem: Problem,
    missing: Mapping[tuple[str, str], tuple[str, ...]],
    applicability: Applicability,
) -> Iterator[Fix]:
    """The names under their section, in the file where the service stands."""
    section, name = _resource(problem)
    tree = _file_of(deployment, dict(problem.values)["service"])
    root = tree.roots[-1] if tree is not None and tree.roots else None
    if tree is None or not isinstance(root, YamlMapping) or root.flow:
        return
    names = missing.get((tree.document.path, section), ())
    edit = _declaration(tree, root, section, names[:_MOST] if name in names[:_MOST] else (name,)) if names else None
    if edit is not None:
        listed = ", ".join(f"`{n}`" for n in names[:_MOST])
        yield Fix("Define {names} under `{section}`", (edit,), applicability, (("names", listed), ("section", section)))


def _declaration(tree: YamlTree, root: YamlMapping, section: str, names: Sequence[str]) -> Edit | None:
    """The edit that adds names to a section, written as its neighbours are: with nothing, or with `{}`."""
    from ...kit import yaml_edits

    entry = root.entry(section)
    if entry is None:
        edit = yaml_edits.insert_key(tree, root, section, {name: {} for name in names})
    elif isinstance(entry.value, YamlMapping):
        edits = [yaml_edits.insert_key(tree, entry.value, name, {}) for name in names]
        beside = [e.value for e in entry.value.entries]
        if entry.value.flow:
            return edits[0]
        edit = Edit(edits[0].place, "".join(e.text for e in edits))
        if any(isinstance(v, YamlMapping) and not v.entries for v in beside):
            return edit
    else:
        return None
    return Edit(edit.place, edit.text.replace(": {}", ":"))


def _file_of(deployment: Deployment, service: str) -> YamlTree | None:
    """The Compose file in which a service stands."""
    found = deployment.services.get(service)
    document = found.place.document if found is not None else None
    return next((tree for tree in deployment.project.files if tree.document is document), None)


@rule("CMP014", "inactive-dependency", Deployment, Severity.ERROR)
def inactive_dependency(deployment: Deployment) -> Diagnostics:
    """A dependency on a service whose profile is not active."""
    for problem in deployment.project.problems:
        if problem.kind == "inactive-dependency":
            yield said(problem)


@rule("CMP015", "dependency-cycle", Deployment, Severity.ERROR)
def dependency_cycle(deployment: Deployment) -> Diagnostics:
    """Services that wait for each other."""
    for problem in deployment.project.problems:
        if problem.kind == "dependency-cycle":
            yield said(problem)


@rule("CMP017", "duplicate-container-name", Deployment, Severity.ERROR)
def duplicate_container_name(deployment: Deployment) -> Diagnostics:
    """One container name for two services."""
    for problem in deployment.project.problems:
        if problem.kind == "duplicate-container-name":
            yield said(problem)
