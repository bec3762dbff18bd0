"""From a validator's errors to violations: each with its place, its kind and its words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .conformance import Schema, below, repeated
from .misplaced import looks_like_service, owner_above, owner_below
from .violation import (
    Kind,
    Path,
    Violation,
    alternatives,
    close,
    dotted,
    found_words,
    title,
    type_kind,
    wanted_types,
    wanted_words,
)

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

    from .instances import Reader
    from .parsers.document import Place

LIMIT = 500
NAME_PATTERN = "^[a-zA-Z0-9._-]+$"


class Examination:
    """Collects the violations of one tree."""

    def __init__(self, root: Schema, reader: Reader) -> None:
        self.root = root
        self.reader = reader
        self.nodes: dict[Path, Any] = {}
        self.schemas: dict[Path, Schema] = {}
        self.found: dict[tuple[Place, Kind, str | int], Violation] = {}

    @property
    def full(self) -> bool:
        """Whether enough is found: the rest of a file of nothing but mistakes is not looked at."""
        return len(self.found) >= LIMIT

    def visit(self, path: Path, node: Any, schema: Schema) -> None:
        """Remember what stands at a path, and the schema (branch) that speaks about it."""
        self.nodes[path] = node
        self.schemas[path] = schema

    def result(self) -> tuple[Violation, ...]:
        """All violations in the order of the text; a key that is missing because it is misspelt counts once."""
        meant = {(*v.path[:-1], v.near) for v in self.found.values() if v.near and v.kind == "unknown-key"}
        kept = [v for v in self.found.values() if v.kind != "missing-key" or v.path not in meant]
        return tuple(sorted(kept, key=lambda v: (v.place.document.path, v.place.span)))

    def judge(self, error: ValidationError) -> None:
        """Note what a validator's error means; one error may stand for several mistakes."""
        path: Path = tuple(error.absolute_path)
        schema: Any = error.schema
        instance: Any = error.instance
        operand: Any = error.validator_value
        match error.validator:
            case "additionalProperties":
                for key in instance:
                    if below(schema, key) is False and not self.full:
                        self._unknown_key(path, key, instance, schema)
            case "required":
                for key in operand:
                    if key not in instance:
                        self._missing_key(path, key, schema)
            case "enum":
                self._not_allowed(path, instance, operand)
            case "minimum" | "maximum":
                self._out_of_range(path, schema)
            case "pattern":
                self._note("bad-format", path, "`{path}` must be {form}", form=schema.get("x-form", "of another form"))
            case "uniqueItems":
                index = repeated(instance) or 0
                self._note("repeated-item", (*path, index), "`{path}` repeats an earlier item of the list")
            case _:
                self._wrong_type(path, instance, schema)

    def refuse_cast(self, path: Path, wanted: str, text: str) -> None:
        """Note that a text cannot be turned into the type that is wanted."""
        words = wanted_words([wanted])
        if not text:
            self._note("wrong-type", path, "`{path}` must be {wanted}, but its text is empty", wanted=words)
        elif self._printable(path, text):
            self._note("wrong-type", path, "`{path}` must be {wanted}, not `{text}`", wanted=words, text=text)
        else:
            self._note("wrong-type", path, "`{path}` must be {wanted}, not another text", wanted=words)

    def _wrong_type(self, path: Path, value: Any, schema: Schema) -> None:
        names = wanted_types(schema, self.root)
        kind = type_kind(value, names)
        if found_words(value) == "a mapping" and path and isinstance(path[-1], int) and names == ["string"]:
            kind = "mapping-item"
        message = (
            "`{path}` is empty, but must be {wanted}" if value is None else "`{path}` must be {wanted}, not {found}"
        )
        if isinstance(value, str) and "array" in names:
            message += _meant_lines(value)
        self._note(kind, path, message, wanted=wanted_words(names), found=found_words(value))

    def _unknown_key(self, path: Path, key: str, instance: dict[str, Any], schema: Schema) -> None:
        known: dict[str, Schema] = schema.get("properties", {})
        here = (*path, key)
        place = self.reader.key_place(self.nodes[path], key)
        parent = title(schema, path)
        below_services = path[:1] == ("services",) and len(path) > 1
        if looks_like_service(instance[key]) and (not path or below_services) and self._is_compose:
            message = "`{key}` looks like a service, but stands in {parent} and not directly under `services`"
            self._note("misplaced-service", here, message, key_place=place, key=key, parent=parent)
            return
        if not known:
            self._bad_name(here, place, schema, parent)
            return
        ancestors = [self.schemas[path[:i]] for i in range(len(path))]
        above = owner_above(key, instance[key], ancestors) if ancestors else None
        near = None if above else close(key, (name for name in known if name not in instance))
        owner = above or (None if near else owner_below(key, instance[key], schema, self.root))
        if owner is not None:
            message = "`{key}` is a key of {owner}, not of {parent}"
            words = title(owner, ())
            self._note("misplaced-key", here, message, key_place=place, key=key, owner=words, parent=parent)
        elif near is not None:
            message = "`{key}` is not a key of {parent}; did you mean `{near}`?"
            self._note("unknown-key", here, message, key_place=place, near=near, key=key, parent=parent)
        else:
            self._note("unknown-key", here, "`{key}` is not a key of {parent}", key_place=place, key=key, parent=parent)

    @property
    def _is_compose(self) -> bool:
        return "services" in self.root.get("properties", {})

    def _bad_name(self, here: Path, place: Place, schema: Schema, parent: str) -> None:
        if NAME_PATTERN in schema.get("patternProperties", {}):
            message = "`{key}` cannot be a name in {parent}: only letters, digits, `.`, `_` and `-` can"
        else:
            message = "`{key}` cannot be a key of {parent}"
        self._note("bad-name", here, message, key_place=place, key=str(here[-1]), parent=parent)

    def _missing_key(self, path: Path, key: str, schema: Schema) -> None:
        place = self._place(path)
        self._note(
            "missing-key",
            (*path, key),
            "{owner} needs the key `{key}`",
            place=place,
            owner=title(schema, path),
            key=key,
        )

    def _not_allowed(self, path: Path, value: Any, allowed: list[Any]) -> None:
        options = [str(option) for option in allowed]
        wanted = alternatives([f"`{option}`" for option in options])
        if not self._printable(path, str(value)):
            self._note("not-allowed", path, "`{path}` must be {wanted}, not another text", wanted=wanted)
            return
        near = close(str(value), options)
        message = "`{path}` must be {wanted}, not `{text}`"
        self._note("not-allowed", path, message, near=near, wanted=wanted, text=str(value))

    def _out_of_range(self, path: Path, schema: Schema) -> None:
        low, high = schema.get("minimum"), schema.get("maximum")
        if low is not None and high is not None:
            self._note("out-of-range", path, "`{path}` must lie between {low} and {high}", low=str(low), high=str(high))
        elif low is not None:
            self._note("out-of-range", path, "`{path}` must be at least {low}", low=str(low))
        else:
            self._note("out-of-range", path, "`{path}` must be at most {high}", high=str(high))

    def _printable(self, path: Path, text: str) -> bool:
        """Whether a text may stand in a message: short, and written there as it is, not brought in by a variable."""
        return len(text) <= 60 and text.isprintable() and not getattr(self.nodes[path], "interpolated", False)

    def _place(self, path: Path) -> Place:
        """The value when it is a scalar that is written, else its key, else the item."""
        place = self.reader.place(self.nodes[path])
        scalar = not isinstance(self.reader.instance(self.nodes[path]), (dict, list))
        if path and isinstance(path[-1], str) and not (scalar and place.span.end > place.span.start):
            return self.reader.key_place(self.nodes[path[:-1]], path[-1])
        return place

    def _note(
        self,
        kind: Kind,
        path: Path,
        message: str,
        *,
        place: Place | None = None,
        key_place: Place | None = None,
        near: str | None = None,
        **values: str,
    ) -> None:
        place = place or key_place or self._place(path)
        holes = {"path": dotted(path), **({"near": near} if near else {}), **values}
        used = tuple((name, text) for name, text in holes.items() if "{" + name + "}" in message)
        violation = Violation(kind, place, message, used, path, near, key_place)
        self.found.setdefault((place, kind, path[-1] if path else ""), violation)


def _meant_lines(text: str) -> str:
    """What is missing from lines that were meant as a list or mapping and make one text."""
    if re.match(r"-[^\s-]", text):
        return "; a list item has a blank after its `-`"
    if re.match(r"[A-Za-z_]\w*=", text):
        return "; a list item begins with `- `"
    return ""
