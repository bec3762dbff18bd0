"""Rules for Compose files (CMP)."""

from __future__ import annotations

from ...rule import Rule

RULES: tuple[Rule, ...] = ()
