"""Names that lead nowhere: services, networks, volumes, secrets and configs that are not defined, or are off."""

from __future__ import annotations

from collections.abc import Iterator

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
    YamlScalar,
    YamlTree,
    near,
    rule,
    said,
)
from .mounts import means_path


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
    for problem in deployment.project.problems:
        if problem.kind not in ("undefined-network", "undefined-volume", "undefined-secret", "undefined-config"):
            continue
        values = dict(problem.values)
        if _means_file(deployment, problem):
            continue
        section, name = values["section"], values["name"]
        defined = getattr(deployment.project, section)
        meant = near(name, defined)
        hint = "; did you mean `{near}`?" if meant else ""
        fixes = tuple(_renamed(problem.place, name, meant)) if meant else ()
        if section in ("networks", "volumes"):
            # Beside a name that is nearly the same, another one is a choice.
            fixes += tuple(_declared(deployment, problem, Applicability.UNSAFE if meant else Applicability.SAFE))
        near_value = (("near", meant),) if meant else ()
        yield Diagnostic(problem.place, problem.message + hint, (*problem.values, *near_value), fixes=fixes)


def _means_file(deployment: Deployment, problem: Problem) -> bool:
    """Whether a volume's name rather means a file beside the Compose file, which CMP023 says."""
    return dict(problem.values)["what"] == "volume" and any(
        means_path(deployment, mount)
        for service in deployment.project.active
        for mount in service.mounts
        if problem.place in (mount.source_place, mount.place)
    )


def _declared(deployment: Deployment, problem: Problem, applicability: Applicability) -> Iterator[Fix]:
    """The name under its section, in the file where the service stands."""
    values = dict(problem.values)
    tree = _file_of(deployment, values["service"])
    root = tree.roots[-1] if tree is not None and tree.roots else None
    if tree is None or not isinstance(root, YamlMapping) or root.flow:
        return
    edit = _declaration(tree, root, values["section"], values["name"])
    if edit is not None:
        title = "Define `{name}` under `{section}`"
        yield Fix(title, (edit,), applicability, (("name", values["name"]), ("section", values["section"])))


def _declaration(tree: YamlTree, root: YamlMapping, section: str, name: str) -> Edit | None:
    """The edit that adds `name:` to a section, written as its neighbours are: with nothing, or with `{}`."""
    from ...kit import yaml_edits

    entry = root.entry(section)
    if entry is not None and isinstance(entry.value, YamlMapping):
        edit = yaml_edits.insert_key(tree, entry.value, name, {})
        beside = [e.value for e in entry.value.entries]
        if entry.value.flow or any(isinstance(v, YamlMapping) and not v.entries for v in beside):
            return edit
    elif entry is None:
        edit = yaml_edits.insert_key(tree, root, section, {name: {}})
    elif isinstance(entry.value, YamlScalar) and entry.value.kind == "null" and not entry.value.text:
        return Edit(tree.document.place(*entry.value.span), f"{tree.document.newline}  {name}:")
    else:
        return None
    return Edit(edit.place, edit.text.replace(f"{name}: {{}}", f"{name}:"))


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
