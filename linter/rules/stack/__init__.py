"""Rules for the stack as a whole (STK)."""

from __future__ import annotations

from ...rule import Rule
from .browser_urls import browser_url_internal
from .credentials import credentials_disagree
from .datadir import shared_datadir
from .default_secrets import default_secret
from .gateway import host_gateway_missing
from .hosts import no_shared_network, unresolvable_host
from .image_tags import image_skew
from .loopback import loopback_in_container
from .mapped_ports import mapped_port_not_listened
from .pairs import pair_disagrees
from .persistence import state_not_persisted
from .placeholders import placeholder_left
from .ports import published_port_used_inside
from .profiles import inactive_target
from .proxy_bypass import proxy_bypass_missing
from .renamed import renamed_or_removed_variable
from .required import required_service_missing, required_variable_missing
from .server_images import image_unsuitable
from .twins import drift_among_twins
from .unknown_variables import unknown_variable
from .url_passwords import url_credentials_not_encoded
from .variable_types import known_variable_type

RULES: tuple[Rule, ...] = (
    loopback_in_container,
    unresolvable_host,
    no_shared_network,
    published_port_used_inside,
    credentials_disagree,
    url_credentials_not_encoded,
    state_not_persisted,
    default_secret,
    inactive_target,
    pair_disagrees,
    image_skew,
    shared_datadir,
    known_variable_type,
    unknown_variable,
    renamed_or_removed_variable,
    proxy_bypass_missing,
    host_gateway_missing,
    browser_url_internal,
    required_variable_missing,
    image_unsuitable,
    required_service_missing,
    mapped_port_not_listened,
    placeholder_left,
    drift_among_twins,
)
