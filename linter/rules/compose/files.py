"""Files that a Compose file names and that are not there."""

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
    Related,
    ScalarNode,
    Severity,
    example_beside,
    near,
    rule,
    said,
    within,
)

_FOUND_BY_ITSELF = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
_MISSING = frozenset(("file-missing", "unreadable"))


@rule("CMP020", "env-file-missing", Deployment, Severity.ERROR, fix=Applicability.UNSAFE)
def env_file_missing(deployment: Deployment) -> Diagnostics:
    """An `env_file` that is not there, or cannot be read, and is required."""
    places = _env_file_places(deployment)
    by_path: dict[str, list[Problem]] = {}
    for problem in deployment.project.problems:
        if problem.kind in _MISSING and problem.place in places:
            by_path.setdefault(dict(problem.values)["path"], []).append(problem)
    for path, problems in by_path.items():
        yield _missing(deployment, path, problems)


def _env_file_places(deployment: Deployment) -> frozenset[Place]:
    return frozenset(f.place for service in deployment.services.values() for f in service.env_files)


def _missing(deployment: Deployment, path: str, problems: Sequence[Problem]) -> Diagnostic:
    first, *others = problems
    related = tuple(Related(problem.place, "named here too") for problem in others)
    values: tuple[tuple[str, str], ...] = (("file", shown(deployment, path)),)
    if first.kind == "unreadable":
        message = "`{file}` cannot be read ({reason}), so Compose starts nothing"
        return Diagnostic(first.place, message, (*values, ("reason", dict(first.values)["reason"])), related)
    message = "`{file}` is not there, and Compose starts nothing without it"
    example = example_beside(deployment.workspace, path)
    if example is not None:
        # A second deployment that was never set up is no mistake of the first one.
        severity = None if _is_main(deployment) else Severity.INFO
        values += (("example", shown(deployment, example)),)
        return Diagnostic(first.place, message + ": copy `{example}` and fill it in", values, related, (), severity)
    folder, _, name = path.rpartition("/")
    meant = near(name, deployment.workspace.files.entries(folder)) or _only_other(deployment, path)
    if meant is not None:
        fixes = tuple(fix for problem in problems for fix in _renamed(problem.place, name, meant))
        edits = tuple(edit for fix in fixes for edit in fix.edits)
        both = (Fix(fixes[0].title, edits, fixes[0].applicability, fixes[0].values),) if fixes else ()
        return Diagnostic(first.place, message + "; did you mean `{near}`?", (*values, ("near", meant)), related, both)
    severity = None if deployment.product or is_at_home(deployment) else Severity.INFO
    return Diagnostic(first.place, message, values, related, (), severity)


def _only_other(deployment: Deployment, path: str) -> str | None:
    """The one file of the same kind in the folder that no service reads, None when there are none or several."""
    folder, _, name = path.rpartition("/")
    dot = name.rfind(".")
    read = {f.path for service in deployment.services.values() for f in service.env_files}
    others = [
        other
        for other in deployment.workspace.files.entries(folder)
        if dot > 0 and other.endswith(name[dot:]) and f"{folder}/{other}" not in read and not other.startswith(".")
    ]
    return others[0] if len(others) == 1 and folder != deployment.root else None


def is_at_home(deployment: Deployment) -> bool:
    """Whether the Compose file lies where it belongs: something else that it names is there.

    A file that stands alone, as in a collection of examples, is not judged by what is not around it.
    """
    if deployment.project.env_files:
        return True
    named = [m.path for s in deployment.services.values() for m in s.mounts if m.kind == "bind" and m.path]
    named += [f.path for s in deployment.services.values() for f in s.env_files if f.path]
    root = deployment.root
    for service in deployment.services.values():
        context = service.get("build", "context") or service.get("build")
        if isinstance(context, ScalarNode) and context.text:
            named.append(f"{root}/{context.text.removeprefix('./')}".rstrip("/."))
    return any(within(path, root) and path != root and deployment.exists(path) for path in named)


def _renamed(place: Place, name: str, meant: str) -> Iterator[Fix]:
    """The last part of the path changed, where it is written as it reads."""
    text = place.text
    at = text.rfind(name)
    if at != -1 and not text[at + len(name) :].strip("\"'"):
        start = place.span.start + at
        edit = Edit(place.document.place(start, start + len(name)), meant)
        yield Fix("Change `{name}` to `{near}`", (edit,), Applicability.UNSAFE, (("name", name), ("near", meant)))


def _is_main(deployment: Deployment) -> bool:
    """Whether the deployment is the one that `docker compose` takes in its folder."""
    files = deployment.project.files
    return bool(files) and files[0].document.path.rpartition("/")[2] in _FOUND_BY_ITSELF


def shown(deployment: Deployment, path: str) -> str:
    """A path as seen from the project's folder."""
    return path.removeprefix(deployment.root.rstrip("/") + "/")


@rule("CMP033", "compose-file-missing", Deployment, Severity.ERROR)
def compose_file_missing(deployment: Deployment) -> Diagnostics:
    """A file that `include`, `extends` or `-f` names, and that is not there, cannot be read or holds nothing."""
    env_files = _env_file_places(deployment)
    problems = deployment.project.problems
    for problem in problems:
        if problem.kind == "empty-file" and len(problems) == 1:
            yield said(problem)
        elif problem.kind in _MISSING and problem.place not in env_files:
            values = dict(problem.values)
            named = (("file", shown(deployment, values["path"])), ("reason", values.get("reason", "")))
            if problem.kind == "file-missing":
                yield Diagnostic(problem.place, "`{file}` is not there, and Compose starts nothing without it", named)
            else:
                yield Diagnostic(problem.place, "`{file}` cannot be read ({reason}), so Compose starts nothing", named)
