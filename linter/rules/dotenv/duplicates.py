"""A variable that is set twice in one file: the last one counts."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from ...kit import (
    PRODUCTS,
    Applicability,
    Diagnostic,
    Diagnostics,
    DotenvEntry,
    DotenvTree,
    Edit,
    Fix,
    Related,
    Severity,
    names,
    product_table,
    rule,
)
from .reading import in_conflict, is_template


@rule("ENV002", "duplicate-key", DotenvTree, Severity.WARNING, fix=Applicability.SAFE)
def duplicate_key(tree: DotenvTree) -> Diagnostics:
    """Of two lines that set one variable the first does nothing."""
    last = {entry.key: at for at, entry in enumerate(tree.entries) if entry.text is not None}
    if len(last) == len(tree.entries) or is_template(tree) or in_conflict(tree):
        return
    asked, own = _asked(tree)
    for at, entry in enumerate(tree.entries):
        counting = last.get(entry.key, at)
        # A later line that asks for the earlier value builds on it.
        if counting == at or entry.text is None or not entry.key or own.get(entry.key, -1) > at:
            continue
        places = asked.get(entry.key, [])
        after = bisect_right(places, at)
        used = after < len(places) and places[after] < counting
        yield _dead(tree, entry, tree.entries[counting], used=used)


def _asked(tree: DotenvTree) -> tuple[dict[str, list[int]], dict[str, int]]:
    """By variable, which lines ask for it, and which is the last that asks for the variable it sets itself."""
    asked: dict[str, list[int]] = {}
    own: dict[str, int] = {}
    for at, entry in enumerate(tree.entries):
        for reference in names(entry.template) if entry.template is not None else ():
            asked.setdefault(reference.name, []).append(at)
            if reference.name == entry.key:
                own[entry.key] = at
    return asked, own


def _dead(tree: DotenvTree, entry: DotenvEntry, kept: DotenvEntry, *, used: bool) -> Diagnostic:
    document = tree.document
    place, counting = document.place(*entry.key_span), document.place(*kept.key_span)
    values = (("name", entry.key), ("line", str(counting.line)))
    same = entry.text == kept.text
    if same:
        message = "`{name}` is set again on line {line} to the same value; one of the lines is enough"
    elif used:
        message = (
            "`{name}` is set again on line {line}; only the lines between see this value, everybody else the later"
        )
    else:
        message = (
            "`{name}` is set again on line {line} to another value, and only that one counts: this line does nothing"
        )
    return Diagnostic(
        place,
        message,
        values,
        (Related(counting, "this one counts"),),
        tuple(_fixes(tree, entry, kept, used=used)),
        _severity(entry, kept),
    )


def _severity(entry: DotenvEntry, kept: DotenvEntry) -> Severity:
    """A lost value is an error, an empty one is not; what says the same twice, or is shipped so, is worth knowing."""
    if entry.text == kept.text:
        return Severity.INFO
    if not entry.text:
        return Severity.WARNING
    shipped = any({entry.text, kept.text} <= set(_shipped(product, entry.key)) for product in PRODUCTS)
    return Severity.INFO if shipped else Severity.ERROR


def _shipped(product: str, name: str) -> Sequence[str]:
    """The values that a product's own example file gives to one variable, one below the other."""
    values: Sequence[str] = product_table(product).data.get("set_twice_in_example", {}).get(name, ())
    return values


def _fixes(tree: DotenvTree, entry: DotenvEntry, kept: DotenvEntry, *, used: bool) -> Iterator[Fix]:
    from ...kit import dotenv_edits

    same = entry.text == kept.text
    if used and not same:
        return
    dead, other = (kept, entry) if used else (entry, kept)
    edit: Edit = dotenv_edits.remove(tree, dead)
    line = str(tree.document.place(*other.key_span).line)
    applicability = Applicability.SAFE if same else Applicability.UNSAFE
    yield Fix("Keep `{name}` of line {line} only", (edit,), applicability, (("name", entry.key), ("line", line)))
