"""A variable that is set twice in one file: the last one counts."""

from __future__ import annotations

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
from .reading import is_template


@rule("ENV002", "duplicate-key", DotenvTree, Severity.WARNING, fix=Applicability.SAFE)
def duplicate_key(tree: DotenvTree) -> Diagnostics:
    """Of two lines that set one variable the first does nothing."""
    last = {entry.key: entry for entry in tree.entries if entry.text is not None}
    if len(last) == len(tree.entries) or is_template(tree):
        return
    for position, entry in enumerate(tree.entries):
        kept = last.get(entry.key)
        if kept is None or kept is entry or entry.text is None or not entry.key:
            continue
        later = tree.entries[position + 1 :]
        if not any(each.key == entry.key and _asks_for(each, entry.key) for each in later):
            yield _dead(tree, entry, kept, used=_used_between(later, entry.key, kept))


def _asks_for(entry: DotenvEntry, name: str) -> bool:
    return entry.template is not None and any(reference.name == name for reference in names(entry.template))


def _used_between(later: tuple[DotenvEntry, ...], name: str, kept: DotenvEntry) -> bool:
    """Whether a line before the last definition asks for the variable, and so gets the first value."""
    return any(_asks_for(each, name) for each in _until(later, kept))


def _until(entries: tuple[DotenvEntry, ...], stop: DotenvEntry) -> Iterator[DotenvEntry]:
    for entry in entries:
        if entry is stop:
            return
        yield entry


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
