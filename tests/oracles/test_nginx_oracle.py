"""nginx itself judges the nginx parser: what it refuses to read has a problem, what it reads has none."""

from __future__ import annotations

import csv
import glob
import os
import re

import pytest
from _pytest.mark.structures import ParameterSet
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from stackmend.fixers.nginx import quoted
from stackmend.schemas.parsers.document import Document
from stackmend.schemas.parsers.nginx import NginxTree, parse_nginx
from stackmend.schemas.parsers.nginx_directives import accepts, forms

from .conftest import Judge

pytestmark = pytest.mark.oracle

SHARED = os.path.join(os.path.dirname(__file__), "..", "..", "..", "shared")
WILD = f"{SHARED}/corpus/dev/wild/nginx"

# What nginx says when it cannot split a file into directives; all else it says is about names, values and files.
SYNTAX = re.compile(
    r'unexpected ("|end of file)|is not terminated by ";"|has no opening "\{"|too long parameter|'
    r"invalid number of (arguments in|the map parameters)"
)
LEXICAL = re.compile(r'unexpected ("|end of file)')


def tree_of(text: str) -> NginxTree:
    return parse_nginx(Document("/nginx.conf", text))


def wrapped(text: str) -> list[str]:
    """The text as a whole file and in each context that a part of one may be meant for."""
    safe = re.sub(r"^[ \t]*load_module[^;]*;", "", text, flags=re.MULTILINE)
    return [
        safe,
        f"events {{}}\nhttp {{\n{safe}\n}}",
        f"events {{}}\nhttp {{ server {{\n{safe}\n}} }}",
        f"events {{}}\nhttp {{ server {{ location / {{\n{safe}\n}} }} }}",
    ]


def wild() -> list[str]:
    return sorted(os.path.basename(p) for p in glob.glob(f"{WILD}/*"))


@pytest.mark.parametrize("name", wild())
def test_a_file_of_the_wild_is_refused_for_its_syntax_exactly_where_there_is_a_problem(name: str, nginx: Judge) -> None:
    with open(f"{WILD}/{name}", "rb") as file:
        text = Document.decode("/nginx.conf", file.read()).text
    tree = tree_of(text)
    if tree.template:
        pytest.skip("a template of another language")
    # The context in which nginx gets furthest before it stops.
    said = [nginx(whole) for whole in wrapped(text)]
    if "" in said:
        assert tree.problems == ()
    elif tree.problems:
        assert any(LEXICAL.search(s) or "unknown directive" in s for s in said), said
    else:
        assert not any(LEXICAL.search(s) for s in said), said


@pytest.mark.skipif(not os.path.isdir(WILD), reason="no shared files")
def test_no_file_that_its_own_server_takes_has_a_problem() -> None:
    with open(f"{SHARED}/corpus/dev/SOURCES.tsv", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["file"].startswith("nginx/")]
    passed = [row["file"] for row in rows if row["oracle"] == "pass"]
    assert len(passed) > 30
    for name in passed:
        with open(f"{SHARED}/corpus/dev/wild/{name}", "rb") as file:
            assert parse_nginx(Document.decode(name, file.read())).problems == (), name


BASE: str = """\
worker_processes 1;  # one
events {
    worker_connections 64;
}
http {
    log_format main '$remote_addr "$request" '
                    "a;b{c}";
    map $host $kind {
        default a;
        example.com "b c";
    }
    upstream app {
        server 127.0.0.1:8000 weight=2;
        keepalive 4;
    }
    server {
        listen 127.0.0.1:8080;
        server_name example.com
                    www.example.com;
        location / {
            proxy_pass http://app;
            proxy_set_header Host $host;
            add_header X-A "a b" always;
        }
        location ~ ^/a {
            return 200 'x;';
        }
        if ($host = "b") {
            return 404;
        }
    }
}
"""


def test_the_base_of_the_mutations_is_right(nginx: Judge) -> None:
    assert nginx(BASE) == ""
    assert tree_of(BASE).problems == ()


def places(pattern: str) -> list[ParameterSet]:
    """Where the base has such a character, as parameters named by character and line."""
    found = [m.start() for m in re.finditer(pattern, BASE)]
    return [pytest.param(at, id=f"{BASE[at]}-{BASE.count(chr(10), 0, at) + 1}-{at}") for at in found]


@pytest.mark.parametrize("at", places("[;{}\"']"))
def test_a_character_that_nginx_misses_is_missed_here(at: int, nginx: Judge) -> None:
    text = BASE[:at] + BASE[at + 1 :]
    said, tree = nginx(text), tree_of(text)
    if LEXICAL.search(said):
        assert tree.problems, said
    elif not said:
        # nginx may swallow a line as arguments of another directive, and be content.
        assert all(p.kind == "missing-semicolon" for p in tree.problems)
    elif BASE[at] == ";":
        # It stopped at what the swallowed line made of the directive before.
        assert tree.problems, said


@pytest.mark.parametrize("at", places(r";(?= *(?:#|\n))"))
def test_every_semicolon_that_is_taken_from_the_end_of_a_line_is_missed_on_that_line(at: int) -> None:
    before, after = BASE[:at], BASE[at + 1 :]
    found = tree_of(before + after).problems
    assert [(p.kind in ("missing-semicolon", "unexpected-end"), p.place.span.start) for p in found] == [(True, at)]


@pytest.mark.parametrize("extra", [";", "}", "{", '"', "'", '"a"b', "}}", "a", "#", "\\"])
@pytest.mark.parametrize("line", range(1, BASE.count("\n") + 1, 3))
def test_a_character_too_many_is_seen_as_nginx_sees_it(extra: str, line: int, nginx: Judge) -> None:
    lines = BASE.split("\n")
    lines[line - 1] += " " + extra
    text = "\n".join(lines)
    said, tree = nginx(text), tree_of(text)
    if LEXICAL.search(said):
        assert tree.problems, said
    elif not said:
        assert tree.problems == ()


WORDS = st.text(
    st.sampled_from("ab0.$/\\\"'#{}();:~^ \tté；“") | st.characters(codec="utf-8", exclude_characters="\0"), max_size=12
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(WORDS)
def test_a_quoted_word_is_read_by_nginx_as_it_was_meant(nginx: Judge, text: str) -> None:
    assume(text.strip() and "\n" not in text and "\r" not in text and not forms(text))
    said = nginx(quoted(text, '"') + " 1;\n")
    assert f'unknown directive "{text}" in' in said


RAW = st.text(st.sampled_from("ab$\\\"'#{}();tn \té"), min_size=1, max_size=10)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(RAW)
def test_any_first_word_is_the_one_that_nginx_reads(nginx: Judge, raw: str) -> None:
    text = "events {}\n" + raw + "\n"
    assume(raw.strip())
    said, tree = nginx(text), tree_of(text)
    if (unknown := re.search(r'unknown directive "(.*)" in', said, re.DOTALL)) is not None:
        assert tree.directives[1].name.text == unknown[1]
    else:
        assert not said or tree.problems or tree.template, said
    if not said:
        assert len(tree.directives) == 1
        assert tree.problems == ()


@pytest.mark.parametrize("name", ["listen", "location", "root", "upstream", "events", "gzip", "return", "types"])
@pytest.mark.parametrize("count", range(4))
@pytest.mark.parametrize("block", [False, True])
def test_the_table_counts_arguments_as_nginx_does(name: str, count: int, block: bool, nginx: Judge) -> None:
    """In each context nginx tells `is not allowed here`, the count or the brace as the table does."""
    ending = " {}" if block else ";"
    directive = " ".join([name, *["x"] * count]) + ending
    for where, frame in {
        "main": "%s",
        "http": "events {} http { %s }",
        "server": "events {} http { server { %s } }",
        "location": "events {} http { server { location / { %s } } }",
    }.items():
        said = nginx(frame % directive)
        refused = "is not allowed here" in said or SYNTAX.search(said) is not None
        assert refused != accepts(name, count, block=block, where=frozenset((where,))), (where, said)
    assert forms(name)
