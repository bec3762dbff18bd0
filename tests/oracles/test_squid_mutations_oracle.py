"""squid itself judges broken values and broken copies of real files: there is an error exactly where it stops."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .conftest import Judge
from .squid_corpus import OUTSIDE, SHARED, bases, disagreement, mutants

pytestmark = pytest.mark.oracle

AMOUNTS = "0 12 1.5 -1 +3 12x none 0x10 1,5 099 abc 12%"
UNITS = "|~seconds|s|~s|~min|~minutes|minutes|~hour|~KB|KB|~M|~MB|~bytes"
HOURS = "0:0|9:00|9:70|17:00|24:00|25:00|9"
PORTS = "0|80|1024|65535|65536|x"
# Lines in parts: one word of each, `~` for a blank; those of the parts that have a `|` may be nothing.
SHAPES = (
    (
        "acl~a~src~ acl~a~dst~ acl~a~localip~",
        "10.0.0.0 10.0 10.0.0.300 1.2.3.4.5 10.0.0.1-10.0.0.9 10.0.0.1-10.0.0.999 fc00:: fc00:::1",
        "|/8|/32|/33|/|/255.0.0.0|/255.0.0.256|,10.0.0.1|:80|;",
    ),
    ("acl~a~port~ acl~a~localport~", PORTS, "|-|,|;|x", PORTS),
    ("acl~a~time~ acl~a~time~MTWHF~ acl~a~time~D~", HOURS, "-", HOURS),
    ("acl~a~", "dstdomain dstdomain~-n dstdomain~-i srcdomain~-n domain url dstdomian", "~.example.org"),
    ("connect_timeout cache_mem maximum_object_size logfile_rotate via client_db icp_port", "~", AMOUNTS, UNITS),
    ("http_port~", "|127.0.0.1:|[::1]:|10.0.0.300:|:", PORTS, "|,|;"),
    ("http_port~3129", "|~accel|~vhost|~intercept|~tproxy", "|~accel|~defaultsite=a|~vport|~intercept|~name=a|~vhots"),
    ("cache_peer~127.0.0.1~", "parent sibling", "~80 ~0 ~x ~99999", "|~0|~x|~3130~no-query"),
    ("refresh_pattern~. refresh_pattern~-i~^a refresh_pattern~^a$", "~", AMOUNTS, "~", AMOUNTS, "~", AMOUNTS),
    ("logformat~a~", "%>a| %[un|%{Host}>h|%h|%-10.3tr|%%|%|%icap::tt|%{%H:%M", "|x|~|}tl", "|%03ts|%mt|%l|50%|%'un"),
    ("url_rewrite_children cache_dir~ufs~/tmp uri_whitespace logformat~a acl~a~src auth_param~basic", "|~1|~strip"),
)


def _line(shape: tuple[str, ...]) -> st.SearchStrategy[str]:
    parts = [st.sampled_from(part.split("|") if "|" in part else part.split()) for part in shape]
    return st.tuples(*parts).map(lambda words: "".join(words).replace("~", " "))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(st.sampled_from(SHAPES).flatmap(_line))
def test_a_value_has_an_error_exactly_where_squid_stops(squid: Judge, line: str) -> None:
    text = f"http_port 3128\n{line}\n"
    said = squid(text)
    assert disagreement(text, said) == "", said


@pytest.mark.skipif(not os.path.isdir(SHARED), reason="no shared files")
def test_a_broken_copy_of_a_real_file_has_an_error_exactly_where_squid_stops(squid: Judge) -> None:
    compared = 0
    different: list[str] = []
    for text in mutants(bases(), int(os.environ.get("MUTANTS", "120")), seed=6):
        said = squid(text)
        compared += OUTSIDE.search(said) is None
        if (how := disagreement(text, said)) != "":
            different.append(how)
    assert compared > 50
    assert different == []
