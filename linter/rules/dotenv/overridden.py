"""Values in env files that never arrive, because the compose file gives another one further on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...kit import (
    COMPOSE_NAMES,
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    DotenvEntry,
    DotenvTree,
    Fix,
    Place,
    Related,
    Service,
    Severity,
    Source,
    Variable,
    ask_for,
    example_beside,
    rule,
)

_WRITTEN = frozenset((Source.LITERAL, Source.OVERRIDE, Source.EXTENDS, Source.INCLUDE))

Given = Mapping[str, tuple[DotenvTree, DotenvEntry]]


@rule("ENV013", "overridden-by-literal", Deployment, Severity.ERROR, fix=Applicability.UNSAFE)
def overridden_by_literal(deployment: Deployment) -> Diagnostics:
    """`.env` is changed, and the service keeps the value that is written out in the compose file."""
    given = _given(deployment)
    literals = _literals(deployment, given) if given and _is_main(deployment) else {}
    if not literals:
        return
    asked = {use.name for use in deployment.project.uses}
    strangers = {
        name
        for name, found in literals.items()
        if name not in asked and not any(deployment.role(service) for service, _ in found)
    }
    mentioned = deployment.mentioned(strangers) if strangers else frozenset[str]()
    for name, found in literals.items():
        ours = [(service, variable) for service, variable in found if deployment.role(service)]
        if not ours and (name in asked or mentioned is None or name in mentioned or _differ(found)):
            # Another program's variable of the same name, or one that this file holds for somebody else.
            continue
        yield from _ignored(deployment, given[name], ours or found)


def _is_main(deployment: Deployment) -> bool:
    """Whether the folder's `.env` is this project's, and not that of the one which Compose finds there by itself."""
    files, folder = deployment.project.files, deployment.root
    found = next((path for name in COMPOSE_NAMES if deployment.exists(path := f"{folder}/{name}")), None)
    return found is None or any(tree.document.path == found for tree in files)


def _given(deployment: Deployment) -> Given:
    """The variables that the project's env files set, when no service gets the file itself."""
    given: dict[str, tuple[DotenvTree, DotenvEntry]] = {}
    for tree in deployment.project.env_files:
        given.update({entry.key: (tree, entry) for entry in tree.entries if entry.key and entry.separator})
    if given and any(deployment.given_whole(tree.document.path) for tree in deployment.project.env_files):
        return {}
    return {name: found for name, found in given.items() if found[1].text}


def _literals(deployment: Deployment, given: Given) -> dict[str, list[tuple[Service, Variable]]]:
    """The services to which the compose file gives another text for a variable of an env file, by variable."""
    found: dict[str, list[tuple[Service, Variable]]] = {}
    variables = deployment.project.variables
    for service in deployment.services.values():
        for name in given.keys() & service.environment.keys():
            variable = service.environment[name]
            ours = variables.get(name)
            if ours is None or ours.text is None or variable.value.text in (None, ours.text):
                continue
            if _is_literal(variable) and not any(lost.form == "env_file" for lost in variable.shadowed):
                found.setdefault(name, []).append((service, variable))
    return found


def _is_literal(variable: Variable) -> bool:
    written = all(piece.source in _WRITTEN and not piece.via for piece in variable.value.pieces)
    return written and variable.form in ("map", "list")


def _differ(found: list[tuple[Service, Variable]]) -> bool:
    return len({variable.value.text for _, variable in found}) > 1


def _ignored(
    deployment: Deployment, given: tuple[DotenvTree, DotenvEntry], found: list[tuple[Service, Variable]]
) -> Iterator[Diagnostic]:
    """One finding for each place where a literal is written, however many services share it."""
    tree, entry = given
    by_place: dict[Place, list[tuple[Service, Variable]]] = {}
    for service, variable in found:
        by_place.setdefault(variable.place, []).append((service, variable))
    changed = is_changed(deployment, tree, entry)
    first = deployment.project.files[0].document
    for place, group in by_place.items():
        if not changed and place.document is not first:
            # An override file is there to give other values than those that came with the example.
            continue
        variable = group[0][1]
        values = (
            ("name", variable.name),
            ("file", tree.document.path.rpartition("/")[2]),
            ("services", _services([service for service, _ in group])),
        )
        edit = ask_for(deployment, variable)
        yield Diagnostic(
            place,
            "`{file}` sets `{name}`, but another value is written out here for {services}, so what `{file}` says has "
            "no effect there",
            values,
            (Related(tree.document.place(*entry.key_span), "this line is ignored"),),
            (Fix("Ask for `{name}`, with this value as the fallback", (edit,), Applicability.UNSAFE, values),)
            if edit
            else (),
        )


def is_changed(deployment: Deployment, tree: DotenvTree, entry: DotenvEntry) -> bool:
    """Whether somebody gave a variable another value than the example beside the file has; False without one."""
    example = example_beside(deployment.workspace, tree.document.path)
    if example is None:
        return False
    theirs = deployment.workspace.dotenv(example).last(entry.key)
    return theirs is None or theirs.text != entry.text


def _services(services: list[Service]) -> str:
    names = [f"`{service.name}`" for service in services]
    return names[0] if len(names) == 1 else ", ".join(names[:3]) + (" and others" if len(names) > 3 else "")


@rule("ENV014", "overridden-by-later-file", Deployment, Severity.WARNING, fix=Applicability.UNSAFE)
def overridden_by_later_file(deployment: Deployment) -> Diagnostics:
    """A value in an `env_file` that a later file replaces, or the fallback of an unset `${NAME:-…}`."""
    yield from _replaced_by_files(deployment)
    by_line: dict[Place, list[tuple[Service, Variable, Variable]]] = {}
    for service in deployment.project.active:
        for variable in service.environment.values():
            lost = _lost(variable)
            if lost is not None:
                by_line.setdefault(lost.key_place, []).append((service, variable, lost))
    for line, found in by_line.items():
        yield _replaced(deployment, line, found)


def _lost(variable: Variable) -> Variable | None:
    """What an env file gives for a variable that gets nothing but its own fallback, when that is something else."""
    value = variable.value
    if not variable.shadowed or value.text is None or variable.form not in ("map", "list"):
        return None
    if not all(piece.source is Source.DEFAULT and piece.variable == variable.name for piece in value.pieces):
        return None
    lost = next((each for each in variable.shadowed if each.form == "env_file"), None)
    return lost if lost is not None and lost.value.text and lost.value.text != value.text else None


def _replaced(deployment: Deployment, line: Place, found: list[tuple[Service, Variable, Variable]]) -> Diagnostic:
    _, variable, lost = found[0]
    values = (
        ("name", variable.name),
        ("file", line.document.path.removeprefix(deployment.root + "/")),
        ("services", _services([service for service, _, _ in found])),
        ("value", "empty" if not variable.value.text else "its fallback"),
    )
    return Diagnostic(
        line,
        "this `{name}` does not reach {services}: `environment` wins over `env_file`, and it asks for a `{name}` of "
        "the project's `.env` that is not set, so the value is {value}",
        values,
        (Related(variable.place, "`environment` gives it here"),),
        tuple(_set_in_env(deployment, lost, values)),
    )


def _set_in_env(deployment: Deployment, lost: Variable, values: tuple[tuple[str, str], ...]) -> Iterator[Fix]:
    """The value, set where the expression looks for it."""
    trees = deployment.project.env_files
    if not trees or lost.value.text is None:
        return
    from ...kit import dotenv_edits

    tree, text = trees[-1], lost.value.text
    entry = tree.last(lost.name)
    edit = dotenv_edits.set_value(tree, entry, text) if entry else dotenv_edits.append(tree, lost.name, text)
    target = (*values, ("target", tree.document.path.rpartition("/")[2]))
    yield Fix("Set `{name}` in `{target}`", (edit,), Applicability.UNSAFE, target)


def _replaced_by_files(deployment: Deployment) -> Iterator[Diagnostic]:
    """What somebody changed in an env file, and a later one has as it came: nobody meant that one to win."""
    changed: dict[Place, list[tuple[Service, Variable, Variable]]] = {}
    trees = {tree.document: tree for tree in (*deployment.project.service_env_files, *deployment.project.env_files)}
    for service in deployment.project.active:
        for variable in service.environment.values():
            if variable.form != "env_file" or not variable.shadowed:
                continue
            lost = next((each for each in variable.shadowed if each.form == "env_file"), None)
            if lost is None or lost.value.text in (None, "", variable.value.text):
                continue
            ours, theirs = (trees.get(each.key_place.document) for each in (lost, variable))
            if ours is None or theirs is None or example_beside(deployment.workspace, theirs.document.path) is None:
                continue
            own, winner = ours.last(lost.name), theirs.last(lost.name)
            if own and winner and is_changed(deployment, ours, own) and not is_changed(deployment, theirs, winner):
                changed.setdefault(lost.key_place, []).append((service, variable, lost))
    for line, found in changed.items():
        _, variable, lost = found[0]
        tree = trees[variable.key_place.document]
        entry = tree.last(lost.name)
        values = (
            ("name", lost.name),
            ("services", _services([service for service, _, _ in found])),
            ("target", tree.document.path.removeprefix(deployment.root + "/")),
        )
        yield Diagnostic(
            line,
            "this `{name}` does not reach {services}: `{target}` is read after this file, and has a `{name}` of its "
            "own, as it came; set it there",
            values,
            (Related(variable.key_place, "this line wins"),),
            tuple(_set_there(tree, entry, lost, values)),
        )


def _set_there(
    tree: DotenvTree, entry: DotenvEntry | None, lost: Variable, values: tuple[tuple[str, str], ...]
) -> Iterator[Fix]:
    if entry is None or lost.value.text is None:
        return
    from ...kit import dotenv_edits

    edit = dotenv_edits.set_value(tree, entry, lost.value.text)
    yield Fix("Set `{name}` in `{target}`", (edit,), Applicability.UNSAFE, values)
