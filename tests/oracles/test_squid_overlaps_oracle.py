"""squid itself judges which values of an acl overlap (SQD008), and which of them stop it."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stackmend.linter.diagnostic import Severity
from stackmend.linter.rules.squid.overlaps import overlapping_acl
from stackmend.schemas.parsers.document import Document
from stackmend.schemas.parsers.squid import parse_squid

from .conftest import Judge

pytestmark = pytest.mark.oracle


def found(text: str) -> list[tuple[str, bool]]:
    """The values that the rule names, each with whether it says that squid does not start."""
    tree = parse_squid(Document("/squid.conf", text))
    return [(d.place.text, d.severity is Severity.ERROR) for d in overlapping_acl.check(tree)]


def acl(kind: str, values: list[str]) -> str:
    return f"acl one {kind} {' '.join(values)}\nhttp_access deny all\nhttp_port 3128\n"


LABELS = st.lists(st.sampled_from(["a", "b", "www"]), min_size=1, max_size=3).map(".".join)
DOMAINS = st.lists(st.builds(str.__add__, st.sampled_from(["", "."]), LABELS), min_size=1, max_size=4)
ADDRESSES = st.builds("10.{}.0.0/{}".format, st.sampled_from([0, 64, 128]), st.sampled_from([8, 9, 10, 16]))


@given(DOMAINS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_domain_is_called_fatal_exactly_where_squid_stops(squid: Judge, values: list[str]) -> None:
    text = acl("dstdomain", values)
    said = squid(text)
    assert any(fatal for _, fatal in found(text)) == ("FATAL: Bungled" in said)


@given(DOMAINS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_domain_of_which_squid_warns_is_found(squid: Judge, values: list[str]) -> None:
    text = acl("dstdomain", values)
    if "WARNING: You should remove" in squid(text):
        assert found(text)


@given(st.lists(ADDRESSES, min_size=1, max_size=4))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_overlapping_addresses_are_found_exactly_where_squid_warns(squid: Judge, values: list[str]) -> None:
    text = acl("src", values)
    ignored = re.findall(r"because of this '([^']+)' is ignored", squid(text))
    assert bool(found(text)) == bool(ignored)
