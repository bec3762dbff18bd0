"""jsonschema over a tree: plain data for it to judge, and the branch of each error that a person meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .conformance import Schema, below, branch, cast, repeated, resolved
from .examination import Examination
from .instances import Odd
from .violation import Path, Violation

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

    from .instances import Reader


def examine(schema: Schema, node: Any, reader: Reader) -> tuple[Violation, ...]:
    """The violations of a tree; see `validation.violations`."""
    examination = Examination(schema, reader)
    instance = _Plain(schema, reader, examination).instance(schema, node, ())
    for error in _errors(schema, instance):
        for leaf in _leaves(error, schema):
            if examination.full:
                return examination.result()
            if leaf.instance is not Odd.UNKNOWN:
                examination.judge(leaf)
    return examination.result()


class _Plain:
    """Makes plain data of a tree, with Compose's casts done."""

    def __init__(self, root: Schema, reader: Reader, examination: Examination) -> None:
        self.root = root
        self.reader = reader
        self.examination = examination

    def instance(self, schema: Schema, node: Any, path: Path) -> Any:
        """A node as plain data; a text that Compose refuses to cast is noted and counts as unknown."""
        value = self.reader.instance(node)
        schema = resolved(schema, self.root)
        chosen = branch(schema, value, self.root) or {}
        self.examination.visit(path, node, chosen)
        if "x-cast" in schema and isinstance(value, str):
            result = cast(schema["x-cast"], value)
            if result is None:
                self.examination.refuse_cast(path, schema["x-cast"], value)
            return Odd.UNKNOWN if result is None else result
        if isinstance(value, dict):
            return {key: self._child(below(chosen, key), child, (*path, key)) for key, child in value.items()}
        if isinstance(value, list):
            return [self._child(chosen.get("items"), child, (*path, i)) for i, child in enumerate(value)]
        return value

    def _child(self, schema: Schema | bool | None, node: Any, path: Path) -> Any:
        """A node below another; where nothing is asked of it only its first level, which bounds the depth."""
        if isinstance(schema, dict) and schema:
            return self.instance(schema, node, path)
        self.examination.visit(path, node, {})
        value = self.reader.instance(node)
        if isinstance(value, dict):
            return dict.fromkeys(value, Odd.UNKNOWN)
        return [] if isinstance(value, list) else value


def _errors(schema: Schema, instance: Any) -> Iterator[ValidationError]:
    """What jsonschema says; imported here, for it costs more than a whole lint without mistakes."""
    from jsonschema import Draft7Validator, validators

    checker: Any = validators.extend(Draft7Validator, {"uniqueItems": _unique_items})  # type: ignore[no-untyped-call]
    return checker(schema).iter_errors(instance)  # type: ignore[no-any-return]


def _leaves(error: ValidationError, root: Schema) -> Iterator[ValidationError]:
    """The errors that stand for mistakes: one of `oneOf` gives way to those of the branch that was meant by type."""
    if error.validator == "oneOf":
        options: Any = error.validator_value
        instance: Any = error.instance
        fitting = (i for i, option in enumerate(options) if branch(option, instance, root) is not None)
        meant = next(fitting, None)
        if meant is not None:
            for inner in error.context or ():
                if inner.relative_schema_path[0] == meant:
                    yield from _leaves(inner, root)
            return
    yield error


def _unique_items(_validator: Any, unique: bool, items: list[Any], schema: Schema) -> Iterator[ValidationError]:
    """`uniqueItems` in linear time; lists whose equal items Compose joins are left alone."""
    from jsonschema.exceptions import ValidationError

    if unique and type(items) is list and "x-joined" not in schema and repeated(items) is not None:
        yield ValidationError("repeated item")
