"""Rules for nginx (NGX)."""

from __future__ import annotations

from ...rule import Rule
from .addresses import loopback_upstream, pasted_container_ip
from .body_size import body_size_below_upload_limit
from .buffers import buffer_sizes
from .certificates import tls_without_certificate
from .cors import doubled_cors_header
from .directives import argument_count, misplaced_directive, unknown_directive
from .duplicates import duplicate_directive
from .files import certificate_not_mounted, include_missing
from .filled import template_value
from .generated import edits_will_be_lost
from .headers import header_set_dropped
from .hosted import front_port_taken, front_wrong_port
from .hosted_names import front_scheme, front_subpath
from .missing_route import missing_route
from .resolver import resolver_missing
from .routes import prefix_stripped
from .security import security_basics
from .server_names import server_name_form
from .slashless import location_without_slash
from .stale import stale_upstream
from .streaming import buffered_stream
from .syntax import syntax
from .upstreams import (
    upstream_not_on_network,
    upstream_unknown_host,
    upstream_wrong_port,
)
from .variables import unknown_variable
from .websockets import websocket_headers
from .zones import unknown_zone

RULES: tuple[Rule, ...] = (
    syntax,
    unknown_directive,
    misplaced_directive,
    argument_count,
    include_missing,
    duplicate_directive,
    unknown_variable,
    template_value,
    upstream_unknown_host,
    upstream_wrong_port,
    pasted_container_ip,
    upstream_not_on_network,
    body_size_below_upload_limit,
    buffered_stream,
    prefix_stripped,
    websocket_headers,
    missing_route,
    edits_will_be_lost,
    loopback_upstream,
    certificate_not_mounted,
    doubled_cors_header,
    stale_upstream,
    header_set_dropped,
    security_basics,
    front_port_taken,
    front_wrong_port,
    front_subpath,
    front_scheme,
    unknown_zone,
    tls_without_certificate,
    location_without_slash,
    buffer_sizes,
    resolver_missing,
    server_name_form,
)
