"""What nginx wants of locations, conditions, patterns and words from a fixed set: which of them it does not take.

As `ngx_http_core_location`, `ngx_http_rewrite_if_condition`, `ngx_http_rewrite` and the bit masks of its command tables
have it (nginx 1.22); variables and the placeholders of templates may be anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..parsers import nginx_directives
from ..parsers.nginx import NginxDirective, NginxWord
from ..patterns import LatePattern
from .nginx_faults import Fault

_MODIFIERS = ("=", "~", "~*", "^~")
# What people write who know other languages; a pattern after `^` begins with it anyway.
_MEANT = {"=~": "~", "~=": "~", "==": "=", "===": "=", "*~": "~*", "~^": "~", "^": "^~", "!=": "", "!~": ""}
_COMPARING = ("=", "!=", "~", "~*", "!~", "!~*")
_TESTING = LatePattern(r"!?-[fdex]")
_NAME = LatePattern(r"\$\w+")
_GLUED = LatePattern(r"(\$\w+)(!?={1,3}|!?~\*?)(.+)", re.DOTALL)
_NAMED_GROUP = LatePattern(r"\(\?<(?=[A-Za-z_])")
# What Python and PCRE both say of a pattern; of all else they may differ.
_BROKEN = ("missing ), unterminated subpattern", "unbalanced parenthesis", "unterminated character set")
_FLAGS = ("last", "break", "redirect", "permanent")
_IN_MAP = ("include", "hostnames", "volatile")


def form_faults(directive: NginxDirective, parents: Sequence[NginxDirective]) -> Iterator[Fault]:
    """What nginx does not take of a directive, by what its arguments have to be."""
    name, words = directive.name.text, directive.arguments
    if parents and parents[-1].name.text == "map":
        yield from _in_map(directive)
    elif name == "location":
        yield from _location(words, parents)
    elif name == "if":
        yield from _condition(words)
    elif name == "rewrite":
        yield from _pattern(words[0] if words else None)
        if len(words) == 3 and "$" not in words[2].text and words[2].text not in _FLAGS:
            yield Fault("choice", words[2])
    elif name == "server_name":
        for word in words:
            yield from _pattern(word, 1) if word.text.startswith("~") else ()
    else:
        yield from _choices(name, words)


def choices(directive: NginxDirective) -> Sequence[str]:
    """The words of which nginx takes some as arguments of a directive; () for any that takes others as well."""
    if directive.name.text == "rewrite":
        return _FLAGS
    return nginx_directives.choices(directive.name.text)


def _choices(name: str, words: Sequence[NginxWord]) -> Iterator[Fault]:
    allowed = nginx_directives.choices(name)
    for word in words if allowed else ():
        if "$" not in word.text and word.text.lower() not in allowed:
            parts = [part for part in re.split(r"[,:+|]", word.text) if part]
            split = len(parts) > 1 and all(part.lower() in allowed for part in parts)
            yield Fault("choice", word, " ".join(parts) if split else "")


def _in_map(directive: NginxDirective) -> Iterator[Fault]:
    """A line of a `map`: two words, of which the first may be a pattern."""
    name, words = directive.name, directive.arguments
    if name.text in _IN_MAP and not name.quote:
        return
    if len(words) != 1:
        yield Fault("pair", words[-1] if words else name)
    elif name.text.startswith("~"):
        yield from _pattern(name, 2 if name.text.startswith("~*") else 1)


def _location(words: Sequence[NginxWord], parents: Sequence[NginxDirective]) -> Iterator[Fault]:
    if any("$" in word.text and not word.text.endswith("$") for word in words[:1]):
        return
    if len(words) == 2:
        if words[0].text not in _MODIFIERS:
            yield Fault("modifier", words[0], _MEANT.get(words[0].text, ""))
        elif words[0].text.startswith("~"):
            yield from _pattern(words[1])
    elif len(words) == 1 and words[0].text.startswith("~"):
        yield from _pattern(words[0], 2 if words[0].text.startswith("~*") else 1)
    yield from _nested(words, parents)


def _nested(words: Sequence[NginxWord], parents: Sequence[NginxDirective]) -> Iterator[Fault]:
    outer = parents[-1] if parents and parents[-1].name.text == "location" else None
    if outer is None or not words or not outer.arguments:
        return
    around, first = outer.arguments, words[0].text
    if first.startswith("@"):
        yield Fault("named-inside", words[0])
    elif around[0].text == "=" or around[0].text.startswith("@"):
        yield Fault("inside-exact", words[-1])
    elif not first.startswith("~") and not around[0].text.startswith("~"):
        path, prefix = words[-1].text, around[-1].text
        if "$" not in path + prefix and not path.startswith(prefix):
            yield Fault("outside", words[-1])


def _condition(words: Sequence[NginxWord]) -> Iterator[Fault]:
    if not words or any("${" in word.text for word in words):
        return
    if not words[0].text.startswith("(") or not words[-1].text.endswith(")"):
        yield Fault("parentheses", words[0])
        return
    parts = [word.text for word in words]
    parts[0], parts[-1] = parts[0][1:], parts[-1][:-1] if len(parts) > 1 else parts[-1][1:-1]
    kept = [(part, word) for part, word in zip(parts, words, strict=True) if part or word.quote]
    if not kept:
        yield Fault("condition", words[0])
    elif kept[0][0].startswith("$"):
        yield from _compared(kept)
    elif not (_TESTING.fullmatch(kept[0][0]) and len(kept) == 2):
        yield Fault("condition", kept[0][1])


def _compared(kept: Sequence[tuple[str, NginxWord]]) -> Iterator[Fault]:
    if not _NAME.fullmatch(kept[0][0]):
        yield Fault("blanks" if _GLUED.fullmatch(kept[0][0]) else "condition", kept[0][1])
        return
    if len(kept) == 1:
        return
    operator = kept[1]
    if operator[0] not in _COMPARING:
        wanted = _MEANT.get(operator[0], {"!==": "!=", "=*": "~*"}.get(operator[0], ""))
        yield Fault("operator", operator[1], wanted if wanted in _COMPARING else "")
    elif len(kept) > 3:
        yield Fault("condition", kept[3][1])
    elif len(kept) == 3 and "~" in operator[0]:
        yield from _pattern(kept[2][1], text=kept[2][0])


def _pattern(word: NginxWord | None, skipped: int = 0, text: str | None = None) -> Iterator[Fault]:
    """A pattern that PCRE surely refuses: a parenthesis or bracket too few, or a `*` after nothing."""
    if word is None or "${" in word.text:
        return
    pattern = _NAMED_GROUP.compiled.sub("(?P<", word.text[skipped:] if text is None else text)
    if pattern.isascii() and len(pattern) < 1000 and _is_broken(pattern):
        yield Fault("pattern", word)


def _is_broken(pattern: str) -> bool:
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except re.error as error:
        before = pattern[: error.pos or 0]
        return error.msg in _BROKEN or (
            error.msg == "nothing to repeat" and (before == "" or before[-1] == "|" or before.endswith("(?:"))
        )
    except (OverflowError, RecursionError):
        return False
    return False
