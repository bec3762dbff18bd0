"""Rules for dotenv files (ENV)."""

from __future__ import annotations

from ...rule import Rule
from .cut import value_cut_at_hash
from .duplicates import duplicate_key
from .encoding import bom_or_crlf
from .full_width import full_width_punctuation
from .overridden import overridden_by_later_file, overridden_by_literal
from .pasted import yaml_in_env
from .syntax import syntax, text_after_quote
from .unused import unused_variable

RULES: tuple[Rule, ...] = (
    syntax,
    duplicate_key,
    value_cut_at_hash,
    text_after_quote,
    yaml_in_env,
    full_width_punctuation,
    bom_or_crlf,
    unused_variable,
    overridden_by_literal,
    overridden_by_later_file,
)
