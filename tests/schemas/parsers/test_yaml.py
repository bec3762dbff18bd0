"""YAML trees: exact spans, go-yaml's kinds, every mistake as data, and the same tree from both builds of the parser."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stackmend.schemas.parsers.document import Document, Span
from stackmend.schemas.parsers.yaml import (
    YamlAlias,
    YamlMapping,
    YamlNode,
    YamlScalar,
    YamlSequence,
    YamlTree,
    children,
    parse_yaml,
    source_span,
    walk,
)
from stackmend.schemas.parsers.yaml_scalars import plain_kind

SHARED = Path(__file__).resolve().parents[4] / "shared"
CORPUS = sorted(
    str(path)
    for folder in ("corpus", "cases")
    for path in (SHARED / folder).rglob("*")
    if path.suffix in {".yaml", ".yml"}
)
COMPOSE = shutil.which("docker-compose", path=os.environ.get("PATH", "") + os.pathsep + "/usr/local/lib/judges")

# Pieces that make nearly-YAML when they are joined: every construct, well and badly placed.
BLOCK = [
    "a",
    "b: ",
    "- ",
    "\n",
    "\n  ",
    "\n    ",
    "k:",
    "? ",
    ": ",
    "\n---\n",
    "\n...\n",
    "\r\n",
    "<<",
    "\t",
    "文",
    "1",
]
FLOW = ["[", "]", "{", "}", ", ", ":", "http://h:1"]
SCALARS = [" 'x''y' ", '"u\\n\\x41" ', " # c", "&x ", "*x ", "|\n", ">-\n", "|+\n", "!t ", "!!int "]
PIECES = st.sampled_from(BLOCK + FLOW + SCALARS)
NEARLY_YAML = st.lists(PIECES, max_size=25).map("".join)


def tree_of(text: str) -> YamlTree:
    return parse_yaml(Document("/f.yaml", text))


def written(tree: YamlTree, node: YamlNode) -> str:
    return tree.document.text[node.span.start : node.span.end]


def scalars(tree: YamlTree) -> list[YamlScalar]:
    return [node for node in walk(tree.roots) if isinstance(node, YamlScalar)]


def shape(tree: YamlTree) -> list[tuple[object, ...]]:
    """Everything that a tree says about its nodes, as plain data."""
    names = ("text", "style", "kind", "tag", "anchor", "flow", "name")
    return [(type(n).__name__, n.span, *(getattr(n, name, None) for name in names)) for n in walk(tree.roots)]


def problems(tree: YamlTree) -> list[tuple[str, str]]:
    return [(problem.kind, problem.place.text) for problem in tree.problems]


def assert_well_placed(tree: YamlTree) -> None:
    """Children lie inside their parents, in order, without overlap."""
    for node in walk(tree.roots):
        assert 0 <= node.span.start <= node.span.end <= len(tree.document.text)
        at = node.span.start
        for child in children(node):
            assert at <= child.span.start <= child.span.end <= node.span.end
            at = child.span.end


@pytest.fixture
def pure(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine where ruamel's C parser is not built."""
    monkeypatch.setitem(sys.modules, "_ruamel_yaml", None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a: b # c\n", ["a", "b"], id="plain, comment left out"),
        pytest.param("a: 'it''s'\n", ["a", "'it''s'"], id="single quotes"),
        pytest.param('a: "x\\n" \n', ["a", '"x\\n"'], id="double quotes"),
        pytest.param("a: &x !!str v\n", ["a", "v"], id="anchor and tag left out"),
        pytest.param("&k a: !t # why\n  'v'\n", ["a", "'v'"], id="comment between tag and value"),
        pytest.param(
            "a: |\n  x\n  y\n\nb: 1\n", ["a", "|\n  x\n  y", "b", "1"], id="literal block without trailing lines"
        ),
        pytest.param("a: |+\n  x\n\nb: 1\n", ["a", "|+\n  x\n", "b", "1"], id="kept lines belong to a block"),
        pytest.param(
            "a: >-\n  x\r\n  y\r\n\r\n# c\r\nb: 1\n",
            ["a", ">-\n  x\r\n  y", "b", "1"],
            id="folded block, CRLF, comment",
        ),
        pytest.param("a: |  # c\nb: 1\n", ["a", "|", "b", "1"], id="empty block with a comment"),
        pytest.param("a: |2\n   x  \n\n", ["a", "|2\n   x  "], id="indicator, blanks at the end of a line"),
        pytest.param("a: b\n  c\n\n  d\ne: f\n", ["a", "b\n  c\n\n  d", "e", "f"], id="plain over several lines"),
        pytest.param("\ufeffa: b\n", ["a", "b"], id="byte order mark"),
        pytest.param("a: [http://h:80, 'x':y, b]\n", ["a", "http://h:80", "'x'", "y", "b"], id="colons in flow words"),
        pytest.param("a: 文字 😀\nb: 1", ["a", "文字 😀", "b", "1"], id="wide characters"),
    ],
)
def test_a_scalar_covers_its_token(text: str, expected: list[str]) -> None:
    tree = tree_of(text)
    assert [written(tree, node) for node in scalars(tree)] == expected
    assert tree.problems == ()


@pytest.mark.parametrize(
    ("text", "at"),
    [
        pytest.param("a:\nb: 1\n", 2, id="after the colon"),
        pytest.param("a: # c\n", 2, id="before a comment"),
        pytest.param("a: &x !t\n", 8, id="after anchor and tag"),
        pytest.param("- \n- b\n", 1, id="after the dash"),
        pytest.param("{a: }\n", 3, id="flow mapping"),
        pytest.param("{a, b: 1}\n", 2, id="flow key without a colon"),
        pytest.param("? a\n", 3, id="explicit key without a value"),
        pytest.param("? a\n# c\n: \n", 9, id="explicit value"),
        pytest.param("---\n---\nb\n", 3, id="empty document"),
    ],
)
def test_an_absent_value_stands_where_it_would_be_written(text: str, at: int) -> None:
    empty = next(node for node in scalars(tree_of(text)) if not node.text)
    assert empty.span == (at, at)
    assert empty.kind == ("str" if empty.tag else "null")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a:\n  b: 1\n\n# c\nd: 2\n", "b: 1", id="block mapping ends with its content"),
        pytest.param("a:\n- b\n-\n\nc: 1\n", "- b\n-", id="list not indented under its key"),
        pytest.param("a: &x\n  - b\n", "- b", id="anchored list"),
        pytest.param("a: !t\n- b\n", "- b", id="tagged list not indented"),
        pytest.param("a: &x {b: c }\n", "{b: c }", id="flow mapping"),
        pytest.param("a: [\n  b,\n]\n", "[\n  b,\n]", id="flow list over lines"),
        pytest.param("a:\n  b: |\n    x\n\n\nc: 1\n", "b: |\n    x", id="ends with a block scalar"),
    ],
)
def test_a_collection_covers_its_content(text: str, expected: str) -> None:
    tree = tree_of(text)
    root = tree.roots[0]
    assert isinstance(root, YamlMapping)
    assert written(tree, root.entries[0].value) == expected


def test_an_alias_is_a_link_to_the_latest_anchor_before_it() -> None:
    tree = tree_of("a: &x 1\nb: *x\nc: &x 2\nd: *x\ne: &e [*e]\n")
    root = tree.roots[0]
    assert isinstance(root, YamlMapping)
    values = [entry.value for entry in root.entries]
    links = [value.target for value in values if isinstance(value, YamlAlias)]
    assert links == [values[0], values[2]]
    cycle = values[4]
    assert isinstance(cycle, YamlSequence)
    inner = cycle.items[0]
    assert isinstance(inner, YamlAlias)
    assert inner.target is cycle
    assert tree.problems == ()


# What Compose 2.40 makes of each, asked once and checked again below where it is installed.
KINDS = {
    "int": "0777 0o17 0O17 0x1F 0X1f 0b101 0B1 1_000 1__0 0b-1 0o-7 -0o7 +12 -0x1F 18446744073709551615 0_7 1_ 00 -0",
    "float": "08 1. .5 .5e3 .1_0 +.5 1e3 12e03 99999999999999999999 -9223372036854775809 0777_8 1.10 1E3 08.5 1e5_0",
    "str": "_1 0x 0b2 0o8 . + 1e400 1:30 12e 0x1p3 .e3 yes no on off y nULL tRUE 30s 1.5.2 2001-13-01 ٣ 1+1 <<",
    "bool": "true True TRUE false False FALSE",
    "null": "null Null NULL ~",
    "timestamp": "2001-1-2 2001-01-02 2001-01-02T03:04:05Z 2001-01-02t3:4:5.5+01:00 2000-2-29",
}


@pytest.mark.parametrize(("kind", "texts"), KINDS.items(), ids=KINDS)
def test_plain_scalars_have_the_kinds_of_go_yaml(kind: str, texts: str) -> None:
    assert {text: plain_kind(text) for text in texts.split()} == dict.fromkeys(texts.split(), kind)


def test_infinity_dates_with_blanks_and_the_empty_text() -> None:
    assert [plain_kind(text) for text in (".inf", "-.INF", "+.Inf", ".NaN", "+.nan")] == [*["float"] * 4, "str"]
    assert plain_kind("2001-01-02 3:4:5.123") == "timestamp"
    assert plain_kind("2001-01-02 24:00:00") == "str"
    assert plain_kind("") == "null"


@pytest.mark.oracle
def test_compose_agrees_about_the_kinds(tmp_path: Path) -> None:
    if COMPOSE is None:
        if os.environ.get("ORACLES") == "required":
            pytest.fail("docker-compose is not installed")
        pytest.skip("docker-compose is not installed")
    texts = [text for group in KINDS.values() for text in group.split()]
    file = tmp_path / "compose.yaml"
    file.write_text(
        "name: p\nservices: {a: {image: b}}\nx-list:\n" + "".join(f"  - {text}\n" for text in texts), encoding="utf-8"
    )
    command = [COMPOSE, "-f", str(file), "config", "--format", "json", "--no-interpolate"]
    answer = subprocess.run(command, capture_output=True, check=True)
    for text, value in zip(texts, json.loads(answer.stdout)["x-list"], strict=True):
        kind = plain_kind(text)
        if kind == "timestamp":
            assert isinstance(value, str)
            assert "T" in value
        else:
            assert isinstance(value, {"str": str, "bool": bool, "null": type(None)}.get(kind, (int, float))), text


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        pytest.param("!!str 1", "str", id="string tag"),
        pytest.param("!!int '3'", "int", id="integer tag on quotes"),
        pytest.param("'3'", "str", id="quotes"),
        pytest.param("! 3", "int", id="non-specific tag"),
        pytest.param("!reset 3", "str", id="own tag"),
    ],
)
def test_a_tag_or_quotes_decide_the_kind(text: str, kind: str) -> None:
    assert scalars(tree_of(f"a: {text}\n"))[1].kind == kind


@pytest.mark.parametrize(
    ("text", "kind", "place"),
    [
        pytest.param("a: b: c\n", "syntax", ":", id="second colon"),
        pytest.param("a: 'x\nb: 1\n", "syntax", "'", id="quote never closed"),
        pytest.param("a: [b\n", "syntax", "[", id="bracket never closed"),
        pytest.param("a: [b\nc: d\n", "syntax", ":", id="bracket closed too late"),
        pytest.param("a: {b: c}}\n", "syntax", "}", id="bracket too many"),
        pytest.param("a: 'b' c\n", "syntax", "c", id="text after a quote"),
        pytest.param("a: @b\n", "syntax", "@", id="reserved sign"),
        pytest.param("a: b\nc=d\ne: f\n", "syntax", "c=d", id="env line"),
        pytest.param("a:\n    b: 1\n  c: 2\n", "syntax", "c", id="indentation between two levels"),
        pytest.param("- a\n-b\n", "syntax", "-b", id="dash without blank"),
        pytest.param('a: "\\q"\n', "syntax", "\\q", id="unknown escape"),
        pytest.param("a: |x\n  y\n", "syntax", "x", id="text after the bar"),
        pytest.param("a:\n\t\tb: c\n", "tab-indent", "\t\t", id="tabs"),
        pytest.param("a:\n  - b\n  -\tc: d\n", "tab-indent", "\t", id="tab after a dash"),
        pytest.param("a:\n  b:c\n  d: e\n", "syntax", "b:", id="no blank after a colon, in the line above"),
        pytest.param("a:\n  b：\n    d: e\n", "syntax", "b：", id="full-width colon, in the line above"),
        pytest.param("a: b\nc：d\ne: f\n", "syntax", "c：d", id="full-width colon"),
        pytest.param("a: http://b\n  c: d\n", "syntax", ":", id="a URL is no key without a blank"),
        pytest.param("a: |\nb\nc: d\n", "syntax", "b", id="text of a block, not indented"),
        pytest.param("a:\n<<<<<<< HEAD\n  b: 1\n=======\n  b: 2\n", "syntax", "<<<<<<< HEAD", id="merge conflict"),
        pytest.param("a: [b, c=${D}]\n", "syntax", "${", id="variable in a list between brackets"),
        pytest.param("\udcff\udcfea\0:\0\n\0", "invalid-character", "\udcff\udcfe", id="UTF-16"),
        pytest.param("a: *b\n", "unknown-alias", "*b", id="alias of nothing"),
        pytest.param("a: 1\n'a': 2\n", "duplicate-key", "'a'", id="key twice, other quotes"),
        pytest.param("x: &x {}\na:\n  <<: *x\n  <<: *x\n", "duplicate-key", "<<", id="merge twice"),
        pytest.param("x: &x\na:\n  <<: *x\n", "merge-of-non-map", "*x", id="merge of an empty anchor"),
        pytest.param("a:\n  <<: [{b: c}, d]\n", "merge-of-non-map", "[{b: c}, d]", id="merge of a mixed list"),
        pytest.param("a: \x07\n", "invalid-character", "\x07", id="control character"),
        pytest.param("a: b # \udce4\udcb8\nc: d\n", "invalid-character", "\udce4\udcb8", id="bytes that are not UTF-8"),
    ],
)
def test_a_mistake_is_placed_on_what_is_wrong(text: str, kind: str, place: str) -> None:
    assert problems(tree_of(text)) == [(kind, place)]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a:\tb\n", id="tab before a value"),
        pytest.param("a: [\n\tb]\n", id="tab in brackets"),
        pytest.param("x: &x {a: b}\nb:\n  <<: *x\nc:\n  <<: [*x, {d: e}]\nd: {'<<': 1}\ne: {<<: []}\n", id="merges"),
        pytest.param("a: &x 1\nb: &x 2\n", id="anchor twice"),
        pytest.param("a: [curl, -f, http://localhost:80/x, b:c]\nb: {c:d}\n", id="colons in flow words"),
        pytest.param("a: b\x85c: d\n", id="next line character"),
        pytest.param("<<: !reset null\n", id="merge taken back"),
        pytest.param("", id="empty"),
        pytest.param("# c\n", id="only a comment"),
        pytest.param("\ufeff", id="only a byte order mark"),
    ],
)
def test_what_compose_reads_is_no_mistake(text: str) -> None:
    assert tree_of(text).problems == ()


def test_what_stands_before_a_mistake_is_kept_and_the_rest_is_not_guessed() -> None:
    tree = tree_of("# top\na: 1 # one\nb:\n  c: 2\n  d: 'x\n  # no comment\n")
    assert [node.text for node in scalars(tree)] == ["a", "1", "b", "c", "2"]
    assert [tree.document.place(*span).text for span in tree.comments] == ["# top", "# one"]
    assert tree.stopped_at is not None


def test_refused_characters_do_not_hide_the_rest_of_the_file() -> None:
    tree = tree_of("a: \udcff # \x00\nb: 2\n")
    assert [node.text for node in scalars(tree)] == ["a", "\ufffd", "b", "2"]
    assert [kind for kind, _ in problems(tree)] == ["invalid-character", "invalid-character"]


@pytest.mark.parametrize("text", [pytest.param("[" * 100_000, id="flow"), pytest.param("- " * 3_000 + "a", id="block")])
def test_nesting_is_bounded(text: str) -> None:
    assert [problem.kind for problem in tree_of(text).problems] == ["too-deep"]


def test_a_hundred_levels_are_read() -> None:
    assert tree_of("[" * 100 + "]" * 100).problems == ()


def test_the_number_of_values_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stackmend.schemas.parsers.yaml_build.MAX_EVENTS", 10)
    tree = tree_of("- a\n" * 20)
    assert [problem.kind for problem in tree.problems] == ["too-large"]
    assert 5 < len(scalars(tree)) < 12


def test_comments_are_found_between_scalars_and_never_in_them() -> None:
    text = "# a\nb: 'x # no' # c\nd: x#no\ne: | # f\n  # no\ng: [h,#i\n 'j'#k\n]\nl: !t m\n? n # o\n: p\n# q"
    tree = tree_of(text)
    assert [tree.document.place(*span).text for span in tree.comments] == [
        "# a",
        "# c",
        "# f",
        "#i",
        "#k",
        "# o",
        "# q",
    ]


def test_the_nodes_at_a_place_are_found_from_the_root_inwards() -> None:
    tree = tree_of("a:\n  - b: c\n---\nd: e\n")
    at = tree.document.text.index("c")
    assert [written(tree, node) for node in tree.at(Span(at, at + 1))] == ["a:\n  - b: c", "- b: c", "b: c", "c"]
    found = tree.enclosing_entry(Span(at, at + 1))
    assert found is not None
    assert written(tree, found[0]) == "b: c"
    assert found[1].value.span == (at, at + 1)
    assert tree.at(Span(2, 3)) == tree.at(Span(0, 9))
    assert tree.enclosing_entry(Span(2, 3)) is None


@pytest.mark.parametrize(
    ("text", "part", "expected"),
    [
        pytest.param("a: x${Y}z\n", "${Y}", "${Y}", id="plain"),
        pytest.param("a: 'it''s ${Y}'\n", "'s ${Y}", "''s ${Y}", id="doubled quote"),
        pytest.param('a: "\\x41\\t${Y}\\\n  b"\n', "\t${Y}b", "\\t${Y}\\\n  b", id="escapes and an escaped line end"),
        pytest.param('a: "b \\\r\n\r\n  c"\n', "\nc", "\\\r\n\r\n  c", id="blank line after an escaped line end"),
        pytest.param("a: b  \n  ${Y}\n\n  c\n", "${Y}\nc", "${Y}\n\n  c", id="folded plain"),
        pytest.param("a: |\n  b\n  ${Y}\n", "b\n${Y}", "b\n  ${Y}", id="literal block"),
        pytest.param("a: >2-\n   b\n  c\n\n  ${Y}\n   d\n", "${Y}\n d", "${Y}\n   d", id="folded block"),
        pytest.param("a: |+\r\n  ${Y}\r\n\r\n\r\nb: 1\n", "Y}\n\n", "Y}\r\n\r\n", id="kept lines, CRLF"),
    ],
)
def test_part_of_a_text_is_found_in_the_file(text: str, part: str, expected: str) -> None:
    tree = tree_of(text)
    scalar = scalars(tree)[1]
    start = scalar.text.index(part)
    span = source_span(tree, scalar, start, start + len(part))
    assert tree.document.place(*span).text == expected
    assert source_span(tree.document, scalar, start, start + len(part)) == span


def test_a_part_behind_refused_characters_is_the_whole_scalar() -> None:
    tree = tree_of("a: 'x''\udcff'\n")
    assert source_span(tree, scalars(tree)[1], 0, 1) == scalars(tree)[1].span


@given(NEARLY_YAML)
@settings(max_examples=300, deadline=None)
def test_any_text_gives_well_placed_nodes_problems_and_comments(text: str) -> None:
    tree = tree_of(text)
    assert_well_placed(tree)
    for problem in tree.problems:
        assert 0 <= problem.place.span.start <= problem.place.span.end <= len(text)
    for span in tree.comments:
        assert text[span.start] == "#"
        assert "\n" not in text[span.start : span.end]


@given(NEARLY_YAML)
@settings(max_examples=200, deadline=None)
def test_a_file_means_the_same_without_its_comments(text: str) -> None:
    tree = tree_of(text)
    assume(not tree.problems)
    blanked = text
    for start, end in tree.comments:
        blanked = blanked[:start] + " " * (end - start) + blanked[end:]
    assert shape(tree_of(blanked)) == shape(tree)


@given(st.text(st.characters(exclude_categories=[]), max_size=30))
@settings(max_examples=100, deadline=None)
def test_any_characters_at_all_are_survived(text: str) -> None:
    assert_well_placed(tree_of(text))


@given(NEARLY_YAML)
@settings(max_examples=300, deadline=None)
def test_every_character_of_a_scalar_is_found_in_order_inside_it(text: str) -> None:
    tree = tree_of(text)
    for scalar in scalars(tree):
        at = scalar.span.start
        for offset in range(len(scalar.text)):
            span = source_span(tree, scalar, offset, offset + 1)
            assert at <= span.start <= span.end <= scalar.span.end
            assert span != scalar.span or len(scalar.text) == 1
            at = span.end
            if scalar.text[offset].isalnum() and span.end - span.start == 1:
                assert text[span.start] == scalar.text[offset]


@given(NEARLY_YAML.filter(lambda text: not any(piece in text for piece in ("\t", "...", "---"))))
@settings(max_examples=200, deadline=None)
def test_both_builds_of_the_parser_give_one_tree(text: str) -> None:
    fast = tree_of(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "_ruamel_yaml", None)
        slow = tree_of(text)
    if not fast.problems and not slow.problems:
        assert shape(fast) == shape(slow)


@pytest.mark.parametrize("text", [pytest.param("a: b: c\n", id="colon"), pytest.param("a: [b\nc: d\n", id="bracket")])
def test_the_python_parser_reports_the_same(text: str, pure: None) -> None:
    assert problems(tree_of(text)) == [("syntax", ":")]


@pytest.mark.skipif(not CORPUS, reason="needs the shared files")
def test_every_scalar_of_every_real_file_reads_back_from_its_own_span() -> None:
    for path in CORPUS:
        document = Document.decode(path, Path(path).read_bytes())
        tree = parse_yaml(document)
        assert_well_placed(tree)
        for scalar in scalars(tree):
            if scalar.span.start == scalar.span.end:
                assert not scalar.text
                continue
            again = scalars(parse_yaml(Document(path, alone(document, scalar))))
            assert [node.text for node in again] == [scalar.text], document.place(*scalar.span)


@pytest.mark.skipif(not CORPUS, reason="needs the shared files")
def test_the_python_parser_reads_real_files_alike(pure: None, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [path for path in CORPUS if os.path.getsize(path) < 12_000][::4]
    assert paths
    slow = {path: parse_yaml(Document.decode(path, Path(path).read_bytes())) for path in paths}
    monkeypatch.undo()
    for path, tree in slow.items():
        fast = parse_yaml(tree.document)
        assert shape(fast) == shape(tree), path
        assert problems(fast) == problems(tree), path


def alone(document: Document, scalar: YamlScalar) -> str:
    """The token of a scalar as a file of its own; a block's lines keep their indentation."""
    return document.place(*scalar.span).text + (
        "\n" if scalar.style in {"|", ">"} and scalar.text.endswith("\n") else ""
    )
