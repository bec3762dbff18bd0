"""Rules are chosen by code, prefix or name; paths by patterns."""

from __future__ import annotations

import time

import pytest

from stackmend.linter.diagnostic import Severity
from stackmend.linter.globs import matches
from stackmend.linter.rule import Diagnostics, Rule, rule
from stackmend.linter.selection import UnknownSelectorError, selected


def make(code: str, name: str, *, host: bool = False) -> Rule:
    @rule(code, name, str, Severity.ERROR, host=host)
    def check(subject: str) -> Diagnostics:
        yield from ()

    return check


RULES = (make("CMP001", "one"), make("CMP012", "two"), make("ENV001", "three"), make("CMP019", "port", host=True))


@pytest.mark.parametrize(
    ("select", "ignore", "host", "codes"),
    [
        pytest.param(["ALL"], [], False, "CMP001 CMP012 ENV001", id="host rules only on demand"),
        pytest.param(["ALL"], [], True, "CMP001 CMP012 ENV001 CMP019", id="with host"),
        pytest.param(["CMP"], [], False, "CMP001 CMP012", id="family"),
        pytest.param(["CMP01"], [], False, "CMP012", id="prefix"),
        pytest.param(["three"], [], False, "ENV001", id="name"),
        pytest.param(["env001"], [], False, "ENV001", id="any case"),
        pytest.param(["ALL"], ["CMP"], False, "ENV001", id="ignore a family"),
        pytest.param(["CMP001"], ["CMP"], False, "CMP001", id="the more exact select wins"),
        pytest.param(["CMP"], ["CMP001"], False, "CMP012", id="the more exact ignore wins"),
        pytest.param(["CMP001"], ["CMP001"], False, "", id="ignore wins among equals"),
        pytest.param([], [], False, "", id="nothing"),
    ],
)
def test_which_rules_are_on(select: list[str], ignore: list[str], host: bool, codes: str) -> None:
    assert " ".join(r.code for r in selected(RULES, select, ignore, host=host)) == codes


def test_a_selector_that_picks_nothing_is_refused_with_the_near_code() -> None:
    with pytest.raises(UnknownSelectorError, match=r"CPM001.*did you mean CMP001"):
        selected(RULES, ["CPM001"], [], host=False)


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        pytest.param("*.env", "a/b/x.env", True, id="a name anywhere"),
        pytest.param("*.env", "a/b/x.envy", False, id="whole names only"),
        pytest.param("a/*.env", "a/x.env", True, id="relative path"),
        pytest.param("a/*.env", "a/b/x.env", False, id="a star stays in its folder"),
        pytest.param("a/*.env", "q/a/x.env", False, id="a path is anchored"),
        pytest.param("**/b/*.env", "a/c/b/x.env", True, id="any depth"),
        pytest.param("**/b/*.env", "b/x.env", True, id="any depth, none"),
        pytest.param("a/**", "a/b/c/x", True, id="everything below"),
        pytest.param("old", "a/old/x", True, id="a folder takes what is below"),
        pytest.param("./a/x", "a/x", True, id="dot slash"),
        pytest.param("[a-c].env", "b.env", True, id="a set"),
        pytest.param("[!a-c].env", "b.env", False, id="a negated set"),
        pytest.param("a.env", "abenv", False, id="a dot is a dot"),
        pytest.param("x[", "x[", True, id="a lone bracket"),
    ],
)
def test_patterns(pattern: str, path: str, expected: bool) -> None:
    assert matches(pattern, f"/root/{path}", "/root") is expected


def test_a_path_outside_the_root_matches_nothing() -> None:
    assert not matches("**", "/other/x", "/root")


@pytest.mark.parametrize("pattern", ["*a" * 25 + "b", "**/" * 40 + "b", "**/a/" * 20 + "b", "a*" * 25 + "b/" + "**"])
def test_no_pattern_takes_for_ever(pattern: str) -> None:
    begun = time.process_time()
    assert not matches(pattern, "/root/" + "a" * 250 + "/a" * 100, "/root")
    assert time.process_time() - begun < 5
