"""The keys of a product's JSON configuration by release, from `schemas/data/NAME.config.json`, read when asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from .image import Version, in_range, parse_version
from .tables import read_table


class ConfigKey(NamedTuple):
    """A key at a path (`llmModels[].maxContext`): its type ("any" for all), the first and last release with it."""

    path: str
    type: str
    since: str
    until: str

    def known(self, version: Version) -> bool:
        """Whether a release reads it."""
        return bool(in_range(version, self.since, self.until))

    def older(self, version: Version) -> bool:
        """Whether it went before a release."""
        last = parse_version(self.until)
        return last is not None and version[: len(last)] > last


class ConfigTable(NamedTuple):
    """The keys by path; `successors` are top-level keys that followed one another, `renamed` the next name by path.

    `variables` are the environment variables that took over from release `variables_since` on; from
    `models_elsewhere_since` on the lists of models are ignored.
    """

    keys: Mapping[str, ConfigKey]
    successors: tuple[tuple[str, ...], ...]
    renamed: Mapping[str, str]
    variables: Mapping[str, str]
    variables_since: str
    models_elsewhere_since: str

    def now(self, key: str, version: Version) -> str | None:
        """The top-level key that a release reads in the place of another release's, None when it reads none."""
        chain = next((chain for chain in self.successors if key in chain), ())
        return next((name for name in reversed(chain) if self.keys[name].known(version)), None)


@lru_cache(maxsize=4)
def config_table(product: str) -> ConfigTable:
    """The table of a product. Raises OSError for one that has none."""
    data = read_table(f"{product}.config")
    keys = {path: ConfigKey(path, *fact) for path, fact in data["keys"].items()}
    chains = tuple(tuple(chain) for chain in data["successors"])
    return ConfigTable(
        keys, chains, data["renamed"], data["variables"], data["variables_since"], data["models_elsewhere_since"]
    )
