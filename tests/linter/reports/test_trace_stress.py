"""`trace` through everything at once: anchors, lists of merge keys, an override, env files, nested fallbacks."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from stackmend.linter.masking import Masker
from stackmend.linter.reports.trace import write_trace
from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.models.compose import load_project
from stackmend.schemas.models.project import Options, Project
from stackmend.schemas.workspace import Workspace

ROOT = "/srv/stack"
COMPOSE = """\
x-near: &near
  LEVEL: near
  URL: ${URL:-${SCHEME:-http}://${HOST:-${FALLBACK_HOST:-db}}:${PORT-5432}}
x-far: &far
  LEVEL: far
  REGION: ${REGION:-far}
  MODE: far
x-all: &all
  <<: [*near, *far]
  MODE: all
services:
  api:
    image: example/api:1.0
    env_file: [one.env, {path: two.env, required: false}, gone.env]
    environment:
      <<: *all
      MODE: own
      QUEUE: ${QUEUE:-low}
  worker:
    image: example/api:1.0
    environment:
      <<: [*far, *near]
  child:
    extends: {service: api}
    environment:
      MODE: child
"""
OVERRIDE = """\
services:
  api:
    environment:
      - MODE=over
      - REGION
"""
FILES = {
    f"{ROOT}/compose.yaml": COMPOSE,
    f"{ROOT}/compose.override.yaml": OVERRIDE,
    f"{ROOT}/.env": "PORT=\nHOST=${NAME}.example.org\nQUEUE=\nREGION=eu\nNAME=late\n",
    f"{ROOT}/one.env": "MODE=one\nONLY=${QUEUE:-${MODE}}-1\nTWICE=a\nTWICE=b\n",
    f"{ROOT}/two.env": "MODE=two\nTWICE=c\nHIGH=${HIGH:-${PORT:-none}}\n",
}


@pytest.fixture(scope="module")
def project() -> Project:
    workspace = Workspace(MemoryFiles({path: text.encode() for path, text in FILES.items()}))
    return load_project(workspace, ROOT, Options(shell={"NAME": "pg"}))


def document(project: Project, service: str, name: str) -> dict[str, Any]:
    out = io.StringIO()
    write_trace(project, out, masker=Masker(), cwd=ROOT, service=service, variable=name, format="json")
    found: dict[str, Any] = json.loads(out.getvalue())["services"][service][name]
    return found


def text_of(project: Project, service: str, name: str) -> str:
    out = io.StringIO()
    write_trace(project, out, masker=Masker(), cwd=ROOT, service=service, variable=name)
    return out.getvalue()


def steps(found: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Each step as (source, file:line, text)."""
    return [(s["source"], f"{s['file']}:{s['range']['start']['line']}" if s["range"] else "", s["text"]) for s in found]


def test_a_nested_fallback_is_followed_piece_by_piece_through_the_anchor(project: Project) -> None:
    found = document(project, "api", "URL")
    assert found["text"] == "http://pg.example.org:"
    whole = "${URL:-${SCHEME:-http}://${HOST:-${FALLBACK_HOST:-db}}:${PORT-5432}}"
    assert steps(found["trail"]) == [
        ("default", "compose.yaml:3", "http"),
        ("literal", "compose.yaml:3", "${SCHEME:-http}"),
        ("default", "compose.yaml:3", "://"),
        ("shell", "", "pg"),
        ("env", ".env:2", "${NAME}"),
        ("env", ".env:2", ".example.org"),
        ("literal", "compose.yaml:3", "${HOST:-${FALLBACK_HOST:-db}}"),
        ("default", "compose.yaml:3", ":"),
        ("env", ".env:1", ""),
        ("literal", "compose.yaml:3", "${PORT-5432}"),
        ("literal", "compose.yaml:3", whole),
    ]
    hidden = steps(found["shadowed"])
    assert ("env", ".env:5", "late") in hidden
    assert ("default", "compose.yaml:3", "${FALLBACK_HOST:-db}") in hidden
    assert ("default", "compose.yaml:3", "5432") in hidden


def test_an_override_hides_the_own_key_the_merge_keys_and_both_env_files_each_with_its_reason(project: Project) -> None:
    found = document(project, "api", "MODE")
    assert found["text"] == "over"
    assert steps(found["trail"]) == [("override", "compose.override.yaml:4", "over")]
    assert steps(found["shadowed"]) == [
        ("literal", "compose.yaml:17", "own"),
        ("literal", "compose.yaml:10", "all"),
        ("literal", "compose.yaml:7", "far"),
        ("env_file", "two.env:1", "two"),
        ("env_file", "one.env:1", "one"),
    ]
    told = [line.split("(", 1)[1].rstrip(")") for line in text_of(project, "api", "MODE").splitlines() if "(" in line]
    assert told == [
        "an override file sets it again",
        "a key of the mapping itself wins over what `<<` brings",
        "a key of the mapping itself wins over what `<<` brings",
        "`environment` wins over `env_file`",
        "`environment` wins over `env_file`",
    ]


NEAR, FAR = ("literal", "compose.yaml:2", "near"), ("literal", "compose.yaml:5", "far")


@pytest.mark.parametrize(
    ("service", "kept", "lost"),
    [
        pytest.param("api", NEAR, FAR, id="near before far"),
        pytest.param("worker", FAR, NEAR, id="far before near"),
    ],
)
def test_of_two_merged_mappings_the_first_named_wins_and_the_other_is_shown(
    project: Project, service: str, kept: tuple[str, str, str], lost: tuple[str, str, str]
) -> None:
    found = document(project, service, "LEVEL")
    assert steps(found["trail"]) == [kept]
    assert steps(found["shadowed"]) == [lost]
    assert "of what `<<` brings, the mapping that is named first wins" in text_of(project, service, "LEVEL")


def test_an_inherited_key_of_an_override_takes_dotenv_and_hides_the_merged_expression(project: Project) -> None:
    found = document(project, "api", "REGION")
    assert found["text"] == "eu"
    assert steps(found["trail"])[0] == ("env", ".env:4", "eu")
    assert steps(found["shadowed"]) == [("literal", "compose.yaml:6", "${REGION:-far}")]


def test_an_empty_line_of_dotenv_that_falls_back_is_shown_with_the_reason(project: Project) -> None:
    found = document(project, "api", "QUEUE")
    assert found["text"] == "low"
    assert steps(found["trail"]) == [
        ("default", "compose.yaml:18", "low"),
        ("literal", "compose.yaml:18", "${QUEUE:-low}"),
    ]
    assert steps(found["shadowed"]) == [("env", ".env:3", "")]
    assert "QUEUE is empty here, and `:-` takes the fallback for an empty value" in text_of(project, "api", "QUEUE")


def test_expressions_in_an_env_file_see_dotenv_then_the_service_then_the_lines_above(project: Project) -> None:
    # QUEUE is empty in `.env`, so the fallback asks for MODE, which `environment` sets.
    only = document(project, "api", "ONLY")
    assert only["text"] == "over-1"
    assert ("env_file", "one.env:2", "${QUEUE:-${MODE}}") in steps(only["trail"])
    assert ("override", "compose.override.yaml:4", "over") in steps(only["trail"])
    assert document(project, "api", "HIGH")["text"] == "none"


def test_a_line_set_three_times_in_two_env_files_shows_both_that_lost(project: Project) -> None:
    found = document(project, "api", "TWICE")
    assert steps(found["trail"]) == [("env_file", "two.env:2", "c")]
    assert steps(found["shadowed"]) == [("env_file", "one.env:4", "b"), ("env_file", "one.env:3", "a")]


def test_extends_brings_the_base_service_with_all_that_it_hides(project: Project) -> None:
    found = document(project, "child", "MODE")
    assert found["text"] == "child"
    hidden = steps(found["shadowed"])
    assert ("extends", "compose.yaml:17", "own") in hidden
    assert ("env_file", "two.env:1", "two") in hidden


def test_every_step_of_every_variable_stands_where_it_says(project: Project) -> None:
    checked = 0
    for service in project.services:
        for name in project.services[service].environment:
            found = document(project, service, name)
            every: list[dict[str, Any]] = [*found["trail"], *found["shadowed"]]
            for step in every:
                if step["range"] is None or step["range"]["start"]["line"] != step["range"]["end"]["line"]:
                    continue
                start, end = step["range"]["start"], step["range"]["end"]
                line = FILES[f"{ROOT}/{step['file']}"].splitlines()[int(start["line"]) - 1]
                written = line[int(start["column"]) - 1 : int(end["column"]) - 1]
                assert step["text"] in (written, written.partition("=")[2]), (service, name, step)
                checked += 1
    assert checked > 30
