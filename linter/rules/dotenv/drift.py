"""An `.env` that has fallen behind the example it was once copied from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Document,
    DotenvEntry,
    DotenvTree,
    Edit,
    Fix,
    Related,
    Severity,
    example_documents,
    rule,
)
from .reading import written_names

_SHOWN = 3
# More than this were never taken over one by one.
_MOST = 300


@rule("ENV015", "example-drift", Deployment, Severity.INFO, faq=("D5",), fix=Applicability.UNSAFE)
def example_drift(deployment: Deployment) -> Diagnostics:
    """Variables of `.env.example` that `.env` lacks and that somebody reads."""
    for tree in deployment.project.env_files:
        folder, _, name = tree.document.path.rpartition("/")
        if name != ".env":
            continue
        documents = example_documents(deployment.workspace, folder)
        example = next((d for d in documents if d.path.endswith("/.env.example")), None)
        if example is not None and example.text != tree.document.text:
            yield from _behind(deployment, tree, example)


def _behind(deployment: Deployment, tree: DotenvTree, example: Document) -> Iterator[Diagnostic]:
    ours, theirs = (written_names(d.text) for d in (tree.document, example))
    lacking = [name for name in theirs if name not in ours]
    # Half of the example or less is a choice: a file that holds only what differs.
    if not lacking or 2 * sum(name in ours for name in theirs) <= len(theirs):
        return
    wanted = _wanted(deployment, tree, lacking)
    shown = deployment.workspace.dotenv(example.path)
    last = {entry.key: entry for entry in shown.entries}
    missing = [entry for name in lacking if name in wanted and (entry := last.get(name)) is not None and entry.text]
    if not missing:
        return
    values = (
        ("names", ", ".join(f"`{entry.key}`" for entry in missing[:_SHOWN])),
        ("more", str(len(missing) - _SHOWN)),
    )
    yield Diagnostic(
        tree.document.place(0, 0),
        "`.env.example` sets {names} and {more} more variables that this file lacks"
        if len(missing) > _SHOWN
        else "`.env.example` sets {names}, and this file does not",
        values,
        tuple(Related(example.place(*entry.key_span), "set here in the example") for entry in missing[:_SHOWN]),
        (Fix("Add them with the example's values", _added(tree, shown, missing), Applicability.UNSAFE),)
        if len(missing) <= _MOST
        else (),
    )


def _wanted(deployment: Deployment, tree: DotenvTree, names: Sequence[str]) -> set[str]:
    """The names that a container would get or Compose asks for, when the file set them."""
    project, path = deployment.project, tree.document.path
    wanted = {u.name for u in project.uses if u.reached and not u.bound and u.operator in ("", "?", ":?")}
    for service in project.active:
        if any(file.path == path for file in service.env_files):
            wanted.update(name for name in names if name not in service.environment)
    return wanted


def _added(tree: DotenvTree, example: DotenvTree, missing: Sequence[DotenvEntry]) -> tuple[Edit, ...]:
    """Each variable below the one that stands above it in the example."""
    from ...kit import dotenv_edits

    last = {entry.key: entry for entry in tree.entries}
    above: dict[str, DotenvEntry | None] = {}
    anchor: DotenvEntry | None = None
    for entry in example.entries:
        found = last.get(entry.key)
        if found is not None:
            anchor = found
        above[entry.key] = anchor
    edits: dict[tuple[int, int], Edit] = {}
    for entry in missing:
        place, line = dotenv_edits.append(tree, entry.key, "", after=above.get(entry.key))
        written = example.document.text[entry.value_span.start : entry.value_span.end]
        line = line.replace(f"{entry.key}=", f"{entry.key}={written}", 1)
        before = edits.get(place.span)
        edits[place.span] = Edit(place, before.text + line if before else line)
    return tuple(edits.values())
