"""Every rule that the linter knows, in the order in which findings are weighed and fixes are tried."""

from __future__ import annotations

from functools import lru_cache

from ..rule import Rule

FAMILIES = ("compose", "dotenv", "json", "nginx", "squid", "stack", "dify", "fastgpt", "suppression")


@lru_cache(maxsize=1)
def all_rules() -> tuple[Rule, ...]:
    """The rules of all families."""
    from importlib import import_module

    found: list[Rule] = []
    for family in FAMILIES:
        found.extend(import_module(f".{family}", __name__).RULES)
    return tuple(found)


def find_rule(selector: str) -> Rule | None:
    """The rule of a code (any case) or a name."""
    return next((r for r in all_rules() if selector.upper() == r.code or selector == r.name), None)
