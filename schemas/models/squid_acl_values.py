"""The types of squid's acls and their values: which of them squid does not take, or never matches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ..parsers import squid_directives
from ..parsers.squid import SquidWord
from ..patterns import LatePattern
from .squid_words import TOP_PORT, Fault, is_broken_address, is_plain, looks_like_address, number, regexes

_PORTS = LatePattern(r"([0-9]{1,9})(?:-([0-9]{1,9}))?")
_JOINED = LatePattern(r"([a-z_]+)([0-9.:].*)")
_HOST = LatePattern(r"[A-Za-z0-9._-]+")
_URL = LatePattern(r"(?=[a-z]+://|[^/]*:)(?:[a-z]+://)?([A-Za-z0-9._-]+)(?::[0-9]{1,5})?(?:/[^ ]*)?")
_DAYS = LatePattern(r"[SMTWHFAD-]+")
_HOURS = LatePattern(r"([0-9]{1,4}):([0-9]{1,4})-([0-9]{1,4}):([0-9]{1,4})")
# Spellings that stand for no address of their own.
_NAMED = frozenset(("all", "ipv4", "ipv6"))
_TOP_MASK = 32
_TOP_MASK_6 = 128


def acl_faults(words: Sequence[SquidWord]) -> Iterator[Fault]:
    """What squid does not take of an `acl` line, or takes and never matches; `words` are its arguments."""
    if len(words) < 2:
        if is_plain(words[0].text):
            yield Fault("acl-untyped", words[:1])
        return
    kind, rest = words[1], words[2:]
    if not is_plain(kind.text):
        return
    known = squid_directives.acl_type(kind.text)
    if known is None:
        joined = _JOINED.fullmatch(kind.text)
        apart = f"{joined[1]} {joined[2]}" if joined and squid_directives.acl_type(joined[1]) else ""
        yield Fault("acl-type", (kind,), apart or squid_directives.acl_type_meant(kind.text))
        return
    grammar, options = known
    values = list(rest)
    while grammar and values and values[0].text[:1] in ("-", "+") and not values[0].quote:
        option = values.pop(0)
        if option.text == "--":
            break
        if option.text not in options and is_plain(option.text):
            yield Fault("acl-option", (option,))
    plain = [v for v in values if not v.quote and v.text and is_plain(v.text)]
    if grammar and not values:
        yield Fault("acl-empty", words[:2])
    elif grammar in _GRAMMARS:
        yield from _GRAMMARS[grammar](plain)


def _addresses(words: Sequence[SquidWord]) -> Iterator[Fault]:
    for word in words:
        text = word.text
        if text in _NAMED or text.endswith(")"):
            continue
        if text in ("any", "*"):
            yield Fault("address", (word,), "all")
            continue
        if "," in text.strip(","):
            yield from _listed(word, cut=_is_read_so_far(text.partition(",")[0]))
            continue
        base, slash, mask = text.partition("/")
        if not _is_base(base, masked=bool(slash)):
            yield Fault("address", (word,), _host_of(text))
        elif mask.isdigit() and int(mask[:9]) > _TOP_MASK_6:
            yield Fault("mask-wide", (word,))
        elif slash and (_is_broken_mask(base, mask) if mask else "-" not in base):
            yield Fault("mask", (word,))


def _host_of(text: str) -> str:
    """The host of a URL or of `host:port`, as far as squid takes it for an address; else ""."""
    match = _URL.fullmatch(text)
    return match[1] if match and _is_base(match[1], masked=False) else ""


def _is_read_so_far(text: str) -> bool:
    """Whether squid takes what stands before a comma for a value: a range or a net."""
    base, slash, _ = text.partition("/")
    return ("-" in base or slash != "") and _is_base(base, masked=True)


def _listed(word: SquidWord, *, cut: bool) -> Iterator[Fault]:
    """Values with commas between them: squid wants blanks, and where it may, reads `cut` to the first comma."""
    wanted = " ".join(part for part in word.text.split(",") if part)
    yield Fault("list-cut" if cut else "list", (word,), wanted)


def _is_base(text: str, *, masked: bool) -> bool:
    """Whether squid may find addresses by a text: one, two with a `-` between them, or a host name without a mask."""
    first, dash, last = text.partition("-")
    if dash and looks_like_address(first):
        # What follows the digits of the second one squid does not read.
        last = last if ":" in first else last[: len(last) - len(last.lstrip("0123456789."))]
        return bool(last) and not is_broken_address(first) and not is_broken_address(last)
    if looks_like_address(text) or "%" in text:
        return not is_broken_address(text)
    return not masked and _HOST.fullmatch(text) is not None


def _is_broken_mask(base: str, mask: str) -> bool:
    mask = mask.partition("/")[0]
    if ":" in base or not looks_like_address(mask):
        return False
    return int(mask[:9]) > _TOP_MASK if mask.isdigit() else is_broken_address(mask)


def _ports(words: Sequence[SquidWord]) -> Iterator[Fault]:
    for at, word in enumerate(words):
        text = word.text
        if text == "-" and 0 < at < len(words) - 1:
            apart = words[at - 1 : at + 2]
            yield Fault("ports", apart, f"{apart[0].text}-{apart[2].text}")
        elif "," in text.strip(","):
            yield from _listed(word, cut=False)
        elif not _is_port_range(text):
            plain = text.strip(",;")
            yield Fault("ports", (word,), plain if plain != text and _is_port_range(plain) else "")


def _is_port_range(text: str) -> bool:
    match = _PORTS.fullmatch(text)
    return match is not None and int(match[1]) <= int(match[2] or match[1]) <= TOP_PORT


def _domains(words: Sequence[SquidWord]) -> Iterator[Fault]:
    for word in words:
        text = word.text
        if "," in text.strip(","):
            yield Fault("list-name", (word,), " ".join(part for part in text.split(",") if part))
        elif "*" in text:
            name = text.removeprefix("*.")
            yield Fault("wildcard", (word,), f".{name}" if name != text and _HOST.fullmatch(name) else "")
        elif "/" in text or (text.count(":") == 1 and text.rpartition(":")[2].isdigit()):
            name = text.partition("://")[2] or text
            name = name.partition("/")[0].partition(":")[0]
            yield Fault("domain", (word,), name if _HOST.fullmatch(name) and not looks_like_address(name) else "")


def _words(words: Sequence[SquidWord]) -> Iterator[Fault]:
    for word in words:
        if "," in word.text.strip(","):
            yield Fault("list-name", (word,), " ".join(part for part in word.text.split(",") if part))


def _times(words: Sequence[SquidWord]) -> Iterator[Fault]:
    for word in words:
        if word.text[0].isdigit():
            match = _HOURS.fullmatch(word.text)
            if match is None or not _is_span(*map(int, match.groups())):
                yield Fault("hours", (word,))
        elif not _DAYS.fullmatch(word.text):
            yield Fault("days", (word,))


def _is_span(hour: int, minute: int, last_hour: int, last_minute: int) -> bool:
    start, end = 60 * hour + minute, 60 * last_hour + last_minute
    return minute < 60 and last_minute < 60 and start < 24 * 60 and start <= end <= 24 * 60


def _counts(words: Sequence[SquidWord]) -> Iterator[Fault]:
    for word in words[:1]:
        yield from number(word)


_GRAMMARS: dict[str, Callable[[Sequence[SquidWord]], Iterator[Fault]]] = {
    "address": _addresses,
    "count": _counts,
    "ports": _ports,
    "domain": _domains,
    "regex": regexes,
    "time": _times,
    "word": _words,
}
