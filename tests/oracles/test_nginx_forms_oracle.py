"""nginx itself judges what we say of locations, conditions, patterns, maps and words from a fixed set."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stackmend.linter.rules.nginx.directives import argument_count
from stackmend.schemas.parsers.document import Document
from stackmend.schemas.parsers.nginx import parse_nginx
from stackmend.schemas.parsers.nginx_directives import table

from .conftest import Judge

pytestmark = pytest.mark.oracle

SERVER = "pid nginx.pid; events {} http { server { %s } }"
QUICK = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=120)
# Of releases after this judge's.
LATER = {("proxy_http_version", "2")}


def found(text: str) -> bool:
    """Whether we find a mistake that is not one of splitting a text into words."""
    tree = parse_nginx(Document("/nginx.conf", text))
    return any(argument_count.check(tree))


CONDITION = st.sampled_from(
    ("(", ")", "$host", "($host", "($host)", "=", "==", "!=", "~", "!~*", "=~", "-f", "!-d", "b", "b)", '"b")', "&&")
)
LOCATION = st.sampled_from(("=", "~", "~*", "^~", "^", "=~", "~=", "/a", "/a/b", "@n", "a", "~/a", "~*b"))


@QUICK
@given(st.lists(CONDITION, min_size=1, max_size=5))
def test_a_condition_is_refused_exactly_when_nginx_refuses_it(nginx: Judge, words: list[str]) -> None:
    text = SERVER % f"if {' '.join(words)} {{ return 200; }}"
    said = nginx(text)
    assert (said != "") == found(text), said


@QUICK
@given(st.lists(LOCATION, min_size=1, max_size=3))
def test_the_words_of_a_location_are_refused_exactly_when_nginx_refuses_them(nginx: Judge, words: list[str]) -> None:
    text = SERVER % f"location {' '.join(words)} {{ return 200; }}"
    said = nginx(text)
    assert (said != "") == found(text), said


HEADS = st.sampled_from(("/a", "/a/", "= /a", "^~ /a/b", "~ ^/a", "@a", "/b", "/", "= /a/b/c"))


@QUICK
@given(HEADS, HEADS)
def test_a_location_in_another_is_refused_exactly_when_nginx_refuses_it(nginx: Judge, outer: str, inner: str) -> None:
    text = SERVER % f"location {outer} {{ location {inner} {{ return 200; }} }}"
    said = nginx(text)
    if found(text):
        assert said != ""
    elif said:
        # Of what a pattern has around it nothing is said.
        assert outer.startswith("~"), said


@QUICK
@given(st.text(st.sampled_from("ab/()[]*+?|^$.{1,}:<>!=-"), min_size=1, max_size=8))
def test_a_pattern_that_we_refuse_is_refused(nginx: Judge, pattern: str) -> None:
    for line in (f'location ~ "{pattern}" {{ return 200; }}', f'rewrite "{pattern}" /x;', f'server_name "~{pattern}";'):
        text = SERVER % line
        if found(text):
            assert nginx(text) != "", pattern


@pytest.mark.parametrize("pattern", ["*.php$", "^/(a", "^/a)", "[a-z", "^/(?<v>[0-9]+", "a|*"])
def test_a_pattern_that_people_get_wrong_is_found(nginx: Judge, pattern: str) -> None:
    for line in (
        f"location ~* {pattern} {{ return 200; }}",
        f"rewrite {pattern} /x last;",
        f'if ($uri ~ "{pattern}") {{ return 200; }}',
    ):
        text = SERVER % line
        assert "pcre2_compile() failed" in nginx(text) or "pcre_compile() failed" in nginx(text)
        assert found(text), line


@pytest.mark.parametrize(
    "line", ["a b;", "a;", "a b c;", "~^a b;", "~*(a b;", '"" b;', "default b;", "hostnames;", "volatile;", "default;"]
)
def test_a_line_of_a_map_is_refused_exactly_when_nginx_refuses_it(nginx: Judge, line: str) -> None:
    text = f"pid nginx.pid; events {{}} http {{ map $host $m {{ {line} }} server {{ return 200 $m; }} }}"
    said = nginx(text)
    assert (said != "") == found(text), said


@pytest.mark.parametrize("name", sorted(table()["choices"]))
def test_the_words_of_the_table_are_those_that_nginx_takes(nginx: Judge, name: str) -> None:
    for word in table()["choices"][name].split():
        text = SERVER % f"{name} {word};"
        assert not found(text), word
        assert nginx(text) == "" or (name, word) in LATER, word
    for word in ("offf", "tlsv1", "1", "http_500,http_502", "TLSv1.2,TLSv1.3"):
        text = SERVER % f"{name} {word};"
        assert found(text) == (nginx(text) != ""), (name, word)
