"""Edits of nginx files change what they were asked to change, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackmend.fixers.edit import Edit
from stackmend.fixers.nginx import (
    add_semicolon,
    insert_directive,
    quoted,
    remove_directive,
    rename,
    set_argument,
)
from stackmend.schemas.parsers.document import Document
from stackmend.schemas.parsers.nginx import NginxDirective, NginxTree, parse_nginx


def tree_of(text: str) -> NginxTree:
    return parse_nginx(Document("/nginx.conf", text))


def applied(tree: NginxTree, edit: Edit) -> str:
    text = tree.document.text
    start, end = edit.place.span
    return text[:start] + edit.text + text[end:]


def named(tree: NginxTree, name: str) -> NginxDirective:
    return next(d for d, _ in tree.walk() if d.name.text == name)


def shape(tree: NginxTree) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    return [
        (d.name.text, tuple(a.text for a in d.arguments), tuple(p.name.text for p in parents))
        for d, parents in tree.walk()
    ]


@pytest.mark.parametrize(
    ("before", "name", "value", "after"),
    [
        pytest.param("listen 80;", "listen", "8080", "listen 8080;", id="bare"),
        pytest.param("root '/a';", "root", "/b c", "root '/b c';", id="quotes-stay"),
        pytest.param("root /a;", "root", "/b c", 'root "/b c";', id="quotes-come-for-a-blank"),
        pytest.param("root /a;", "root", "", 'root "";', id="quotes-come-for-nothing"),
        pytest.param('root "/a";', "root", 'x"y', 'root "x\\"y";', id="quote-within-quotes"),
        pytest.param("set a;", "set", "${X}y", "set ${X}y;", id="template-variable-stays-bare"),
        pytest.param("set a;", "set", "\\d{2}", 'set "\\d{2}";', id="brace-is-quoted"),
    ],
)
def test_an_argument_is_set_in_the_quotes_it_needs(before: str, name: str, value: str, after: str) -> None:
    tree = tree_of(before)
    assert applied(tree, set_argument(tree, named(tree, name), 0, value)) == after


@given(st.text(), st.sampled_from(["", '"', "'"]))
def test_any_text_survives_quoting(text: str, quote: str) -> None:
    tree = tree_of(f"a {quoted(text, quote)} b;\nc d;")
    assert shape(tree) == [("a", (text, "b"), ()), ("c", ("d",), ())]
    assert tree.problems == ()


@pytest.mark.parametrize(
    ("source", "anchor", "how", "expected"),
    [
        pytest.param("a {\n\tb c; # d\n}\n", "b", "after", "a {\n\tb c; # d\n\tx y;\n}\n", id="after-a-comment"),
        pytest.param("a {\r\n  b c;\r\n}\r\n", "b", "after", "a {\r\n  b c;\r\n  x y;\r\n}\r\n", id="crlf"),
        pytest.param("a {\r\n  b c;\r\n}\r\n", "b", "before", "a {\r\n  x y;\r\n  b c;\r\n}\r\n", id="crlf-before"),
        pytest.param("a { b c; }", "b", "after", "a { b c; x y; }", id="in-line-after"),
        pytest.param("a { b c; }", "b", "before", "a { x y; b c; }", id="in-line-before"),
        pytest.param("b c;", "b", "after", "b c;\nx y;", id="no-final-newline"),
        pytest.param("# top\nb c;\n", "b", "before", "# top\nx y;\nb c;\n", id="under-the-comment"),
        pytest.param("a {\n  b {\n  }\n}\n", "b", "into", "a {\n  b {\n    x y;\n  }\n}\n", id="into-empty"),
        pytest.param("b {}\n", "b", "into", "b {\n    x y;\n}\n", id="into-empty-braces"),
        pytest.param("b { # c\n}\n", "b", "into", "b { # c\n    x y;\n}\n", id="into-a-commented-block"),
        pytest.param("b {\n  c d;\n}\n", "b", "into", "b {\n  c d;\n  x y;\n}\n", id="at-the-end-of-a-block"),
    ],
)
def test_a_directive_is_inserted_where_its_neighbours_stand(source: str, anchor: str, how: str, expected: str) -> None:
    tree = tree_of(source)
    directive = named(tree, anchor)
    if how == "into":
        edit = insert_directive(tree, directive, "x y;")
    elif how == "after":
        edit = insert_directive(tree, None, "x y;", after=directive)
    else:
        edit = insert_directive(tree, None, "x y;", before=directive)
    assert applied(tree, edit) == expected


def test_a_block_of_several_lines_is_inserted_in_the_indentation_of_the_place() -> None:
    tree = tree_of("a {\n  b c;\n}\n")
    edit = insert_directive(tree, tree.directives[0], "x {\n  y z;\n}")
    assert applied(tree, edit) == "a {\n  b c;\n  x {\n    y z;\n  }\n}\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("", "x y;\n", id="empty"),
        pytest.param("# c\n", "# c\nx y;\n", id="comment"),
        pytest.param("# c", "# c\nx y;", id="comment-without-newline"),
    ],
)
def test_a_file_without_directives_takes_one_at_its_end(source: str, expected: str) -> None:
    tree = tree_of(source)
    assert applied(tree, insert_directive(tree, None, "x y;")) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("a;\nb c;\nd;\n", "a;\nd;\n", id="its-line-goes"),
        pytest.param("a; b c; d;\n", "a; d;\n", id="between-others"),
        pytest.param("a; b c;\n", "a;\n", id="last-on-its-line"),
        pytest.param("a; b c;\r\n", "a;\r\n", id="last-on-its-crlf-line"),
        pytest.param("a;\nb c; # why\n", "a;\n# why\n", id="its-comment-stays"),
        pytest.param("a;\r\nb c;", "a;", id="no-final-newline"),
        pytest.param("a;\nb {\n  c;\n}\nd;", "a;\nd;", id="a-block"),
    ],
)
def test_a_directive_is_removed_with_the_line_it_leaves_empty(source: str, expected: str) -> None:
    tree = tree_of(source)
    assert applied(tree, remove_directive(tree, named(tree, "b"))) == expected


def test_a_missing_semicolon_is_put_after_the_last_word() -> None:
    tree = tree_of("server {\n  listen 80  # http\n  server_name a;\n}\n")
    assert applied(tree, add_semicolon(tree, named(tree, "listen"))) == (
        "server {\n  listen 80;  # http\n  server_name a;\n}\n"
    )


def test_a_directive_is_renamed() -> None:
    tree = tree_of("lisen 80;\n")
    assert applied(tree, rename(tree, tree.directives[0], "listen")) == "listen 80;\n"


WORDS = st.text(st.sampled_from('ab$."\\#é'), min_size=1, max_size=4)
LINES = st.lists(
    st.tuples(
        st.sampled_from(["alpha", "beta", "gamma"]),
        st.lists(WORDS, max_size=3),
        st.sampled_from(
            ["\n", "\r\n", " ", " # note\n", "\n\n\t"],
        ),
    ),
    min_size=1,
    max_size=6,
)


def render(lines: list[tuple[str, list[str], str]], wrap: bool) -> str:
    body = "".join(" ".join([name, *map(quoted, words)]) + ";" + gap for name, words, gap in lines)
    return "outer {\n  " + body + "}\n" if wrap else body


@given(LINES, st.booleans(), st.data())
def test_the_other_directives_stay_as_they_were(
    lines: list[tuple[str, list[str], str]], wrap: bool, data: st.DataObject
) -> None:
    tree = tree_of(render(lines, wrap))
    assert tree.problems == ()
    inner = [pair for pair in tree.walk() if pair[0].block is None]
    at = data.draw(st.integers(0, len(inner) - 1))
    directive, parents = inner[at]
    parent = parents[-1] if parents else None
    whole = shape(tree)
    offset = len(whole) - len(inner)
    new = ("x", ("y",), whole[offset + at][2])

    removed = tree_of(applied(tree, remove_directive(tree, directive)))
    assert shape(removed) == whole[: offset + at] + whole[offset + at + 1 :]
    after = tree_of(applied(tree, insert_directive(tree, parent, "x y;", after=directive)))
    assert shape(after) == [*whole[: offset + at + 1], new, *whole[offset + at + 1 :]]
    before = tree_of(applied(tree, insert_directive(tree, parent, "x y;", before=directive)))
    assert shape(before) == [*whole[: offset + at], new, *whole[offset + at :]]
    assert len(tree.comments) == len(removed.comments) == len(after.comments) == len(before.comments)
