"""YAML in a dotenv file: lines that were copied from a compose file as they stood there."""

from __future__ import annotations

from collections.abc import Iterator

from ...kit import (
    Applicability,
    Diagnostic,
    Diagnostics,
    DotenvEntry,
    DotenvTree,
    Edit,
    Fix,
    Problem,
    Reference,
    Severity,
    rule,
)
from .reading import DASH, is_list_item, is_template

# A file that does it more often does it on purpose: so that the shell's own value wins where the file is sourced.
_SLIPS = 3


@rule("ENV006", "yaml-in-env", DotenvTree, Severity.WARNING, fix=Applicability.SAFE)
def yaml_in_env(tree: DotenvTree) -> Diagnostics:
    """A list dash, a colon or a `${NAME:-default}` that belongs into the compose file."""
    if is_template(tree):
        return
    for problem in tree.problems:
        if is_list_item(problem):
            yield _list_item(problem)
    own: list[Diagnostic] = []
    for entry in tree.entries:
        if entry.separator == ":":
            yield _colon(tree, entry)
        elif entry.template is not None:
            own += _own_fallback(tree, entry)
    if len(own) <= _SLIPS:
        yield from own


def _list_item(problem: Problem) -> Diagnostic:
    document, (start, _) = problem.place
    dash = DASH.match(problem.place.text)
    assert dash is not None
    edit = Edit(document.place(start, start + dash.end()), "")
    name = problem.place.text[dash.end() :]
    return Diagnostic(
        problem.place,
        "`- {name}` is an item of a YAML list: here the dash makes it no name, and Compose refuses the whole file",
        (("name", name),),
        (),
        (Fix("Remove the dash", (edit,), Applicability.SAFE),),
        Severity.ERROR,
    )


def _colon(tree: DotenvTree, entry: DotenvEntry) -> Diagnostic:
    document = tree.document
    at = document.text.index(":", entry.key_span.end)
    # A heading such as `environment:` says nothing that `environment=` would say.
    heading = entry.text == "" and entry.key.islower()
    stop = at + 1 if entry.text == "" else entry.value_span.start
    edit = Edit(document.place(entry.key_span.end, stop), "=")
    return Diagnostic(
        document.place(*entry.key_span),
        "`{name}:` is written as in YAML; Compose takes the colon for `=`, but other readers of env files do not",
        (("name", entry.key),),
        (),
        () if heading else (Fix("Write `{name}=`", (edit,), Applicability.SAFE, (("name", entry.key),)),),
    )


def _own_fallback(tree: DotenvTree, entry: DotenvEntry) -> Iterator[Diagnostic]:
    """`KEY=${KEY:-value}` in a `.env`: it works in Compose, and says no more than `KEY=value`."""
    template = entry.template
    name = tree.document.path.rpartition("/")[2]
    if template is None or len(template.parts) != 1 or template.invalid or not name.startswith(".env"):
        return
    part = template.parts[0]
    if not isinstance(part, Reference) or part.name != entry.key or part.operator not in (":-", "-"):
        return
    document = tree.document
    start, end = part.span
    fallback = document.text[part.name_span.end + len(part.operator) : end - 1]
    plain = "$" not in fallback and part.argument is not None
    edit = Edit(document.place(start, end), fallback)
    values = (("name", entry.key),)
    yield Diagnostic(
        document.place(start, end),
        "`{name}` falls back as it would in a compose file; here the fallback alone says the same, and every reader of "
        "the file understands it",
        values,
        (),
        (Fix("Keep the fallback alone", (edit,), Applicability.UNSAFE),) if plain else (),
        Severity.INFO,
    )
