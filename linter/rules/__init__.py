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


def find_rules(selector: str) -> tuple[Rule, ...]:
    """The rule of a code (any case), or the rules of a name: `syntax` is the name of one for each format."""
    return tuple(r for r in all_rules() if selector.upper() == r.code or selector == r.name)


def find_rule(selector: str) -> Rule | None:
    """The rule of a code, or the first one of a name."""
    return next(iter(find_rules(selector)), None)
