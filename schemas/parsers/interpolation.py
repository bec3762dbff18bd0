"""The Compose template grammar: `$NAME`, `${NAME:-default}` and its five sisters, nested to any depth."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Literal, NamedTuple, cast

from .document import Span

Operator = Literal["", ":-", "-", ":?", "?", ":+", "+"]

MAX_DEPTH = 50
_SHORT = 200

# compose-go matches names without regard to case, and Unicode folds U+017F to "s" and U+212A to "k": both are accepted.
_LETTER = "A-Za-z_\u017f\u212a"
_NAME = f"[{_LETTER}][{_LETTER}0-9]*"
_TOKEN = re.compile(rf"\$(?:(\$)|({_NAME})|\{{({_NAME})(:?[-+?]|(?=\}}))|(\{{))")
_BRACE = re.compile(r"\{.?|\}", re.DOTALL)


class Text(NamedTuple):
    """Text that stays; `$$` is a part of its own, with the text `$`. `span` is where it stands in the template."""

    span: Span
    text: str

    def __repr__(self) -> str:
        return f"<Text {self.span!r}>"


class Reference(NamedTuple):
    """`$NAME` or `${NAME…}`; spans count in the template's text. `argument` is what follows the operator."""

    span: Span
    name_span: Span
    name: str
    operator: Operator
    argument: Template | None


class Template(NamedTuple):
    """Parts in order; `invalid` are the spans of expressions that do not fit the grammar ("invalid template").

    Together the parts and the invalid spans cover the text. Those inside an argument stand in the argument's own
    template (`invalid_spans` has all), because newer Compose versions refuse an argument only when they need it.
    """

    parts: tuple[Text | Reference, ...]
    invalid: tuple[Span, ...]


class InvalidTemplateError(ValueError):
    """An expression that does not fit the grammar was needed; `span` is where it stands in the template's text."""

    def __init__(self, span: Span) -> None:
        super().__init__("invalid template")
        self.span = span


class MissingVariableError(LookupError):
    """A variable is unset (or empty) whose expression says that it is required (`:?`, `?`)."""

    def __init__(self, reference: Reference, reason: str) -> None:
        super().__init__(f"required variable {reference.name} is missing a value")
        self.reference = reference
        self.reason = reason


def has_references(text: str) -> bool:
    """Whether the text can hold an expression at all; without one, interpolation gives back the same text."""
    return "$" in text


def parse_template(text: str, start: int = 0) -> Template:
    """Split a text into what stays and what is replaced, as compose-go's `template` package does.

    `start` is added to every offset. Never raises; what does not fit the grammar is in `invalid`.
    """
    if "$" not in text:
        return Template((Text(Span(start, start + len(text)), text),) if text else (), ())
    return _parse(text, 0, len(text), start, 0)


def template_of(text: str) -> Template:
    """The same with offsets from 0; what is short is remembered, for a file that changes keeps most of its texts."""
    return _remembered(text) if len(text) < _SHORT else parse_template(text)


_remembered = lru_cache(maxsize=4096)(parse_template)


def names(template: Template) -> Iterator[Reference]:
    """All references of a template, depth-first: each one before those in its argument."""
    for part in template.parts:
        if isinstance(part, Reference):
            yield part
            if part.argument is not None:
                yield from names(part.argument)


def invalid_spans(template: Template) -> Iterator[Span]:
    """The invalid expressions of a template and of all its arguments."""
    yield from template.invalid
    for reference in names(template):
        if reference.argument is not None:
            yield from reference.argument.invalid


def expand(template: Template, lookup: Callable[[str], str | None]) -> str:
    """The text of a template when `lookup` gives the values of variables, None for one that is unset.

    An argument is evaluated only when it is needed. Raises InvalidTemplateError and MissingVariableError.
    """
    if template.invalid:
        raise InvalidTemplateError(template.invalid[0])
    return "".join([part.text if isinstance(part, Text) else _value(part, lookup) for part in template.parts])


def moved(template: Template, place: Callable[[int], int]) -> Template:
    """The same template with every offset mapped, for a text that was decoded from another one."""

    def span(old: Span) -> Span:
        return Span(place(old.start), place(old.end))

    parts: list[Text | Reference] = []
    for part in template.parts:
        if isinstance(part, Text):
            parts.append(Text(span(part.span), part.text))
        else:
            argument = None if part.argument is None else moved(part.argument, place)
            parts.append(Reference(span(part.span), span(part.name_span), part.name, part.operator, argument))
    return Template(tuple(parts), tuple(map(span, template.invalid)))


def _value(reference: Reference, lookup: Callable[[str], str | None]) -> str:
    value = lookup(reference.name)
    operator, argument = reference.operator, reference.argument
    if argument is None:
        return value or ""
    holds = value is not None if len(operator) == 1 else bool(value)
    if operator[-1] == "+":
        return expand(argument, lookup) if holds else ""
    if holds:
        return value or ""
    if operator[-1] == "?":
        raise MissingVariableError(reference, expand(argument, lookup))
    return expand(argument, lookup)


def _parse(text: str, low: int, high: int, shift: int, depth: int) -> Template:
    """Parse `text[low:high]`; spans are shifted."""
    parts: list[Text | Reference] = []
    invalid: list[Span] = []
    at = low
    line_end = last_brace = -1
    token = _TOKEN.search(text, low, high)
    while token:
        start, end = token.span()
        if start >= line_end:
            line_end = text.find("\n", start, high)
            line_end = high if line_end == -1 else line_end
            last_brace = text.rfind("}", start, line_end)
        if start > at:
            parts.append(Text(Span(at + shift, start + shift), text[at:start]))
        group = token.lastindex
        if group == 1:
            parts.append(Text(Span(start + shift, end + shift), "$"))
        elif group == 2:
            parts.append(_reference(token, 2, end, shift))
        elif group == 4 and end <= last_brace and depth <= MAX_DEPTH:
            close = _closing(text, start + 1, end, last_brace + 1)
            argument = _parse(text, end, close, shift, depth + 1) if token[4] else None
            end = close + 1
            parts.append(_reference(token, 3, end, shift, argument))
        else:
            close = text.find("}", end, line_end)
            end = line_end if close == -1 else close + 1
            if depth > MAX_DEPTH:
                end = high
            invalid.append(Span(start + shift, end + shift))
        at = end
        token = _TOKEN.search(text, at, high)
    if at < high:
        parts.append(Text(Span(at + shift, high + shift), text[at:high]))
    return Template(tuple(parts), tuple(invalid))


def _reference(token: re.Match[str], group: int, end: int, shift: int, argument: Template | None = None) -> Reference:
    """The reference whose name is the group of a token and which ends at `end`."""
    span = Span(token.start() + shift, end + shift)
    name = Span(token.start(group) + shift, token.end(group) + shift)
    return Reference(span, name, token[group], cast("Operator", token[4] or ""), argument)


def _closing(text: str, brace: int, after: int, stop: int) -> int:
    """The offset of the `}` that ends the expression whose `{` stands at `brace`; `text[stop - 1]` is the line's last.

    As compose-go counts: every `{` opens, `${` or not, and the character after it is not looked at, so that `{}` opens
    without closing; when the count never comes to nought, the expression runs to the last `}` of the line
    (compose-go v2, template.go, getFirstBraceClosingIndex; checked with Compose 2.40.3).
    """
    first = text.find("}", after, stop)
    if text.find("{", after, first) == -1:
        return first
    depth = 0
    for found in _BRACE.finditer(text, brace, stop):
        if text[found.start()] == "{":
            depth += 1
        else:
            depth -= 1
            if depth == 0:
                return found.start()
    return stop - 1
