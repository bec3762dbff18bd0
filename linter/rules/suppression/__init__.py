"""Rules for the comments that silence other rules (SUP)."""

from __future__ import annotations

from ...rule import Rule
from .unused import unused_suppression

RULES: tuple[Rule, ...] = (unused_suppression,)
