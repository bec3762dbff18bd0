"""Edits of dotenv files: exact texts, and by property that readers get the new value and nothing else changes."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
from dotenv import dotenv_values
from hypothesis import assume, given
from hypothesis import strategies as st

from stackmend.fixers import dotenv
from stackmend.fixers.edit import Edit
from stackmend.schemas.parsers.document import Document
from stackmend.schemas.parsers.dotenv import Dialect, DotenvTree, parse_dotenv
from stackmend.schemas.parsers.interpolation import expand


def parse(text: str, dialect: Dialect = "compose") -> DotenvTree:
    return parse_dotenv(Document("/project/.env", text), dialect)


def applied(text: str, edits: Edit | Sequence[Edit]) -> str:
    edits = [edits] if isinstance(edits, Edit) else edits
    for edit in sorted(edits, key=lambda e: e.place.span, reverse=True):
        text = text[: edit.place.span.start] + edit.text + text[edit.place.span.end :]
    return text


def statements(text: str, dialect: Dialect = "compose") -> list[tuple[str, str | None]]:
    """Keys and values as the reader gets them, with every variable unset."""
    tree = parse(text, dialect)
    assert tree.refusals == ()
    return [(e.key, e.text if e.template is None else expand(e.template, lambda _: None)) for e in tree.entries]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        pytest.param("", "", id="empty"),
        pytest.param("http://a:80/x?y=z", "http://a:80/x?y=z", id="plain"),
        pytest.param("a b", "'a b'", id="blank"),
        pytest.param("a#b", "'a#b'", id="hash"),
        pytest.param("pa$word", "'pa$word'", id="dollar"),
        pytest.param("it's", '"it\'s"', id="single quote"),
        pytest.param("it's $5", "'it\\'s $5'", id="single quote and dollar"),
        pytest.param("a\nb", '"a\\nb"', id="line end"),
        pytest.param("C:\\dir\\", '"C:\\\\dir\\\\"', id="backslash at the end"),
        pytest.param("$\\", '"\\$\\\\"', id="dollar and backslash at the end"),
        pytest.param("“x”", "'“x”'", id="full-width quotes"),
    ],
)
def test_quote_for_chooses_what_all_readers_understand(text: str, written: str) -> None:
    assert dotenv.quote_for(text) == written


@pytest.mark.parametrize(
    ("before", "text", "after"),
    [
        pytest.param("A=x # c\n", "y", "A=y # c\n", id="comment stays"),
        pytest.param("A=x # c\n", "", "A='' # c\n", id="empty before a comment"),
        pytest.param('A="x"# c\n', "y", 'A="y"# c\n', id="double quotes stay"),
        pytest.param("export A : 'x'\r\n", "y z", "export A : 'y z'\r\n", id="single quotes stay"),
        pytest.param('A="x"\n', "$y", "A='$y'\n", id="dollar leaves double quotes"),
        pytest.param("A=\n", "y", "A=y\n", id="empty gets a value"),
        pytest.param("A\nB=1\n", "y", "A=y\nB=1\n", id="inherited gets a value"),
        pytest.param("A='x\ny'", "z", "A='z'", id="several lines become one"),
    ],
)
def test_set_value_changes_the_value_alone(before: str, text: str, after: str) -> None:
    tree = parse(before)
    assert applied(before, dotenv.set_value(tree, tree.entries[0], text)) == after


def test_set_value_in_raw_format_quotes_nothing() -> None:
    tree = parse("A=x\n", "raw")
    assert dotenv.set_value(tree, tree.entries[0], " y # $z").text == " y # $z"
    with pytest.raises(ValueError, match="one line"):
        dotenv.set_value(tree, tree.entries[0], "a\nb")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("A=1\n", "A=1\nK=v w\n", id="last"),
        pytest.param("A=1", "A=1\nK=v w", id="no final line end"),
        pytest.param("A=1\r\n# end\r\n\r\n\r\n", "A=1\r\n# end\r\nK=v w\r\n\r\n\r\n", id="CRLF and blank lines"),
        pytest.param("", "K=v w\n", id="empty file"),
        pytest.param("\ufeff", "\ufeffK=v w\n", id="byte order mark alone"),
        pytest.param("\n\n", "K=v w\n\n\n", id="blank lines alone"),
        pytest.param("export A=1\n", "export A=1\nexport K=v w\n", id="export"),
    ],
)
def test_append_adds_the_last_statement(before: str, after: str) -> None:
    assert applied(before, dotenv.append(parse(before), "K", "v w")) == after.replace("v w", "'v w'")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("A=1 # c\nB=2\n", "A=1 # c\nK=v\nB=2\n", id="below the comment"),
        pytest.param("A='x\ny'\nB=2\n", "A='x\ny'\nK=v\nB=2\n", id="below a value of several lines"),
        pytest.param("A='1' B='x\ny'\nC=3\n", "A='1' B='x\ny'\nK=v\nC=3\n", id="below what shares the line"),
        pytest.param("A=1", "A=1\nK=v", id="no final line end"),
    ],
)
def test_append_after_a_statement(before: str, after: str) -> None:
    tree = parse(before)
    assert applied(before, dotenv.append(tree, "K", "v", after=tree.entries[0])) == after


@pytest.mark.parametrize(
    ("before", "index", "after"),
    [
        pytest.param("A=1 # c\n\nB=2\n", 0, "\nB=2\n", id="line and comment"),
        pytest.param("A=1\nB=2", 1, "A=1\n", id="last line without its end"),
        pytest.param("\ufeff  A=1\r\nB=2\r\n", 0, "\ufeffB=2\r\n", id="byte order mark stays"),
        pytest.param("A='x\ny' # c\nB=2\n", 0, "B=2\n", id="several lines"),
        pytest.param("A='1' B='2' # c\n", 0, "B='2' # c\n", id="first of two on a line"),
        pytest.param("A='1' B='2'\n", 1, "A='1'\n", id="second of two on a line"),
    ],
)
def test_remove_takes_the_statement_with_its_line(before: str, index: int, after: str) -> None:
    tree = parse(before)
    assert applied(before, dotenv.remove(tree, tree.entries[index])) == after


@pytest.mark.parametrize(
    ("before", "index", "after"),
    [
        pytest.param("  A=1 # c\nB=2\n", 0, "  # A=1 # c\nB=2\n", id="one line"),
        pytest.param("A='x\n\ny'\nB=2\n", 0, "# A='x\n# \n# y'\nB=2\n", id="several lines"),
        pytest.param("A='1' B='2'\n", 1, "A='1' # B='2'\n", id="second of two on a line"),
    ],
)
def test_comment_out_covers_every_line(before: str, index: int, after: str) -> None:
    tree = parse(before)
    assert applied(before, dotenv.comment_out(tree, tree.entries[index])) == after


def test_what_cannot_be_written_is_refused() -> None:
    tree = parse("A='1' B='2'\nNAME")
    with pytest.raises(ValueError, match="another statement"):
        dotenv.comment_out(tree, tree.entries[0])
    with pytest.raises(ValueError, match="no name"):
        dotenv.set_value(tree, tree.entries[2], "x")
    with pytest.raises(ValueError, match="variable name"):
        dotenv.rename_key(tree, tree.entries[0], "A B")
    with pytest.raises(ValueError, match="variable name"):
        dotenv.append(tree, "A=", "x")


# -- properties

values = st.lists(st.sampled_from([*"ab$#'\"\\ \n\r\t{}é“”=", "${A}", "\\n", "\\'", " #"]), max_size=8).map("".join)
lines = st.sampled_from(
    [
        "A=1",
        "B = x y # note",
        "export C='single'",
        'D="double\\n" # c',
        "E='two\nlines'",
        "F",
        "G: yaml",
        "H=",
        "# comment",
        "",
        "  I=indented",
        "J='a' K='b'",
        "A=again",
    ]
)


@st.composite
def files(draw: st.DrawFn) -> str:
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    text = newline.join(draw(st.lists(lines, min_size=1, max_size=6)))
    return draw(st.sampled_from(["", "\ufeff"])) + text + draw(st.sampled_from(["", newline, newline * 3]))


@st.composite
def choices(draw: st.DrawFn) -> tuple[str, DotenvTree, int]:
    """A file, its tree and the index of a statement with a name."""
    text = draw(files())
    tree = parse(text)
    named = [i for i, e in enumerate(tree.entries) if e.key]
    assume(named)
    return text, tree, draw(st.sampled_from(named))


@given(values)
def test_both_readers_get_a_quoted_value_back(text: str) -> None:
    written = f"K={dotenv.quote_for(text)}\n"
    assert statements(written) == [("K", text)]
    if "${" not in text and not ("$" in text and ("\\" in text or "\r" in text)):
        assert dotenv_values(stream=io.StringIO(written)) == {"K": text}


@given(choices(), values)
def test_set_value_is_read_back_and_changes_nothing_else(choice: tuple[str, DotenvTree, int], text: str) -> None:
    before, tree, index = choice
    expected = statements(before)
    expected[index] = (expected[index][0], text)
    assert statements(applied(before, dotenv.set_value(tree, tree.entries[index], text))) == expected


@given(choices(), values, st.booleans())
def test_append_is_read_back_and_changes_nothing_else(
    choice: tuple[str, DotenvTree, int], text: str, last: bool
) -> None:
    before, tree, index = choice
    assume(tree.entries[-1].key)  # a name without line end becomes an inherited key by the line end that it gets
    after = applied(before, dotenv.append(tree, "NEW", text, after=None if last else tree.entries[index]))
    found = statements(after)
    assert ("NEW", text) in found
    found.remove(("NEW", text))
    assert found == statements(before)
    assert after.endswith(("\n", "\r\n")) == before.endswith(("\n", "\r\n"))


@given(choices())
def test_remove_and_comment_out_take_one_statement(choice: tuple[str, DotenvTree, int]) -> None:
    before, tree, index = choice
    expected = statements(before)
    del expected[index]
    assert statements(applied(before, dotenv.remove(tree, tree.entries[index]))) == expected
    try:
        edits = dotenv.comment_out(tree, tree.entries[index])
    except ValueError:
        assert "J='a' K='b'" in before
    else:
        assert statements(applied(before, edits)) == expected


@given(choices())
def test_rename_key_changes_the_name_alone(choice: tuple[str, DotenvTree, int]) -> None:
    before, tree, index = choice
    expected = statements(before)
    expected[index] = ("NEW", expected[index][1])
    assert statements(applied(before, dotenv.rename_key(tree, tree.entries[index], "NEW"))) == expected
