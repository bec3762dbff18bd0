"""Rules for the stack as a whole (STK)."""

from __future__ import annotations

from ...rule import Rule
from .credentials import credentials_disagree
from .hosts import no_shared_network, published_port_used_inside, unresolvable_host
from .loopback import loopback_in_container

RULES: tuple[Rule, ...] = (
    loopback_in_container,
    unresolvable_host,
    no_shared_network,
    published_port_used_inside,
    credentials_disagree,
)
