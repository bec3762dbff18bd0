"""A dollar sign in a value of an env file that begins a variable which nobody meant."""

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
    Reference,
    Severity,
    Span,
    Text,
    near,
    rule,
    secret_name,
)

# How people write the names of variables that they mean to be filled in.
_DELIBERATE = LatePattern(r"[A-Z][A-Z0-9_]+")
# A file with more of them is full of another program's expressions.
_MOST = 30


@rule("ENV004", "dollar-expanded", Deployment, Severity.WARNING, fix=Applicability.UNSAFE)
def dollar_expanded(deployment: Deployment) -> Diagnostics:
    """What stands behind a `$` in a password is taken for a variable, and vanishes."""
    unset: dict[str, set[Span]] = {}
    for problem in deployment.project.problems:
        if problem.kind == "undefined-variable":
            unset.setdefault(problem.place.document.path, set()).add(problem.place.span)
    seen: set[int] = set()
    for tree in (*deployment.project.env_files, *deployment.project.service_env_files):
        places = unset.get(tree.document.path)
        if places and id(tree) not in seen:
            seen.add(id(tree))
            lost = [(entry, found) for entry in tree.entries if (found := _accidents(entry, places))]
            if len(lost) <= _MOST:
                for entry, references in lost:
                    yield from _vanishing(deployment, tree, entry, references)


def _accidents(entry: DotenvEntry, places: set[Span]) -> list[Reference]:
    """The references of a value that nobody sets and that look as if they were none."""
    parts = entry.template.parts if entry.template is not None else ()
    if len(parts) < 2:
        return []  # the whole value is a variable: meant, if not set
    return [
        part
        for at, part in enumerate(parts)
        if isinstance(part, Reference)
        and part.name_span in places
        and _is_accident(entry, part, parts[at - 1] if at else None)
    ]


def _vanishing(
    deployment: Deployment, tree: DotenvTree, entry: DotenvEntry, found: list[Reference]
) -> Iterator[Diagnostic]:
    variables = deployment.project.variables
    lost = [part for part in found if near(part.name, variables) is None] if len(found) <= _MOST else []
    if not lost:
        return
    yield Diagnostic(
        tree.document.place(*lost[0].span),
        "the `$` in the value of `{name}` begins a variable that nobody sets, so what follows it vanishes: single "
        "quotes around the value keep it",
        (("name", entry.key),),
        (),
        tuple(_fixes(tree, entry, lost)),
    )


def _is_accident(entry: DotenvEntry, part: Reference, before: Text | Reference | None) -> bool:
    """Whether a reference is part of a text to the eye: by its name, or glued to the text of a secret."""
    if not _DELIBERATE.fullmatch(part.name):
        return not part.operator
    bare = part.span.end == part.name_span.end
    glued = isinstance(before, Text) and before.text[-1:].isalnum()
    return bare and glued and secret_name(entry.key)


def _fixes(tree: DotenvTree, entry: DotenvEntry, lost: list[Reference]) -> Iterator[Fix]:
    """The value in quotes that keep it; nothing where it holds variables that are meant as well."""
    from ...kit import dotenv_edits

    assert entry.template is not None
    source, text = tree.document.text, ""
    for part in entry.template.parts:
        if isinstance(part, Text):
            text += part.text
        elif part in lost:
            text += source[part.span.start : part.span.end]
        else:
            return
    edit = dotenv_edits.set_value(tree, entry, text)
    yield Fix("Quote the value of `{name}`, so that it is kept", (edit,), Applicability.UNSAFE, (("name", entry.key),))
