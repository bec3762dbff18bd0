"""`${…}` in a Compose file: expressions that it cannot read, variables that nothing sets, variables that it demands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Document,
    DotenvTree,
    Edit,
    Fix,
    LatePattern,
    Place,
    Related,
    Severity,
    Variable,
    VariableUse,
    env_examples,
    near,
    rule,
    said,
)
from .dollars import is_slip
from .env_names import is_given_by_hand, other_env_file
from .refusals import MOST_FIXES, comparable
from .unset import RUN_IN_A_SHELL, set_names, settled, unset_uses

_FOREIGN = LatePattern(r"\$\{\{(?!\s*(?:secrets|vars|env|github|inputs|needs|matrix|steps|runner|job)\b)")
_SHOWN = 5


@rule("CMP004", "invalid-interpolation", Deployment, Severity.ERROR)
def invalid_interpolation(deployment: Deployment) -> Diagnostics:
    """A `${` that begins no expression which Compose knows."""
    passed = {tree.document.path for tree in deployment.project.files if _is_filled_in(tree.document)}
    for problem in deployment.project.problems:
        if problem.kind != "invalid-interpolation" or problem.place.document.path in passed:
            continue
        if problem.place.text.startswith("${{"):
            yield Diagnostic(
                problem.place,
                "Compose cannot read `${{ … }}`, which is an expression of GitHub Actions, and refuses the whole file: "
                "pass the value in as a variable and write `${NAME}`",
            )
        elif "}" not in problem.place.text:
            message = "no `}` closes this `${`, and Compose refuses the whole file (a `$` as it stands is written `$$`)"
            yield Diagnostic(problem.place, message)
        else:
            yield said(problem)


def _is_filled_in(document: Document) -> bool:
    """Whether another program fills in `${{…}}` in this file; GitHub's own contexts are pasted by mistake."""
    return "${{" in document.text and _FOREIGN.search(document.text) is not None


@rule("CMP005", "undefined-variable", Deployment, Severity.WARNING, fix=Applicability.UNSAFE)
def undefined_variable(deployment: Deployment) -> Diagnostics:
    """A variable without fallback that nothing sets, so that Compose puts nothing in its place."""
    uses = tuple(use for use in unset_uses(deployment) if not is_slip(deployment, use))
    uses = tuple(use for use in uses if use.name not in deployment.set_by_scripts)
    if not uses:
        return
    examples = env_examples(deployment.workspace, deployment.root)
    by_file: dict[str, list[VariableUse]] = {}
    for use in uses:
        by_file.setdefault(use.place.document.path, []).append(use)
    for group in by_file.values():
        if settled(deployment):
            yield from _each(deployment, [u for u in group if not u.operator], examples)
        else:
            yield from _all_in_one(deployment, group, examples)


def _all_in_one(deployment: Deployment, uses: Sequence[VariableUse], examples: Sequence[DotenvTree]) -> Diagnostics:
    """One finding for a file whose `.env` is not there (yet), or one each for what it demands and what it only uses."""
    names = tuple(dict.fromkeys(use.name for use in uses))
    other = other_env_file(deployment, names)
    if other is not None:
        yield _by_another_name(deployment, other, uses[0], names)
        return
    for example in examples:
        given = tuple(name for name in names if example.last(name) is not None)
        if given:
            place = next(use.name_place for use in uses if use.name == given[0])
            values = (("example", _file_name(example.document.path)), ("names", _listed(given)))
            yield Diagnostic(
                place,
                "there is no `.env` yet, and {names} have no fallback: copy `{example}`, which sets them, to `.env`"
                if len(given) > 1
                else "there is no `.env` yet, and {names} has no fallback: copy `{example}`, which sets it, to `.env`",
                values,
            )
            return
    for effect, group in (
        ("puts in nothing", [use for use in uses if not use.operator]),
        ("starts nothing", [use for use in uses if use.operator]),
    ):
        if not group:
            continue
        names = tuple(dict.fromkeys(use.name for use in group))
        message = (
            "there is no `.env` here, and {names} have no fallback: unless the shell sets them, Compose {effect}"
            if len(names) > 1
            else "there is no `.env` here, and {names} has no fallback: unless the shell sets it, Compose {effect}"
        )
        values = (("names", _listed(names)), ("effect", effect))
        yield Diagnostic(group[0].name_place, message, values, severity=Severity.INFO)


def _by_another_name(deployment: Deployment, other: DotenvTree, use: VariableUse, names: Sequence[str]) -> Diagnostic:
    values = (("other", _file_name(other.document.path)), ("names", _listed(names)))
    return Diagnostic(
        use.name_place,
        "there is no `.env`, and Compose reads no other file by itself: what `{other}` sets, {names} among it, "
        "does not count; call it `.env`, or start with `docker compose --env-file {other}`",
        values,
        (Related(other.document.place(0, 0), "this file is not read"),),
        severity=Severity.INFO if is_given_by_hand(deployment, other) else None,
    )


class _Unset(NamedTuple):
    """A variable that is not set, everywhere one file asks for it, and the name that was perhaps meant."""

    name: str
    uses: tuple[VariableUse, ...]
    meant: str | None


def _each(deployment: Deployment, uses: Sequence[VariableUse], examples: Sequence[DotenvTree]) -> Diagnostics:
    by_name: dict[str, list[VariableUse]] = {}
    for use in uses:
        by_name.setdefault(use.name, []).append(use)
    known = tuple(set_names(deployment))
    limit = comparable(len(known))
    every = [
        _Unset(name, tuple(group), near(name, known) if i < limit else None)
        for i, (name, group) in enumerate(by_name.items())
    ]
    lacking = [u.name for u in every if u.meant is None and not _for_the_shell(deployment, u)]
    together = _added(deployment, lacking, examples)
    for unset in every:
        alone = unset.name not in lacking
        yield _one(deployment, unset, _added(deployment, [unset.name], examples) if alone else together)


def _one(deployment: Deployment, unset: _Unset, added: tuple[Fix, ...]) -> Diagnostic:
    meant = unset.meant
    message = "`{name}` is set nowhere, so Compose puts nothing in its place"
    values: tuple[tuple[str, str], ...] = (("name", unset.name),)
    related = [Related(use.name_place, "used here too") for use in unset.uses[1 : _SHOWN + 1]]
    own, written = _in_env_file(deployment, unset.name), _in_environment(deployment, unset.name)
    if _for_the_shell(deployment, unset):
        message += "; for the shell in the container write `$${name}`"
    elif own is not None:
        message += "; an `env_file` sets it, but that reaches only the container: `{written}` reads `.env`"
        values += (("written", unset.uses[0].place.text),)
        related.append(Related(own, "set here, for the container"))
    elif written is not None:
        message += (
            "; `environment` sets it, but that reaches only the container: `{written}` reads `.env` and the shell"
        )
        values += (("written", unset.uses[0].place.text),)
        related.append(Related(written.place, "set here, for the container"))
    elif meant is not None:
        message += "; did you mean `{near}`?"
        values += (("near", meant),)
    return Diagnostic(unset.uses[0].name_place, message, values, tuple(related), (*_fixes(deployment, unset), *added))


def _fixes(deployment: Deployment, unset: _Unset) -> Iterator[Fix]:
    name = unset.name
    if _for_the_shell(deployment, unset):
        edits = tuple(Edit(_start(use.place), "$") for use in unset.uses)
        title = "Write `$${name}`, so that the container's shell reads it"
        yield Fix(title, edits, Applicability.UNSAFE, (("name", name),))
    if unset.meant is not None:
        edits = tuple(Edit(use.name_place, unset.meant) for use in unset.uses)
        yield Fix("Change `{name}` to `{near}`", edits, Applicability.UNSAFE, (("name", name), ("near", unset.meant)))


def _added(deployment: Deployment, names: Sequence[str], examples: Sequence[DotenvTree]) -> tuple[Fix, ...]:
    """The names at the end of the last env file, all in one edit: each for itself they would be put at one place.

    Their values are those of an `env_file` or an example, else empty.
    """
    from ...kit import dotenv_edits

    if not names or not deployment.project.env_files:
        return ()
    tree = deployment.project.env_files[-1]
    given = {e.key: e.text or "" for t in (*examples, *deployment.project.service_env_files) for e in t.entries}
    for name in names[:MOST_FIXES]:
        written = _in_environment(deployment, name)
        if name not in given and written is not None:
            given[name] = written.value.text or ""
    edits = [dotenv_edits.append(tree, name, given.get(name, "")) for name in names[:MOST_FIXES]]
    edit = Edit(edits[0].place, "".join(e.text for e in edits))
    values = (("names", _listed(names)), ("file", _file_name(tree.document.path)))
    return (Fix("Add {names} to `{file}`", (edit,), Applicability.UNSAFE, values),)


def _for_the_shell(deployment: Deployment, unset: _Unset) -> bool:
    """Whether all uses stand in what the container runs, and the container has the variable."""
    for use in unset.uses:
        section, name, key = (*use.path, "", "", "")[:3]
        service = deployment.services.get(name) if section == "services" else None
        if service is None or key not in RUN_IN_A_SHELL or unset.name not in service.environment:
            return False
    return True


def _in_env_file(deployment: Deployment, name: str) -> Place | None:
    for tree in deployment.project.service_env_files:
        entry = tree.last(name)
        if entry is not None and tree not in deployment.project.env_files:
            return tree.document.place(*entry.key_span)
    return None


def _in_environment(deployment: Deployment, name: str) -> Variable | None:
    """The variable of a container that the Compose file writes out, so that somebody may take it for set."""
    for service in deployment.project.active:
        variable = service.environment.get(name)
        if variable is None or variable.form not in ("map", "list") or not variable.value.text:
            continue
        if all(not piece.via for piece in variable.value.pieces):
            return variable
    return None


@rule("CMP034", "required-variable", Deployment, Severity.ERROR)
def required_variable(deployment: Deployment) -> Diagnostics:
    """A variable that the file demands with `:?` or `?`, and that is not set."""
    severities = {"required-variable": None, "required-in-fallback": Severity.WARNING}
    for problem in deployment.project.problems if settled(deployment) else ():
        if problem.kind in severities and dict(problem.values)["name"] not in deployment.set_by_scripts:
            yield said(problem, severity=severities[problem.kind])


def _start(place: Place) -> Place:
    return place.document.place(place.span.start, place.span.start)


def _file_name(path: str) -> str:
    return path.rpartition("/")[2]


def _listed(names: Sequence[str]) -> str:
    shown = [f"`{name}`" for name in names[:_SHOWN]]
    if len(names) > _SHOWN:
        return f"{', '.join(shown)} and {len(names) - _SHOWN} more"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))
