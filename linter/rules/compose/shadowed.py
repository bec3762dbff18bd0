"""A line of an `env_file` that no service gets, because `environment` says something else."""

from __future__ import annotations

from ...kit import Deployment, Diagnostic, Diagnostics, Place, Related, Service, Severity, Source, Variable, rule

_WRITTEN = frozenset((Source.LITERAL, Source.OVERRIDE, Source.EXTENDS, Source.INCLUDE))
_SHOWN = 3


@rule("CMP030", "environment-shadows-env-file", Deployment, Severity.INFO)
def environment_shadows_env_file(deployment: Deployment) -> Diagnostics:
    """The same variable in `environment` and in `env_file`, with different values: `environment` wins."""
    reaching: set[Place] = set()
    shadowed: dict[Place, list[tuple[Service, Variable]]] = {}
    # `.env` is read for `${…}` as well: a line that does not reach a container has its use.
    project = {tree.document.path for tree in deployment.project.env_files}
    for service in deployment.project.active:
        for variable in service.environment.values():
            if variable.form == "env_file":
                reaching.add(variable.key_place)
            if variable.form == "env_file" or not variable.shadowed:
                continue
            lost = next((each for each in variable.shadowed if each.form == "env_file"), None)
            if lost is None or lost.key_place.document.path in project:
                continue
            if _is_other(variable, lost):
                shadowed.setdefault(lost.key_place, []).append((service, variable))
            else:
                reaching.add(lost.key_place)
    for line, found in shadowed.items():
        if line not in reaching:
            yield _unreached(deployment, line, found)


def _is_other(variable: Variable, lost: Variable) -> bool:
    """Whether a text that is written out in the compose file takes the place of another one."""
    literal = all(piece.source in _WRITTEN and not piece.via for piece in variable.value.pieces)
    ours, theirs = variable.value.text, lost.value.text
    return literal and ours is not None and theirs is not None and ours != theirs


def _unreached(deployment: Deployment, line: Place, found: list[tuple[Service, Variable]]) -> Diagnostic:
    names = [f"`{service.name}`" for service, _ in found[:_SHOWN]]
    values = (
        ("name", found[0][1].name),
        ("file", line.document.path.removeprefix(deployment.root + "/")),
        ("services", ", ".join(names)),
    )
    places = tuple(dict.fromkeys(variable.place for _, variable in found))
    return Diagnostic(
        line,
        "this `{name}` reaches nobody: `environment` of {services} gives another value, and wins over `{file}`",
        values,
        tuple(Related(place, "this value counts") for place in places[:_SHOWN]),
    )
