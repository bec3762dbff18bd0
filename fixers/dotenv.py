"""Edits of dotenv files: set, add, rename, remove and comment out statements, quoted so that every reader agrees."""

from __future__ import annotations

import re

from ..schemas.parsers.document import BOM
from ..schemas.parsers.dotenv import DotenvEntry, DotenvTree
from .edit import Edit

_PLAIN = re.compile(r"[^\s\x00-\x1f\x7f-\x9f\"'`#$\\“”‘’＂＇]*")
_NAME = re.compile(r"[\w.\-\[\]]+")
# A backslash that would take the quote after it, or the closing one, for its own.
_TAKES_QUOTE = re.compile(r"(?<!\\)(?:\\\\)*\\(?:'|\Z)")


def quote_for(text: str) -> str:
    """The text as a dotenv value that Compose reads as exactly this text, and python-dotenv too where that is possible.

    python-dotenv expands `${…}` in every kind of quote, and there are texts with a dollar sign and backslashes that no
    quotes give to both alike: such a text is written for Compose.
    """
    if _PLAIN.fullmatch(text):
        return text
    if "'" not in text and "\n" not in text and _single_agrees(text):
        return _single(text)
    return _double(text) if "$" not in text else _quoted_dollar(text)


def set_value(tree: DotenvTree, entry: DotenvEntry, text: str) -> Edit:
    """Give a statement another value, in the quotes that it has where they can hold it; an inherited key gets one.

    Raises ValueError for a statement without a name, and for a text that `format: raw` cannot write.
    """
    place = tree.document.place(*entry.value_span)
    if not entry.key:
        raise ValueError("the statement has no name")
    if tree.dialect == "raw":
        if "\n" in text or text.endswith("\r"):
            raise ValueError("a raw dotenv value is one line")
        written = text
    elif entry.quote == "'" and _single_agrees(text):
        written = _single(text)
    elif entry.quote:
        written = _double(text) if "$" not in text else _quoted_dollar(text)
    else:
        # Where a comment follows, an empty value would leave it to be read as the value.
        written = quote_for(text) or ("''" if entry.comment is not None else "")
    return Edit(place, written if entry.separator else "=" + written)


def append(tree: DotenvTree, key: str, text: str, *, after: DotenvEntry | None = None) -> Edit:
    """Add a statement on a line of its own, below another statement or as the last one of the file.

    Blank lines at the end of the file stay at its end, and a missing last line end stays missing. `export` is written
    where the statement above has it. Raises ValueError for a name that Compose refuses.
    """
    if not _NAME.fullmatch(key):
        raise ValueError("not a variable name")
    source, newline = tree.document.text, tree.document.newline
    above = after or (tree.entries[-1] if tree.entries else None)
    value = text if tree.dialect == "raw" else quote_for(text)
    line = f"{'export ' if above is not None and above.export else ''}{key}={value}"
    if after is not None:
        at = _line_stop(tree, after)
    else:
        content = len(source.rstrip(" \t\r\n"))
        if content <= len(BOM) and source[:content] in {"", BOM}:
            return Edit(tree.document.place(content, content), line + newline)
        at = source.find("\n", content)
        at = len(source) if at == -1 else at
    if at == len(source):
        return Edit(tree.document.place(at, at), newline + line)
    return Edit(tree.document.place(at + 1, at + 1), line + newline)


def rename_key(tree: DotenvTree, entry: DotenvEntry, name: str) -> Edit:
    """Give a statement another name. Raises ValueError for a name that Compose refuses."""
    if not _NAME.fullmatch(name):
        raise ValueError("not a variable name")
    return Edit(tree.document.place(*entry.key_span), name)


def remove(tree: DotenvTree, entry: DotenvEntry) -> Edit:
    """Take a statement out, with its line and the comment behind it; beside another statement only itself."""
    source = tree.document.text
    start, stop, before, behind = _surroundings(tree, entry)
    if not before and not behind:
        return Edit(tree.document.place(start, min(stop + 1, len(source))), "")
    start, stop = entry.span
    if behind:
        stop += len(source[stop:]) - len(source[stop:].lstrip(" \t"))
    else:
        start -= len(source[:start]) - len(source[:start].rstrip(" \t"))
    return Edit(tree.document.place(start, stop), "")


def comment_out(tree: DotenvTree, entry: DotenvEntry) -> tuple[Edit, ...]:
    """Put `# ` before each line of a statement. Raises ValueError when another statement follows on its last line."""
    source, place = tree.document.text, tree.document.place
    _, _, _, behind = _surroundings(tree, entry)
    if behind:
        raise ValueError("another statement follows on the line")
    starts = [entry.span.start]
    at = source.find("\n", entry.span.start, entry.span.end)
    while at != -1:
        starts.append(at + 1)
        at = source.find("\n", at + 1, entry.span.end)
    return tuple(Edit(place(start, start), "# ") for start in starts)


def _single_agrees(text: str) -> bool:
    """Whether both readers read the text back from single quotes (a `${…}` aside, see quote_for)."""
    return "\\\\" not in text and "\r" not in text and not _TAKES_QUOTE.search(text)


def _quoted_dollar(text: str) -> str:
    """A text with a dollar sign: single quotes keep it for both readers; Compose alone has an escape for it."""
    if "\r" not in text and not _TAKES_QUOTE.search(text):
        return _single(text)
    return _double(text)


def _single(text: str) -> str:
    return "'" + text.replace("'", "\\'") + "'"


def _double(text: str) -> str:
    for char, written in (("\\", "\\\\"), ('"', '\\"'), ("$", "\\$"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(char, written)
    return f'"{text}"'


def _surroundings(tree: DotenvTree, entry: DotenvEntry) -> tuple[int, int, str, str]:
    """Start and end of the lines of a statement, and what else stands on them before and behind it and its comment."""
    source = tree.document.text
    start = source.rfind("\n", 0, entry.span.start) + 1
    if start == 0 and source.startswith(BOM):
        start = len(BOM)
    end = entry.span.end if entry.comment is None else entry.comment.end
    stop = source.find("\n", end)
    stop = len(source) if stop == -1 else stop
    return start, stop, source[start : entry.span.start].strip(), source[end:stop].strip()


def _line_stop(tree: DotenvTree, entry: DotenvEntry) -> int:
    """The offset of the line end below which a new statement can stand, behind all that shares lines with this one."""
    source = tree.document.text
    stop = source.find("\n", entry.span.end)
    for other in tree.entries[tree.entries.index(entry) + 1 :]:
        if stop == -1 or other.span.start > stop:
            break
        if other.span.end > stop:
            stop = source.find("\n", other.span.end)
    return len(source) if stop == -1 else stop
