"""Rules for Dify (DFY)."""

from __future__ import annotations

from ...rule import Rule
from .cors import cors_origin_missing
from .malformed import url_malformed
from .url_set import urls_disagree
from .vector_store import vector_store_mismatch, vector_store_unsupported

RULES: tuple[Rule, ...] = (
    vector_store_mismatch,
    vector_store_unsupported,
    url_malformed,
    urls_disagree,
    cors_origin_missing,
)
