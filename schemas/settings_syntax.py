"""Python settings modules, read by libcst into the few forms that matter: classes, fields, names, imports."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import libcst as cst

from .settings_depth import parses_safely

MAX_BYTES = 300_000


class Name(NamedTuple):
    """A name or dotted name."""

    text: str


class Constant(NamedTuple):
    """A literal; `value` None is Python's None."""

    value: str | int | float | bool | None


class Call(NamedTuple):
    """A call; `named` are its keyword arguments."""

    function: Expression
    arguments: tuple[Expression, ...]
    named: dict[str, Expression]


class Item(NamedTuple):
    """A subscription such as `Literal["a", "b"]`."""

    base: Expression
    items: tuple[Expression, ...]


class Operation(NamedTuple):
    """Two expressions with an operator between them (`|`, `*`, …)."""

    operator: str
    left: Expression
    right: Expression


class Dots(NamedTuple):
    """The expression `...`."""


class Other(NamedTuple):
    """An expression of no interest here."""


Expression = Name | Constant | Call | Item | Operation | Dots | Other


class Field(NamedTuple):
    """An annotated name of a class body, with what it is set to."""

    annotation: Expression
    value: Expression | None


class Import(NamedTuple):
    """`from module import name`; `level` counts the dots."""

    level: int
    module: str
    name: str


@dataclass(slots=True, eq=False)
class SettingsClass:
    """A class body: its annotated fields, plain assignments, methods and nested classes."""

    name: str
    module: Module
    bases: list[Expression]
    fields: dict[str, Field] = field(default_factory=dict[str, Field])
    assigned: dict[str, Expression] = field(default_factory=dict[str, "Expression"])
    methods: set[str] = field(default_factory=set[str])
    nested: dict[str, SettingsClass] = field(default_factory=dict[str, "SettingsClass"])


Definition = SettingsClass | Import | Expression


@dataclass(slots=True, eq=False)
class Module:
    """A module of the package: its dotted place below the package's folder, and what it defines at top level."""

    place: tuple[str, ...]
    package: bool
    names: dict[str, Definition] = field(default_factory=dict[str, "Definition"])
    stars: list[Import] = field(default_factory=list[Import])


def read_module(text: str, place: tuple[str, ...], *, package: bool) -> Module | None:
    """What a module defines; None for one that does not parse or is too large or too deep to try."""
    if len(text) > MAX_BYTES or not parses_safely(text):
        return None
    try:
        tree = cst.parse_module(text)
    except (cst.ParserSyntaxError, UnicodeError, RecursionError):
        return None
    module = Module(place, package)
    for statement in _flat(tree.body):
        _define(statement, module)
    return module


def _flat(
    body: Iterable[cst.BaseStatement | cst.BaseSmallStatement],
) -> Iterator[cst.BaseStatement | cst.BaseSmallStatement]:
    for statement in body:
        if isinstance(statement, cst.SimpleStatementLine):
            yield from statement.body
        else:
            yield statement


def _define(statement: cst.CSTNode, module: Module) -> None:
    if isinstance(statement, cst.ClassDef):
        module.names[statement.name.value] = _class(statement, module)
    elif isinstance(statement, cst.ImportFrom):
        _imports(statement, module)
    elif (stated := _type_statement(statement)) is not None:
        module.names[stated[0]] = stated[1]
    else:
        for name, value in _assignments(statement):
            module.names[name] = value


def _type_statement(statement: cst.CSTNode) -> tuple[str, Expression] | None:
    # `type X = …`: the node's class is missing from the type information of some versions of libcst.
    name, value = getattr(statement, "name", None), getattr(statement, "value", None)
    if isinstance(name, cst.Name) and isinstance(value, cst.BaseExpression):
        return name.value, expression(value)
    return None


def _imports(statement: cst.ImportFrom, module: Module) -> None:
    level = len(statement.relative)
    source = _dotted(statement.module) if statement.module is not None else ""
    if isinstance(statement.names, cst.ImportStar):
        module.stars.append(Import(level, source, "*"))
        return
    for alias in statement.names:
        name = _dotted(alias.name)
        given = alias.asname.name if alias.asname is not None else None
        module.names[_dotted(given) if given is not None else name] = Import(level, source, name)


def _assignments(statement: cst.CSTNode) -> Iterator[tuple[str, Expression]]:
    if isinstance(statement, cst.Assign):
        for target in statement.targets:
            if isinstance(target.target, cst.Name):
                yield target.target.value, expression(statement.value)
    elif isinstance(statement, cst.AnnAssign) and isinstance(statement.target, cst.Name) and statement.value:
        yield statement.target.value, expression(statement.value)


def _class(node: cst.ClassDef, module: Module) -> SettingsClass:
    found = SettingsClass(node.name.value, module, [expression(base.value) for base in node.bases])
    for statement in _flat(node.body.body):
        if isinstance(statement, cst.ClassDef):
            found.nested[statement.name.value] = _class(statement, module)
        elif isinstance(statement, cst.FunctionDef):
            found.methods.add(statement.name.value)
        elif isinstance(statement, cst.AnnAssign) and isinstance(statement.target, cst.Name):
            value = expression(statement.value) if statement.value is not None else None
            found.fields[statement.target.value] = Field(_annotation(statement.annotation.annotation), value)
        else:
            found.assigned.update(_assignments(statement))
    return found


def expression(node: cst.CSTNode) -> Expression:
    """A Python expression in the forms of this module; nothing is evaluated."""
    if isinstance(node, (cst.Name, cst.Attribute)):
        return _name(node)
    if isinstance(node, (cst.BaseNumber, cst.BaseString, cst.UnaryOperation)):
        return _constant(node)
    if isinstance(node, cst.Call):
        named = {a.keyword.value: expression(a.value) for a in node.args if a.keyword is not None}
        plain = tuple(expression(a.value) for a in node.args if a.keyword is None and not a.star)
        return Call(expression(node.func), plain, named)
    if isinstance(node, cst.Subscript):
        return Item(expression(node.value), tuple(_slices(node)))
    if isinstance(node, cst.BinaryOperation):
        return Operation(_operator(node.operator), expression(node.left), expression(node.right))
    return Dots() if isinstance(node, cst.Ellipsis) else Other()


def _name(node: cst.Name | cst.Attribute) -> Expression:
    text = _dotted(node)
    if text in ("None", "True", "False"):
        return Constant({"None": None, "True": True, "False": False}[text])
    return Name(text) if text else Other()


def _constant(node: cst.CSTNode) -> Expression:
    sign = -1 if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Minus) else 1
    inner = node.expression if isinstance(node, cst.UnaryOperation) and sign == -1 else node
    value: object = None
    if isinstance(inner, (cst.Integer, cst.Float)):
        value = _number(inner.value)
    elif isinstance(inner, (cst.SimpleString, cst.ConcatenatedString)) and sign == 1:
        value = _text(inner)
    if isinstance(value, (int, float)):
        return Constant(sign * value)
    return Constant(value) if isinstance(value, str) else Other()


def _text(node: cst.CSTNode) -> str | None:
    # Not libcst's own property, which calls itself once for every part.
    parts: list[str] = []
    while isinstance(node, cst.ConcatenatedString):
        parts.append(_text(node.left) or "")
        node = node.right
    if not isinstance(node, cst.SimpleString):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about escapes in strings that are not ours
        try:
            last = node.evaluated_value
        except (SyntaxError, ValueError):
            return None
    return "".join([*parts, last]) if isinstance(last, str) else None


def _number(text: str) -> int | float | None:
    try:
        return float(text) if re.search(r"[.eE]", text) and text[:2].lower() != "0x" else int(text, 0)
    except ValueError:  # more digits than Python reads
        return None


def _annotation(node: cst.BaseExpression) -> Expression:
    found = expression(node)
    if not isinstance(found, Constant) or not isinstance(found.value, str) or not parses_safely(found.value):
        return found
    try:
        return expression(cst.parse_expression(found.value))
    except (cst.ParserSyntaxError, UnicodeError, RecursionError):
        return Other()


def _slices(node: cst.Subscript) -> Iterator[Expression]:
    for element in node.slice:
        if isinstance(element.slice, cst.Index):
            yield expression(element.slice.value)


def _operator(node: cst.BaseBinaryOp) -> str:
    kinds: dict[type[cst.BaseBinaryOp], str] = {cst.BitOr: "|", cst.Multiply: "*", cst.Add: "+", cst.Subtract: "-"}
    return kinds.get(type(node), "")


def _dotted(node: cst.CSTNode) -> str:
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    if not isinstance(node, cst.Name):
        return ""
    return ".".join([node.value, *reversed(parts)])
