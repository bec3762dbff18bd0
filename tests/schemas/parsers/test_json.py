"""JSON and JSON5: every mistake once and at its place; the same files refused as by Python and by node; any input."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackmend.schemas.parsers.document import Document
from stackmend.schemas.parsers.json import (
    Dialect,
    JsonArray,
    JsonNode,
    JsonObject,
    JsonScalar,
    JsonTree,
    parse_json,
)

Linear = Callable[[Callable[[int], Callable[[], object]]], None]

SHARED = Path(__file__).parents[4] / "shared"


def parse(text: str, dialect: Dialect = "strict") -> JsonTree:
    return parse_json(Document("/project/config.json", text), dialect)


def value(node: JsonNode | None) -> Any:
    """The node as Python's json would give it."""
    if isinstance(node, JsonObject):
        return {m.key.text: value(m.value) for m in node.members}
    if isinstance(node, JsonArray):
        return [value(item) for item in node.items]
    assert node is not None
    return node.text if node.kind == "string" else json.loads(node.text)


def found(text: str, dialect: Dialect = "strict") -> list[tuple[str, str]]:
    return [(p.kind, p.place.text) for p in parse(text, dialect).problems]


# The mistake, and its kind and place; in both dialects, or in the strict one alone.
BOTH = [
    ('{"a":1 "b":2}', "missing-comma", "", 6),
    ("[1\n2]", "missing-comma", "", 2),
    ("[1;2]", "missing-comma", ";", 2),
    ('{"a" 1}', "missing-colon", "", 4),
    ('{"a"}', "missing-colon", "", 4),
    ('{"a", "b":1}', "missing-colon", "", 4),
    ('{"a"=1}', "other-colon", "=", 4),
    ('{"a"::1}', "unexpected", ":", 5),
    ('{"a":1:2}', "unexpected", ":", 6),
    ('["a":1]', "unexpected", ":", 4),
    ("{:1}", "unexpected", ":", 1),
    ('{"a":}', "unexpected", "}", 5),
    ('{"a":,"b":1}', "unexpected", ",", 5),
    ("[1,,2]", "unexpected", ",", 3),
    ("[,]", "unexpected", ",", 1),
    ('{{"a":1}}', "unexpected", "{", 1),
    ('{"a":True}', "other-name", "True", 5),
    ('{"a":1,,"b":2}', "spare-comma", ",", 7),
    ('{\n "a": {"x": 1,\n "b": 2\n}', "unclosed", "{", 8),
    ('{"a":hello world, "b":1}', "unexpected", "hello world", 5),
    ('{"a":http://x/y}', "unexpected", "http://x/y", 5),
    ('{"say":"say "hi" now",\n"c":1}', "unexpected", 'hi" now"', 13),
    ('{"a":b"}', "unexpected", 'b"', 5),
    ('{"a":[1,2}', "unclosed", "[", 5),
    ('{"a":[{"b":1],"c":2}', "unclosed", "{", 6),
    ('{"a":1', "unclosed", "{", 0),
    ('{"a":[1,2},"b":3}', "unexpected", "}", 9),
    ("[1,2}", "unexpected", "}", 4),
    ("[1}, 2]", "unexpected", "}", 2),
    ('{"a":1}}', "trailing-text", "}", 7),
    ("{} x\ny\n", "trailing-text", "x\ny", 3),
    ('{"a":"b\n}', "unterminated-string", '"', 5),
    ('{"a":"b,\n"c":1}', "unterminated-string", '"', 5),
    ('{"a:1,\n"c":1}', "unterminated-string", '"', 1),
    ('{"a":\'b}\n', "unterminated-string", "'", 5),
    ('{a":1}', "unquoted-key", 'a"', 1),
    ('{"a":"x\ny"}', "control-character", "\n", 7),
    ('{"a":"\\u12"}', "bad-escape", "\\u", 6),
    ('{"a":01}', "bad-number", "01", 5),
    ('{"a":1.2.3}', "bad-number", "1.2.3", 5),
    ('{"a":12px}', "bad-number", "12px", 5),
    ('{"a"：1}', "full-width", "：", 4),
    ('{"a":1，"b":2}', "full-width", "，", 6),
    ("{“a”:1}", "full-width", "“", 1),
    ('｛"a":1}', "full-width", "｛", 0),
    ("# note\n{}", "comment", "# note", 0),
    ('{"a":1,"a":2}', "duplicate-key", '"a"', 7),
    ("", "empty", "", 0),
    (" \n", "empty", "", 0),
]
STRICT = [
    ('{"a":1,}', "trailing-comma", ",", 6),
    ("[1,2, ]", "trailing-comma", ",", 4),
    ('{"a":1} // c\n', "comment", "// c", 8),
    ('/* a\nb */{"a":1}', "comment", "/* a\nb */", 0),
    ("{'a':1}", "single-quote", "'a'", 1),
    ("{a:1}", "unquoted-key", "a", 1),
    ("\ufeff{}", "bom", "\ufeff", 0),
    ('{"a":+1}', "bad-number", "+1", 5),
    ('{"a":.5}', "bad-number", ".5", 5),
    ('{"a":0x1F}', "bad-number", "0x1F", 5),
    ('{"a":-Infinity}', "bad-number", "-Infinity", 5),
    ('{"a":"\t"}', "control-character", "\t", 6),
    ('{"a":"\\q"}', "bad-escape", "\\q", 6),
    ('{"a":"x\\\ny"}', "bad-escape", "\\\n", 7),
    ('{"a":1\u00a0}', "foreign-blank", "\u00a0", 6),
]


@pytest.mark.parametrize(
    ("text", "kind", "where", "at"), [pytest.param(*case, id=repr(case[0])) for case in [*BOTH, *STRICT]]
)
def test_one_mistake_is_one_problem_at_its_place(text: str, kind: str, where: str, at: int) -> None:
    assert found(text) == [(kind, where)]
    assert parse(text).problems[0].place.span.start == at


@pytest.mark.parametrize(("text", "kind", "where", "at"), [pytest.param(*case, id=repr(case[0])) for case in BOTH])
def test_mistakes_of_both_dialects_are_told_in_json5_too(text: str, kind: str, where: str, at: int) -> None:
    assert found(text, "json5") == [(kind, where)]


@pytest.mark.parametrize("text", [pytest.param(case[0], id=repr(case[0])) for case in STRICT])
def test_what_json5_adds_is_no_mistake_in_json5(text: str) -> None:
    assert found(text, "json5") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('{"a":1 "b":[2 3],}', {"a": 1, "b": [2, 3]}, id="commas"),
        pytest.param('{"a":[1,2},"b":{"c":[3]}}', {"a": [1, 2], "b": {"c": [3]}}, id="brackets"),
        pytest.param("{a:'x',\"b\"：“y”}", {"a": "x", "b": "y"}, id="quotes"),
        pytest.param('{"a":"b,\n"c":tru,"d":1}', {"a": "b", "c": "tru", "d": 1}, id="open string and a wrong name"),
    ],
)
def test_reading_goes_on_after_mistakes(text: str, expected: object) -> None:
    assert value(parse(text).root) == expected


def test_mistakes_of_one_file_are_all_told_in_order() -> None:
    text = '{\n  // names\n  \'a\': [1 2,],\n  "b": .5\n  "c"：tru,\n}\n'
    assert [(p.kind, p.place.line) for p in parse(text).problems] == [
        ("comment", 2),
        ("single-quote", 3),
        ("missing-comma", 3),
        ("trailing-comma", 3),
        ("bad-number", 4),
        ("missing-comma", 4),
        ("full-width", 5),
        ("unexpected", 5),
        ("trailing-comma", 5),
    ]


def test_related_places_show_the_other_half() -> None:
    [duplicate] = parse('{"a":1,"a":2}').problems
    assert [place.span for place, _ in duplicate.related] == [(1, 4)]
    [unclosed] = parse('{"a":[1}').problems
    assert [place.span for place, _ in unclosed.related] == [(7, 8)]


def test_spans_have_quotes_and_brackets() -> None:
    text = ' {"a": ["x\\n", 12], b: {}} '
    root = parse(text, "json5").root
    assert isinstance(root, JsonObject)
    array = root.get("a")
    assert isinstance(array, JsonArray)
    nodes = [root, array, *array.items, root.members[1].key, root.members[1].value]
    assert [text[n.span.start : n.span.end] for n in nodes] == [
        '{"a": ["x\\n", 12], b: {}}',
        '["x\\n", 12]',
        '"x\\n"',
        "12",
        "b",
        "{}",
    ]
    assert root.get("none") is None


def test_comments_are_kept() -> None:
    tree = parse("// a\r\n[1, /* b */ 2 // c\n]", "json5")
    assert [tree.document.text[c.start : c.end] for c in tree.comments] == ["// a", "/* b */", "// c"]


def test_values_stay_out_of_the_repr() -> None:
    assert "hunter2" not in repr(parse('{"a":"hunter2"}').root)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "[" * 1000 + "]" * 1000])
def test_nesting_is_bounded(text: str) -> None:
    tree = parse(text)
    assert "too-deep" in {p.kind for p in tree.problems}
    assert repr(tree.root)


# -- the judges

scalars = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(allow_nan=False, allow_infinity=False)
documents = st.recursive(
    scalars | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


def _dump(data: object, indent: int | str | None, ascii_only: bool) -> str:
    return json.dumps(data, indent=indent, ensure_ascii=ascii_only)


written = st.builds(_dump, documents, st.sampled_from([None, 2, "\t"]), st.booleans())
SIGNS = "{}[]:,\"'\\/ \n\t\r0123456789-+.eEx_$#*=;，：“\ufeff\u00a0\u2028\x00\x7fa"
SPLINTERS = [*SIGNS, "//", "/*", "*/", "true", "null", "NaN", "\\u00", "\\u0041", "\\x41", "\\\n", "0x1", "Infinity"]


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A JSON text with a few characters put in, taken out or replaced."""
    text = draw(written)
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 2)))
        text = text[:start] + draw(st.sampled_from(["", *SPLINTERS])) + text[end:]
    return text


def python_reads(text: str) -> Any:
    """What Python's json gives, or None in a list when it refuses; NaN and Infinity are refused, as JSON.parse does."""

    def refuse(name: str) -> None:
        raise ValueError(name)

    try:
        return [json.loads(text, parse_constant=refuse)]
    except ValueError:
        return None


def refused(tree: JsonTree) -> bool:
    return any(p.kind != "duplicate-key" for p in tree.problems)


@given(written)
def test_written_json_is_read_alike_in_both_dialects(text: str) -> None:
    for dialect in ("strict", "json5"):
        tree = parse(text, dialect)
        assert tree.problems == ()
        assert value(tree.root) == json.loads(text)


@settings(max_examples=300)
@given(mutated())
def test_python_refuses_the_same_texts(text: str) -> None:
    tree = parse(text)
    expected = python_reads(text)
    assert refused(tree) == (expected is None), tree.problems
    if expected is not None:
        assert value(tree.root) == expected[0]


@settings(max_examples=300)
@given(mutated())
def test_strict_json_is_json5(text: str) -> None:
    if not refused(parse(text)):
        assert not refused(parse(text, "json5"))


NODE = """
const out = JSON.parse(require('fs').readFileSync(0, 'utf8')).map(([text, mode]) => {
  try { return [true, JSON.stringify(mode === 'strict' ? JSON.parse(text) : (0, eval)('(' + text + '\\n)'))] }
  catch (error) { return [false, null] }
});
console.log(JSON.stringify(out));
"""


@pytest.mark.oracle
@settings(max_examples=15, deadline=None)
@given(texts=st.lists(mutated(), min_size=20, max_size=60))
def test_node_agrees(texts: list[str]) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node was not found")
    texts = [t for t in texts if "__proto__" not in t]
    asked = [[t, mode] for t in texts for mode in ("strict", "json5")]
    answer = subprocess.run([node, "-e", NODE], input=json.dumps(asked), capture_output=True, text=True, check=True)
    for (text, mode), (accepted, _) in zip(asked, json.loads(answer.stdout), strict=True):
        tree = parse(text, "strict" if mode == "strict" else "json5")
        if mode == "strict":
            assert refused(tree) == (not accepted), (text, tree.problems)
        elif not refused(tree):
            # JSON5 is a part of ECMAScript: what we accept, it evaluates.
            assert accepted, text


# -- any input


def spans(node: JsonNode) -> list[tuple[int, int]]:
    """The spans of a node and all in it, in order, after checking that children lie inside."""
    inner: list[JsonNode] = []
    if isinstance(node, JsonObject):
        inner = [n for m in node.members for n in (m.key, m.value)]
    elif isinstance(node, JsonArray):
        inner = node.items
    assert all(node.span.covers(child.span) for child in inner)
    ends = [child.span for child in inner]
    assert all(a.end <= b.start for a, b in pairwise(ends))
    return [node.span, *(s for child in inner for s in spans(child))]


@settings(max_examples=300)
@given(st.lists(st.sampled_from(SPLINTERS), max_size=30).map("".join) | mutated(), st.sampled_from(["strict", "json5"]))
def test_any_text_gives_a_tree_inside_the_text(text: str, dialect: Dialect) -> None:
    tree = parse(text, dialect)
    assert tree.root is not None or tree.problems
    if tree.root is not None:
        assert all(0 <= start <= end <= len(text) for start, end in spans(tree.root))
    for problem in tree.problems:
        assert 0 <= problem.place.span.start <= problem.place.span.end <= len(text)


@pytest.mark.parametrize(
    "piece",
    [*"\"'“\\];", '{"a":"', "[}", "{]", '"\\', '"a:', "/*", "//", "x ", '"\n', "[[]", '"a"b', "\u00a0,", "[1,\n"],
)
def test_hostile_repetition_takes_linear_time(piece: str, linear: Linear) -> None:
    def make(times: int) -> Callable[[], object]:
        document = Document("/e", "[{" + piece * times)
        return lambda: parse_json(document, "json5")

    linear(make)


def test_config_files_of_fastgpt_are_read() -> None:
    folder = SHARED / "corpus/dev/fastgpt"
    if not folder.exists():
        pytest.skip("the test data is not here")
    files = [p for p in folder.rglob("*.json") if p.stat().st_size < 1_000_000]
    assert files
    for path in files:
        tree = parse(path.read_bytes().decode(), "json5")
        assert not refused(tree), (path, tree.problems)
        assert isinstance(tree.root, JsonObject | JsonArray | JsonScalar)
