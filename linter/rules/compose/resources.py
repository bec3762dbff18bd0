"""Networks, volumes, secrets and configs that a service uses and the file does not define."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
from .references import renamed
from .refusals import comparable

_KINDS = frozenset(("undefined-network", "undefined-volume", "undefined-secret", "undefined-config"))
_MOST = 50


@rule("CMP013", "undefined-resource", Deployment, Severity.ERROR, fix=Applicability.SAFE)
def undefined_resource(deployment: Deployment) -> Diagnostics:
    """A network, volume, secret or config that a service uses and the file does not define."""
    files = frozenset(_file_places(deployment))
    problems = [p for p in deployment.project.problems if p.kind in _KINDS and p.place not in files]
    sections = _Sections(deployment)
    limit = comparable(len(deployment.project.networks) + len(deployment.project.volumes))
    meant = [_near_one(deployment, p) if i < limit else None for i, p in enumerate(problems)]
    for problem, near_one in zip(problems, meant, strict=True):
        if near_one is None:
            sections.need(problem)
    for problem, near_one in zip(problems, meant, strict=True):
        if near_one is None:
            yield said(problem, sections.fix(problem))
            continue
        # Beside a name that is nearly the same, another one is a choice.
        fixes = (*renamed(problem.place, _resource(problem)[1], near_one), *sections.own_fix(problem))
        message = problem.message + "; did you mean `{near}`?"
        yield Diagnostic(problem.place, message, (*problem.values, ("near", near_one)), fixes=fixes)


def _resource(problem: Problem) -> tuple[str, str]:
    """The section and the name of what is not defined."""
    values = dict(problem.values)
    return values["section"], values["name"]


def _near_one(deployment: Deployment, problem: Problem) -> str | None:
    section, name = _resource(problem)
    return near(name, getattr(deployment.project, section))


def _file_places(deployment: Deployment) -> Iterator[Place]:
    """Where a volume's name rather means a file beside the Compose file, which CMP023 says."""
    for service in deployment.project.active:
        for mount in service.mounts:
            if means_path(deployment, mount):
                yield mount.source_place or mount.place


class _Sections:
    """The names that files lack under their `networks` and `volumes`, and the edits that add them.

    The names of one section are added together: each for itself they would all be put at one and the same place.
    """

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._trees = {tree.document.path: tree for tree in deployment.project.files}
        self._names: dict[tuple[str, str], dict[str, None]] = {}
        self._fixes: dict[tuple[str, str], tuple[Fix, ...]] = {}

    def need(self, problem: Problem) -> None:
        """Note a name to be added."""
        section, name = _resource(problem)
        self._names.setdefault((self._path(problem), section), {})[name] = None

    def fix(self, problem: Problem) -> tuple[Fix, ...]:
        """Add all the names that were noted for the file and section of a problem."""
        section, name = _resource(problem)
        key = (self._path(problem), section)
        if key not in self._fixes:
            names = tuple(self._names[key])[:_MOST]
            self._fixes[key] = self._made(key, names, Applicability.SAFE)
        return self._fixes[key] if name in tuple(self._names[key])[:_MOST] else ()

    def own_fix(self, problem: Problem) -> tuple[Fix, ...]:
        """Add the name of one problem alone."""
        section, name = _resource(problem)
        return self._made((self._path(problem), section), (name,), Applicability.UNSAFE)

    def _path(self, problem: Problem) -> str:
        """The Compose file in which the service of a problem stands."""
        service = self._deployment.services.get(dict(problem.values)["service"])
        return service.place.document.path if service is not None else ""

    def _made(self, key: tuple[str, str], names: tuple[str, ...], applicability: Applicability) -> tuple[Fix, ...]:
        path, section = key
        tree = self._trees.get(path)
        root = tree.roots[-1] if tree is not None and tree.roots else None
        if tree is None or not isinstance(root, YamlMapping) or root.flow or section not in ("networks", "volumes"):
            return ()
        edit = _declaration(tree, root, section, names)
        if edit is None:
            return ()
        values = (("names", ", ".join(f"`{name}`" for name in names)), ("section", section))
        return (Fix("Define {names} under `{section}`", (edit,), applicability, values),)


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
