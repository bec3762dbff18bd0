"""Rules for FastGPT (FGP)."""

from __future__ import annotations

from ...rule import Rule
from .config import config_not_mounted, no_vector_model
from .mongo import mongo_keyfile, mongo_no_replica_set
from .mongo_uri import mongo_uri

RULES: tuple[Rule, ...] = (config_not_mounted, no_vector_model, mongo_no_replica_set, mongo_keyfile, mongo_uri)
