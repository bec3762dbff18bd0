"""What a settings field takes: its type expression and its Field(…) call, turned into a variable fact."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from .models.variable_fact import VariableFact, VariableType
from .settings_syntax import Call, Constant, Dots, Expression, Field, Item, Name, Operation

MAX_STEPS = 40

_SECRET = re.compile(r"(?:PASSWORD|PASSWD|SECRET|TOKEN|KEY|CREDENTIALS?|DSN)S?$", re.IGNORECASE)
_NUMBERS: dict[str, tuple[VariableType, dict[str, float]]] = {
    "int": ("int", {}),
    "float": ("float", {}),
    "PositiveInt": ("int", {"minimum": 1}),
    "NonNegativeInt": ("int", {"minimum": 0}),
    "NegativeInt": ("int", {"maximum": -1}),
    "NonPositiveInt": ("int", {"maximum": 0}),
    "PositiveFloat": ("float", {"above": 0}),
    "NonNegativeFloat": ("float", {"minimum": 0}),
    "NegativeFloat": ("float", {"below": 0}),
    "NonPositiveFloat": ("float", {"maximum": 0}),
    "conint": ("int", {}),
    "confloat": ("float", {}),
}
_PLAIN: dict[str, VariableType] = {
    "bool": "bool",
    "StrictBool": "bool",
    "str": "str",
    "constr": "str",
    "SecretStr": "str",
    "HttpUrl": "url",
    "AnyHttpUrl": "url",
    "datetime": "datetime",
    "AwareDatetime": "datetime",
    "NaiveDatetime": "datetime",
    "dict": "json",
    "Dict": "json",
    "list": "json",
    "List": "json",
    "set": "json",
    "Set": "json",
    "tuple": "json",
    "Tuple": "json",
    "Mapping": "json",
    "Sequence": "json",
}
_BOUNDS = {
    "ge": "minimum",
    "gt": "above",
    "le": "maximum",
    "lt": "below",
    "min_length": "min_length",
    "max_length": "max_length",
}


class Scope(Protocol):
    """What the names of a class body mean."""

    def alias(self, name: str) -> Expression | None:
        """The type expression that a name stands for, None for a class or an unknown name."""
        ...

    def members(self, name: str) -> dict[str, str] | None:
        """The members of an enumeration with their values as texts, None for anything else."""
        ...


def fact_of_field(name: str, field: Field, scope: Scope) -> VariableFact:
    """The fact about a field, under the field's own name. A type that cannot be told takes any text."""
    facts: dict[str, Any] = {}
    _read_type(field.annotation, scope, facts, MAX_STEPS)
    value = field.value
    call = value if isinstance(value, Call) and _last(value.function) == "Field" else None
    default = value
    if call is not None:
        _read_bounds(call.named, facts)
        default = call.arguments[0] if call.arguments else call.named.get("default")
        facts["required"] = default is None and "default_factory" not in call.named
    elif default is None:
        facts["required"] = True
    if isinstance(default, Dots) or (isinstance(default, Name) and default.text == "Ellipsis"):
        default, facts["required"] = None, True
    text = facts.get("type", "str") == "str"
    facts["secret"] = bool(facts.get("secret")) or (text and _SECRET.search(name) is not None)
    if default is not None and not facts["secret"]:
        facts["default"] = as_text(default, scope)
    return VariableFact(name, **_settled(facts))


def names_of_field(name: str, field: Field, prefix: str) -> list[str]:
    """The environment variables that a field is read from, the first that is set counts."""
    call = field.value if isinstance(field.value, Call) and _last(field.value.function) == "Field" else None
    alias = (call.named.get("validation_alias") or call.named.get("alias")) if call else None
    if isinstance(alias, Call) and _last(alias.function) == "AliasChoices":
        found = [a.value for a in alias.arguments if isinstance(a, Constant) and isinstance(a.value, str)]
        if found:
            return [each.upper() for each in found]
    if isinstance(alias, Constant) and isinstance(alias.value, str):
        return [alias.value.upper()]
    return [(prefix + name).upper()]


def as_text(value: Expression, scope: Scope) -> str | None:
    """A default as the text that an env file would hold; None where it is None or computed."""
    if isinstance(value, Call):
        named = _last(value.function)
        if named == "cast" and len(value.arguments) == 2:
            return as_text(value.arguments[1], scope)
        if named in ("HttpUrl", "AnyHttpUrl", "SecretStr", "str", "Path") and value.arguments:
            return as_text(value.arguments[0], scope)
        return None
    if isinstance(value, Name):
        owner, _, member = value.text.removesuffix(".value").rpartition(".")
        return (scope.members(owner) or {}).get(member) if owner else None
    if isinstance(value, Constant):
        if isinstance(value.value, bool):
            return "true" if value.value else "false"
        return None if value.value is None else str(value.value)
    number = _number(value)
    return None if number is None else str(number)


_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "*": lambda a, b: a * b,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
}


def _number(value: Expression) -> int | float | None:
    if isinstance(value, Constant) and isinstance(value.value, (int, float)):
        return value.value
    if isinstance(value, Operation) and value.operator in _ARITHMETIC:
        left, right = _number(value.left), _number(value.right)
        if left is not None and right is not None and abs(left) < 2**64 and abs(right) < 2**64:
            return _ARITHMETIC[value.operator](left, right)
    return None


def _read_type(node: Expression, scope: Scope, facts: dict[str, Any], steps: int) -> None:
    parts = list(_union(node, scope, steps))
    kinds: list[dict[str, Any]] = []
    for part in parts:
        if isinstance(part, Constant) and part.value is None:
            facts["optional"] = True
        else:
            kinds.append(_single(part, scope, steps - 1))
    first = kinds[0] if kinds else {}
    texts = any(kind.get("type") == "str" for kind in kinds)
    # A union with plain text takes all texts, whatever the other members are.
    facts.update(first if len(kinds) == 1 or not texts else {"type": "str"})
    if len(kinds) > 1 and not texts:
        same = {kind.get("type") for kind in kinds} == {"enum"}
        facts.update({"type": "enum", "values": [v for k in kinds for v in k["values"]]} if same else {"type": "str"})


def _union(node: Expression, scope: Scope, steps: int) -> Iterator[Expression]:
    if steps <= 0:
        return
    if isinstance(node, Operation) and node.operator == "|":
        yield from _union(node.left, scope, steps)
        yield from _union(node.right, scope, steps)
    elif isinstance(node, Item) and _last(node.base) == "Union":
        for item in node.items:
            yield from _union(item, scope, steps - 1)
    elif isinstance(node, Item) and _last(node.base) == "Optional":
        yield Constant(None)
        for item in node.items:
            yield from _union(item, scope, steps - 1)
    elif isinstance(node, Name) and (alias := scope.alias(node.text)) is not None:
        yield from _union(alias, scope, steps - 1)
    else:
        yield node


def _single(node: Expression, scope: Scope, steps: int) -> dict[str, Any]:
    if isinstance(node, Item):
        return _subscripted(node, scope, steps)
    if isinstance(node, Call):
        found = _named(_last(node.function))
        _read_bounds(node.named, found)
        return found
    if isinstance(node, Name):
        members = scope.members(node.text)
        if members is not None:
            return {"type": "enum", "values": list(members.values())}
        return _named(_last(node))
    return {"type": "str"}


def _named(name: str) -> dict[str, Any]:
    if name in _NUMBERS:
        kind, bounds = _NUMBERS[name]
        return {"type": kind, **bounds}
    # A type that nobody here knows takes any text: that is the answer that never accuses.
    return {"type": _PLAIN.get(name, "str"), **({"secret": True} if name == "SecretStr" else {})}


def _subscripted(node: Item, scope: Scope, steps: int) -> dict[str, Any]:
    name = _last(node.base)
    if name == "Literal":
        return _literal(node)
    if name == "Annotated" and node.items:
        found: dict[str, Any] = {}
        _read_type(node.items[0], scope, found, steps)
        for extra in node.items[1:]:
            if isinstance(extra, Call):
                _read_bounds(extra.named, found)
        return found
    return _named(name)


def _literal(node: Item) -> dict[str, Any]:
    values: list[str | None] = []
    for item in node.items:
        if isinstance(item, Constant) and item.value is None:
            values.append(None)
            continue
        # pydantic compares the text with the literal itself: only texts can be equal to it.
        if not isinstance(item, Constant) or not isinstance(item.value, str):
            return {"type": "str"}
        values.append(item.value)
    found: dict[str, Any] = {"type": "enum", "values": [value for value in values if value is not None]}
    if None in values:
        found["optional"] = True
    return found


def _read_bounds(named: dict[str, Expression], facts: dict[str, Any]) -> None:
    for key, fact in _BOUNDS.items():
        number = _number(named[key]) if key in named else None
        if number is not None:
            facts[fact] = number


def _settled(facts: dict[str, Any]) -> dict[str, Any]:
    facts["values"] = tuple(facts.get("values", ()))
    if facts.get("type") == "int":
        # Whole numbers have no gap to stay out of: `gt=0` is `ge=1`.
        if "above" in facts:
            facts["minimum"] = max(facts.get("minimum", facts["above"] + 1), facts.pop("above") + 1)
        if "below" in facts:
            facts["maximum"] = min(facts.get("maximum", facts["below"] - 1), facts.pop("below") - 1)
    if facts.get("type") not in ("int", "float"):
        for bound in ("minimum", "maximum", "above", "below"):
            facts.pop(bound, None)
    return facts


def _last(node: Expression) -> str:
    return node.text.rpartition(".")[2] if isinstance(node, Name) else ""
