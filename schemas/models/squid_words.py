"""The words that squid reads as numbers, ports, addresses or regular expressions, and those that it does not take.

Asked of squid 5.7. What may be a host name is no fault: only the network can tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..parsers.squid import SquidWord
from ..patterns import LatePattern
from .address_set import parse_address


class Fault(NamedTuple):
    """Words that squid does not take, or not as they were meant. `wanted`: what to write instead, "" if unknown."""

    kind: str
    words: Sequence[SquidWord]
    wanted: str = ""


TOP_PORT = 65535
_TOP_NUMBER = (1 << 31) - 1
_NUMBER = LatePattern(r"[+-]?(?:0[xX][0-9A-Fa-f]{1,7}|0[0-7]{0,10}|([1-9][0-9]{0,11}))")
_PLACEHOLDER = LatePattern(r"\$[{A-Za-z_]")
_PART = LatePattern(r"(0[0-7]{0,11})|[1-9][0-9]{0,9}")
_ADDRESS_LIKE = LatePattern(r"[0-9.]+|[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*")


def is_plain(text: str) -> bool:
    """Whether a text stands for itself: no placeholder of a template in it, and no characters of other alphabets."""
    return text.isascii() and not ("$" in text and _PLACEHOLDER.search(text))


def number(word: SquidWord) -> Iterator[Fault]:
    """A fault where a word is no whole number: decimal, hexadecimal after `0x`, octal after `0`."""
    match = _NUMBER.fullmatch(word.text)
    if match is None or (match[1] is not None and int(match[1]) > _TOP_NUMBER):
        yield Fault("number", (word,))


def port(word: SquidWord) -> Iterator[Fault]:
    """A fault where a word is no port."""
    text = word.text.removeprefix("+")
    if not text.isdigit() or len(text) > 9 or int(text) > TOP_PORT:
        yield Fault("port", (word,))


def looks_like_address(text: str) -> bool:
    """Whether a text is no host name, since it is made of nothing but what addresses are made of."""
    return _ADDRESS_LIKE.fullmatch(text) is not None


def is_broken_address(text: str) -> bool:
    """Whether a text looks like an address and is none."""
    if not looks_like_address(text):
        return False
    if ":" in text:
        return parse_address(text) is None
    # As inet_aton reads it: a leading zero makes a part octal, the last of fewer parts than four stands for the rest.
    parts = [_part(part) for part in text.split(".")]
    return len(parts) > 4 or any(part > 255 for part in parts[:-1]) or parts[-1] >= 256 ** (5 - len(parts))


def _part(text: str) -> int:
    """A part of an IPv4 address as a number, too great a one where it is none."""
    match = _PART.fullmatch(text)
    return int(text, 8 if match[1] else 10) if match else 1 << 32


def regexes(words: Sequence[SquidWord]) -> Iterator[Fault]:
    """Regular expressions that are none: wildcards, mostly."""
    for word in words:
        text = word.text
        if not word.quote and text not in ("-i", "+i") and _is_broken_regex(text):
            yield Fault("regex", (word,), ".*" + text[1:].replace(".", "\\.") if text.startswith("*.") else "")


def _is_broken_regex(text: str) -> bool:
    """Whether something is repeated that is not there, or a bracket is not closed (POSIX, extended)."""
    at, depth, starts = 0, 0, True
    while at < len(text):
        char = text[at]
        if char == "[":
            # A `]` right at the start stands for itself.
            at = text.find("]", at + (3 if text.startswith("[^", at) else 2))
            if at < 0:
                return True
        elif char in "*?+{" and starts:
            return True
        elif char == "\\":
            at += 1
        elif char == ")" and depth:
            depth -= 1
        depth += char == "("
        starts = char in "(|" or (char == "^" and starts)
        at += 1
    return depth > 0
