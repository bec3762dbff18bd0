"""Rules for Compose files (CMP)."""

from __future__ import annotations

from ...rule import Rule
from .schema import schema_violation

RULES: tuple[Rule, ...] = (schema_violation,)
