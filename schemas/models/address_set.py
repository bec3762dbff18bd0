"""IPv4 and IPv6 addresses as squid writes them, as sorted ranges of numbers."""

from __future__ import annotations

import re

Range = tuple[int, int]

TOP = (1 << 128) - 1
# squid keeps an IPv4 address as the IPv6 address that maps to it (Ip::Address).
_MAPPED = 0xFFFF << 32
_IPV4 = (_MAPPED, _MAPPED | 0xFFFFFFFF)
# Spellings of old handbooks that squid takes for `all` (aclIpParseIpData).
_ALL = frozenset(("all", "0/0", "0.0.0.0/0", "0.0.0.0/0.0.0.0", "0.0.0.0-255.255.255.255", "0.0.0.0-0.0.0.0/0"))
_BYTE = re.compile(r"25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9]", re.ASCII)


def parse_range(text: str) -> Range | None:
    """The addresses of one value of a `src` or `dst` acl: `a`, `a-b`, each with `/bits` or `/mask`, or `all`.

    None for a host name, for whatever squid does not take, and for IPv6 ranges around the mapped IPv4 addresses, which
    squid 5 reads in ways of its own. IPv4 is mapped into IPv6.
    """
    if text in _ALL:
        return 0, TOP
    if text == "ipv4":
        return _IPV4
    first_text, slash, mask_text = text.partition("/")
    first_text, dash, last_text = first_text.partition("-")
    first = parse_address(first_text)
    last = parse_address(last_text) if dash else first
    if first is None or last is None:
        return None
    host = 0
    if slash:
        bits = _host_bits(mask_text, wide=":" in first_text)
        if bits is None or bits == (128 if ":" in first_text else 32):
            return None
        host = (1 << bits) - 1
    first, last = first & ~host, last | host
    if first > last or (":" in text and first <= _IPV4[1] and last >= _IPV4[0]):
        return None
    return first, last


def _host_bits(mask: str, *, wide: bool) -> int | None:
    """How many bits at the end of an address a mask leaves free, None for none that squid takes."""
    size = 128 if wide else 32
    if mask.isascii() and mask.isdigit() and len(mask) <= 3:
        return size - int(mask) if int(mask) <= size else None
    parsed = None if wide else _parse_ipv4(mask)
    if parsed is None:
        return None
    free = ~parsed & 0xFFFFFFFF
    return free.bit_length() if free & (free + 1) == 0 else None


def parse_address(text: str) -> int | None:
    """One address as a number, IPv4 mapped into IPv6; None for anything else."""
    if ":" in text:
        return _parse_ipv6(text)
    number = _parse_ipv4(text)
    return None if number is None else _MAPPED | number


def _parse_ipv4(text: str) -> int | None:
    parts = text.split(".", 4)
    if len(parts) != 4 or not all(_BYTE.fullmatch(p) for p in parts):
        return None
    a, b, c, d = map(int, parts)
    return a << 24 | b << 16 | c << 8 | d


def _parse_ipv6(text: str) -> int | None:
    if len(text) > 45:
        return None
    head, gap, tail = text.partition("::")
    if "::" in tail or (gap and tail.startswith(":")):
        return None
    left, right = _groups(head, last=not gap), _groups(tail, last=True)
    if left is None or right is None:
        return None
    missing = 8 - len(left) - len(right)
    if missing < 1 if gap else missing != 0:
        return None
    number = 0
    for group in (*left, *[0] * missing, *right):
        number = number << 16 | group
    return number


def _groups(text: str, *, last: bool) -> list[int] | None:
    """The 16-bit groups of a part of an IPv6 address; the `last` part may end like an IPv4 address."""
    if not text:
        return []
    found: list[int] = []
    parts = text.split(":")
    for index, part in enumerate(parts):
        if last and index == len(parts) - 1 and "." in part:
            low = _parse_ipv4(part)
            if low is None:
                return None
            found += [low >> 16, low & 0xFFFF]
        elif re.fullmatch(r"[0-9A-Fa-f]{1,4}", part):
            found.append(int(part, 16))
        else:
            return None
    return found
