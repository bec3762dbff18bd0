"""Edits of squid files change or move one logical line, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackmend.fixers.edit import Edit
from stackmend.fixers.squid import insert_line, move_line, move_line_after, move_lines, remove_line, set_argument
from stackmend.schemas.parsers.document import Document
from stackmend.schemas.parsers.squid import SquidTree, parse_squid


def tree_of(text: str) -> SquidTree:
    return parse_squid(Document("/squid.conf", text))


def applied(tree: SquidTree, edits: Iterable[Edit]) -> str:
    text = tree.document.text
    for edit in sorted(edits, key=lambda e: e.place.span, reverse=True):
        start, end = edit.place.span
        text = text[:start] + edit.text + text[end:]
    return text


def shape(tree: SquidTree) -> list[tuple[str, ...]]:
    return [(d.name.text, *(a.text for a in d.arguments)) for d in tree.directives]


@pytest.mark.parametrize(
    ("source", "index", "value", "expected"),
    [
        pytest.param("http_port 3128 # c\n", 0, "3129", "http_port 3129 # c\n", id="bare"),
        pytest.param('acl a src "/x"\n', 2, "/y", 'acl a src "/y"\n', id="quotes-stay"),
        pytest.param('note k "a b"\n', 1, "c d", 'note k "c d"\n', id="quotes-hold-a-blank"),
    ],
)
def test_an_argument_is_set(source: str, index: int, value: str, expected: str) -> None:
    tree = tree_of(source)
    assert applied(tree, [set_argument(tree, tree.directives[0], index, value)]) == expected


@pytest.mark.parametrize(
    ("source", "value"),
    [
        pytest.param("http_port 1\n", "a b", id="blank"),
        pytest.param("http_port 1\n", "", id="nothing"),
        pytest.param("http_port 1\n", "#a", id="comment"),
        pytest.param("http_port 1\n", "a\\", id="continuation"),
        pytest.param("http_port 1\n", "a\nb", id="line-end"),
        pytest.param('http_port "1"\n', "a b", id="blank-within-quotes-that-do-not-hold-it"),
        pytest.param('note "1"\n', 'a"b', id="quote-within-quotes"),
    ],
)
def test_text_that_squid_would_split_is_refused(source: str, value: str) -> None:
    tree = tree_of(source)
    with pytest.raises(ValueError, match="not one word"):
        set_argument(tree, tree.directives[0], 0, value)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("a 1\nb 2\nc 3\n", "c 3\na 1\nb 2\n", id="plain"),
        pytest.param("a 1\r\nb 2\r\nc 3", "c 3\r\na 1\r\nb 2", id="crlf-no-final-newline"),
        pytest.param("# head\na 1\nc 3 # why\n# tail\n", "# head\nc 3 # why\na 1\n# tail\n", id="comment-goes-along"),
        pytest.param("a 1\nc \\\n # in\n  3\nb 2\n", "c \\\n # in\n  3\na 1\nb 2\n", id="continuation-goes-along"),
        pytest.param("\ufeffa 1\nc 3\n", "\ufeffc 3\na 1\n", id="byte-order-mark-stays-first"),
    ],
)
def test_a_line_is_moved_before_another(source: str, expected: str) -> None:
    tree = tree_of(source)
    last = next(d for d in tree.directives if d.name.text == "c")
    assert applied(tree, move_line(tree, last, tree.directives[0])) == expected


def test_a_line_that_is_already_there_does_not_move() -> None:
    tree = tree_of("a 1\nb 2\n")
    assert move_line(tree, tree.directives[0], tree.directives[1]) == ()
    assert move_line(tree, tree.directives[0], tree.directives[0]) == ()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("a 1\nb 2\n", "a 1\nb 2\nx y\n", id="newline"),
        pytest.param("a 1\r\nb 2", "a 1\r\nb 2\r\nx y", id="no-final-newline"),
        pytest.param("", "x y\n", id="empty"),
    ],
)
def test_a_line_is_put_at_the_end(source: str, expected: str) -> None:
    tree = tree_of(source)
    assert applied(tree, [insert_line(tree, "x y")]) == expected


LINES = st.lists(
    st.tuples(
        st.sampled_from(
            ["acl a src 1.2.3.4", "http_access allow a", "  via off", "cache \\\n deny all", 'note k "v w"']
        ),
        st.sampled_from(["", "  # note", "\n# own line", "\n"]),
    ),
    min_size=2,
    max_size=7,
)


@given(LINES, st.sampled_from(["\n", "\r\n"]), st.booleans(), st.data())
def test_the_other_directives_stay_as_they_were(
    lines: list[tuple[str, str]], newline: str, final: bool, data: st.DataObject
) -> None:
    text = ("\n".join(a + b for a, b in lines) + ("\n" if final else "")).replace("\n", newline)
    tree = tree_of(text)
    whole = shape(tree)
    at = data.draw(st.integers(0, len(whole) - 1))
    to = data.draw(st.integers(0, len(whole) - 1))
    directive, target = tree.directives[at], tree.directives[to]

    assert shape(tree_of(applied(tree, [remove_line(tree, directive)]))) == whole[:at] + whole[at + 1 :]
    inserted = shape(tree_of(applied(tree, [insert_line(tree, "x y", before=directive)])))
    assert inserted == [*whole[:at], ("x", "y"), *whole[at:]]
    inserted = shape(tree_of(applied(tree, [insert_line(tree, "x y", after=directive)])))
    assert inserted == [*whole[: at + 1], ("x", "y"), *whole[at + 1 :]]

    if to < at:
        together = tree_of(applied(tree, move_lines(tree, tree.directives[at : at + 2], target)))
        assert shape(together) == [*whole[:to], *whole[at : at + 2], *whole[to:at], *whole[at + 2 :]]
        assert len(together.comments) == len(tree.comments)
        down = tree_of(applied(tree, move_line_after(tree, target, directive)))
        assert shape(down) == [*whole[:to], *whole[to + 1 : at + 1], whole[to], *whole[at + 1 :]]
        assert len(down.comments) == len(tree.comments)

    moved = tree_of(applied(tree, move_line(tree, directive, target)))
    rest = whole[:at] + whole[at + 1 :]
    place = to if to <= at else to - 1
    assert shape(moved) == [*rest[:place], whole[at], *rest[place:]]
    assert len(moved.comments) == len(tree.comments)
