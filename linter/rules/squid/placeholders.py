"""Placeholders of squid's templates for which the container has no value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
    LatePattern,
    MountedFile,
    Place,
    Related,
    Service,
    Severity,
    SquidTree,
    SquidWord,
    near,
    rule,
)
from ..ungiven import ungiven

_HOLE = LatePattern(r"\$\{(\w+)\}|(?<!\$)\{([A-Z][A-Z0-9_]+)\}|\$\{([A-Za-z_]\w*)(?![\w}])")
_UNKNOWN = (
    "`{service}` has no variable `{name}`, so that nothing stands here when squid reads the file; did you mean "
    "`{wanted}`?"
)
_AS_IT_IS = (
    "`{service}` mounts a template where squid reads its configuration, and nothing fills `${{name}}` there: mount it "
    "as `{path}.template`"
)
_BROKEN = "`{text}` is no placeholder, so that squid reads it as it stands; did you mean `{wanted}`?"


@rule("SQD013", "placeholder-not-filled", Deployment, Severity.ERROR, fix=Applicability.UNSAFE)
def placeholder_not_filled(deployment: Deployment) -> Diagnostics:
    """A placeholder that nothing fills leaves squid without the value, and mostly without a start."""
    told: set[tuple[str, int]] = set()
    for service in deployment.project.active:
        yield from ungiven(deployment, service, "squid", _asked(deployment, service), _UNGIVEN)
        for file in deployment.mounted_by(service, "squid"):
            if isinstance(file.tree, SquidTree) and not file.container_path.endswith(".template"):
                yield from _mounted_as_it_is(deployment, file, file.tree)
            elif isinstance(file.tree, SquidTree):
                for found in _unfilled(file, file.tree):
                    if (key := (found.place.document.path, found.place.span.start)) not in told:
                        told.add(key)
                        yield found


_UNGIVEN = (
    "`{service}` is not given {names}, for which its template asks, so that nothing stands there and squid does not "
    "start; {title}'s own Compose file gives it to `{service}`"
)


def _asked(deployment: Deployment, squid: Service) -> Iterator[tuple[str, Place]]:
    """The names for which the templates of a squid ask, that a start script fills in."""
    if squid.get("entrypoint") is None and squid.get("command") is None:
        return
    for file in deployment.mounted_by(squid, "squid"):
        if isinstance(file.tree, SquidTree) and file.container_path.endswith(".template"):
            for directive in file.tree.directives:
                for word in (directive.name, *directive.arguments):
                    for name in re.findall(r"\$\{(\w+)\}", word.text):
                        yield name, file.tree.document.place(*word.span)


def _mounted_as_it_is(deployment: Deployment, file: MountedFile, tree: SquidTree) -> Iterator[Diagnostic]:
    """A template under the name that squid reads. A script of somebody's own may fill it there; Dify's does not."""
    service = file.service
    own = service.get("entrypoint") is not None or service.get("command") is not None
    if not file.path.endswith(".template") or (own and service.name not in deployment.roles):
        return
    names = (name for d in tree.directives for w in d.arguments for name in re.findall(r"\$\{(\w+)\}", w.text))
    name = next((name for name in names if name in service.environment), None)
    if name is not None:
        values = (("service", service.name), ("name", name), ("path", file.container_path))
        yield Diagnostic(file.mount.place, _AS_IT_IS, values)


def _unfilled(file: MountedFile, tree: SquidTree) -> Iterator[Diagnostic]:
    names = {
        name for d in tree.directives for w in (d.name, *d.arguments) for name in re.findall(r"\$\{(\w+)\}", w.text)
    }
    for directive in tree.directives:
        for word in (directive.name, *directive.arguments):
            for match in _HOLE.finditer(word.text) if "{" in word.text else ():
                yield from _judged(file, tree, word, match, names)


def _slip(name: str, free: Sequence[str]) -> str | None:
    """The variable that a name stands for, which may lack its end."""
    longer = [each for each in free if each.startswith(f"{name}_")]
    return near(name, free) or (longer[0] if len(longer) == 1 else None)


def _judged(
    file: MountedFile, tree: SquidTree, word: SquidWord, match: re.Match[str], used: set[str]
) -> Iterator[Diagnostic]:
    environment = file.service.environment
    whole, bare, open_ended = match.groups()
    if whole is not None:
        # A script may set what the Compose file does not: only a slip is sure, and of a name that nothing else uses.
        meant = _slip(whole, sorted(environment.keys() - used)) if whole not in environment else None
    else:
        meant = bare if bare in environment else open_ended if open_ended in environment else None
    if meant is None:
        return
    raw = tree.document.text[word.span.start : word.span.end]
    start = word.span.start + raw.index(match[0])
    place = tree.document.place(start, start + len(match[0]))
    values = (
        *(("service", file.service.name), ("name", whole or meant)),
        *(("text", match[0]), ("wanted", f"${{{meant}}}")),
    )
    yield Diagnostic(
        place,
        _BROKEN if whole is None else _UNKNOWN,
        values,
        (Related(environment[meant].place, "the variable is given here"),),
        (Fix("Write `{wanted}`", (Edit(place, f"${{{meant}}}"),), Applicability.UNSAFE, values),),
    )
