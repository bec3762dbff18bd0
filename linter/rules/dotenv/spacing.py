"""Blanks in a dotenv file that become part of a name or a value."""

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
    LatePattern,
    Problem,
    Severity,
    rule,
)

# The last words of names whose values never end with a blank.
_EXACT = frozenset(
    (
        *("URL", "URI", "HOST", "HOSTNAME", "ENDPOINT", "ADDR", "ADDRESS", "DOMAIN", "ORIGIN", "ORIGINS", "PORT"),
        *("KEY", "KEYS", "TOKEN", "APIKEY", "SERVER", "DSN", "BUCKET", "REGION", "PROXY"),
    )
)
_BEFORE_EQUALS = LatePattern(r"([A-Za-z_][\w.-]*)([ \t]+)\Z")


@rule("ENV007", "space-around-equals", DotenvTree, Severity.WARNING, fix=Applicability.SAFE)
def space_around_equals(tree: DotenvTree) -> Diagnostics:
    """A blank beside `=` in `format: raw`, which keeps it or refuses the file; all other readers drop it."""
    if tree.dialect != "raw":
        return
    for problem in tree.problems:
        if is_spaced_name(problem):
            yield _before(problem)
    for entry in tree.entries:
        if entry.separator and entry.text and entry.text[0] in " \t" and entry.text.strip(" \t"):
            yield _behind(tree, entry, entry.text)


def is_spaced_name(problem: Problem) -> bool:
    """Whether a name is refused for nothing but the blank between it and its `=`."""
    text, (_, end) = problem.place.document.text, problem.place.span
    refused = problem.kind == "blank-in-key" and text.startswith("=", end)
    return refused and _BEFORE_EQUALS.match(problem.place.text) is not None


def _before(problem: Problem) -> Diagnostic:
    document, (start, end) = problem.place
    match = _BEFORE_EQUALS.match(problem.place.text)
    assert match is not None
    blank = document.place(start + match.start(2), end)
    return Diagnostic(
        document.place(start, start + match.end(1)),
        "with `format: raw` the blank before `=` belongs to the name `{name}`, so Compose refuses the whole file",
        (("name", match[1]),),
        (),
        (Fix("Remove the blank", (Edit(blank, ""),), Applicability.SAFE),),
        Severity.ERROR,
    )


def _behind(tree: DotenvTree, entry: DotenvEntry, text: str) -> Diagnostic:
    start = entry.value_span.start
    blank = tree.document.place(start, start + len(text) - len(text.lstrip(" \t")))
    return Diagnostic(
        blank,
        "with `format: raw` the blank behind `=` belongs to the value, so `{name}` begins with it",
        (("name", entry.key),),
        (),
        (Fix("Remove the blank", (Edit(blank, ""),), Applicability.SAFE),),
    )


@rule("ENV011", "trailing-space-kept", DotenvTree, Severity.WARNING, fix=Applicability.UNSAFE)
def trailing_space_kept(tree: DotenvTree) -> Diagnostics:
    """An address, host, port or key whose quotes, or raw format, keep a blank at its end."""
    for entry in tree.entries:
        kept = entry.quote or tree.dialect == "raw"
        if kept and entry.text and entry.text[-1] in " \t" and entry.text.strip() and _is_exact(entry.key):
            yield from _kept(tree, entry)


def _is_exact(name: str) -> bool:
    return name.upper().rpartition("_")[2] in _EXACT


def _kept(tree: DotenvTree, entry: DotenvEntry) -> Iterator[Diagnostic]:
    end = entry.value_span.end - len(entry.quote)
    written = tree.document.text[entry.value_span.start + len(entry.quote) : end]
    blank = tree.document.place(end - len(written) + len(written.rstrip(" \t")), end)
    if blank.span.start == end:
        return  # an escape such as `\t`, which nobody writes by mistake
    yield Diagnostic(
        blank,
        "`{name}` ends with a blank, which the quotes keep: an address or a key with a blank at its end is another one"
        if entry.quote
        else "`{name}` ends with a blank, which `format: raw` keeps: an address or a key with a blank at its end is "
        "another one",
        (("name", entry.key),),
        (),
        (Fix("Remove the blank at the end", (Edit(blank, ""),), Applicability.UNSAFE),),
    )
