"""Makes the YAML tree of an event stream, with an explicit stack and bounds, and checks keys, merges and aliases."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from .document import BOM, Document, Problem, Span
from .yaml import YamlAlias, YamlEntry, YamlMapping, YamlNode, YamlScalar, YamlSequence
from .yaml_checks import check_mapping
from .yaml_events import FlowColons, clean, open_parser
from .yaml_scalars import plain_kind, short_tag, tagged_kind

MAX_DEPTH = 100
MAX_EVENTS = 1_000_000

# What may stand between an anchor or a tag and its node.
_GAP = r"(?:[ \t\r\n\x85\u2028\u2029]|(?<=[ \t\r\n\x85\u2028\u2029])#[^\r\n\x85\u2028\u2029]*)*"
_PROPERTIES = rf"(?:(?:&[^\s,\[\]{{}}]+|![^\s]*){_GAP})+"
_TO_COLON = r"[ \t\r\n]*(?:#[^\r\n]*[ \t\r\n]+)*:"
_BLANKS = " \t\r\n\x85\u2028\u2029"


class Stop(Exception):  # noqa: N818 - a bound that was reached, not a bug
    """Parsing ends here, with a problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem


class Built(NamedTuple):
    """What a `YamlTree` has besides its document."""

    roots: tuple[YamlNode, ...]
    problems: tuple[Problem, ...]
    stopped_at: int | None
    hash_scalars: tuple[Span, ...]


def build(document: Document) -> Built:
    """Parse a document; what it cannot read becomes problems."""
    shift = 1 if document.text.startswith(BOM) else 0
    text = document.text[shift:]
    colons: FlowColons | None = None
    invalid: list[Problem] | None = None
    while True:
        builder = Builder(document, shift, colons.restore if colons else None)
        try:
            builder.run(text)
        except Stop as stop:
            return builder.result([*(invalid or ()), stop.problem], stopped=True)
        except Exception as error:  # the parser's errors, which differ between its two builds
            if not _is_parser_error(error):
                raise
            if invalid is None and not hasattr(error, "problem_mark"):
                text, invalid = clean(document, text, shift)
                continue
            mark = getattr(error, "problem_mark", None)
            if mark is not None and getattr(error, "problem", None) == "found unexpected ':'":
                colons = colons or FlowColons(text)
                hidden = colons.hide(text, mark.index)
                if hidden is not None:
                    text = hidden
                    continue
            from .yaml_errors import syntax_problem

            return builder.result([*(invalid or ()), syntax_problem(document, error, shift)], stopped=True)
        return builder.result(invalid or [], stopped=False)


def _is_parser_error(error: Exception) -> bool:
    from ruamel.yaml.error import YAMLError

    return isinstance(error, (YAMLError, UnicodeEncodeError))


class Builder:
    """Turns events into nodes. One use only."""

    def __init__(self, document: Document, shift: int, restore: Callable[[str], str] | None) -> None:
        self.document = document
        self.text = document.text
        self.shift = shift
        self.restore = restore
        self.roots: list[YamlNode] = []
        self.problems: list[Problem] = []
        self.anchors: dict[str, YamlScalar | YamlMapping | YamlSequence] = {}
        self.stack: list[YamlMapping | YamlSequence] = []
        self.keys: list[YamlNode | None] = []
        self.brackets: list[bool] = []
        self.hash_scalars: list[Span] = []
        self.floor = shift  # end of the last thing read: key, value, dash, `---`

    def result(self, extra: list[Problem], *, stopped: bool) -> Built:
        """Close what is open and hand out the tree; a key that got no value any more is left out."""
        while self.stack:
            self.close(self.floor)
        problems = tuple(sorted(self.problems + extra, key=lambda problem: problem.place.span.start))
        return Built(tuple(self.roots), problems, self.floor if stopped else None, tuple(self.hash_scalars))

    def run(self, text: str) -> None:
        """Read all events of `text`."""
        from ruamel.yaml import events

        get = open_parser(text)
        shift = self.shift
        count = 0
        scalar, alias, document = events.ScalarEvent, events.AliasEvent, events.DocumentStartEvent
        opening = (events.MappingStartEvent, events.SequenceStartEvent)
        closing = (events.MappingEndEvent, events.SequenceEndEvent)
        while (event := get()) is not None:
            count += 1
            kind: Any = event.__class__
            if kind is scalar:
                self.add(self.scalar(event, event.start_mark.index + shift, event.end_mark.index + shift))
            elif kind in opening:
                self.open(event, event.start_mark.index + shift, event.end_mark.index + shift, kind is opening[0])
            elif kind in closing:
                self.close(event.end_mark.index + shift)
            elif kind is alias:
                self.alias(event.anchor, event.start_mark.index + shift, event.end_mark.index + shift)
            elif kind is document:
                self.floor = event.end_mark.index + shift
            if count > MAX_EVENTS:
                message = "more than {limit} values in one file; the rest is not read"
                place = self.document.place(self.floor, self.floor)
                raise Stop(Problem("too-large", place, message, (("limit", f"{MAX_EVENTS:,}"),)))

    def scalar(self, event: Any, start: int, end: int) -> YamlScalar:
        """The scalar of an event whose marks cover anchor, tag and token."""
        value: str = event.value
        style: str = event.style or ""
        anchor: str | None = event.anchor
        tag: str | None = None if event.ctag is None else short_tag(event.tag)
        if self.restore is not None:
            value = self.restore(value)
        if not value and not style:
            start = end = end if anchor is not None or tag is not None else self.absent(start)
        elif anchor is not None or tag is not None:
            match = re.compile(_PROPERTIES).match(self.text, start, end)
            start = match.end() if match else start
        if style in {"|", ">"}:
            end = self.block_end(start, end, value)
        if "#" in value:
            # The header line of a block scalar may have a comment, its other lines have none.
            body = self.text.find("\n", start, end) if style in {"|", ">"} else start
            self.hash_scalars.append(Span(max(body, start), end))
        kind = tagged_kind(value, style, tag) if tag is not None else "str" if style else plain_kind(value)
        node = YamlScalar(Span(start, end), value, style, kind, tag, anchor)
        if anchor is not None:
            self.anchors[anchor] = node
        return node

    def absent(self, at: int) -> int:
        """Where a value that is not there would be written: after the `:`, the dash, the key without `:`, or `---`."""
        if not self.stack:
            return self.floor
        parent = self.stack[-1]
        if isinstance(parent, YamlSequence):
            before = len(self.text[:at].rstrip()) if self.text[at - 1 : at] != "-" else at
            return max(before, self.floor)
        if self.keys[-1] is None:
            return at
        if self.text[self.floor : self.floor + 1] == ":":
            return self.floor + 1
        match = re.compile(_TO_COLON).match(self.text, self.floor)
        return match.end() if match else self.floor

    def block_end(self, start: int, end: int, value: str) -> int:
        """The end of a block scalar's last content line; the parser's mark stands after the blank lines that follow."""
        text = self.text
        header_end = start + 1
        while text[header_end : header_end + 1] in tuple("+-123456789"):
            header_end += 1
        if not value.strip("\r\n"):
            return header_end if "+" not in text[start:header_end] else max(header_end, _before_break(text, start, end))
        if "+" in text[start:header_end]:
            return _before_break(text, start, end)
        # Blanks at the end of the last line belong to the text; else only blank lines follow the content.
        kept = value.rstrip("\r\n")[-1] in " \t"
        return header_end + len(text[header_end:end].rstrip(_BLANKS[2:] if kept else _BLANKS))

    def open(self, event: Any, start: int, end: int, mapping: bool) -> None:
        """Begin a collection."""
        text = self.text
        bracket = "{" if mapping else "["
        flow: bool = bool(event.flow_style)
        properties = event.anchor is not None or event.ctag is not None
        bracketed = flow and end > start and text[end - 1] == bracket
        if bracketed:
            start = end - 1
        elif properties:
            # The end mark is the first key or dash, or just after the dash of a list that is not indented.
            start = end - 1 if not mapping and text[end - 1] == "-" else end
        if len(self.stack) >= MAX_DEPTH:
            message = "nested more than {limit} levels deep; the rest is not read"
            raise Stop(
                Problem("too-deep", self.document.place(start, start + 1), message, (("limit", str(MAX_DEPTH)),))
            )
        tag: str | None = None if event.ctag is None else short_tag(event.tag)
        node: YamlMapping | YamlSequence
        if mapping:
            node = YamlMapping(Span(start, start), [], flow, tag, event.anchor)
        else:
            node = YamlSequence(Span(start, start), [], flow, tag, event.anchor)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        self.stack.append(node)
        self.keys.append(None)
        self.brackets.append(bracketed)
        if bracketed:
            self.floor = end

    def close(self, end: int) -> None:
        """End the innermost collection; `end` counts only for one with brackets."""
        node = self.stack.pop()
        self.keys.pop()
        start = node.span.start
        node.span = Span(start, end if self.brackets.pop() else max(self.floor, start))
        if isinstance(node, YamlMapping):
            check_mapping(self.document, node, self.problems)
        self.add(node)

    def alias(self, name: str, start: int, end: int) -> None:
        """Link an alias to the latest node with that anchor."""
        target = self.anchors.get(name)
        if target is None:
            message = "no anchor `&{name}` stands before this alias"
            place = self.document.place(start, end)
            self.problems.append(Problem("unknown-alias", place, message, (("name", name),)))
        self.add(YamlAlias(Span(start, end), name, target))

    def add(self, node: YamlNode) -> None:
        """Put a finished node where it belongs."""
        self.floor = max(self.floor, node.span.end)
        if not self.stack:
            self.roots.append(node)
            return
        parent = self.stack[-1]
        if isinstance(parent, YamlSequence):
            parent.items.append(node)
        elif (key := self.keys[-1]) is None:
            self.keys[-1] = node
        else:
            parent.entries.append(YamlEntry(key, node))
            self.keys[-1] = None


def _before_break(text: str, start: int, end: int) -> int:
    """The offset before the line break that ends at `end`, if one does."""
    if end - 1 > start and text[end - 1] == "\n":
        return end - 2 if text[end - 2] == "\r" else end - 1
    return end - 1 if end - 1 > start and text[end - 1] in "\r\x85\u2028\u2029" else end
