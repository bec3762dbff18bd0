"""Rules for the stack as a whole (STK)."""

from __future__ import annotations

from ...rule import Rule

RULES: tuple[Rule, ...] = ()
