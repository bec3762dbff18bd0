"""Edits of JSON files: exact texts in each layout, and by property that only the wanted value changes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from stackmend.fixers import json as fixer
from stackmend.fixers.edit import Edit
from stackmend.schemas.parsers.document import Document, Span
from stackmend.schemas.parsers.json import Dialect, JsonArray, JsonNode, JsonObject, JsonTree, parse_json


def parse(text: str, dialect: Dialect = "json5") -> JsonTree:
    return parse_json(Document("/project/config.json", text), dialect)


def applied(text: str, edits: Edit | Sequence[Edit]) -> str:
    edits = [edits] if isinstance(edits, Edit) else edits
    for edit in sorted(edits, key=lambda e: e.place.span, reverse=True):
        text = text[: edit.place.span.start] + edit.text + text[edit.place.span.end :]
    return text


def value(node: JsonNode | None) -> Any:
    if isinstance(node, JsonObject):
        return {m.key.text: value(m.value) for m in node.members}
    if isinstance(node, JsonArray):
        return [value(item) for item in node.items]
    assert node is not None
    return node.text if node.kind == "string" else json.loads(node.text)


def root(tree: JsonTree) -> JsonObject:
    assert isinstance(tree.root, JsonObject)
    return tree.root


def array(tree: JsonTree) -> JsonArray:
    assert isinstance(tree.root, JsonArray)
    return tree.root


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("{}", '{"k": 1}', id="empty"),
        pytest.param('{\n  "a": {}\n}', '{\n  "a": {},\n  "k": 1\n}', id="lines"),
        pytest.param('{\r\n\t"a": 0\r\n}\r\n', '{\r\n\t"a": 0,\r\n\t"k": 1\r\n}\r\n', id="tabs and CRLF"),
        pytest.param('{"a":0,"b":0}', '{"a":0,"b":0,"k":1}', id="compact"),
        pytest.param('{"a": 0}', '{"a": 0, "k": 1}', id="one line"),
        pytest.param("{\n  a: 0, // x\n}", '{\n  a: 0, // x\n  "k": 1,\n}', id="trailing comma and comment"),
        pytest.param('{\n  "a": 0 // x\n}', '{\n  "a": 0, // x\n  "k": 1\n}', id="comment keeps its line"),
        pytest.param("{a: 0 // x\n}", '{a: 0, // x\n"k": 1\n}', id="comment to the line end in one line"),
        pytest.param("{\n  // none yet\n}", '{\n  // none yet\n  "k": 1\n}', id="comment alone"),
        pytest.param("{/* none */}", '{/* none */\n  "k": 1\n}', id="block comment alone"),
    ],
)
def test_insert_member_adds_the_last_one_in_the_layout(before: str, after: str) -> None:
    tree = parse(before)
    assert applied(before, fixer.insert_member(tree, root(tree), "k", "1")) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param('{"a": 0, "b": 0}', '{"a": 0, "k": 1, "b": 0}', id="one line"),
        pytest.param('{\n  "a": 0, // x\n  "b": 0\n}', '{\n  "a": 0, // x\n  "k": 1,\n  "b": 0\n}', id="lines"),
    ],
)
def test_insert_member_after_another(before: str, after: str) -> None:
    tree = parse(before)
    obj = root(tree)
    assert applied(before, fixer.insert_member(tree, obj, "k", "1", after=obj.members[0])) == after


def test_nested_values_are_indented_as_the_file_is() -> None:
    text = '{\n    "a": {}\n}\n'
    tree = parse(text)
    inner = root(tree).get("a")
    assert isinstance(inner, JsonObject)
    assert applied(text, fixer.insert_member(tree, inner, "k", "[\n    1\n]")) == (
        '{\n    "a": {\n        "k": [\n            1\n        ]\n    }\n}\n'
    )
    assert applied(text, fixer.set_value(tree, inner, "[\n    1\n]")) == '{\n    "a": [\n        1\n    ]\n}\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("[]", "[9]", id="empty"),
        pytest.param("[1, 2]", "[1, 2, 9]", id="one line"),
        pytest.param("[\n 1,\n 2\n]", "[\n 1,\n 2,\n 9\n]", id="lines"),
        pytest.param("[1,2,]", "[1,2,9,]", id="trailing comma"),
    ],
)
def test_append_item_adds_the_last_one(before: str, after: str) -> None:
    tree = parse(before)
    assert applied(before, fixer.append_item(tree, array(tree), "9")) == after


@pytest.mark.parametrize(
    ("before", "index", "after"),
    [
        pytest.param("[1, 2, 3]", 0, "[2, 3]", id="first"),
        pytest.param("[1, 2, 3]", 1, "[1, 3]", id="middle"),
        pytest.param("[1, 2, 3]", 2, "[1, 2]", id="last"),
        pytest.param("[1]", 0, "[]", id="only"),
        pytest.param("[\n  1, // one\n  2 // two\n]", 0, "[\n  2 // two\n]", id="first with its comment"),
        pytest.param("[\n  1, // one\n  2 // two\n]", 1, "[\n  1 // one\n]", id="last with its comment"),
        pytest.param("[\n  1,\n  2,\n]", 1, "[\n  1,\n]", id="trailing comma stays"),
        pytest.param("[\n  1,\n  // about two\n  2\n]", 0, "[\n  // about two\n  2\n]", id="comment of the next stays"),
        pytest.param("[\n  [\n    1\n  ],\n  2\n]", 0, "[\n  2\n]", id="several lines"),
        pytest.param("[1,\n 2]", 1, "[1\n]", id="last before the bracket"),
        pytest.param("[\n  1\n]", 0, "[\n]", id="only one on its line"),
    ],
)
def test_remove_item_takes_comma_and_line(before: str, index: int, after: str) -> None:
    tree = parse(before)
    assert applied(before, fixer.remove_item(tree, array(tree), array(tree).items[index])) == after


@pytest.mark.parametrize(
    ("text", "cut", "after"),
    [
        pytest.param("[1,\n]", ",", "[1\n]", id="comma"),
        pytest.param("[1, // c\n2]", "// c", "[1,\n2]", id="comment behind"),
        pytest.param("// c\r\n[1]", "// c", "[1]", id="comment on its line"),
        pytest.param("[ /* c */ 1]", "/* c */", "[  1]", id="comment between"),
        pytest.param("\ufeff[1]", "\ufeff", "[1]", id="byte order mark"),
    ],
)
def test_remove_span(text: str, cut: str, after: str) -> None:
    start = text.index(cut)
    assert applied(text, fixer.remove_span(parse(text), Span(start, start + len(cut)))) == after


@pytest.mark.parametrize(
    ("before", "name", "after", "dialect"),
    [
        pytest.param('{"a":1}', 'b"', '{"b\\"":1}', "strict", id="strict"),
        pytest.param("{a:1}", "b_c", "{b_c:1}", "json5", id="unquoted"),
        pytest.param("{a:1}", "b-c", '{"b-c":1}', "json5", id="needs quotes"),
        pytest.param("{'a':1}", "b'\"", "{'b\\'\"':1}", "json5", id="single quotes"),
        pytest.param("{'a':1}", "b", '{"b":1}', "strict", id="mistaken quotes"),
    ],
)
def test_rename_key_keeps_its_quotes(before: str, name: str, after: str, dialect: Dialect) -> None:
    tree = parse(before, dialect)
    assert applied(before, fixer.rename_key(tree, root(tree).members[0], name)) == after


def test_a_part_of_another_collection_is_refused() -> None:
    tree, other = parse("[1]"), parse("[1]")
    with pytest.raises(ValueError, match="not a part"):
        fixer.remove_item(tree, array(tree), array(other).items[0])


@given(st.text() | st.sampled_from(["\ud800", "x\udfff\ud800", "\udc80é"]), st.sampled_from(['"', "'"]))
def test_quoted_text_is_read_back(text: str, mark: str) -> None:
    written = fixer.quote(text, mark)
    tree = parse(written)
    assert tree.problems == ()
    assert value(tree.root) == text
    assert mark == "'" or json.loads(written) == text
    assert written.encode()


# -- any file

leaves = st.sampled_from(["1", '"x,y"', "'q'", "null", '"// no"'])
blanks = st.sampled_from(["", "", " ", "\n", "\n  ", "\r\n\t", " // c\n", "/* d */", "\n  // e, [\n  ", " /* f\n */ "])


@st.composite
def written(draw: st.DrawFn, depth: int = 2) -> str:
    """A JSON5 text with blanks and comments anywhere."""

    def gap() -> str:
        return draw(blanks)

    if depth == 0 or draw(st.integers(0, 3)) == 0:
        return draw(leaves)
    is_object = draw(st.booleans())
    parts = [draw(written(depth - 1)) for _ in range(draw(st.integers(0, 3)))]
    if is_object:
        parts = [
            draw(st.sampled_from(["k{}", '"k{}"'])).format(i) + gap() + ":" + gap() + p for i, p in enumerate(parts)
        ]
    inner = ",".join(gap() + part + gap() for part in parts)
    with_comma: bool = draw(st.booleans())
    if parts and with_comma:
        inner += "," + gap()
    return ("{" if is_object else "[") + (inner or gap()) + ("}" if is_object else "]")


def containers(node: JsonNode | None) -> list[JsonObject | JsonArray]:
    if isinstance(node, JsonObject):
        return [node, *(c for m in node.members for c in containers(m.value))]
    if isinstance(node, JsonArray):
        return [node, *(c for item in node.items for c in containers(item))]
    return []


@st.composite
def choices(draw: st.DrawFn) -> tuple[str, int]:
    """A text and the number of one of its collections."""
    text = draw(blanks) + draw(written()) + draw(blanks)
    found = containers(parse(text).root)
    assume(found)
    return text, draw(st.integers(0, len(found) - 1))


def comments(tree: JsonTree) -> list[str]:
    return [tree.document.text[c.start : c.end] for c in tree.comments]


@given(choices(), st.integers(-1, 2))
def test_insertion_adds_one_value_and_loses_no_comment(choice: tuple[str, int], at: int) -> None:
    text, number = choice
    tree = parse(text)
    assert tree.problems == ()
    node = containers(tree.root)[number]
    expected = value(tree.root)
    wanted = containers_of(expected)[number]
    if isinstance(node, JsonObject):
        after = node.members[at] if 0 <= at < len(node.members) else None
        edit = fixer.insert_member(tree, node, "new", '{"z": [1]}', after=after)
        items = list(wanted.items())
        items.insert(at + 1 if after else len(items), ("new", {"z": [1]}))
        wanted.clear()
        wanted.update(items)
    else:
        edit = fixer.append_item(tree, node, "9")
        wanted.append(9)
    changed = parse(applied(text, edit))
    assert changed.problems == ()
    assert json.dumps(value(changed.root)) == json.dumps(expected)
    assert comments(changed) == comments(tree)


def containers_of(data: Any) -> list[Any]:
    """The collections of a value in the order of `containers`."""
    if isinstance(data, dict):
        inner: list[Any] = list(data.values())  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        return [data, *(c for item in inner for c in containers_of(item))]
    if isinstance(data, list):
        return [data, *(c for item in data for c in containers_of(item))]  # pyright: ignore[reportUnknownVariableType]
    return []


@given(choices(), st.integers(0, 2))
def test_removal_takes_one_value(choice: tuple[str, int], at: int) -> None:
    text, number = choice
    tree = parse(text)
    node = containers(tree.root)[number]
    expected = value(tree.root)
    wanted = containers_of(expected)[number]
    assume(at < len(wanted))
    if isinstance(node, JsonObject):
        edits = fixer.remove_member(tree, node, node.members[at])
        del wanted[node.members[at].key.text]
    else:
        edits = fixer.remove_item(tree, node, node.items[at])
        del wanted[at]
    changed = parse(applied(text, edits))
    assert changed.problems == ()
    assert json.dumps(value(changed.root)) == json.dumps(expected)


@given(choices(), st.sampled_from(["7", '"a\\nb"', '{\n  "m": [\n    1\n  ]\n}']))
def test_set_value_replaces_one_value(choice: tuple[str, int], new: str) -> None:
    text, number = choice
    tree = parse(text)
    node = containers(tree.root)[number]
    changed = parse(applied(text, fixer.set_value(tree, node, new)))
    assert changed.problems == ()
    start = node.span.start
    assert changed.document.text[:start] == text[:start]
    assert changed.document.text.endswith(text[node.span.end :])
    assert json.dumps(json.loads(new)) in json.dumps(value(changed.root))


@given(choices())
def test_comments_can_be_removed_one_by_one(choice: tuple[str, int]) -> None:
    text, _ = choice
    tree = parse(text)
    expected = value(tree.root)
    for left in range(len(tree.comments), 0, -1):
        tree = parse(text)
        assert len(tree.comments) == left
        text = applied(text, fixer.remove_span(tree, tree.comments[0]))
    assert value(parse(text).root) == expected
