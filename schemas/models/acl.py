"""What squid's acls match, and when one access line leaves nothing for a later one to decide.

An acl is known only in part: values may come from files, host names or placeholders, and squid 5 drops values that
overlap earlier ones. So each acl has what it matches for certain (`least`) and what it may match at most (`most`);
"covers" is said only where it follows from these.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

from .address_set import TOP, Range, parse_range

_TOP_PORT = 65535
_RANGES = {"src": TOP, "dst": TOP, "port": _TOP_PORT}
_DOMAIN = re.compile(r"\.?[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63}){0,40}")
_WORD = re.compile(r"[A-Za-z][A-Za-z_-]*")
# A request has one client address, port, method and protocol. The host of its URL may have several addresses and names.
_SINGLE = frozenset(("src", "port", "method", "proto"))


class Literal(NamedTuple):
    """An acl as an access line names it, `negated` with `!`."""

    acl: Acl
    negated: bool = False


class Acl:
    """An acl by its name (in lower case), type and values in the order of the file. Two acls of one name are the same.

    `open_ended`: something else may add values. Values that are not understood make it open-ended, too.
    """

    def __init__(self, name: str, type: str, values: tuple[str, ...] = (), *, open_ended: bool = False) -> None:  # noqa: A002
        self.name = name
        self.type = type
        self.values = values
        self.open_ended = open_ended

    @cached_property
    def _parsed(self) -> tuple[tuple[Range | str, ...], bool]:
        """The values that are understood, and whether that is all of them."""
        parse = _PARSERS.get(self.type)
        # An option such as `-i` or `-n` changes the meaning of the whole.
        if parse is None or any(v[:1] in "-+" for v in self.values):
            return (), False
        found = [parse(v) for v in self.values]
        known = tuple(v for v in found if v is not None)
        return known, len(known) == len(found) and not self.open_ended

    @property
    def is_all(self) -> bool:
        """Whether it matches every request."""
        return self.type in ("src", "dst") and (0, TOP) in self.least

    @cached_property
    def least(self) -> Sequence[Range | str]:
        """What it matches for certain. squid 5 does not add a value that overlaps an earlier one."""
        known, _ = self._parsed
        if self.type in _RANGES:
            return _undisturbed(_only_ranges(known))
        return known

    @cached_property
    def most(self) -> Sequence[Range | str] | None:
        """What it matches at most, None when nobody knows."""
        known, complete = self._parsed
        if not complete:
            return None
        return union(_only_ranges(known)) if self.type in _RANGES else known


def _port(text: str) -> Range | None:
    first, dash, last = text.partition("-")
    if not all(p.isascii() and p.isdigit() and len(p) <= 5 for p in (first, last or "0")) or (dash and not last):
        return None
    found = int(first), int(last or first)
    return found if found[0] <= found[1] <= _TOP_PORT else None


def _domain(text: str) -> str | None:
    return text.lower() if _DOMAIN.fullmatch(text) else None


def _method(text: str) -> str | None:
    # squid compares methods by their case, and names of its own are in upper case.
    return text if _WORD.fullmatch(text) and text == text.upper() else None


def _protocol(text: str) -> str | None:
    return text.upper() if _WORD.fullmatch(text) else None


_PARSERS: dict[str, Callable[[str], Range | str | None]] = {
    "src": parse_range,
    "dst": parse_range,
    "port": _port,
    "method": _method,
    "proto": _protocol,
    "dstdomain": _domain,
}


def _only_ranges(values: Iterable[Range | str]) -> list[Range]:
    return [v for v in values if not isinstance(v, str)]


def union(ranges: Iterable[Range]) -> list[Range]:
    """The ranges, sorted and joined where they overlap or touch."""
    found: list[Range] = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(last, found[-1][1])
        else:
            found.append((first, last))
    return found


def _undisturbed(ranges: Sequence[Range]) -> list[Range]:
    """The union of what squid 5 keeps for certain: of ranges that overlap, directly or through others, the first."""
    found: list[Range] = []
    end, earliest = -1, len(ranges)
    for index in sorted(range(len(ranges)), key=lambda i: ranges[i]):
        first, last = ranges[index]
        if first > end:
            found.append(ranges[index])
            earliest = index
        elif index < earliest:
            found[-1] = ranges[index]
            earliest = index
        end = max(end, last)
    return union(found)


def _suffixes(domain: str) -> list[str]:
    """The domain values that match every host of a domain value: itself, and the dotted ones above it."""
    name = domain.lstrip(".")
    parts = name.split(".")
    return [domain, *("." + ".".join(parts[i:]) for i in range(len(parts)))]


def _within(inner: Sequence[Range | str], outer: Sequence[Range | str], kind: str) -> bool:
    if kind in _RANGES:
        return _ranges_within(
            [r for r in inner if not isinstance(r, str)], [r for r in outer if not isinstance(r, str)]
        )
    if kind == "dstdomain":
        names = set(outer)
        return all(not names.isdisjoint(_suffixes(d)) for d in inner if isinstance(d, str))
    return set(inner) <= set(outer)


def _ranges_within(inner: Sequence[Range], outer: Sequence[Range]) -> bool:
    """Whether sorted, joined ranges lie within others of that kind."""
    starts = [first for first, _ in outer]
    for first, last in inner:
        at = bisect_right(starts, first) - 1
        if at < 0 or outer[at][1] < last:
            return False
    return True


def _outside(ranges: Sequence[Range | str], top: int) -> list[Range]:
    """What sorted, joined ranges leave of 0 to `top`."""
    found: list[Range] = []
    start = 0
    for first, last in _only_ranges(ranges):
        if first > start:
            found.append((start, first - 1))
        start = last + 1
    return [*found, (start, top)] if start <= top else found


def implies(one: Literal, other: Literal) -> bool:
    """Whether every request that `one` matches is matched by `other`; False also when nobody knows."""
    if not other.negated and other.acl.is_all:
        return True
    if one.negated and one.acl.is_all:
        return True
    a, b = one.acl, other.acl
    if a.name == b.name:
        return one.negated == other.negated
    if a.type != b.type or a.type not in _PARSERS:
        return False
    if one.negated == other.negated:
        inner, outer = (b, a) if one.negated else (a, b)
        return inner.most is not None and _within(inner.most, outer.least, a.type)
    return a.type in _SINGLE and _implies_opposite(one, other)


def _implies_opposite(one: Literal, other: Literal) -> bool:
    """`implies` where one of the two is negated."""
    a, b = one.acl, other.acl
    top = _RANGES.get(a.type)
    if one.negated:
        # Everything outside of `a` lies in `b`; methods and protocols have no end.
        return top is not None and _ranges_within(
            _outside(a.least, top), [r for r in b.least if not isinstance(r, str)]
        )
    if a.most is None or b.most is None:
        return False
    if top is None:
        return set(a.most).isdisjoint(b.most)
    return _ranges_within(_only_ranges(a.most), _outside(b.most, top))


def covers(earlier: Sequence[Literal], later: Sequence[Literal]) -> bool:
    """Whether every request that matches all of `later` matches all of `earlier`, as far as one can know."""
    return bool(earlier) and all(any(implies(one, other) for one in later) for other in earlier)


def matches_everything(line: Sequence[Literal]) -> bool:
    """Whether a line with these acls decides every request."""
    return bool(line) and all(each.acl.is_all and not each.negated for each in line)
