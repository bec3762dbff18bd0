"""Variables of the project's `.env` that nothing reads: setting them has no effect."""

from __future__ import annotations

from collections.abc import Iterator

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    DotenvEntry,
    DotenvTree,
    Fix,
    LatePattern,
    Related,
    Severity,
    VariableUse,
    env_examples,
    near,
    pass_on,
    rule,
)

# Compose, Docker and BuildKit take these from the file themselves, and so do the programs that they start.
_TOOLS = LatePattern(r"(?:COMPOSE|DOCKER|BUILDKIT|BUILDX)_|(?i:.*_)?(?i:PROXY)\Z")
_WORD = LatePattern(r"[A-Za-z_][A-Za-z0-9_]*")
# When more than a few and more than a fifth of the variables are unread, the file is for somebody whom we do not see.
_FEW, _SHARE, _MOST = 4, 5, 50
# After these nobody knows what the rest of the project asks for.
_UNREAD = frozenset(("file-missing", "unreadable", "outside-project", "include-cycle", "extends-cycle"))
_BROKEN = frozenset(("syntax", "tab-indent", "invalid-character", "unknown-alias", "too-deep", "too-large"))


@rule("ENV012", "unused-variable", Deployment, Severity.WARNING, fix=Applicability.UNSAFE, everywhere=True)
def unused_variable(deployment: Deployment) -> Diagnostics:
    """A line of `.env` that changes nothing, whatever it says."""
    project = deployment.project
    if not project.files or any(p.kind in _UNREAD for p in project.problems):
        return
    if any(p.kind in _BROKEN for tree in project.files for p in tree.problems):
        return
    found = [(tree, entry) for tree in project.env_files for entry in _candidates(deployment, tree)]
    if not found:
        return
    named = _named_in_compose(deployment)
    found = [(tree, entry) for tree, entry in found if entry.key not in named]
    mentioned = deployment.mentioned({entry.key for _, entry in found}) if found else frozenset[str]()
    if mentioned is None:
        return
    found = [(tree, entry) for tree, entry in found if entry.key not in mentioned]
    share = sum(len(tree.entries) for tree in project.env_files) // _SHARE
    if len(found) > min(_MOST, max(_FEW, share)):
        return
    wanted = _asked_in_vain(project.uses)
    for tree, entry in found:
        yield _unused(deployment, tree, entry, wanted)


def _candidates(deployment: Deployment, tree: DotenvTree) -> Iterator[DotenvEntry]:
    """The variables of a file that no `${…}` asks for, when nobody is given the file as a whole."""
    used = {use.name for use in deployment.project.uses}
    left = [e for e in tree.entries if e.text and e.key not in used and _is_own(e.key)]
    shipped = {name for table in deployment.tables for name in table.data.get("unused_in_example", ())}
    if any(entry.key in shipped for entry in left):
        left = [e for e in left if e.key not in shipped or _is_changed(deployment, e)]
    if left and not deployment.given_whole(tree.document.path):
        yield from left


def _is_changed(deployment: Deployment, entry: DotenvEntry) -> bool:
    """Whether a line is not as the example beside has it; no where there is none."""
    examples = env_examples(deployment.workspace, deployment.root)
    theirs = examples[0].last(entry.key) if examples else entry
    return theirs is None or theirs.text != entry.text


def _is_own(name: str) -> bool:
    return bool(name) and _TOOLS.match(name) is None


def _named_in_compose(deployment: Deployment) -> set[str]:
    """Every word of the compose files, comments left out: keys of environments, build arguments, secrets …"""
    words: set[str] = set()
    for tree in deployment.project.files:
        text, at = tree.document.text, 0
        for comment in sorted(tree.comments):
            words.update(_WORD.findall(text, at, comment.start))
            at = comment.end
        words.update(_WORD.findall(text, at))
    return words


def _asked_in_vain(uses: tuple[VariableUse, ...]) -> dict[str, VariableUse]:
    """The variables that the compose files ask for and nobody sets, each with its first use."""
    wanted: dict[str, VariableUse] = {}
    for use in uses:
        if not use.bound:
            wanted.setdefault(use.name, use)
    return wanted


def _unused(deployment: Deployment, tree: DotenvTree, entry: DotenvEntry, wanted: dict[str, VariableUse]) -> Diagnostic:
    place = tree.document.place(*entry.key_span)
    meant = near(entry.key, wanted)
    file = tree.document.path.rpartition("/")[2]
    if meant is None:
        return Diagnostic(
            place,
            "nothing here reads `{name}`, so this line has no effect: what stands in `{file}` reaches a container only "
            "where the compose file asks for it, e.g. with `{name}: ${{name}}` under `environment`",
            (("name", entry.key), ("file", file)),
            (),
            _passed_on(deployment, entry.key),
        )
    from ...kit import dotenv_edits

    values = (("name", entry.key), ("meant", meant), ("file", file))
    use = wanted[meant]
    return Diagnostic(
        place,
        "nothing here reads `{name}`, so this line has no effect; did you mean `{meant}`, which the compose file asks "
        "for and nobody sets?",
        values,
        (Related(use.place, "`{meant}` is asked for here", values),),
        (Fix("Rename it to `{meant}`", (dotenv_edits.rename_key(tree, entry, meant),), Applicability.UNSAFE, values),),
    )


def _passed_on(deployment: Deployment, name: str) -> tuple[Fix, ...]:
    """The line under `environment` of every service that would read the variable in this release."""
    readers = [
        deployment.services[service]
        for service, (product, role) in deployment.roles.items()
        if (table := deployment.table(product)) is not None
        and deployment.services[service].active
        and (fact := table.variables(deployment.versions.get(product), role.name).get(name)) is not None
        and fact.roles
    ]
    edits = tuple({edit.place: edit for s in readers if (edit := pass_on(deployment, s, name)) is not None}.values())
    if not edits or len(edits) != len(readers):
        return ()
    values = (("name", name), ("services", ", ".join(f"`{service.name}`" for service in readers)))
    return (Fix("Hand `{name}` over to {services}", edits, Applicability.UNSAFE, values),)
