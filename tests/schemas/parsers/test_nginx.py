"""nginx files are split as nginx splits them, and every mistake is data with its exact place."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackmend.schemas.parsers.document import Document
from stackmend.schemas.parsers.nginx import NginxDirective, NginxTree, NginxWord, parse_nginx

Linear = Callable[[Callable[[int], Callable[[], object]]], None]

SHARED = os.path.join(os.path.dirname(__file__), "..", "..", "..", "..", "shared")


def tree_of(text: str) -> NginxTree:
    return parse_nginx(Document("/nginx.conf", text))


def problems(text: str) -> list[tuple[str, int, int, str]]:
    tree = tree_of(text)
    return [(p.kind, *tree.document.position(p.place.span.start), p.place.text) for p in tree.problems]


def shape(tree: NginxTree) -> list[tuple[str, ...]]:
    return [(d.name.text, *(a.text for a in d.arguments)) for d, _ in tree.walk()]


def test_a_tree_has_directives_blocks_arguments_and_comments_with_their_spans() -> None:
    text = "http {\n  # one\n  log_format a \"x y\"\n    'z'; # two\n}\n"
    tree = tree_of(text)
    (http,) = tree.directives
    assert http.block is not None
    assert http.block_span is not None
    (log_format,) = http.block

    def cut(span: tuple[int, int]) -> str:
        return text[span[0] : span[1]]

    assert cut(http.span) == text.rstrip("\n")
    assert cut(http.block_span) == text.rstrip("\n").removeprefix("http ")
    assert cut(http.end) == "}"
    assert cut(log_format.span) == "log_format a \"x y\"\n    'z';"
    assert cut(log_format.end) == ";"
    assert [(a.text, a.quote, cut(a.span)) for a in log_format.arguments] == [
        ("a", "", "a"),
        ("x y", '"', '"x y"'),
        ("z", "'", "'z'"),
    ]
    assert [cut(c) for c in tree.comments] == ["# one", "# two"]
    assert tree.problems == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(r"a b\;c;", [r"b\;c"], id="escaped-semicolon-keeps-its-backslash"),
        pytest.param(r'a "b\"c\\d\te\.f";', ['b"c\\d\te\\.f'], id="escapes-in-quotes"),
        pytest.param(r"a b\ c;", [r"b\ c"], id="escaped-blank"),
        pytest.param("a ${b}c;", ["${b}c"], id="variable-in-braces"),
        pytest.param("a b'c d';", ["b'c", "d'"], id="quote-inside-a-word-is-a-character"),
        pytest.param("a b#c;", ["b#c"], id="hash-inside-a-word-is-a-character"),
        pytest.param("a b}c;", ["b}c"], id="brace-inside-a-word-is-a-character"),
        pytest.param('a "b;c{d}#e";', ["b;c{d}#e"], id="quotes-hold-everything"),
        pytest.param('if ("$a" = b) { }', ['("$a"', "=", "b)"], id="quote-inside-a-parenthesis-is-a-character"),
        pytest.param('a "b") c;', ["b", ")", "c"], id="parenthesis-after-a-quote"),
        pytest.param("a # b;\n c;", ["c"], id="comment-between-words"),
        pytest.param("a\r\n\tb;", ["b"], id="white-space"),
    ],
)
def test_words_are_split_as_nginx_splits_them(text: str, words: list[str]) -> None:
    tree = tree_of(text)
    assert [a.text for a in tree.directives[0].arguments] == words
    assert tree.problems == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("listen 80\nlisten 443 ssl;\n", [("missing-semicolon", 1, 10, "")], id="before-a-directive"),
        pytest.param(
            "server {\n  root /x # c\n\n  location / {\n  }\n}", [("missing-semicolon", 2, 10, "")], id="before-a-block"
        ),
        pytest.param(
            "proxy_pass http://a\nproxy_buffering off\nproxy_redirect off;",
            [("missing-semicolon", 1, 20, ""), ("missing-semicolon", 2, 20, "")],
            id="twice",
        ),
        pytest.param("map $a $b {\n  a b\n  c d;\n  include x;\n}", [("missing-semicolon", 2, 6, "")], id="in-a-map"),
        pytest.param(
            "types {\n  text/html html htm\n  text/css css;\n}", [("missing-semicolon", 2, 21, "")], id="in-types"
        ),
        pytest.param("server {\n listen 80\n ${HTTPS}\n}", [("missing-semicolon", 2, 11, "")], id="before-a-template"),
        pytest.param(
            "location / {\n proxy_pass http://a\n include b;\n}",
            [("missing-semicolon", 2, 21, "")],
            id="before-include",
        ),
        pytest.param("server {\n listen 80\n}", [("unexpected-end", 2, 11, "")], id="before-the-closing-brace"),
        pytest.param("listen 80", [("unexpected-end", 1, 10, "")], id="at-the-end"),
        pytest.param("a {\n return 404}\n", [("unexpected-end", 2, 12, "")], id="brace-in-the-word"),
        pytest.param("a {\n b c;\n", [("unclosed-block", 1, 3, "{")], id="unclosed"),
        pytest.param(
            "server {\n  location /a {\n    b c;\n  location /d {\n    e f;\n  }\n}\n",
            [("unclosed-block", 2, 15, "{")],
            id="the-unclosed-block-is-the-one-whose-brace-is-missing",
        ),
        pytest.param("a {\n}\n}\n", [("unexpected-close", 3, 1, "}")], id="brace-too-many"),
        pytest.param("{ a b; }", [("unexpected-open", 1, 1, "{")], id="brace-without-a-name"),
        pytest.param("a b;;", [("empty-directive", 1, 5, ";")], id="lone-semicolon"),
        pytest.param(
            'add_header A "b;\nadd_header C "d";\n', [("unterminated-quote", 1, 14, '"b')], id="quote-found-by-the-next"
        ),
        pytest.param("a {\n b 'c;\n}\n", [("unterminated-quote", 2, 4, "'c")], id="quote-to-the-end"),
        pytest.param('a "b"c;', [("text-after-quote", 1, 6, "c")], id="text-after-quote"),
        pytest.param('a { b "c"}', [("unexpected-end", 1, 10, "")], id="brace-after-quote"),
        pytest.param("a b；\nc d;\n", [("full-width", 1, 4, "；")], id="full-width-semicolon"),
        pytest.param('a "b"；\nc d;\n', [("full-width", 1, 6, "；")], id="full-width-semicolon-after-quote"),
        pytest.param(
            "a ｛\n b c;\n｝\n", [("full-width", 1, 3, "｛"), ("full-width", 3, 1, "｝")], id="full-width-braces"
        ),
        pytest.param("a “b”;", [("full-width", 1, 3, "“"), ("full-width", 1, 5, "”")], id="typographic-quotes"),
        pytest.param("\ufeffa b;", [("byte-order-mark", 1, 1, "\ufeff")], id="byte-order-mark"),
        pytest.param("a b", [("unexpected-end", 1, 4, "")], id="unknown-directive-at-the-end"),
    ],
)
def test_a_mistake_is_found_at_its_place(text: str, expected: list[tuple[str, int, int, str]]) -> None:
    assert problems(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("server_name a.example\n            b.example;", id="server-names"),
        pytest.param("log_format main '$a '\n'$b';", id="log-format"),
        pytest.param("log_format main escape=json\n'{'\n'}';", id="json-log-format"),
        pytest.param("proxy_set_header\n    Host $host;", id="arguments-under-the-name"),
        pytest.param('add_header X "y"\n    always;', id="always"),
        pytest.param("proxy_next_upstream error\ntimeout\nhttp_502;", id="values-in-a-column"),
        pytest.param("index index.html\n      index.php;", id="index"),
        pytest.param("server_name a\n    index;", id="a-name-like-a-directive-that-is-indented"),
        pytest.param("location ~ x\n{\n}\n", id="brace-on-its-own-line"),
        pytest.param("map $a $b {\n  default\n    x;\n  listen server;\n  root\n  index;\n}", id="map"),
        pytest.param("http {\n geo $a {\n  default 0;\n  listen\n  1;\n }\n}", id="geo"),
        pytest.param("listen 80\n;", id="semicolon-on-its-own-line"),
        pytest.param("return 200 'a\nlisten 80\nb';", id="quote-over-lines"),
        pytest.param("more_set_headers 'A: b'\n  'C: d';", id="module-of-others"),
        pytest.param("server_name ${A}\n            ${B};", id="template-arguments"),
        pytest.param("sub_filter a 你好；；;", id="full-width-text-as-an-argument"),
        pytest.param("return 200 '你好；';", id="full-width-text-in-quotes"),
        pytest.param("", id="nothing"),
        pytest.param("\ufeff", id="byte-order-mark-alone"),
        pytest.param("# only\n", id="comment"),
    ],
)
def test_what_nginx_reads_as_it_was_meant_is_no_mistake(text: str) -> None:
    assert problems(text) == []


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("${HTTPS_CONFIG}", id="braces"),
        pytest.param("$HTTPS_CONFIG", id="bare"),
        pytest.param("${HTTPS_CONFIG} # comment", id="comment"),
        pytest.param("${A} ${HTTPS_CONFIG}", id="two"),
    ],
)
def test_a_line_of_placeholders_stands_for_directives(line: str) -> None:
    tree = tree_of(f"server {{\n  listen ${{PORT}};\n  {line}\n}}\n")
    assert tree.problems == ()
    block = tree.directives[0].block
    assert block is not None
    assert block[0].name.text == "listen"
    assert not block[0].placeholder
    assert all(d.placeholder and d.end == (d.name.span.end, d.name.span.end) for d in block[1:])
    assert block[-1].name.text in ("${HTTPS_CONFIG}", "$HTTPS_CONFIG")


def test_lua_blocks_are_kept_raw_whatever_braces_their_strings_and_comments_hold() -> None:
    code = "local t = { a = '}', [[ } ]], \"}\" } -- }\n --[==[ } ]==] return t"
    tree = tree_of(f"location / {{\n content_by_lua_block {{ {code}\n }}\n return 200;\n}}\n")
    assert tree.problems == ()
    block = tree.directives[0].block
    assert block is not None
    assert [(d.name.text, d.raw, d.block) for d in block] == [
        ("content_by_lua_block", True, []),
        ("return", False, None),
    ]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{{ range .X }}\nserver { listen {{ .Port }}; }\n{{ end }}", id="go"),
        pytest.param("{% if a %}\nlisten 80;\n{% endif %}", id="jinja"),
        pytest.param("<% if a %>\nlisten 80;\n<% end %>", id="erb"),
    ],
)
def test_other_template_languages_are_left_alone(text: str) -> None:
    tree = tree_of(text)
    assert tree.template
    assert tree.problems == ()


def test_a_jinja_tag_within_quotes_is_text() -> None:
    tree = tree_of('add_header A "{{ x }}";\nb "c;')
    assert not tree.template
    assert [p.kind for p in tree.problems] == ["unterminated-quote"]


def test_walk_gives_the_blocks_around_each_directive() -> None:
    tree = tree_of("a { b { c d; } e f; } g h;")
    assert [(d.name.text, [p.name.text for p in parents]) for d, parents in tree.walk()] == [
        ("a", []),
        ("b", ["a"]),
        ("c", ["a", "b"]),
        ("e", ["a"]),
        ("g", []),
    ]


def test_representations_show_no_argument() -> None:
    tree = tree_of("set hunter2;")
    assert "hunter2" not in repr(tree.directives[0]) + repr(tree.directives[0].arguments)


def nodes(tree: NginxTree) -> Iterator[tuple[NginxDirective, NginxDirective | None]]:
    for directive, parents in tree.walk():
        yield directive, parents[-1] if parents else None


SNIPPETS = st.lists(
    st.sampled_from(
        [
            "listen 80",
            "server",
            ";",
            "{",
            "}",
            "\n",
            " ",
            '"',
            "'",
            "\\",
            "#",
            "$",
            "${A}",
            "；",
            "｝",
            "“",
            "x",
            "\r\n",
            "map $a $b",
            "content_by_lua_block",
            "[[",
            "--",
            "{{",
            "\ufeff",
            "\udc80",
            "root /a\nindex b",
        ]
    ),
    max_size=40,
).map("".join)


@given(st.one_of(SNIPPETS, st.text(max_size=60)))
def test_any_text_has_a_tree_whose_spans_lie_within_each_other_and_the_text(text: str) -> None:
    tree = tree_of(text)
    previous: dict[int, int] = {}
    for directive, parent in nodes(tree):
        words: list[NginxWord] = [directive.name, *directive.arguments]
        assert 0 <= directive.span.start <= directive.span.end <= len(text)
        assert all(directive.span.covers(w.span) for w in words)
        assert all(a.span.end <= b.span.start for a, b in pairwise(words))
        assert directive.span.end == max(directive.end.end, words[-1].span.end)
        if parent is not None:
            assert parent.block_span is not None
            assert parent.block_span.covers(directive.span)
        key = id(parent)
        assert previous.get(key, 0) <= directive.span.start
        previous[key] = directive.span.end
        for word in words:
            if not word.quote and "\\" not in text:
                assert word.text == text[word.span.start : word.span.end]
    for problem in tree.problems:
        assert 0 <= problem.place.span.start <= problem.place.span.end <= len(text)


@pytest.mark.parametrize(
    "piece",
    [
        pytest.param("a{}", id="blocks"),
        pytest.param("a{", id="open-blocks"),
        pytest.param("a{{}\n}\n", id="near-templates"),
        pytest.param("${A} ", id="placeholders"),
        pytest.param("\"a\n'b\n", id="quotes"),
        pytest.param("；", id="full-width"),
        pytest.param("a b} c ", id="braces-in-words"),
        pytest.param("listen 80\n", id="missing-semicolons"),
        pytest.param("content_by_lua_block {\"' ", id="lua"),
    ],
)
def test_hostile_text_takes_linear_time(piece: str, linear: Linear) -> None:
    def make(times: int) -> Callable[[], object]:
        document = Document("/nginx.conf", piece * times)
        return lambda: parse_nginx(document)

    linear(make)


def shipped() -> list[str]:
    roots = [f"{SHARED}/corpus/dev/dify", f"{SHARED}/corpus/dev/fastgpt", f"{SHARED}/cases"]
    found = [p for root in roots for p in glob.glob(f"{root}/**/*.conf*", recursive=True)]
    return sorted(p for p in found if p.endswith((".conf", ".template")) and "squid" not in p)


@pytest.mark.skipif(not os.path.isdir(SHARED), reason="no shared files")
def test_shipped_files_have_no_problem_but_the_one_that_was_made() -> None:
    files = shipped()
    assert len(files) > 100
    wrong: list[tuple[str, str, int]] = []
    for path in files:
        with open(path, "rb") as file:
            tree = parse_nginx(Document.decode(path, file.read()))
        wrong += [(os.path.relpath(path, SHARED), p.kind, p.place.line) for p in tree.problems]
    assert wrong == [("cases/066-nginx-missing-semicolon/nginx/conf.d/default.conf", "missing-semicolon", 2)]
