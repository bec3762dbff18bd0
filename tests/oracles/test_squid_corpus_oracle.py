"""squid itself judges every squid file of the corpus, whole: what it takes has no error, what it refuses has one."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

import pytest

from stackmend.schemas.parsers.document import Document
from stackmend.schemas.parsers.squid import parse_squid

from .conftest import Judge
from .squid_corpus import OUTSIDE, SHARED, STOP, Real, errors, filled, real_files, without

pytestmark = [pytest.mark.oracle, pytest.mark.skipif(not os.path.isdir(SHARED), reason="no shared files")]

# Files that squid refuses as they lie there and that work where they are used.
EXCEPTED = {
    "wild/squid/Mehasseb+fwd-proxy__squid__squid.conf": "a script puts the address for ICAP_URL before squid starts",
}


class Verdict(NamedTuple):
    """What squid says of a file: the lines on which it stops, and how many it cannot judge on this machine."""

    stops: frozenset[int]
    apart: int
    other: str


def verdict(real: Real, squid: Judge) -> Verdict:
    """Ask squid about all of a file: it is asked again without what it stops at."""
    lines = filled(real.text).split("\n")
    stops: set[int] = set()
    named: set[str] = set()
    apart = 0
    while True:
        said = squid("\n".join(lines))
        stop = STOP.search(said)
        if stop is None:
            return Verdict(frozenset(stops), apart, "".join(re.findall("FATAL.*", said)) if not at_end(said) else "")
        number = int(stop[1])
        lost = re.findall("ACL not found: (.*)", said)
        if OUTSIDE.search(said) or (lost and any("#include" in line for line in lines[:number])):
            apart += 1
        elif not named.issuperset(lost) or not lost:
            stops.add(number)
        # A name that is missing once is missing on every line that asks for it.
        named.update(lost)
        lines[number - 1] = without(lines[number - 1])


def at_end(said: str) -> bool:
    """Whether squid has read the whole file, and missed at most a program or a certificate after that."""
    return "FATAL" not in said or OUTSIDE.search(said) is not None


@pytest.mark.parametrize("real", [pytest.param(real, id=real.name) for real in real_files()])
def test_a_file_has_errors_exactly_where_squid_stops(real: Real, squid: Judge) -> None:
    judged = verdict(real, squid)
    found = errors(parse_squid(Document("/squid.conf", real.text)))
    if real.name in EXCEPTED:
        assert judged.other, "squid takes it now"
        assert not found
    else:
        assert judged.other == ""
        assert found == judged.stops


def test_most_files_are_judged_whole(squid: Judge) -> None:
    """So many of how many: what this machine cannot judge (certificates, hosts, included files) is little."""
    judged = [verdict(real, squid) for real in real_files()]
    assert len(judged) >= 30
    assert sum(not v.other for v in judged) >= len(judged) - len(EXCEPTED)
    assert sum(not v.apart for v in judged) >= 25
    assert sum(bool(v.stops) for v in judged) >= 2
    assert sum(v.apart for v in judged) <= 12
