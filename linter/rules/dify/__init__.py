"""Rules for Dify (DFY)."""

from __future__ import annotations

from ...rule import Rule
from .cors import cors_origin_missing
from .files_url import files_url
from .mail import mail_settings
from .malformed import url_malformed
from .notion import notion_integration
from .storage import keys_lost, storage_split
from .storage_settings import storage_settings
from .url_set import urls_disagree
from .vector_store import vector_store_mismatch, vector_store_unsupported

RULES: tuple[Rule, ...] = (
    vector_store_mismatch,
    vector_store_unsupported,
    url_malformed,
    urls_disagree,
    cors_origin_missing,
    files_url,
    storage_split,
    keys_lost,
    storage_settings,
    notion_integration,
    mail_settings,
)
