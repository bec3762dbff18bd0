"""Rules for FastGPT (FGP)."""

from __future__ import annotations

from ...rule import Rule
from .avx import mongo_avx
from .config import config_not_mounted, no_vector_model
from .config_version import config_version
from .domains import front_end_domain
from .gateway import api_key, openai_base_url, two_gateways
from .key_mode import mongo_key_mode
from .model_servers import not_on_network
from .model_settings import model_settings, tool_choice
from .mongo import mongo_keyfile, mongo_no_replica_set
from .mongo_uri import mongo_uri
from .secrets import secret_too_short
from .storage import object_storage
from .stores import pg_without_vector, vector_database_choice

RULES: tuple[Rule, ...] = (
    config_not_mounted,
    config_version,
    no_vector_model,
    tool_choice,
    model_settings,
    openai_base_url,
    api_key,
    two_gateways,
    mongo_no_replica_set,
    mongo_keyfile,
    mongo_uri,
    mongo_avx,
    mongo_key_mode,
    pg_without_vector,
    vector_database_choice,
    object_storage,
    not_on_network,
    secret_too_short,
    front_end_domain,
)
