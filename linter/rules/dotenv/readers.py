"""Values of env files that their readers read differently."""

from __future__ import annotations

from collections.abc import Iterator

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    DotenvEntry,
    DotenvTree,
    Edit,
    Fix,
    LatePattern,
    Severity,
    example_documents,
    rule,
)

_BLANK = LatePattern(r"\S[ \t]+\S")
# What double quotes hold for Compose, python-dotenv and a shell alike; `{{…}}` and `<…>` are there to be filled in.
_QUOTABLE = LatePattern(r"(?!.*(?:\{\{|<.*>))[^\"$`\\!\r\n]*")
# A comment to the eye: a blank, `#`, a blank and a word.
_COMMENT = LatePattern(r"[ \t]+#[ \t]+[^\W\d_]")
_MOST = 20


@rule("ENV009", "reader-disagreement", Deployment, Severity.WARNING, fix=Applicability.SAFE)
def reader_disagreement(deployment: Deployment) -> Diagnostics:
    """Quotes and comments that `format: raw` keeps; unquoted blanks, at which other readers stop."""
    seen: set[int] = set()
    project = deployment.project
    for tree in (*project.env_files, *project.service_env_files):
        if id(tree) in seen:
            continue
        seen.add(id(tree))
        if tree.dialect == "raw":
            for entry in tree.entries:
                yield from _kept_by_raw(tree, entry)
    for tree in project.env_files:
        yield from _with_blanks(deployment, tree)


def _kept_by_raw(tree: DotenvTree, entry: DotenvEntry) -> Iterator[Diagnostic]:
    """What every other reader takes away from a value, and `format: raw` does not."""
    text, (start, end) = entry.text or "", entry.value_span
    comment = _COMMENT.search(text)
    document, name = tree.document, (("name", entry.key),)
    if len(text) > 1 and text[0] in "'\"" and text[-1] == text[0] and text[0] not in text[1:-1]:
        edit = Edit(document.place(start, end), text[1:-1])
        yield Diagnostic(
            document.place(start, end),
            "with `format: raw` the quotes belong to the value, so the program gets `{name}` with quotes around it",
            name,
            (),
            (Fix("Remove the quotes", (edit,), Applicability.UNSAFE),),
        )
    elif comment is not None:
        place = document.place(start + comment.start(), end)
        yield Diagnostic(
            place,
            "with `format: raw` there are no comments behind a value, so the program gets this as the end of `{name}`",
            name,
            (),
            (Fix("Remove the comment", (Edit(place, ""),), Applicability.UNSAFE),),
        )


def _with_blanks(deployment: Deployment, tree: DotenvTree) -> Iterator[Diagnostic]:
    """Unquoted values with a blank in the middle; lines that stand so in the example file are its author's affair."""
    found = [
        e for e in tree.entries if not e.quote and e.text and _BLANK.search(e.text) and _QUOTABLE.fullmatch(e.text)
    ]
    if not found or len(found) > _MOST:
        return
    examples = [document.text for document in example_documents(deployment.workspace, deployment.root)]
    for entry in found:
        document = tree.document
        statement = document.text[entry.span.start : entry.value_span.end]
        if any(statement in text for text in examples):
            continue
        place = document.place(*entry.value_span)
        yield Diagnostic(
            place,
            "the value of `{name}` holds a blank and has no quotes: Compose reads it today, but a shell and the first "
            "releases of Compose 2 stop at the blank",
            (("name", entry.key),),
            (),
            (
                Fix(
                    "Quote the value of `{name}`",
                    (Edit(place, f'"{entry.text}"'),),
                    Applicability.SAFE,
                    (("name", entry.key),),
                ),
            ),
            Severity.INFO,
        )
