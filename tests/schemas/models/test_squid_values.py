"""Which values squid takes: what it said about each, and what was meant by those that it refused."""

from __future__ import annotations

import pytest

from stackmend.schemas.models.squid_values import faults
from stackmend.schemas.parsers.document import Document
from stackmend.schemas.parsers.squid import parse_squid


def said(line: str) -> list[tuple[str, str]]:
    """The kind of each fault of a line, and what to write instead."""
    (directive,) = parse_squid(Document("/squid.conf", line + "\n")).directives
    return [(fault.kind, fault.wanted) for fault in faults(directive)]


@pytest.mark.parametrize(
    ("line", "kind", "wanted"),
    [
        ("via true", "flag", "on"),
        ("via 0", "flag", "off"),
        ("via perhaps", "flag", ""),
        ("logfile_rotate 5;", "number", ""),
        ("logfile_rotate 08", "number", ""),
        ("icp_port 0x10", "port", ""),
        ("connect_timeout 30", "time", "30 seconds"),
        ("connect_timeout 5min", "time", "5 minutes"),
        ("connect_timeout 5 hrs", "time", "5 hours"),
        ("connect_timeout -1 hour", "time", ""),
        ("cache_mem 256MiB", "size", "256 MB"),
        ("cache_mem 64", "size-unit", ""),
        ("cache_mem 1.5", "size", ""),
        ("http_port :3128", "listen", "3128"),
        ("http_port 10.0.0.300:3128", "listen", ""),
        ("http_port 3128 intercept vport", "accel", "accel vport"),
        ("http_port 3128 accel intercept", "modes", ""),
        ("cache_peer a parents 80 0", "peer-type", ""),
        ("cache_peer a parent 0 0", "port", ""),
        ("refresh_pattern * 0 20% 4320", "regex", ""),
        ("refresh_pattern . 0 2x% 4320", "number", ""),
        ("refresh_pattern . 0", "few", ""),
        ("cache_dir ufs /cache", "few-sizes", ""),
        ("auth_param Basic realm a", "scheme", ""),
        ("auth_param basic credentialsttl 2", "time", "2 seconds"),
        ("uri_whitespace remove", "choice", ""),
        ("tcp_outgoing_address 10.0.0.300", "address", ""),
        ("coredump_dir", "missing", ""),
        ("acl a", "acl-untyped", ""),
        ("acl a Src 10.0.0.1", "acl-type", ""),
        ("acl a destination 10.0.0.1", "acl-type", "dst"),
        ("acl a port", "acl-empty", ""),
        ("acl a src -n 10.0.0.1", "acl-option", ""),
        ("acl a src any", "address", "all"),
        ("acl a src host/24", "address", ""),
        ("acl a src 10.0.0.08", "address", ""),
        ("acl a dst http://10.0.0.1:8000/v1", "address", "10.0.0.1"),
        ("acl a dst 10.0.0.1:8000", "address", "10.0.0.1"),
        ("acl a port port80", "ports", ""),
        ("acl a port80", "acl-type", "port 80"),
        ("cache_peer a parent 80 no-query", "no-icp-port", "0 no-query"),
        ("acl a src 10.0.0.1,10.0.0.2", "list", "10.0.0.1 10.0.0.2"),
        ("acl a src 10.0.0.0/8,fc00::/7", "list-cut", "10.0.0.0/8 fc00::/7"),
        ("acl a src 10.0.0.0/255.255.255.256", "mask", ""),
        ("acl a src fc00::/200", "mask-wide", ""),
        ("acl a port 90-80", "ports", ""),
        ("acl a port 1025 - 65535", "ports", "1025-65535"),
        ("acl a port 443;", "ports", "443"),
        ("acl a method GET,POST", "list-name", "GET POST"),
        ("acl a dstdomain example.org:443", "domain", "example.org"),
        ("acl a time 17:00-9:00", "hours", ""),
        ("acl a time Mon", "days", ""),
        ("acl a url_regex (abc", "regex", ""),
        ("acl a url_regex a|*b", "regex", ""),
        ("acl a url_regex [a", "regex", ""),
        ("acl a maxconn few", "number", ""),
    ],
)
def test_a_value_that_squid_does_not_take_is_a_fault(line: str, kind: str, wanted: str) -> None:
    assert said(line) == [(kind, wanted)]


@pytest.mark.parametrize(
    "line",
    [
        *("via ${VIA}", "cache_mem ${MEMORY} MB", "http_port ${HTTP_PORT}", "acl a src ${NETWORKS}", "acl a ${TYPE} b"),
        *(
            'acl a src "/etc/squid/lan"',
            "acl a dst api",
            "acl a src 10.1",
            "acl a src 10/8",
            "acl a src 010.0.0.0377",
            "acl a src fe80::1%eth0",
        ),
        *("acl a url_regex \\.(a|b)$", "acl a url_regex ^[]()]+$", "acl a url_regex a** -i b", "acl a url_regex )"),
        *("acl a port 0-65535", "acl a time M-F 0:00-24:00", "acl a ssl::server_name .example.org", "acl a at_step a"),
        *(
            "cache_mem 0",
            "cache_mem 4096",
            "cache_mem 1 gb",
            "cache_mem none",
            "connect_timeout 0",
            "quick_abort_min -1",
        ),
        *("connect_timeout 1 hour 30 minutes", "logfile_rotate -5", "logfile_rotate 0x10", "pipeline_prefetch on"),
        *("http_port 3128 ssl-bump cert=/a tls-new=1", "http_port [::1]:3128", "http_port proxy:3128 accel vhost"),
        *("cache_peer a parent 80 0 no-query tls-new=1", "dns_nameservers", "ssl_bump", "cache_dir null /tmp"),
        "acl a src 010.0.0.0377",
        *("reply_body_max_size 10 all", "refresh_pattern -i .gz$ 0 100% 10", "visible_hostname größe"),
    ],
)
def test_a_value_that_squid_takes_or_that_nobody_knows_is_none(line: str) -> None:
    assert said(line) == []
