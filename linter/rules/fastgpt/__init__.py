"""Rules for FastGPT (FGP)."""

from __future__ import annotations

from ...rule import Rule
from .config import config_not_mounted, no_vector_model

RULES: tuple[Rule, ...] = (config_not_mounted, no_vector_model)
