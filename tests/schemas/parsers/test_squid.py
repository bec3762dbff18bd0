"""squid files are joined and split as squid does it, and every mistake is data with its exact place."""

from __future__ import annotations

import glob
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackmend.schemas.parsers.document import Document
from stackmend.schemas.parsers.squid import SquidTree, parse_squid

SHARED = os.path.join(os.path.dirname(__file__), "..", "..", "..", "..", "shared")


def tree_of(text: str) -> SquidTree:
    return parse_squid(Document("/squid.conf", text))


def shape(tree: SquidTree) -> list[tuple[str, ...]]:
    return [(d.name.text, *(a.text for a in d.arguments)) for d in tree.directives]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("http_port 3128\n", [("http_port", "3128")], id="plain"),
        pytest.param("\n  via\toff \r\n", [("via", "off")], id="white-space"),
        pytest.param("acl a src 1.2.3.4\t# lan\n", [("acl", "a", "src", "1.2.3.4")], id="comment-after-a-blank"),
        pytest.param("acl a dstdomain .x#y\n", [("acl", "a", "dstdomain", ".x#y")], id="hash-inside-a-word"),
        pytest.param("http_access deny \\\n  all\n", [("http_access", "deny", "all")], id="continuation"),
        pytest.param("http_access de\\\n  ny all\n", [("http_access", "deny", "all")], id="continuation-in-a-word"),
        pytest.param(
            "http_access deny \\\n# note\n\nall\n", [("http_access", "deny", "all")], id="comment-in-a-continuation"
        ),
        pytest.param("via off # a \\\nhttp_port 1\n", [("via", "off")], id="comment-that-is-continued"),
        pytest.param("# a \\\nvia off\n", [("via", "off")], id="comment-line-is-never-continued"),
        pytest.param('acl a src "/x y"\n', [("acl", "a", "src", '"/x', 'y"')], id="quotes-hold-no-blank"),
        pytest.param('acl a src "/x"\n', [("acl", "a", "src", "/x")], id="quoted-file-name"),
        pytest.param('note k "v w" a\n', [("note", "k", "v w", "a")], id="quotes-hold-a-blank-in-note"),
        pytest.param(
            'configuration_includes_quoted_values on\nacl a note "x \\"y"\n',
            [("configuration_includes_quoted_values", "on"), ("acl", "a", "note", 'x "y')],
            id="quoted-values-on",
        ),
        pytest.param("via off", [("via", "off")], id="no-final-newline"),
    ],
)
def test_lines_are_split_as_squid_splits_them(text: str, expected: list[tuple[str, ...]]) -> None:
    tree = tree_of(text)
    assert shape(tree) == expected
    assert tree.problems == ()


def test_spans_are_exact_over_continuations_and_comments() -> None:
    text = "# top\nhttp_access de\\\n  ny all # why\n"
    tree = tree_of(text)
    (directive,) = tree.directives
    assert text[slice(*directive.span)] == "http_access de\\\n  ny all"
    assert [text[slice(*a.span)] for a in directive.arguments] == ["de\\\n  ny", "all"]
    assert [text[slice(*c)] for c in tree.comments] == ["# top", "# why"]


@pytest.mark.parametrize(
    ("text", "kind", "place"),
    [
        pytest.param('request_header_add A "b c\nvia off\n', "unterminated-quote", '"b c', id="quote"),
        pytest.param(
            "configuration_includes_quoted_values on\nacl a note 'b\n", "unterminated-quote", "'b", id="quoted-values"
        ),
        pytest.param('note a "b"c\n', "text-after-quote", "c", id="text-after-quote"),
        pytest.param("via off\nhttp_access deny all \\\n", "dangling-continuation", "\\", id="dangling"),
        pytest.param("http_access deny ！safe\n", "full-width", "！", id="full-width-negation"),
        pytest.param("http_access deny all；\n", "full-width", "；", id="full-width-semicolon"),
        pytest.param("＃ comment\n", "full-width", "＃", id="full-width-comment"),
        pytest.param("\ufeffvia off\n", "byte-order-mark", "\ufeff", id="byte-order-mark"),
        pytest.param("endif\n", "unexpected-endif", "endif", id="endif"),
        pytest.param("if true\nvia off\n", "unclosed-if", "if", id="if"),
    ],
)
def test_a_mistake_is_found_at_its_place(text: str, kind: str, place: str) -> None:
    assert [(p.kind, p.place.text) for p in tree_of(text).problems] == [(kind, place)]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('logformat x "%>a %ru\n', id="quote-in-a-format"),
        pytest.param('auth_param basic realm "a b\n', id="quote-in-a-realm"),
        pytest.param("acl a url_regex “a”\n", id="typographic-quotes-in-a-pattern"),
        pytest.param("visible_hostname 代理；\n", id="free-text"),
        pytest.param("if ${process_number} = 1\nvia off\nelse\nvia on\nendif\n", id="conditional"),
        pytest.param("${MAYBE_IF}\nvia off\nendif\n", id="placeholder-may-open-a-conditional"),
        pytest.param("# a \\", id="comment-at-the-end"),
        pytest.param("\ufeff", id="byte-order-mark-alone"),
    ],
)
def test_what_squid_reads_as_it_was_meant_is_no_mistake(text: str) -> None:
    assert tree_of(text).problems == ()


@pytest.mark.parametrize(
    ("line", "placeholder"),
    [
        pytest.param("${RULES}", True, id="line"),
        pytest.param("  ${RULES}  # comment", True, id="comment"),
        pytest.param("$RULES", True, id="bare"),
        pytest.param("http_port ${PORT}", False, id="argument"),
        pytest.param("${NAME} on", False, id="name"),
    ],
)
def test_a_line_that_is_only_a_placeholder_is_marked(line: str, placeholder: bool) -> None:
    assert [d.placeholder for d in tree_of(line + "\n").directives] == [placeholder]


def test_representations_show_no_argument() -> None:
    tree = tree_of("cachemgr_passwd hunter2 all\n")
    assert "hunter2" not in repr(tree.directives[0]) + repr(tree.directives[0].arguments)


SNIPPETS = st.lists(
    st.sampled_from(
        [
            "acl",
            "note",
            " ",
            "\n",
            "\\\n",
            "\\",
            "#",
            '"',
            "'",
            "${A}",
            "x",
            "\r\n",
            "\r",
            "\v",
            "；",
            "if",
            "endif",
            "configuration_includes_quoted_values on\n",
            "\ufeff",
            "\udc80",
        ]
    ),
    max_size=40,
).map("".join)


@given(st.one_of(SNIPPETS, st.text(max_size=60)))
def test_any_text_has_a_tree_whose_spans_follow_each_other(text: str) -> None:
    tree = tree_of(text)
    end = 0
    for directive in tree.directives:
        assert end <= directive.span.start
        at = directive.span.start
        for word in (directive.name, *directive.arguments):
            assert at <= word.span.start < word.span.end <= directive.span.end
            at = word.span.end
            raw = text[word.span.start : word.span.end]
            if not word.quote and "\\" not in raw:
                assert word.text == raw
        end = directive.span.end
    assert end <= len(text)
    for problem in tree.problems:
        assert 0 <= problem.place.span.start <= problem.place.span.end <= len(text)


@pytest.mark.skipif(not os.path.isdir(SHARED), reason="no shared files")
def test_shipped_files_have_no_problem() -> None:
    roots = [f"{SHARED}/corpus/dev/dify", f"{SHARED}/cases"]
    files = [p for root in roots for p in glob.glob(f"{root}/**/squid*.conf*", recursive=True)]
    assert len(files) > 30
    for path in files:
        with open(path, "rb") as file:
            assert parse_squid(Document.decode(path, file.read())).problems == (), path
