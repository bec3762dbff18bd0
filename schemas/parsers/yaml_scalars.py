"""What a plain YAML scalar means to go-yaml, the reader that Compose uses: string, number, boolean, null or date."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .yaml import ScalarKind

CORE_PREFIX = "tag:yaml.org,2002:"

# go-yaml v3, resolve.go (resolveMap): these spellings and no others; yes/no/on/off are strings.
_WORDS: dict[str, ScalarKind] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), "null"),
    **dict.fromkeys(("true", "True", "TRUE", "false", "False", "FALSE"), "bool"),
    **{f"{sign}.{word}": "float" for sign in ("", "+", "-") for word in ("inf", "Inf", "INF")},
    **dict.fromkeys((".nan", ".NaN", ".NAN"), "float"),
}
_TAGS: dict[str, ScalarKind] = {
    "!!str": "str",
    "!!int": "int",
    "!!float": "float",
    "!!bool": "bool",
    "!!null": "null",
    "!!timestamp": "timestamp",
}
# Go's int64, or uint64 for a number without a sign.
_LIMITS = {"-": 2**63, "+": 2**63 - 1, "": 2**64 - 1}
_NUMBER_CHARACTERS = "0123456789abcdefABCDEFxXoO+-._"
# The four layouts of allowedTimestampFormats; Go reads months, days and times with one or two digits.
_DATE = (
    r"(\d{4})-(\d\d?)-(\d\d?)"
    r"(?:(?:[Tt](\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?(?:Z|[-+](\d\d):(\d\d)))| +(\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?)?"
)


def short_tag(tag: str) -> str:
    """The tag as people write it: `!!str` for `tag:yaml.org,2002:str`, any other unchanged."""
    return "!!" + tag[len(CORE_PREFIX) :] if tag.startswith(CORE_PREFIX) else tag


def tagged_kind(text: str, style: str, tag: str) -> ScalarKind:
    """The kind of a scalar with an explicit (short) tag; a tag that go-yaml does not know makes a string."""
    if tag == "!":
        return "str" if style else plain_kind(text)
    return _TAGS.get(tag, "str")


def plain_kind(text: str) -> ScalarKind:
    """The kind of an untagged plain scalar, as `resolve` of go-yaml v3 decides it."""
    kind = _WORDS.get(text)
    if kind is not None:
        return kind
    first = text[0]
    if first not in "0123456789+-.":
        return "str"
    if text[4:5] == "-" and _is_date(text):
        return "timestamp"
    if text.strip(_NUMBER_CHARACTERS):
        return "str"
    # go-yaml hands a text that starts with a dot to ParseFloat as it is: underscores may stand only between digits.
    return _number_kind(text if first == "." else text.replace("_", ""))


def _number_kind(plain: str) -> ScalarKind:
    """Integers as strconv.ParseInt with base 0 reads them, then floats that fit 64 bits."""
    sign = plain[0] if plain[0] in "+-" else ""
    digits = plain[len(sign) :]
    try:
        if digits.isdecimal():
            # A leading zero means octal; `08` is no octal and goes on as a float.
            number = int(digits, 8) if digits[0] == "0" else int(digits[:21])
        elif digits[:1] == "0" and digits[1:2] in "xXoObB":
            number, sign = _prefixed(digits, sign)
        else:
            raise ValueError  # noqa: TRY301 - not an integer
        if number <= _LIMITS[sign]:
            return "int"
    except ValueError:
        pass
    try:
        return "float" if abs(float(plain)) != float("inf") else "str"
    except ValueError:
        return "str"


def _prefixed(digits: str, sign: str) -> tuple[int, str]:
    """The number and the sign of `0x1F`; go-yaml itself also takes a sign behind a lower-case `0b` or `0o`."""
    body = digits[2:]
    if not sign and digits[1] in "bo" and body[:1] in {"+", "-"}:
        sign, body = body[0], body[1:]
    if not body.isalnum():
        raise ValueError
    return int(body, {"x": 16, "o": 8, "b": 2}[digits[1].lower()]), sign


def _is_date(text: str) -> bool:
    match = re.fullmatch(_DATE, text, re.ASCII)
    if match is None:
        return False
    numbers = [int(group) if group else 0 for group in match.groups()]
    year, month, day, *clock = numbers
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    length = (0, 31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    if not (1 <= month <= 12 and 1 <= day <= length[month]):
        return False
    hour, minute, second, zone_hours, zone_minutes, hour2, minute2, second2 = clock
    in_day = hour < 24 and minute < 60 and second < 60 and hour2 < 24 and minute2 < 60 and second2 < 60
    return in_day and zone_hours <= 24 and zone_minutes <= 60
