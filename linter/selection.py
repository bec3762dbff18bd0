"""Which rules are on: by code, code prefix, name, or ALL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .rule import Rule


class UnknownSelectorError(ValueError):
    """A selector that names no rule; the text says which, and what may have been meant."""


def selected(rules: Sequence[Rule], select: Iterable[str], ignore: Iterable[str], *, host: bool) -> tuple[Rule, ...]:
    """The rules that are on, in their order.

    The more exact selector wins over the less exact one; `ignore` wins among equals. Rules that look at this machine
    are on with `host` only. Raises UnknownSelectorError.
    """
    select, ignore = tuple(select), tuple(ignore)
    for selector in (*select, *ignore):
        check_selector(selector, rules)
    return tuple(
        rule for rule in rules if (host or not rule.host) and _strength(rule, select) > _strength(rule, ignore)
    )


def check_selector(selector: str, rules: Sequence[Rule]) -> None:
    """Raise UnknownSelectorError for one that picks no rule."""
    if any(picks(selector, rule) for rule in rules) or selector.upper() == "ALL":
        return
    raise UnknownSelectorError(f"no rule has the code, prefix or name {selector!r}{_meant(selector, rules)}")


def _meant(selector: str, rules: Sequence[Rule]) -> str:
    from .near import near

    meant = near(selector, (*(r.code for r in rules), *(r.name for r in rules)))
    return f"; did you mean {meant}?" if meant else ""


def check_tables(
    ignores: Iterable[tuple[str, Iterable[str]]], severities: Iterable[str], rules: Sequence[Rule]
) -> None:
    """Raise UnknownSelectorError for a word in `per-file-ignores` or `severity` that would do nothing."""
    for _, selectors in ignores:
        for selector in selectors:
            check_selector(selector, rules)
    for name in severities:
        if not any(name in (rule.code, rule.name) for rule in rules):
            raise UnknownSelectorError(f"no rule has the code or name {name!r}{_meant(name, rules)}")


def picks(selector: str, rule: Rule) -> bool:
    """Whether a selector takes in a rule."""
    return selector == rule.name or selector.upper() == "ALL" or rule.code.startswith(selector.upper())


def _strength(rule: Rule, selectors: Iterable[str]) -> int:
    """0 for a rule that no selector picks, else how exact the best one is."""
    best = 0
    for selector in selectors:
        if picks(selector, rule):
            exact = len(rule.code) if selector == rule.name else 0 if selector.upper() == "ALL" else len(selector)
            best = max(best, exact + 1)
    return best
