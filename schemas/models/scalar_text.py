"""The text that Compose makes of an unquoted YAML number or boolean: `1.10` is `1.1`, `0123` is `83`."""

from __future__ import annotations

import re

_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")


def go_text(text: str, kind: str) -> str:
    """What Go's `fmt.Sprint` prints for a plain scalar of this kind, as go-yaml v3 reads it; "" for null."""
    if kind == "null":
        return ""
    if kind == "bool":
        return text.lower()
    plain = text.replace("_", "")
    if kind == "int":
        number = _integer(plain)
        if number is None:
            return text
        return str(number) if -(2**63) <= number < 2**64 else _float_text(float(number))
    if kind == "float":
        lowered = plain.lower()
        if lowered.endswith(".inf"):
            return "-Inf" if lowered[0] == "-" else "+Inf"
        if lowered == ".nan":
            return "NaN"
        return _float_text(float(plain)) if _FLOAT.match(plain) else text
    return text


def _integer(text: str) -> int | None:
    sign = -1 if text.startswith("-") else 1
    digits = text.lstrip("+-")
    try:
        if digits[:2].lower() in {"0x", "0o", "0b"}:
            return sign * int(digits, 0)
        if len(digits) > 1 and digits[0] == "0":
            return sign * int(digits, 8)
        return sign * int(digits) if len(digits) <= 40 else None
    except ValueError:
        return None


def _float_text(number: float) -> str:
    """Go's shortest `%g`: with an exponent below 10^-4 and from 10^6 on."""
    if number in {float("inf"), float("-inf")}:
        return "+Inf" if number > 0 else "-Inf"
    sign = "-" if number < 0 else ""
    mantissa, _, exponent = repr(abs(number)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    if exponent:
        power = int(exponent)
    elif whole != "0":
        power = len(whole) - 1
    else:
        power = len(fraction.lstrip("0")) - len(fraction) - 1
    if number == 0 or -4 <= power < 6:
        return sign + mantissa.removesuffix(".0")
    digits = (whole + fraction).strip("0")
    head = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    return f"{sign}{head}e{'-' if power < 0 else '+'}{abs(power):02d}"
