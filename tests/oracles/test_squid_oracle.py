"""squid itself judges the squid parser: how lines are joined, how words are split, which quotes it refuses."""

from __future__ import annotations

import glob
import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stackmend.schemas.parsers.document import Document
from stackmend.schemas.parsers.squid import SquidTree, parse_squid
from stackmend.schemas.parsers.squid_reader import QUOTING

from .conftest import Judge

pytestmark = pytest.mark.oracle

SHARED = os.path.join(os.path.dirname(__file__), "..", "..", "..", "shared")
WILD = f"{SHARED}/corpus/dev/wild/squid"

QUOTES = ("missing quote char", "Expecting space after the end of quoted token")
CONDITIONALS = ("without 'if'", "if-statement without", "without 'endif'")


def tree_of(text: str) -> SquidTree:
    return parse_squid(Document("/squid.conf", text))


def processed(said: str) -> list[str]:
    """The logical lines that squid says it has joined, white space at their ends aside."""
    return [line.strip(" \t") for line in re.findall(r"Processing: (.*)", said)]


def joined(tree: SquidTree) -> list[str]:
    """The first words of each directive of the tree, for lines without comments and quotes."""
    return [" ".join([d.name.text, *(a.text for a in d.arguments)]) for d in tree.directives]


def wild() -> list[str]:
    return sorted(os.path.basename(p) for p in glob.glob(f"{WILD}/*"))


@pytest.mark.parametrize("name", wild())
def test_a_file_of_the_wild_has_the_directives_that_squid_processes(name: str, squid: Judge) -> None:
    with open(f"{WILD}/{name}", "rb") as file:
        text = Document.decode("/squid.conf", file.read()).text
    # What is included lies elsewhere.
    text = re.sub(r"^include\b", "#include", text, flags=re.MULTILINE)
    tree, said = tree_of(text), squid(text)
    seen = [line.split()[0] for line in processed(said)]
    names = [d.name.text for d in tree.directives]
    # squid stops at the first fatal mistake.
    assert names[: len(seen)] == seen
    assert "FATAL" in said or len(names) == len(seen)
    quotes = any(q in said for q in QUOTES)
    assert quotes == any(p.kind in ("unterminated-quote", "text-after-quote") for p in tree.problems)


PIECES = st.lists(
    st.sampled_from(
        ["yy 1", "yy", "zz", " ", "  ", "\t", "\n", "\n", "\\\n", "\\", "# c", "#", "x#y", "\r\n", "\v", "\n\n"]
    ),
    max_size=14,
).map("".join)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PIECES)
def test_lines_are_joined_and_comments_dropped_as_squid_does_it(squid: Judge, text: str) -> None:
    tree, said = tree_of(text), squid(text)
    found = joined(tree)
    if any(p.kind == "dangling-continuation" for p in tree.problems):
        # squid drops the directive, the tree keeps what was meant; nothing of it may be left (`\\` alone).
        start = max(p.place.span.start for p in tree.problems)
        if tree.directives and tree.directives[-1].span.end <= start and len(found) > len(processed(said)):
            found.pop()
    cut = [re.sub(r"(^|[ \t])#.*", "", line).strip(" \t") for line in processed(said)]
    assert [" ".join(re.split(r"[ \t]+", line)) for line in cut] == found


@pytest.mark.parametrize(
    ("text", "said", "kind"),
    [
        pytest.param('note a "b\n', QUOTES[0], "unterminated-quote", id="open-quote"),
        pytest.param('note a "b"c\n', QUOTES[1], "text-after-quote", id="text-after-quote"),
        pytest.param("endif\n", CONDITIONALS[0], "unexpected-endif", id="endif"),
        pytest.param("else\n", CONDITIONALS[0], "unexpected-endif", id="else"),
        pytest.param("if true\nvia off\n", CONDITIONALS[1], "unclosed-if", id="if"),
        pytest.param("\ufeffvia off\n", "unrecognized", "byte-order-mark", id="byte-order-mark"),
        pytest.param("http_access deny ！all\n", "ACL not found", "full-width", id="full-width"),
    ],
)
def test_squid_refuses_what_has_a_problem(text: str, said: str, kind: str, squid: Judge) -> None:
    assert said in squid(text)
    assert [p.kind for p in tree_of(text).problems] == [kind]


@pytest.mark.parametrize("count", range(3))
@pytest.mark.parametrize(
    "name", [*QUOTING, "acl", "http_port", "http_access", "visible_hostname", "logformat", "auth_param", "cache_mgr"]
)
@pytest.mark.parametrize("on", [pytest.param(False, id="plain"), pytest.param(True, id="quoted-values")])
def test_quotes_hold_words_together_where_squid_says_so(name: str, count: int, on: bool, squid: Judge) -> None:
    line = " ".join([name, *"ab"[:count], '"foo bar'])
    text = f"configuration_includes_quoted_values on\n{line}\n" if on else f"{line}\n"
    if QUOTES[0] in squid(text):
        assert [p.kind for p in tree_of(text).problems] == ["unterminated-quote"]
    elif name not in QUOTING and not on:
        assert tree_of(text).problems == ()


@pytest.mark.parametrize("name", ["sites.conf", "none/sites.conf", "*.conf", "none/*.conf"])
def test_squid_stops_at_an_include_that_is_not_there_a_pattern_too(name: str, squid: Judge, tmp_path: Path) -> None:
    text = f"http_port 3128\ninclude {tmp_path}/{name}\n"
    assert "FATAL: Unable to find configuration file" in squid(text)
    (tmp_path / "none").mkdir()
    for each in ("sites.conf", "none/sites.conf"):
        (tmp_path / each).write_text("http_access deny all\n", encoding="utf-8")
    assert "FATAL" not in squid(text)
