"""The parser of JSON and JSON5: an explicit stack, and a way on after every mistake."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Literal

from .document import Document, Problem, Span
from .json import JsonArray, JsonMember, JsonNode, JsonObject, JsonScalar
from .json_tokens import Token, Tokens

MAX_DEPTH = 200

_STRICT_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_PROSE = re.compile(r"[^\n\r,{}\[\]\"]*")
_JSON5_NUMBER = re.compile(
    r"[+-]?(?:0[xX][0-9a-fA-F]+|(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|Infinity|NaN)"
)
_NUMBER_START = re.compile(r"[+-]?(?:\.?[0-9]|Infinity\b|NaN\b)")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
# What ECMAScript allows in an identifier and Python does not: $, and joiners.
_LIKE_LETTERS = dict.fromkeys(map(ord, "$\u200c\u200d"), "_")
# Brackets outside strings and comments, to see which reading of a wrong bracket comes out even.
_BRACKETS = re.compile(
    r"""[{}\[\]]|"[^"\\\n]*(?:\\.[^"\\\n]*)*"|'[^'\\\n]*(?:\\.[^'\\\n]*)*'|//[^\n]*|/\*.*?(?:\*/|\Z)""", re.DOTALL
)
_NAMES: dict[str, Literal["true", "false", "null"]] = {"true": "true", "false": "false", "null": "null"}
_MEANT_NAMES: dict[str, Literal["true", "false", "null"]] = {**_NAMES, "none": "null", "undefined": "null"}

State = Literal["first", "colon", "value", "after", "next"]


@dataclass(slots=True)
class _Frame:
    """A container that is being read. "first" and "next" await a key or an item, before and after a comma."""

    node: JsonObject | JsonArray
    state: State = "first"
    comma: int = -1
    key: JsonScalar | None = None
    broken: bool = False
    seen: dict[str, Span] = field(default_factory=dict[str, Span])


class JsonParser:
    """Reads one document; `read` gives the root and fills problems and comments."""

    def __init__(self, document: Document, *, json5: bool) -> None:
        self.document = document
        self.json5 = json5
        self.tokens = Tokens(document, json5=json5)
        self.problem = self.tokens.problem
        self.stack: list[_Frame] = []
        self.open = {JsonObject: 0, JsonArray: 0}
        self.root: JsonNode | None = None
        # Where the token before ended: what is missing is missing there.
        self.end = 0
        self._nets: tuple[list[int], list[int]] | None = None

    @property
    def problems(self) -> list[Problem]:
        """The mistakes found so far, in the order in which they were seen."""
        return self.tokens.problems

    def read(self) -> JsonNode | None:
        """Read the whole document."""
        tokens, stack = self.tokens, self.stack
        while True:
            frame = stack[-1] if stack else None
            key = frame is not None and frame.state in {"first", "next"} and isinstance(frame.node, JsonObject)
            token = tokens.next(key=key)
            if frame is None:
                if not self._at_root(token):
                    break
            elif token.kind == "end":
                self._unclosed(token.start)
                break
            else:
                self._in_container(frame, token)
            self.end = max(self.end, token.end)
        return self.root

    def _at_root(self, token: Token) -> bool:
        """Take a token outside every bracket; False when there is nothing more to read."""
        if token.kind == "end":
            if self.root is None and not self.problems:
                self.problem("empty", 0, 0, "the file is empty where a value is expected")
            return False
        if self.root is not None:
            end = len(self.document.text.rstrip())
            self.problem("trailing-text", token.start, max(end, token.end), "text after the end of the value")
            return False
        node = self._node(token)
        if node is None:
            self.problem("unexpected", token.start, token.end, "a value is expected here")
        else:
            self.root = node
        return True

    def _in_container(self, frame: _Frame, token: Token) -> None:
        kind = token.kind
        if kind in {"}", "]"}:
            self._close(token)
        elif frame.state == "colon":
            self._colon(frame, token)
        elif frame.state == "after":
            self._after(frame, token)
        elif kind == ",":
            if frame.state == "value":
                self.problem("unexpected", token.start, token.end, "a value is expected here")
                frame.state, frame.comma = "next", token.start
            else:
                spare = "spare-comma" if isinstance(frame.node, JsonObject) else "unexpected"
                self.problem(spare, token.start, token.end, "a comma with nothing before it")
        elif kind == ":":
            self.problem("unexpected", token.start, token.end, "a colon with no key before it")
            if isinstance(frame.node, JsonObject) and frame.state != "value":
                frame.state, frame.key = "value", None
        elif isinstance(frame.node, JsonObject) and frame.state != "value":
            self._key(frame, token)
        else:
            self._value(frame, token)

    def _key(self, frame: _Frame, token: Token) -> None:
        """Take what stands where a key is expected."""
        span = Span(token.start, token.end)
        text = token.text
        if token.kind == "word":
            text = _ESCAPED.sub(lambda m: chr(int(m[1], 16)), text)
            if not self.json5 or not text.translate(_LIKE_LETTERS).isidentifier():
                self.problem("unquoted-key", *span, "the key must stand in double quotes")
                text = text.strip("\"'")
        elif token.kind != "string":
            # A bracket or a stray character: what it opens is read, and belongs to no key.
            self.problem("unexpected", token.start, token.end, "a key is expected here")
            if token.kind != "odd":
                frame.state = "after"
                self._node(token)
            return
        key = JsonScalar(span, "string", text)
        first = frame.seen.setdefault(text, span)
        if first is not span:
            related = ((self.document.place(*first), "the first one"),)
            message = "the key {key} stands twice in this object; the last one counts"
            self.problem("duplicate-key", *span, message, (("key", text),), related=related)
        frame.key, frame.state, frame.broken = key, "colon", token.broken

    def _colon(self, frame: _Frame, token: Token) -> None:
        """Take what stands where a colon is expected."""
        frame.state = "value"
        if token.kind == ":":
            return
        if token.kind == "odd":
            wrong = "other-colon" if token.text == "=" else "missing-colon"
            self.problem(wrong, token.start, token.end, "a colon is expected here")
            return
        if not frame.broken:
            self.problem("missing-colon", self.end, self.end, "a colon and a value are expected here")
        if token.kind == ",":
            frame.state, frame.comma = "next", token.start
        else:
            self._value(frame, token)

    def _after(self, frame: _Frame, token: Token) -> None:
        """Take what stands behind a member or an item."""
        if token.kind == ",":
            frame.state, frame.comma = "next", token.start
            return
        if token.kind == "odd":
            kind = "missing-comma" if token.text == ";" else "unexpected"
            self.problem(kind, token.start, token.end, "a comma is expected here")
            if token.text == ";":
                frame.state, frame.comma = "next", -1
            return
        if token.kind == ":":
            self.problem("unexpected", token.start, token.end, "a colon is not expected here")
            frame.key = None
            frame.state = "value" if isinstance(frame.node, JsonObject) else "first"
            return
        before = self.document.text[self.end - 1 : self.end]
        if token.kind == "word" and token.start == self.end and before in {'"', "'"}:
            # An unescaped quote: what follows it up to the end of the line was to be part of the string.
            end = max(self.tokens.skip_line(), token.end)
            self.problem("unexpected", token.start, end, "text after the closing quote")
            self.end = end
            return
        self.problem("missing-comma", self.end, self.end, "a comma is expected here")
        frame.state, frame.comma = "first", -1
        self._in_container(frame, token)

    def _value(self, frame: _Frame, token: Token) -> None:
        """Take a value of a container."""
        frame.state = "after"
        key, frame.key = frame.key, None
        node = self._node(token)
        if node is None:
            self.problem("unexpected", token.start, token.end, "a value is expected here")
        elif isinstance(frame.node, JsonArray):
            frame.node.items.append(node)
        elif key is not None:
            frame.node.members.append(JsonMember(key, node))

    def _node(self, token: Token) -> JsonNode | None:
        """The node that a token is or opens, None for one that begins no value."""
        span = Span(token.start, token.end)
        if token.kind == "string":
            return JsonScalar(span, "string", token.text)
        if token.kind == "word":
            return self._word(token)
        if token.kind not in {"{", "["}:
            return None
        node = JsonObject(span, []) if token.kind == "{" else JsonArray(span, [])
        if len(self.stack) >= MAX_DEPTH:
            self.problem("too-deep", token.start, token.end, "brackets are nested too deep to be read")
            self._skip(node)
        else:
            self.stack.append(_Frame(node))
            self.open[type(node)] += 1
        return node

    def _word(self, token: Token) -> JsonScalar:
        """A number or a name; what is neither runs to the next sign of its line."""
        text = token.text
        span = Span(token.start, token.end)
        if text in _NAMES:
            return JsonScalar(span, _NAMES[text], text)
        source = self.document.text
        if source[token.start] in "-0123456789" and _STRICT_NUMBER.fullmatch(text):
            return JsonScalar(span, "number", text)
        if _JSON5_NUMBER.fullmatch(text):
            if not self.json5:
                self.problem("bad-number", *span, "JSON does not allow a number of this form")
            return JsonScalar(span, "number", text)
        if _NUMBER_START.match(text):
            self.problem("bad-number", *span, "this is no number")
            return JsonScalar(span, "number", text)
        found = _PROSE.match(source, token.end)
        end = found.end() if found else token.end
        end = token.start + len(source[token.start : end].rstrip())
        self.tokens.at = max(end, token.end)
        span = Span(token.start, self.tokens.at)
        self.end = span.end
        meant = _MEANT_NAMES.get(source[span.start : span.end].lower())
        if meant is not None:
            self.problem("other-name", *span, "JSON writes this as {meant}", (("meant", meant),))
            return JsonScalar(span, meant, text)
        self.problem("unexpected", *span, "a text must stand in double quotes")
        if text.lower() in _MEANT_NAMES:
            return JsonScalar(span, _MEANT_NAMES[text.lower()], text)
        return JsonScalar(span, "string", source[span.start : span.end].strip("\"'"))

    def _close(self, token: Token) -> None:
        """Take a closing bracket, of the innermost container or of one around it."""
        wanted: type[JsonObject | JsonArray] = JsonObject if token.kind == "}" else JsonArray
        frame = self.stack[-1]
        if isinstance(frame.node, wanted):
            self._finish(frame, token)
            return
        wrong = len(self.stack) - 1 + self._balance(token.end) == 0
        if wrong:
            # All other brackets come out even: a bracket of the other kind was typed, not one before it forgotten.
            values = (("found", token.text), ("meant", "}" if isinstance(frame.node, JsonObject) else "]"))
            self.problem("unexpected", token.start, token.end, "{found} where {meant} is meant", values)
            self._finish(frame, token)
            return
        if not self.open[wanted]:
            self.problem("unexpected", token.start, token.end, "this closes nothing")
            return
        while not isinstance(self.stack[-1].node, wanted):
            self._blame(self.stack[-1], token.start, token.end)
            self._pop(token.start)
        self._finish(self.stack[-1], token)

    def _finish(self, frame: _Frame, token: Token) -> None:
        """Close a container by its bracket."""
        if frame.state == "next" and not self.json5 and frame.comma != -1:
            message = "a comma with nothing after it: JSON does not allow it"
            self.problem("trailing-comma", frame.comma, frame.comma + 1, message)
        elif frame.state == "value":
            self.problem("unexpected", token.start, token.end, "a value is expected here")
        elif frame.state == "colon" and not frame.broken:
            self.problem("missing-colon", self.end, self.end, "a colon and a value are expected here")
        self._pop(token.end)

    def _pop(self, end: int) -> None:
        node = self.stack.pop().node
        node.span = Span(node.span.start, end)
        self.open[type(node)] -= 1

    def _unclosed(self, end: int) -> None:
        """Report the containers that the end of the file leaves open, the innermost first."""
        if len(self.stack) == 1 and (found := self._outdented(self.stack[0].node)) is not None:
            # One bracket is missing, and the indentation shows of which object.
            node, key = found
            place = self.document.place(*key)
            at = node.span.start
            values = (("bracket", "}"),)
            self.problem(
                "unclosed", at, at + 1, "no {bracket} closes this", values, related=((place, "expected before this"),)
            )
            self._pop(end)
        while self.stack:
            self._blame(self.stack[-1], end, end)
            self._pop(end)

    def _outdented(self, root: JsonNode) -> tuple[JsonObject, Span] | None:
        """The first object with a key that stands no deeper than the line on which the object opens, and that key."""
        nodes: list[JsonNode] = [root]
        while nodes:
            node = nodes.pop()
            if isinstance(node, JsonArray):
                nodes += reversed(node.items)
            elif isinstance(node, JsonObject):
                depth = self._depth(node.span.start)
                for member in node.members if node is not root else ():
                    line = self.document.text.rfind("\n", 0, member.key.span.start) + 1
                    alone = not self.document.text[line : member.key.span.start].strip()
                    if alone and line > node.span.start and self._depth(member.key.span.start) <= depth:
                        return node, member.key.span
                nodes += [member.value for member in reversed(node.members)]
        return None

    def _depth(self, offset: int) -> int:
        """The indentation of the line of an offset."""
        text = self.document.text
        line = text.rfind("\n", 0, offset) + 1
        return len(text[line:offset]) - len(text[line:offset].lstrip(" \t"))

    def _blame(self, frame: _Frame, start: int, end: int) -> None:
        at = frame.node.span.start
        bracket = "]" if isinstance(frame.node, JsonArray) else "}"
        related = ((self.document.place(start, end), "expected before this"),)
        self.problem("unclosed", at, at + 1, "no {bracket} closes this", (("bracket", bracket),), related=related)

    def _balance(self, offset: int) -> int:
        """How many more brackets open than close after an offset."""
        if self._nets is None:
            positions: list[int] = []
            nets = [0]
            for found in _BRACKETS.finditer(self.document.text):
                char = found[0][0]
                if char in "{}[]":
                    positions.append(found.start())
                    nets.append(nets[-1] + (1 if char in "{[" else -1))
            self._nets = positions, nets
        positions, nets = self._nets
        return nets[-1] - nets[bisect_right(positions, offset - 1)]

    def _skip(self, node: JsonObject | JsonArray) -> None:
        """Go to the end of a container that is nested too deep."""
        depth = 0
        at = node.span.start
        end = len(self.document.text)
        for found in _BRACKETS.finditer(self.document.text, at):
            char = found[0][0]
            depth += (char in "{[") - (char in "}]")
            if depth == 0:
                end = found.end()
                break
        node.span = Span(at, end)
        self.tokens.at = self.end = end
