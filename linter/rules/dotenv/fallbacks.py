"""`${NAME:-fallback}` beside an `.env` that sets the name: a fallback that never counts, and one that counts unseen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    DotenvEntry,
    DotenvTree,
    Edit,
    Fix,
    Place,
    Related,
    Severity,
    VariableUse,
    env_examples,
    rule,
    secret_name,
)

_SHOWN = 5
Line = tuple[DotenvTree, DotenvEntry]


def _lines(deployment: Deployment) -> Mapping[str, Line]:
    """The line of an env file that counts for each variable."""
    return {e.key: (tree, e) for tree in deployment.project.env_files for e in tree.entries if e.key and e.separator}


def _fallback(use: VariableUse) -> Place | None:
    """Where the fallback of `${NAME:-fallback}` stands, None for one that holds expressions of its own."""
    document, (_, start) = use.name_place
    place = document.place(start + len(use.operator), use.place.span.end - 1)
    return None if "$" in place.text else place


@rule("ENV016", "shadowed-default", Deployment, Severity.WARNING, fix=Applicability.UNSAFE)
def shadowed_default(deployment: Deployment) -> Diagnostics:
    """A fallback of the compose file that was changed, while `.env` still sets what the release came with."""
    shipped = _shipped(deployment)
    if not deployment.tables:
        return
    found: dict[tuple[str, str], list[Place]] = {}
    for use in deployment.project.uses:
        if use.operator not in (":-", "-") or not use.bound or use.default:
            continue
        if use.name in shipped or secret_name(use.name):
            place, value = _fallback(use), deployment.project.variables.get(use.name)
            own = place.text.strip("\"'") if place is not None else ""
            # Nobody writes an empty fallback to set a value.
            if place is not None and value is not None and own not in ("", value.text):
                found.setdefault((use.name, place.text), []).append(place)
    lines: Mapping[str, Line] = _lines(deployment) if found else {}
    for (name, text), places in found.items():
        value, line = deployment.project.variables[name], lines.get(name)
        came = (_came_with(deployment, shipped, name, each) for each in (text.strip("\"'"), value.text))
        # A value of one's own in `.env` says that its owner knows where values are set.
        if line is not None and tuple(came) == (False, True):
            yield _dead(name, text, line, tuple(dict.fromkeys(places)))


def _came_with(deployment: Deployment, shipped: Mapping[str, Sequence[str]], name: str, text: str | None) -> bool:
    """Whether a variable's value is one that a release came with; of secrets only hashes are known."""
    if text is None or text in shipped.get(name, ()):
        return text is not None
    return any(table.default_secret(text, name) for table in deployment.tables)


def _shipped(deployment: Deployment) -> Mapping[str, Sequence[str]]:
    """The fallbacks and example values that the deployment's products have shipped for a variable, in any release."""
    found: dict[str, Sequence[str]] = {}
    for table in deployment.tables:
        found.update(table.data.get("shipped_fallbacks", {}))
    return found


def _dead(name: str, text: str, line: Line, places: Sequence[Place]) -> Diagnostic:
    from ...kit import dotenv_edits

    tree, entry = line
    values = (("name", name), ("file", tree.document.path.rpartition("/")[2]), ("fallback", text))
    related = [Related(tree.document.place(*entry.key_span), "this line counts")]
    related += [Related(place, "changed here too") for place in places[1:_SHOWN]]
    edit = dotenv_edits.set_value(tree, entry, text)
    return Diagnostic(
        places[0],
        "this fallback was changed, but `{file}` sets `{name}`, so it is never used: set `{name}` in `{file}`"
        if secret_name(name)
        else "the fallback `{fallback}` is never used, because `{file}` sets `{name}` to another value: set it there",
        values,
        tuple(related),
        (Fix("Set `{name}` to this value in `{file}`", (edit,), Applicability.UNSAFE, values),),
    )


@rule("ENV017", "empty-falls-back", Deployment, Severity.WARNING, fix=Applicability.UNSAFE)
def empty_falls_back(deployment: Deployment) -> Diagnostics:
    """A password or an address that `.env` empties, and that `:-` fills again with what everybody knows."""
    lines = _lines(deployment)
    found: dict[str, list[VariableUse]] = {}
    addresses = _addresses(deployment)
    for use in deployment.project.uses:
        emptied = secret_name(use.name) or use.name in addresses
        if use.operator == ":-" and use.bound and use.default and use.name in lines and emptied:
            place = _fallback(use)
            if place is not None and place.text.strip("\"'") and _is_active(deployment, use):
                found.setdefault(use.name, []).append(use)
    if not found:
        return
    empty = {e.key for tree in env_examples(deployment.workspace, deployment.root) for e in tree.entries if not e.text}
    for name, uses in found.items():
        tree, entry = lines[name]
        if name not in empty and entry.text == "":
            yield _filled(name, tree, entry, uses)


def _addresses(deployment: Deployment) -> set[str]:
    """The variables by which active services of a product call another one, and without which they call nobody."""
    found: set[str] = set()
    for name, (product, role) in deployment.roles.items():
        service, table = deployment.services[name], deployment.table(product)
        if table is not None and service.active:
            facts = table.variables(deployment.versions.get(product), role.name)
            called = deployment.contacts(service)
            found.update(each for each in called if (fact := facts.get(each)) is not None and fact.optional)
    return found


def _is_active(deployment: Deployment, use: VariableUse) -> bool:
    service = deployment.services.get(use.path[1]) if use.path[:1] == ("services",) and len(use.path) > 1 else None
    return service is None or service.active


def _filled(name: str, tree: DotenvTree, entry: DotenvEntry, uses: Sequence[VariableUse]) -> Diagnostic:
    values = (("name", name), ("file", tree.document.path.rpartition("/")[2]))
    places = tuple(dict.fromkeys(use.place for use in uses))
    return Diagnostic(
        tree.document.place(*entry.key_span),
        "`{name}` is empty here, and `:-` takes the fallback for an empty value, so the containers get the "
        + ("secret" if secret_name(name) else "address")
        + " that is written in the compose file",
        values,
        tuple(Related(place, "the fallback that is taken") for place in places[:_SHOWN]),
        tuple(_without_colon(uses, values)),
    )


def _without_colon(uses: Sequence[VariableUse], values: tuple[tuple[str, str], ...]) -> Iterator[Fix]:
    """`${NAME-fallback}`, which leaves an empty value empty; only where a program takes it from its environment."""
    if any("environment" not in use.path and use.path[:1] == ("services",) for use in uses):
        return
    places = dict.fromkeys(use.name_place for use in uses)
    edits = tuple(Edit(p.document.place(p.span.end, p.span.end + 1), "") for p in places)
    yield Fix("Write `${{name}-…}`, which leaves `{name}` empty", edits, Applicability.UNSAFE, values)
