"""Where an offset stands in a Compose file, read off lines and indentation, so that half a line is enough."""

from __future__ import annotations

import re
from typing import NamedTuple

from ...schemas.parsers.document import Span

_KEY = re.compile(r"(\"[^\"\n]*\"|'[^'\n]*'|[^\s#'\"\[\]{},:&*!|>-][^\s:]*)\s*:(?=\s|$)")
_DASHES = re.compile(r"(?:-(?:[ \t]+|$))*")
_MOST_LINES = 20_000
_LONGEST_LINE = 2000


class Cursor(NamedTuple):
    """An offset in YAML.

    `path` are the keys around it, a step into a list being `[]`. `key` says that a key may be written here, `value`
    that a value may (of the last key of `path`, or an item of its list). `word` is what has been written of it so far,
    up to the next separator; `prefix` the part before the offset. `item` says that a dash stands before it; `line_end`
    that nothing follows on the line.
    """

    path: tuple[str, ...]
    key: bool
    value: bool
    word: Span
    prefix: str
    item: bool
    line_end: bool


def cursor_at(text: str, offset: int) -> Cursor | None:
    """What may be written at an offset; None in a comment, and in lines that no person writes."""
    start = text.rfind("\n", 0, offset) + 1
    end = _line_end(text, offset)
    head = text[start:offset]
    if len(head) > _LONGEST_LINE or _in_comment(head):
        return None
    indent = len(head) - len(head.lstrip(" "))
    dashes = _DASHES.match(head, indent)
    body = dashes.end() if dashes else indent
    match = _KEY.match(head, body)
    item = body > indent
    rest = text[offset:end].split(" #", 1)[0]
    tail = re.match(r"[\w.*@/:-]*", rest)
    after = rest[tail.end() :].strip() if tail else ""
    if match is None and re.match(r"[\w.-]*\s*:(?:\s|$)", rest):
        # Before the colon of a key that is written already: the name alone is replaced.
        name = re.match(r"[\w.-]*", rest)
        word = Span(start + body, offset + (name.end() if name else 0))
        return Cursor(_around(text, start, indent, item), True, False, word, head[body:], item, False)
    if match is None:
        path = _around(text, start, indent, item)
        written = head[body:]
        flow = _flow_start(written)
        word = Span(start + body + flow, offset + (tail.end() if tail else 0))
        return Cursor(path, True, item or bool(flow), word, written[flow:], item, not after)
    value = head[match.end() :].lstrip()
    begin = len(head) - len(value)
    path = (*_around(text, start, indent, item), _unquoted(match[1]))
    flow = _flow_start(value)
    if flow:
        path = (*path, "[]") if value.startswith("[") else path
    word = Span(start + begin + flow, offset + (tail.end() if tail else 0))
    in_braces = value.startswith("{")
    return Cursor(path, in_braces, not in_braces, word, value[flow:], item, not after)


def keys_below(text: str, section: str) -> tuple[str, ...]:
    """The keys right below a top-level key, read off the indentation: for files that cannot be parsed to their end."""
    top = re.search(rf"^{re.escape(section)}\s*:[^\n]*\n", text, re.MULTILINE)
    if top is None:
        return ()
    found: list[str] = []
    first = -1
    for match in re.finditer(r"([ ]*)([^\n]*)\n?", text[top.end() :]):
        line, indent = match[2].rstrip("\r"), len(match[1])
        if not line or line.startswith("#"):
            if match.end() == len(text) - top.end():
                break
            continue
        if indent == 0:
            break
        first = indent if first < 0 else first
        key = _KEY.match(line) if indent == first else None
        if key is not None:
            found.append(_unquoted(key[1]))
    return tuple(dict.fromkeys(found))


def _around(text: str, start: int, indent: int, item: bool) -> tuple[str, ...]:
    """The keys above a line that starts at `start`, by indentation; outermost first."""
    steps: list[str] = []
    if item:
        steps.append("[]")
    limit, listed = indent, item
    end = start - 1
    for _ in range(_MOST_LINES):
        if end < 0 or (limit == 0 and not listed):
            break
        begin = text.rfind("\n", 0, end) + 1
        line = text[begin:end].rstrip("\r")
        end = begin - 1
        bare = line.lstrip(" ")
        depth = len(line) - len(bare)
        if not bare or bare.startswith("#") or depth > limit:
            continue
        dashes = _DASHES.match(bare)
        width = dashes.end() if dashes else 0
        key = _KEY.match(bare, width)
        if width and depth < limit:
            if key is not None and depth + width < limit:
                steps.append(_unquoted(key[1]))
            steps.append("[]")
            limit, listed = depth, True
        elif not width and key is not None and (depth < limit or listed):
            steps.append(_unquoted(key[1]))
            limit, listed = depth, False
    return tuple(reversed(steps))


def _flow_start(text: str) -> int:
    """How far in a text the last item of a flow list or mapping starts, 0 where it is none."""
    if not text.startswith(("[", "{")):
        return 1 if text[:1] in ("'", '"') else 0
    at = max(text.rfind(mark) for mark in "[{,") + 1
    at += len(text[at:]) - len(text[at:].lstrip(" "))
    return at + 1 if text[at : at + 1] in ("'", '"') else at


def _in_comment(head: str) -> bool:
    return head.lstrip().startswith("#") or re.search(r"\s#(?![^\"]*\"[^\"]*$)", head) is not None


def _line_end(text: str, offset: int) -> int:
    end = text.find("\n", offset)
    return len(text) if end == -1 else end


def _unquoted(key: str) -> str:
    return key[1:-1] if key[:1] in ("'", '"') else key
