"""Rules for JSON configuration (JSN)."""

from __future__ import annotations

from ...rule import Rule
from .duplicates import duplicate_key
from .schema import schema_violation
from .syntax import syntax

RULES: tuple[Rule, ...] = (syntax, duplicate_key, schema_violation)
