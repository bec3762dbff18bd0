"""squid itself judges which values of an acl overlap (SQD008), and which of them stop it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stackmend.linter.diagnostic import Severity
from stackmend.linter.rules.squid.overlaps import overlapping_acl
from stackmend.schemas.parsers.document import Document
from stackmend.schemas.parsers.squid import parse_squid

pytestmark = pytest.mark.oracle

SQUID = shutil.which("squid", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of a file for squid to read."""
    if SQUID is None:
        if os.environ.get("ORACLES") == "required":
            pytest.fail("squid is not installed")
        pytest.skip("squid is not installed")
    return str(tmp_path_factory.mktemp("squid") / "squid.conf")


def squid_says(path: str, text: str) -> str:
    assert SQUID is not None
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    done = subprocess.run([SQUID, "-k", "parse", "-f", path], capture_output=True, check=False, timeout=20)
    return done.stderr.decode("utf-8", "surrogateescape")


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
def test_a_domain_is_called_fatal_exactly_where_squid_stops(config: str, values: list[str]) -> None:
    text = acl("dstdomain", values)
    said = squid_says(config, text)
    assert any(fatal for _, fatal in found(text)) == ("FATAL: Bungled" in said)


@given(DOMAINS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_domain_of_which_squid_warns_is_found(config: str, values: list[str]) -> None:
    text = acl("dstdomain", values)
    if "WARNING: You should remove" in squid_says(config, text):
        assert found(text)


@given(st.lists(ADDRESSES, min_size=1, max_size=4))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_overlapping_addresses_are_found_exactly_where_squid_warns(config: str, values: list[str]) -> None:
    text = acl("src", values)
    ignored = re.findall(r"because of this '([^']+)' is ignored", squid_says(config, text))
    assert bool(found(text)) == bool(ignored)
