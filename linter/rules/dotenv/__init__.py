"""Rules for dotenv files (ENV)."""

from __future__ import annotations

from ...rule import Rule
from .cut import value_cut_at_hash
from .dollar import dollar_expanded
from .drift import example_drift
from .duplicates import duplicate_key
from .encoding import bom_or_crlf, encoding
from .fallbacks import empty_falls_back, shadowed_default
from .full_width import full_width_punctuation
from .overridden import overridden_by_later_file, overridden_by_literal
from .pasted import yaml_in_env
from .readers import reader_disagreement
from .spacing import space_around_equals, trailing_space_kept
from .syntax import syntax, text_after_quote
from .unused import unused_variable
from .wrong_file import wrong_file

RULES: tuple[Rule, ...] = (
    syntax,
    duplicate_key,
    value_cut_at_hash,
    dollar_expanded,
    text_after_quote,
    yaml_in_env,
    space_around_equals,
    full_width_punctuation,
    reader_disagreement,
    bom_or_crlf,
    trailing_space_kept,
    unused_variable,
    overridden_by_literal,
    overridden_by_later_file,
    example_drift,
    shadowed_default,
    empty_falls_back,
    wrong_file,
    encoding,
)
