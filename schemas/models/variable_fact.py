"""What is known about one variable: what it may hold, from which release on, and who reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from ..patterns import LatePattern

VariableType = Literal["bool", "int", "float", "str", "enum", "url", "json", "datetime"]
"""What the reader takes: `str` any text, `url` an absolute http or https address, `json` a JSON text."""

_BOOLS = frozenset(["0", "off", "f", "false", "n", "no", "1", "on", "t", "true", "y", "yes"])
_HTTP = re.compile(r"https?://[^/?#\s]", re.IGNORECASE)

# As browsers send it, or any.
_ORIGIN = r"(?:\*|[a-z][a-z0-9+.-]*://[^\s,/?#]+)"

# What a text must be by its form, where its type says only that it is a text. `path:` or a plain path is how qdrant's
# and milvus' clients are given a file. Python's `logging` knows its levels in capitals only.
_FORMS = {
    "web-address": LatePattern(r"\s*(?:[A-Za-z][A-Za-z0-9+.-]*://|path:|\.{0,2}/)\S"),
    "bare-host": LatePattern(r"\s*(?:[^\s/:@]+|[0-9A-Fa-f:]+|\[[0-9A-Fa-f:]+\])\s*$"),
    "websocket": LatePattern(r"\s*wss?://\S", re.IGNORECASE),
    "origins": LatePattern(rf"\s*{_ORIGIN}(?:\s*,\s*{_ORIGIN})*\s*$", re.IGNORECASE),
    "log-level": LatePattern(r"(?:CRITICAL|FATAL|ERROR|WARN|WARNING|INFO|DEBUG|NOTSET)$"),
}
JUDGED_FORMS = frozenset(_FORMS)
_WITH_PORT = ("web-address", "websocket")


class VariableFact(NamedTuple):
    """A variable of a product in a range of releases.

    `since` and `until` are the first and the last release with exactly this fact, "" for open. `above` and `below` are
    bounds that the value must not touch, `minimum` and `maximum` such that it may. `form` says what a text means beyond
    its type: `port`, `host`, `origin`, `path`, `web-address` (with its scheme), `switch` (one of the values to the
    letter, or `default`), `typed` (in by a person, later), …
    `required_when` maps other variables to the values with which this one must be given.
    `renamed_to` is the name that took over. `default` is what the program itself falls back on, as a text; None where
    there is none, where it is computed, and for all secrets. `now` maps values of older releases to those that took
    their place, `not_above` is the variable whose number this one must not exceed. `joined_with` are the variables of
    the port and of TLS that became one address with it, under `renamed_to`.
    """

    name: str
    type: VariableType = "str"
    values: tuple[str, ...] = ()
    now: Mapping[str, str] = MappingProxyType({})
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    below: float | None = None
    not_above: str = ""
    min_length: int | None = None
    max_length: int | None = None
    form: str = ""
    optional: bool = False
    secret: bool = False
    browser: bool = False
    default: str | None = None
    required: bool = False
    required_when: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    alias_of: str = ""
    renamed_to: str = ""
    joined_with: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    since: str = ""
    until: str = ""

    def accepts(self, text: str) -> bool:
        """Whether the reader starts with this text. Says yes wherever that is not certain.

        Facts: pydantic's conversion table for texts (docs.pydantic.dev, "Conversion Table"): booleans in any case,
        whole numbers also as `3.0`, no empty text for anything but a string.
        """
        stripped = text.strip()
        if self.optional and not stripped:
            # Many settings turn an empty text into None before it is judged, and example files leave them empty.
            return True
        if self.type == "bool":
            return stripped.lower() in _BOOLS
        if self.type == "enum":
            return (stripped.lower() if self.form == "any-case" else text) in self.values
        if self.type == "url":
            return _HTTP.match(stripped) is not None and not self.refuses_port(stripped)
        if self.type in ("int", "float"):
            return self._accepts_number(stripped)
        if self.form in _FORMS and stripped and not _FORMS[self.form].match(text):
            return False
        if self.refuses_port(stripped):
            return False
        length = len(text)
        return (self.min_length or 0) <= length and (self.max_length is None or length <= self.max_length)

    def refuses_port(self, text: str) -> bool:
        """Whether what stands behind the host of an address is no port."""
        return (self.type == "url" or self.form in _WITH_PORT) and not _port_is_number(text.strip())

    def _accepts_number(self, text: str) -> bool:
        try:
            # int() beside float(): bounds are compared exactly also where a float has no digits left.
            number = int(text) if self.type == "int" and "." not in text else float(text)
        except ValueError:
            return False
        if self.type == "int" and number != number // 1:
            return False
        return (
            (self.minimum is None or number >= self.minimum)
            and (self.maximum is None or number <= self.maximum)
            and (self.above is None or number > self.above)
            and (self.below is None or number < self.below)
        )


def _port_is_number(text: str) -> bool:
    """Whether a port stands behind the host of an address; yes for several addresses, and where there is none."""
    _, scheme, rest = text.partition("://")
    authority = re.split(r"[/?#\\\s]", rest, maxsplit=1)[0].rpartition("@")[2]
    host, colon, port = authority.rpartition(":")
    if not scheme or not colon or "," in authority or "[" in host.partition("]")[2] or "]" in port:
        return True
    return not port or (port.isascii() and port.isdigit())


def fact_of(name: str, data: dict[str, Any], roles: tuple[str, ...]) -> VariableFact:
    """The fact that a table states as a JSON object; its keys are the fields of VariableFact."""
    for field in data.keys() & {"values", "joined_with"}:
        data = {**data, field: tuple(data[field])}
    if "required_when" in data:
        data = {**data, "required_when": {name: tuple(values) for name, values in data["required_when"].items()}}
    return VariableFact(name, roles=roles, **data)
