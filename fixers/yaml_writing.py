"""How a text is written as YAML so that every reader gives exactly that string back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ..schemas.parsers.yaml_scalars import plain_kind

Data = str | Sequence["Data"] | Mapping[str, "Data"]

DEFAULT_QUOTE = '"'

# What YAML 1.1 readers and ruamel take for a boolean, a number to base 60 or a date, though go-yaml v3 does not.
_OLD_WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null", "=", "<<"))
_OLD_NUMBER = (
    r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"
    r"|[-+]?(?:0[xob]?[0-9a-fA-F_]*|[.0-9_]+(?:[eE][-+]?[0-9_]*)?|\.(?:inf|nan))"
    r"|\d{4}-\d\d?-\d\d?(?:[Tt ][\d:.,+Zz -]*)?"
)
_ESCAPED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}
# A tab may stand in quotes; every other control character, the odd line ends and a byte order mark are escaped.
_UNPRINTABLE = "[^\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
_TO_ESCAPE = f'[\\\\"\t]|{_UNPRINTABLE}'
_LONE_SURROGATE = "[\ud800-\udfff]"


class Raw(str):
    """A text to be written as it is, so that YAML makes a number, a boolean or null of it."""

    __slots__ = ()


def plain_safe(text: str) -> bool:
    """Whether the text, written plain in block context, reads back as that string in go-yaml and in older readers."""
    return _plain_syntax(text) and plain_kind(text) == "str" and not _misread(text)


def flow_safe(text: str) -> bool:
    """Whether it may also stand plain between brackets; libyaml 0.1 refuses `:` and `?` there."""
    return plain_safe(text) and not any(sign in text for sign in ",[]{}:?")


def _misread(text: str) -> bool:
    return text.lower() in _OLD_WORDS or re.fullmatch(_OLD_NUMBER, text, re.IGNORECASE) is not None


def _plain_syntax(text: str) -> bool:
    """Whether it is one plain scalar, of whatever kind."""
    if not text or text != text.strip() or re.search(_UNPRINTABLE, text) or "\t" in text:
        return False
    if text[0] in ",[]{}#&*!|>'\"%@`" or (text[0] in "-?:" and text[1:2] in {"", " "}):
        return False
    return not (": " in text or " #" in text or text[-1] == ":" or text.startswith(("---", "...")))


def scalar_text(text: str, style: str, *, flow: bool, fallback: str = '"') -> str:
    """The token for a text in the style asked for ("", ' or "), or in the nearest one that can hold it.

    `flow` says that it stands between brackets; `fallback` is the quote for a text that cannot be plain. Raises
    ValueError for lone surrogates, which are bytes that no YAML reader accepts.
    """
    if re.search(_LONE_SURROGATE, text):
        raise ValueError("bytes that are not UTF-8 cannot be written as YAML")
    if isinstance(text, Raw) and _plain_syntax(text) and (not flow or not any(sign in text for sign in ",[]{}:?")):
        return str(text)
    if not style:
        if flow_safe(text) if flow else plain_safe(text):
            return str(text)
        style = fallback
    if style == "'" and not re.search(_UNPRINTABLE, text):
        return "'" + text.replace("'", "''") + "'"
    return '"' + re.sub(_TO_ESCAPE, _escape, text) + '"'


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    if character in _ESCAPED:
        return _ESCAPED[character]
    return f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def block_text(text: str, indent: str, newline: str) -> str | None:
    """The text as a literal block (`|`) with this indentation and no line end; None where it cannot be one."""
    lines = text.removesuffix("\n").split("\n")
    fits = bool(lines[0].strip()) and bool(lines[-1].strip()) and lines[0][0] not in " \t"
    if not fits or any(re.search(_UNPRINTABLE, line) or (line and not line.strip()) for line in lines):
        return None
    header = "|" if text.endswith("\n") else "|-"
    return newline.join([header, *(indent + line if line else "" for line in lines)])


class Layout(NamedTuple):
    """A file's habits: columns by which mappings and lists stand below their key, quote for new values, line end."""

    step: int
    list_step: int
    style: str
    newline: str


def block_data(key: str, value: Data, indent: int, layout: Layout) -> str:
    """`key: value` as block lines; the first is not indented, the others stand right of `indent` columns."""
    if isinstance(value, str):
        return f"{key}: {_block_scalar(value, indent + layout.step, layout)}"
    if not value:
        return f"{key}: {flow_data(value, layout.style)}"
    below = indent + (layout.step if isinstance(value, Mapping) else layout.list_step)
    return f"{key}:{layout.newline}{' ' * below}{_block_body(value, below, layout)}"


def _block_body(value: Sequence[Data] | Mapping[str, Data], indent: int, layout: Layout) -> str:
    """The lines of a list or a mapping, the first one without its indentation."""
    if isinstance(value, Mapping):
        lines = [block_data(scalar_text(key, "", flow=False), item, indent, layout) for key, item in value.items()]
    else:
        lines = ["- " + _block_item(item, indent + 2, layout) for item in value]
    return (layout.newline + " " * indent).join(lines)


def _block_item(item: Data, indent: int, layout: Layout) -> str:
    if isinstance(item, str):
        return _block_scalar(item, indent, layout)
    return _block_body(item, indent, layout) if item else flow_data(item, layout.style)


def _block_scalar(text: str, indent: int, layout: Layout) -> str:
    """A literal block for a text of several lines that can be one, else a token on one line."""
    block = block_text(text, " " * indent, layout.newline) if "\n" in text else None
    return block or scalar_text(text, layout.style, flow=False, fallback=layout.style or DEFAULT_QUOTE)


def flow_data(value: Data, style: str) -> str:
    """A value on one line, lists and mappings in brackets."""
    if isinstance(value, str):
        return scalar_text(value, style, flow=True, fallback=style or DEFAULT_QUOTE)
    if isinstance(value, Mapping):
        pairs = (f"{scalar_text(k, '', flow=True)}: {flow_data(v, style)}" for k, v in value.items())
        return "{" + ", ".join(pairs) + "}"
    return "[" + ", ".join(flow_data(item, style) for item in value) + "]"
