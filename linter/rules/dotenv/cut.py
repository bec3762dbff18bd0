"""A `#` behind a blank ends an unquoted value: half a password stays."""

from __future__ import annotations

import re

from ...kit import (
    Applicability,
    Diagnostic,
    Diagnostics,
    DotenvEntry,
    DotenvTree,
    Edit,
    Fix,
    Severity,
    rule,
    secret_name,
)

# What a person writes as a note: words, or anything with a blank in it.
_NOTE = re.compile(r"[^\W\d_]*")
# The address of a URL that stops in the middle of its password.
_CUT_URL = re.compile(r"[A-Za-z][\w+.-]*://[^@\s]*(?:\s[^@]*)?\Z")


@rule("ENV003", "value-cut-at-hash", DotenvTree, Severity.ERROR, fix=Applicability.UNSAFE)
def value_cut_at_hash(tree: DotenvTree) -> Diagnostics:
    """What was meant as part of a password is read as a comment."""
    for entry in tree.entries:
        if entry.comment is not None and not entry.quote and entry.text and _is_cut(tree, entry, entry.text):
            yield _cut(tree, entry)


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
