"""Rules for Dify (DFY)."""

from __future__ import annotations

from ...rule import Rule
from .broker import broker_disagrees
from .cookies import cross_site_cookie
from .cors import cors_origin_missing
from .database import database_type
from .debugging import debug_in_production
from .files_url import files_url
from .mail import mail_settings
from .malformed import url_malformed
from .notion import notion_integration
from .programs import ffmpeg_missing
from .proxied import ssrf_proxy_bypassed
from .storage import keys_lost, storage_split
from .storage_settings import storage_settings
from .tokenizer import tokenizer_offline
from .uploads import upload_limits
from .url_copies import url_not_everywhere
from .url_set import urls_disagree
from .vector_store import vector_store_mismatch, vector_store_unsupported
from .vector_store_settings import vector_store_not_running, vector_store_settings

RULES: tuple[Rule, ...] = (
    vector_store_mismatch,
    vector_store_unsupported,
    vector_store_not_running,
    vector_store_settings,
    url_malformed,
    urls_disagree,
    url_not_everywhere,
    cors_origin_missing,
    cross_site_cookie,
    files_url,
    storage_split,
    keys_lost,
    storage_settings,
    notion_integration,
    upload_limits,
    mail_settings,
    ssrf_proxy_bypassed,
    broker_disagrees,
    database_type,
    tokenizer_offline,
    ffmpeg_missing,
    debug_in_production,
)
