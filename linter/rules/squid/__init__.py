"""Rules for squid (SQD)."""

from __future__ import annotations

from ...rule import Rule
from .acls import acl_type_clash, undefined_acl
from .clients import proxy_address_mismatch
from .denied_ports import port_not_allowed
from .exposure import open_proxy
from .includes import include_missing
from .order import no_final_deny, unreachable_rule
from .overlaps import overlapping_acl
from .peers import peer_unknown
from .placeholders import placeholder_not_filled
from .private_networks import private_networks_reachable
from .syntax import syntax

RULES: tuple[Rule, ...] = (
    syntax,
    undefined_acl,
    unreachable_rule,
    no_final_deny,
    open_proxy,
    port_not_allowed,
    acl_type_clash,
    overlapping_acl,
    proxy_address_mismatch,
    peer_unknown,
    private_networks_reachable,
    include_missing,
    placeholder_not_filled,
)
