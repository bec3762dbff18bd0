"""A `#` that ends a value and was meant as part of it, or that was meant as a comment and is part of the value."""

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
    Severity,
    rule,
    secret_name,
)

# What a person writes as a note: words, or anything with a blank in it.
_NOTE = LatePattern(r"[^\W\d_]*")
# The address of a URL that stops in the middle of its password.
_CUT_URL = LatePattern(r"[A-Za-z][\w+.-]*://[^@\s]*(?:\s[^@]*)?\Z")


# A comment to the eye: `#` and words.
_COMMENT = LatePattern(r"#(?:[ \t]+\S|\S+[ \t]+\S).*|#")


@rule("ENV003", "value-cut-at-hash", DotenvTree, Severity.ERROR, fix=Applicability.SAFE)
def value_cut_at_hash(tree: DotenvTree) -> Diagnostics:
    """What was meant as part of a password is read as a comment, or the other way round."""
    for entry in tree.entries:
        if entry.quote or not entry.text:
            continue
        if entry.comment is not None:
            if _is_cut(tree, entry, entry.text):
                yield _cut(tree, entry)
        elif "#" in entry.text and tree.dialect == "compose":
            yield from _comment_as_value(tree, entry, entry.text)


def _is_cut(tree: DotenvTree, entry: DotenvEntry, head: str) -> bool:
    assert entry.comment is not None
    tail = tree.document.text[entry.comment.start + 1 : entry.comment.end].rstrip()
    if not tail or any(blank in tail for blank in " \t") or tail[0] == "#":
        return False
    if "://" in head:
        return "@" in tail and "://" not in tail and _CUT_URL.match(head) is not None
    # A tail that begins as the value does is another value, put aside.
    return secret_name(entry.key) and _NOTE.fullmatch(tail) is None and tail[:3] != head[:3]


def _cut(tree: DotenvTree, entry: DotenvEntry) -> Diagnostic:
    from ...kit import dotenv_edits

    assert entry.comment is not None
    document = tree.document
    whole = document.place(entry.value_span.start, entry.comment.end)
    written = document.text[whole.span.start : whole.span.end].rstrip()
    edit = Edit(document.place(whole.span.start, whole.span.start + len(written)), dotenv_edits.quote_for(written))
    return Diagnostic(
        document.place(*entry.comment),
        "a blank and `#` begin a comment, so the value of `{name}` ends before it; a value that holds them stands in "
        "quotes",
        (("name", entry.key),),
        (),
        (Fix("Quote the whole value", (edit,), Applicability.UNSAFE),),
    )


def _comment_as_value(tree: DotenvTree, entry: DotenvEntry, text: str) -> Iterator[Diagnostic]:
    """`KEY= # note` and `KEY=value<tab># note`: Compose wants a value, then a blank, before a comment."""
    document = tree.document
    start, end = entry.value_span
    tab = text.find("\t#")
    if text[0] == "#" and document.text[start - 1] in " \t" and _COMMENT.fullmatch(text):
        place, edit = document.place(start, end), Edit(document.place(start, start), '"" ')
        message = (
            "`{name}` has no value, and Compose takes the comment for it; other readers of env files leave it empty"
        )
        title = "Write the empty value out"
    elif tab > 0 and _COMMENT.fullmatch(text[tab + 1 :].lstrip("\t ")):
        place, edit = document.place(start + tab + 1, end), Edit(document.place(start + tab, start + tab + 1), " ")
        message = (
            "Compose wants a blank before a comment, and here is a tab: it takes the comment for a part of `{name}`"
        )
        title = "Put a blank before the comment"
    else:
        return
    fix = Fix(title, (edit,), Applicability.SAFE)
    yield Diagnostic(place, message, (("name", entry.key),), (), (fix,), Severity.WARNING)
