"""What is said of acls and access lines holds for every request of a small world, and is said where it matters."""

from __future__ import annotations

import ipaddress
import itertools
from collections.abc import Sequence
from typing import NamedTuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from stackmend.schemas.models.acl import Acl, Literal, covers, implies, matches_everything
from stackmend.schemas.models.address_set import TOP, parse_address, parse_range


class Request(NamedTuple):
    """A request of the small world. The host of its URL has addresses and names, one or more of each."""

    src: str
    dst: tuple[str, ...]
    names: tuple[str, ...]
    port: int
    method: str


SOURCES = ("10.0.0.1", "10.0.0.2", "10.0.1.1", "10.1.0.1", "fd00::1", "fd00::1:1")
NETWORKS = (
    "10.0.0.1",
    "10.0.0.0/31",
    "10.0.0.0/24",
    "10.0.0.2-10.0.1.9",
    "10.0.0.0/255.255.0.0",
    "10.0.0.0/8",
    "fd00::/16",
    "fd00::1",
    "all",
    "ipv4",
    "not-a-number",
)
HOSTS = ("a.org", "www.a.org", "b.www.a.org", "aa.org", "b.org")
DOMAINS = ("a.org", ".a.org", "www.a.org", ".www.a.org", "aa.org", ".org", ".b.org")
PORTS = (80, 81, 443, 1025)
PORT_VALUES = ("80", "81", "443", "80-81", "1-1024", "1025-65535", "0-65535")
METHODS = ("GET", "POST", "CONNECT")
VALUES = {"src": NETWORKS, "dst": NETWORKS, "port": PORT_VALUES, "method": METHODS, "dstdomain": DOMAINS}

# Every request of the world that differs for acls of one kind, and a handful of whole ones.
DEFAULT = Request("10.0.0.1", ("10.0.0.1",), ("a.org",), 80, "GET")
WORLD = {
    "src": [DEFAULT._replace(src=s) for s in SOURCES],
    "dst": [DEFAULT._replace(dst=d) for n in range(3) for d in itertools.combinations(SOURCES, n)],
    "dstdomain": [DEFAULT._replace(names=d) for n in (1, 2) for d in itertools.combinations(HOSTS, n)],
    "port": [DEFAULT._replace(port=p) for p in PORTS],
    "method": [DEFAULT._replace(method=m) for m in METHODS],
}
WHOLE = [
    Request(*parts)
    for parts in itertools.product(
        SOURCES[::2], ((), ("10.0.0.1",), ("10.0.1.1", "fd00::1")), (("a.org",), ("www.a.org", "b.org")), PORTS, METHODS
    )
]


def acl_of(kind: str, values: Sequence[str]) -> Acl:
    """An acl whose name says what it is, as two acls of one name are the same."""
    return Acl(f"{kind}:{' '.join(values)}", kind, tuple(values))


acls = st.sampled_from(sorted(VALUES)).flatmap(
    lambda kind: st.lists(st.sampled_from(VALUES[kind]), min_size=1, max_size=3).map(lambda v: acl_of(kind, v))
)
literals = st.builds(Literal, acls, st.booleans())
lines = st.lists(literals, min_size=1, max_size=3)
pairs = st.sampled_from(sorted(VALUES)).flatmap(
    lambda kind: st.tuples(
        *[
            st.builds(
                Literal,
                st.lists(st.sampled_from(VALUES[kind]), min_size=1, max_size=3).map(lambda v: acl_of(kind, v)),
                st.booleans(),
            )
            for _ in range(2)
        ]
    )
)


def address_matches(value: str, address: str) -> bool:
    found = ipaddress.ip_address(address)
    if value == "all":
        return True
    if value in ("ipv4", "not-a-number"):
        return value == "ipv4" and found.version == 4
    if "-" in value:
        first, last = map(ipaddress.ip_address, value.split("-"))
        return found.version == first.version and int(first) <= int(found) <= int(last)
    network = ipaddress.ip_network(value, strict=False)
    return found.version == network.version and found in network


def overlaps(one: str, other: str) -> bool:
    """Whether squid 5 drops the later of two values, asked with ranges of our own (which the tests below prove)."""
    a, b = parse_range(one), parse_range(other)
    return a is not None and b is not None and a[0] <= b[1] and b[0] <= a[1]


def kept(values: Sequence[str], *, dropping: bool) -> list[str]:
    """The values that squid keeps: squid 6 all of them, squid 5 those that overlap none that it has kept."""
    found: list[str] = []
    for value in values:
        if not dropping or not any(overlaps(value, each) for each in found):
            found.append(value)
    return found


def acl_matches(acl: Acl, request: Request, *, dropping: bool) -> bool:
    if acl.type in ("src", "dst"):
        addresses = (request.src,) if acl.type == "src" else request.dst
        values = kept(acl.values, dropping=dropping)
        # A host that does not resolve is asked with an address of no meaning: only `all` has it.
        return any(address_matches(v, a) for v in values for a in addresses) or (not addresses and "all" in values)
    if acl.type == "port":
        pairs = [(v.partition("-")[0], v.rpartition("-")[2]) for v in acl.values]
        return any(int(first) <= request.port <= int(last) for first, last in pairs)
    if acl.type == "method":
        return request.method in acl.values
    return any(n == v or (v[0] == "." and f".{n}".endswith(v)) for v in acl.values for n in request.names)


def matches(literal: Literal, request: Request, *, dropping: bool) -> bool:
    return acl_matches(literal.acl, request, dropping=dropping) != literal.negated


@given(pairs, st.booleans())
def test_an_acl_that_implies_another_matches_no_request_that_the_other_does_not(
    pair: tuple[Literal, Literal], dropping: bool
) -> None:
    one, other = pair
    if implies(one, other):
        for request in WORLD[one.acl.type]:
            assert not matches(one, request, dropping=dropping) or matches(other, request, dropping=dropping)


@given(lines, lines, st.booleans())
def test_an_earlier_line_that_covers_a_later_one_matches_whatever_that_matches(
    first: list[Literal], later: list[Literal], dropping: bool
) -> None:
    for earlier in (first, later[:1], [*later[1:], Literal(acl_of("src", ["all"]))]):
        if covers(earlier, later):
            for request in WHOLE:
                if all(matches(each, request, dropping=dropping) for each in later):
                    assert all(matches(each, request, dropping=dropping) for each in earlier)


@given(lines, st.booleans())
def test_a_line_that_matches_everything_matches_every_request(line: list[Literal], dropping: bool) -> None:
    everything = Literal(acl_of("src", ["all"]))
    assert matches_everything([everything, everything])
    if matches_everything(line):
        assert all(matches(each, request, dropping=dropping) for each in line for request in WHOLE)


@given(literals)
def test_an_acl_implies_itself_and_never_its_negation(literal: Literal) -> None:
    assume(not literal.acl.is_all)
    assert implies(literal, literal)
    assert not implies(literal, Literal(literal.acl, not literal.negated))


@pytest.mark.parametrize(
    ("kind", "inner", "outer"),
    [
        pytest.param("src", "10.0.0.7", "10.0.0.0/8", id="address-in-network"),
        pytest.param("src", "10.0.0.0/9 10.192.0.0/10", "10.0.0.0/8", id="parts-in-whole"),
        pytest.param("dst", "192.168.101.19", "192.168.101.0/24", id="target-in-network"),
        pytest.param("dst", "10.0.0.2-10.0.0.9", "10.0.0.0/255.255.255.0", id="range-in-mask"),
        pytest.param("dst", "fe80::1/128", "fe80::/10", id="ipv6"),
        pytest.param("src", "172.16.0.0/12", "0.0.0.0/0", id="old-spelling-of-all"),
        pytest.param("port", "80 443", "443 1-100", id="ports"),
        pytest.param("dstdomain", "api.example.org example.org", ".example.org", id="domains"),
        pytest.param("dstdomain", ".API.example.org", ".Example.org", id="domain-in-domain-any-case"),
        pytest.param("method", "POST", "GET POST", id="methods"),
        pytest.param("proto", "http", "HTTP FTP", id="protocols"),
    ],
)
def test_a_set_implies_a_larger_one_and_the_larger_ones_negation_its_own(kind: str, inner: str, outer: str) -> None:
    small, large = acl_of(kind, inner.split()), acl_of(kind, outer.split())
    assert implies(Literal(small), Literal(large))
    assert not implies(Literal(large), Literal(small))
    if not large.is_all:
        assert implies(Literal(large, negated=True), Literal(small, negated=True))


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        pytest.param("src", "10.0.0.0/8", "192.168.0.0/16", id="networks"),
        pytest.param("port", "80", "443", id="ports"),
        pytest.param("method", "GET", "CONNECT", id="methods"),
    ],
)
def test_what_a_request_has_once_lies_outside_of_every_other_set(kind: str, one: str, other: str) -> None:
    assert implies(Literal(acl_of(kind, [one])), Literal(acl_of(kind, [other]), negated=True))


def test_a_host_may_have_an_address_within_each_of_two_networks() -> None:
    one, other = acl_of("dst", ["10.0.0.0/8"]), acl_of("dst", ["192.168.0.0/16"])
    assert not implies(Literal(one), Literal(other, negated=True))


def test_two_halves_leave_nothing_outside() -> None:
    low, high = acl_of("port", ["0-1023"]), acl_of("port", ["1024-65535"])
    assert implies(Literal(low, negated=True), Literal(high))
    assert not implies(Literal(acl_of("port", ["0-1000"]), negated=True), Literal(high))


@pytest.mark.parametrize(
    "acl",
    [
        pytest.param(Acl("x", "src", ("10.0.0.1",), open_ended=True), id="more-in-a-file"),
        pytest.param(Acl("x", "src", ("10.0.0.1", "printer.lan")), id="host-name"),
        pytest.param(Acl("x", "src", ("10.0.0.1", "${EXTRA}")), id="placeholder"),
        pytest.param(Acl("x", "src", ("-i", "10.0.0.1")), id="option"),
        pytest.param(Acl("x", "src", ("10.0.0.300",)), id="no-address"),
        pytest.param(Acl("x", "proxy_auth", ("REQUIRED",)), id="other-type"),
        pytest.param(Acl("x", "url_regex", ("^http://10",)), id="pattern"),
    ],
)
def test_what_nobody_knows_implies_only_what_everything_implies(acl: Acl) -> None:
    network = acl_of(acl.type, ["10.0.0.0/8"])
    everything = acl_of("src", ["all"])
    assert not implies(Literal(acl), Literal(network))
    assert not implies(Literal(network, negated=True), Literal(acl, negated=True))
    assert implies(Literal(acl), Literal(everything))
    assert implies(Literal(acl), Literal(acl))


def test_a_later_value_that_overlaps_an_earlier_one_is_not_relied_upon() -> None:
    # squid 5: "because of this '192.168.0.0/16' is ignored to keep splay tree searching predictable".
    mixed = acl_of("src", ["192.168.1.0/24", "192.168.0.0/16"])
    assert not implies(Literal(acl_of("src", ["192.168.7.7"])), Literal(mixed))
    assert implies(Literal(acl_of("src", ["192.168.1.7"])), Literal(mixed))


def test_an_empty_line_covers_nothing_and_is_not_everything() -> None:
    assert not covers([], [Literal(acl_of("src", ["all"]))])
    assert not matches_everything([])


@given(st.ip_addresses())
def test_an_address_is_read_as_the_standard_library_reads_it(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    mapped = 0xFFFF00000000 if address.version == 4 else 0
    assert parse_address(str(address)) == mapped + int(address)
    assert parse_address(address.exploded) == mapped + int(address)


@given(st.text(alphabet="0123456789abcdef:./-", max_size=24))
def test_a_text_is_an_ipv6_address_where_the_standard_library_says_so(text: str) -> None:
    try:
        expected = int(ipaddress.IPv6Address(text))
    except ValueError:
        expected = None
    assert (parse_address(text) if ":" in text else None) == expected


@given(st.ip_addresses(v=4), st.integers(1, 32))
def test_a_network_is_read_with_bits_and_with_a_mask(address: ipaddress.IPv4Address, bits: int) -> None:
    network = ipaddress.ip_network(f"{address}/{bits}", strict=False)
    mapped = 0xFFFF00000000
    expected = (mapped + int(network.network_address), mapped + int(network.broadcast_address))
    assert parse_range(f"{address}/{bits}") == expected
    assert parse_range(f"{address}/{network.netmask}") == expected
    assert parse_range(f"{network.network_address}-{network.broadcast_address}") == expected


@pytest.mark.parametrize(
    "text",
    ["", "/", "-", "10.0.0.1/33", "10.0.0.9-10.0.0.1", "10.0.0.0/255.0.255.0", "::/0", "::ffff:0:0/96", "fe80::1%eth0"],
)
def test_what_squid_refuses_or_reads_in_a_way_of_its_own_is_unknown(text: str) -> None:
    assert parse_range(text) is None


@pytest.mark.parametrize("text", ["all", "0/0", "0.0.0.0/0", "0.0.0.0/0.0.0.0"])
def test_every_spelling_of_everything_is_everything(text: str) -> None:
    assert parse_range(text) == (0, TOP)
