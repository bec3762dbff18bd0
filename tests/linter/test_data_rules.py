"""Rules for dotenv files where a page cannot show the bytes, or where silence has a bound."""

from __future__ import annotations

import pytest

from stackmend.linter.pages import Example, ExampleFile
from stackmend.linter.rules import all_rules
from stackmend.linter.testing import lint_example, mend_example

COMPOSE = """\
services:
  api:
    image: ghcr.io/example/api:2.1
    environment:
      LOG_LEVEL: ${LOG_LEVEL:-INFO}
"""


def example(**files: str) -> Example:
    return Example("", 1, tuple(ExampleFile("", path, text, ()) for path, text in files.items()), ())


def found(code: str, **files: str) -> list[tuple[str, int]]:
    report = lint_example(example(**files), all_rules())
    assert not report.errors
    return [(d.place.document.path, d.place.line) for d in report.diagnostics if d.rule.code == code]


def mended(code: str, **files: str) -> dict[str, str]:
    rule = next(r for r in all_rules() if r.code == code)
    return {c.path: c.after.decode() for c in mend_example(example(**files), rule).changes}


def test_carriage_returns_inside_a_value_of_several_lines_are_found_and_only_they_are_removed() -> None:
    text = 'A=1\r\nMOTD="first\r\nsecond"\r\nB=2\r\n'
    assert found("ENV010", **{".env": text}) == [("/project/.env", 2)]
    assert mended("ENV010", **{".env": text}) == {"/project/.env": 'A=1\r\nMOTD="first\nsecond"\r\nB=2\r\n'}


def test_line_ends_of_windows_alone_are_no_mistake() -> None:
    assert not found("ENV010", **{".env": 'A=1\r\nB="2" # two\r\n'})


def test_a_last_line_without_line_end_and_value_is_ended() -> None:
    assert found("ENV001", **{".env": "A=1\nHTTP_PROXY"}) == [("/project/.env", 2)]
    assert mended("ENV001", **{".env": "A=1\nHTTP_PROXY"}) == {"/project/.env": "A=1\nHTTP_PROXY\n"}


def test_one_unread_variable_is_told() -> None:
    files = {"compose.yaml": COMPOSE, ".env": "LOG_LEVEL=INFO\nCOOKIE_DOMAIN=example.com\n"}
    assert found("ENV012", **files) == [("/project/.env", 2)]


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"deploy.sh": "curl https://$COOKIE_DOMAIN/health\n"}, id="a script names it"),
        pytest.param({"app/settings.py": "cookie_domain: str\n"}, id="code names it in lower case"),
        pytest.param({".env.example": "COOKIE_DOMAIN=\n"}, id="the example lists it"),
        pytest.param({"a/b/c/run.sh": "$COOKIE_DOMAIN"}, id="a script three folders down names it"),
        pytest.param({f"s/{i}.sh": "" for i in range(301)}, id="there are too many files to look into"),
        pytest.param({"huge.sql.tpl": " " * 256_001}, id="a file is too large to look into"),
    ],
)
def test_an_unread_variable_is_not_told_when_somebody_else_may_read_it(files: dict[str, str]) -> None:
    own = {"compose.yaml": COMPOSE, ".env": "LOG_LEVEL=INFO\nCOOKIE_DOMAIN=example.com\n"}
    assert not found("ENV012", **own, **files)


def test_notes_and_data_that_name_a_variable_do_not_read_it() -> None:
    own = {"compose.yaml": COMPOSE, ".env": "LOG_LEVEL=INFO\nCOOKIE_DOMAIN=example.com\n"}
    notes = {"README.md": "COOKIE_DOMAIN", "volumes/db/dump.py": "COOKIE_DOMAIN", ".env.bak": "COOKIE_DOMAIN=x\n"}
    assert found("ENV012", **own, **notes) == [("/project/.env", 2)]


def test_a_file_that_is_mostly_unread_is_meant_for_somebody_else() -> None:
    text = "LOG_LEVEL=INFO\n" + "".join(f"APP_SETTING_{i}=1\n" for i in range(5))
    assert not found("ENV012", **{"compose.yaml": COMPOSE, ".env": text})


def test_a_compose_file_that_cannot_be_read_to_its_end_makes_no_variable_unread() -> None:
    files = {"compose.yaml": COMPOSE + "  web: [\n", ".env": "LOG_LEVEL=INFO\nCOOKIE_DOMAIN=example.com\n"}
    assert found("CMP001", **files)
    assert not found("ENV012", **files)


def test_a_literal_in_a_second_compose_file_does_not_override_the_env_file_of_the_first() -> None:
    other = "services:\n  shell:\n    image: alpine:3.20\n    environment:\n      LOG_LEVEL: TRACE\n"
    files = {"docker-compose.tools.yaml": other, ".env": "LOG_LEVEL=DEBUG\n"}
    assert found("ENV013", **files)
    assert not found("ENV013", **files, **{"compose.yaml": COMPOSE})


@pytest.mark.parametrize("text", ["UV_CACHE_DIR=/tmp/.uv-cache\nUV_CACHE_DIR=/tmp/uv_cache\n", "A=1\nA=1\n"])
def test_what_is_shipped_twice_or_says_the_same_twice_is_no_more_than_a_note(text: str) -> None:
    (only,) = lint_example(example(**{".env": text}), all_rules()).diagnostics
    assert (only.rule.code, only.severity.value) == ("ENV002", "info")


def test_a_lost_value_is_an_error_and_a_filled_empty_line_a_warning() -> None:
    lost = lint_example(example(**{".env": "A=1\nA=2\n"}), all_rules()).diagnostics
    filled = lint_example(example(**{".env": "A=\nA=2\n"}), all_rules()).diagnostics
    assert [(d.rule.code, d.severity.value) for d in (*lost, *filled)] == [("ENV002", "error"), ("ENV002", "warning")]
