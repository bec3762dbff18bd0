"""nginx and squid themselves judge the rules for their files: what a rule calls refused is refused, in those words."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stackmend.linter.rule import Rule
from stackmend.linter.rules.nginx.directives import argument_count, misplaced_directive
from stackmend.linter.rules.squid.acls import acl_type_clash, undefined_acl
from stackmend.linter.rules.squid.syntax import syntax as squid_syntax
from stackmend.schemas.parsers.document import Document
from stackmend.schemas.parsers.nginx import NginxTree, parse_nginx
from stackmend.schemas.parsers.nginx_directives import VALUE_BLOCKS, names
from stackmend.schemas.parsers.squid import SquidTree, parse_squid

from .conftest import Judge

pytestmark = pytest.mark.oracle

BLOCKS = {
    "http": "events {{}}\nhttp {{\n{}\n}}",
    "server": "events {{}}\nhttp {{ server {{\n{}\n}} }}",
    "location": "events {{}}\nhttp {{ server {{ location / {{\n{}\n}} }} }}",
    "upstream": "events {{}}\nhttp {{ upstream u {{\n{}\nserver 127.0.0.1; }} }}",
    "events": "events {{\n{}\n}}",
}
COUNTED = re.compile(r'invalid number of arguments|has no opening "\{"|is not terminated by ";"')
VALUED = re.compile(r'it must be "on" or "off"|directive invalid (?:value|number)|invalid URL prefix|invalid value "')
# Nothing of these can stand here without settling what the rest of the file means.
OF_BLOCKS = VALUE_BLOCKS | {"http", "events", "stream", "mail", "server", "location", "upstream", "if", "limit_except"}


def found(rule: Rule, tree: NginxTree | SquidTree) -> list[int]:
    """The lines on which a rule finds something."""
    return [diagnostic.place.line for diagnostic in rule.check(tree)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(
    st.sampled_from(sorted(set(names()) - OF_BLOCKS)),
    st.sampled_from(sorted(BLOCKS)),
    st.integers(0, 4),
    st.booleans(),
)
def test_nginx_refuses_what_the_rules_say_that_it_refuses_for_place_and_number(
    nginx: Judge, name: str, block: str, count: int, closed: bool
) -> None:
    line = " ".join([name, *["1"] * count]) + (" { }" if closed else ";")
    text = BLOCKS[block].format(line)
    said = nginx(text)
    if "unknown directive" in said:
        return
    tree = parse_nginx(Document("/nginx.conf", text))
    misplaced, counted = found(misplaced_directive, tree), found(argument_count, tree)
    refused = "directive is not allowed here" in said or COUNTED.search(said) is not None
    if refused and block != "upstream":
        assert misplaced or counted, said
    # The table knows releases after this judge's, which take more within `upstream`, and none that takes less.
    if misplaced or counted:
        assert refused or VALUED.search(said), said


SQUID_LINES = (
    "acl lan src 10.0.0.0/8",
    "acl LAN src 172.16.0.0/12",
    "acl lan dst 192.168.101.0/24",
    "acl sites dstdomain .example.org",
    "acl both any-of lan sites",
    "acl CONNECT method CONNECT",
    "acl localhost dst 10.0.0.1",
    "acl manager proto cache_object",
    "http_access allow lan",
    "http_access deny !sites CONNECT",
    "http_access allow localhost manager",
    "http_access permit lan",
    "http_access deny",
    "http_reply_access allow both",
    "cache deny to_localhost",
    "request_header_access Via deny sites",
    "tcp_outgoing_address 10.0.0.1",
    "htpp_port 3129",
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=100)
@given(st.lists(st.sampled_from(SQUID_LINES), max_size=6))
def test_squid_stops_at_the_first_line_that_the_rules_name(squid: Judge, lines: list[str]) -> None:
    text = "\n".join(["http_port 3128", *lines, ""])
    said = squid(text)
    tree = parse_squid(Document("/squid.conf", text))
    undefined, clashing = found(undefined_acl, tree), found(acl_type_clash, tree)
    stop = re.search(r"FATAL: Bungled \S+ line (\d+):", said)
    first = min((*undefined, *clashing), default=None)
    assert (int(stop[1]) if stop else None) == first, said
    if stop is None:
        assert len(found(squid_syntax, tree)) == len(
            re.findall(r"unrecognized: |expecting 'allow' or 'deny'|contains no ACL's", said)
        )
