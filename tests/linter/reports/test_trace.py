"""`trace` answers "I changed .env and nothing happened": where a value is written, what asked for it, and what lost."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from stackmend.linter.masking import Masker
from stackmend.linter.reports.trace import UnknownServiceError, write_trace
from stackmend.linter.secrets import of_projects
from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.models.compose import load_project
from stackmend.schemas.models.project import Options, Project
from stackmend.schemas.workspace import Workspace

COMPOSE = """\
x-shared: &shared
  VECTOR_STORE: ${VECTOR_STORE:-weaviate}
  DB_PASSWORD: ${DB_PASSWORD:-changed-later-01}
  DB_URL: postgresql://app:${DB_PASSWORD}@${DB_HOST:-db}:5432/app
services:
  api:
    image: example/api:${API_TAG:-1.0}
    env_file: [app.env]
    environment:
      <<: *shared
      MODE: api
      EMPTIED: ${EMPTIED:-fallback}
      INHERITED:
      FROM_SHELL: ${FROM_SHELL}
  worker:
    image: example/api:1.0
    environment:
      <<: *shared
      VECTOR_STORE: qdrant
  idle:
    image: example/api:1.0
    profiles: [never]
"""
OVERRIDE = "services:\n  api:\n    environment:\n      MODE: debug\n"
DOTENV = """\
VECTOR_STORE=chroma
VECTOR_STORE=milvus
DB_PASSWORD=linden-4410-anchor
API_TAG=1.1
EMPTIED=
INHERITED=from the file
FROM_SHELL=from the file
UNREAD=1
MODE=production
"""
APP_ENV = "MODE=file\nONLY_HERE=\x1b[31mred\nSESSION_TOKEN=maple-3391-ferry\n"
SECRETS = ("linden", "changed-later", "maple")

STEP = {
    "type": "object",
    "properties": {
        "source": {"enum": ["literal", "env", "env_file", "shell", "default", "override", "extends", "include"]},
        "file": {"type": ["string", "null"]},
        "range": {"type": ["object", "null"]},
        "text": {"type": "string"},
    },
    "required": ["source", "file", "range", "text"],
    "additionalProperties": False,
}
VARIABLE = {
    "type": "object",
    "properties": {
        "text": {"type": ["string", "null"]},
        "known": {"type": "boolean"},
        "masked": {"type": "boolean"},
        "trail": {"type": "array", "items": STEP},
        "shadowed": {"type": "array", "items": STEP},
    },
    "required": ["text", "known", "masked", "trail", "shadowed"],
    "additionalProperties": False,
}
SCHEMA = {
    "type": "object",
    "properties": {
        "version": {"const": 1},
        "services": {
            "type": "object",
            "additionalProperties": {"type": "object", "additionalProperties": VARIABLE},
        },
    },
    "required": ["version", "services"],
    "additionalProperties": False,
}

Trace = Callable[..., str]


@pytest.fixture(scope="module")
def project() -> Project:
    files = {
        "/srv/stack/docker-compose.yaml": COMPOSE,
        "/srv/stack/docker-compose.override.yaml": OVERRIDE,
        "/srv/stack/.env": DOTENV,
        "/srv/stack/app.env": APP_ENV,
    }
    workspace = Workspace(MemoryFiles({path: text.encode() for path, text in files.items()}))
    return load_project(workspace, "/srv/stack", Options(shell={"FROM_SHELL": "from the shell"}))


@pytest.fixture
def trace(project: Project) -> Trace:
    def run(service: str | None = None, variable: str | None = None, *, show: bool = False, **options: Any) -> str:
        masker = Masker(lambda: of_projects((project,)), public=project.services, show=show)
        out = io.StringIO()
        write_trace(project, out, masker=masker, cwd="/srv/stack", service=service, variable=variable, **options)
        return out.getvalue()

    return run


def variable_of(trace: Trace, service: str, name: str, *, show: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(trace(service, name, format="json", show=show))["services"][service][name]
    return found


def brief(steps: list[dict[str, Any]]) -> list[tuple[str, str | None, int | None, str]]:
    return [(s["source"], s["file"], s["range"]["start"]["line"] if s["range"] else None, s["text"]) for s in steps]


def test_the_whole_answer_is_as_recorded(trace: Trace, golden: Callable[[str, str], None]) -> None:
    golden("reports/trace.txt", trace())


def test_json_fits_its_schema_and_holds_the_active_services(trace: Trace) -> None:
    data = json.loads(trace(format="json"))
    validator: Any = Draft202012Validator(SCHEMA)
    validator.validate(data)
    assert list(data["services"]) == ["api", "worker"]


def test_a_value_of_dotenv_is_followed_to_its_line_and_to_what_asked_for_it(trace: Trace) -> None:
    found = variable_of(trace, "api", "VECTOR_STORE")
    assert (found["text"], found["known"], found["masked"]) == ("milvus", True, False)
    assert brief(found["trail"]) == [
        ("env", ".env", 2, "milvus"),
        ("literal", "docker-compose.yaml", 2, "${VECTOR_STORE:-weaviate}"),
    ]
    assert ("default", "docker-compose.yaml", 2, "weaviate") in brief(found["shadowed"])
    assert ("env", ".env", 1, "chroma") in brief(found["shadowed"])


def test_a_fixed_text_in_the_service_hides_the_line_of_dotenv_and_says_so(trace: Trace) -> None:
    found = variable_of(trace, "worker", "VECTOR_STORE")
    assert brief(found["trail"]) == [("literal", "docker-compose.yaml", 19, "qdrant")]
    assert ("env", ".env", 2, "milvus") in brief(found["shadowed"])
    assert "the service does not ask `.env` for it: it has a text of its own" in trace("worker", "VECTOR_STORE")


def test_a_line_of_dotenv_that_no_service_reads_is_named(trace: Trace) -> None:
    assert trace("api", "UNREAD") == "service api\n  .env:8 sets UNREAD, but nothing in service api reads it\n"


def test_a_variable_that_only_the_image_reads_is_placed(trace: Trace) -> None:
    said = trace("api", "API_TAG")
    assert (
        said
        == "service api\n  API_TAG is not in the service's environment; `image` reads it at docker-compose.yaml:7\n"
    )


def test_a_variable_that_nothing_sets_is_said_to_be_set_nowhere(trace: Trace) -> None:
    assert "NOWHERE is not set for this service, and no `.env` file sets it" in trace("api", "NOWHERE")


def test_an_emptied_variable_that_falls_back_shows_the_empty_line(trace: Trace) -> None:
    found = variable_of(trace, "api", "EMPTIED")
    assert found["text"] == "fallback"
    assert found["trail"][0]["source"] == "default"


def test_an_override_file_hides_the_main_file_and_the_env_file(trace: Trace) -> None:
    found = variable_of(trace, "api", "MODE")
    assert brief(found["trail"]) == [("override", "docker-compose.override.yaml", 4, "debug")]
    hidden = brief(found["shadowed"])
    assert ("literal", "docker-compose.yaml", 11, "api") in hidden
    assert ("env_file", "app.env", 1, "file") in hidden
    assert any(source == "env" and line == 9 for source, _, line, _ in hidden)


def test_the_shell_wins_over_dotenv(trace: Trace) -> None:
    found = variable_of(trace, "api", "FROM_SHELL")
    assert found["text"] == "from the shell"
    assert found["trail"][0] == {"source": "shell", "file": None, "range": None, "text": "from the shell"}
    assert "the shell" in trace("api", "FROM_SHELL")


def test_each_part_of_a_url_has_its_own_source(trace: Trace) -> None:
    found = variable_of(trace, "api", "DB_URL", show=True)
    assert found["text"] == "postgresql://app:linden-4410-anchor@db:5432/app"
    written = [step["text"] for step in found["trail"] if not step["text"].startswith("${")]
    assert "".join(written) == found["text"]


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_secret_is_shown_unless_asked_for(trace: Trace, form: str) -> None:
    hidden, shown = trace(format=form), trace(format=form, show=True)
    assert not [secret for secret in SECRETS if secret in hidden]
    assert all(secret in shown for secret in SECRETS)
    assert variable_of(trace, "api", "DB_PASSWORD")["masked"] is True


def test_a_control_character_does_not_reach_the_terminal(trace: Trace) -> None:
    assert "\x1b" not in trace("api", "ONLY_HERE")
    assert "\x1b" in trace("api", "ONLY_HERE", color=True)
    assert "\\x1b[31mred" in trace("api", "ONLY_HERE", color=True)


def test_an_unknown_service_is_named_with_those_that_exist(trace: Trace) -> None:
    with pytest.raises(UnknownServiceError, match="api, worker, idle"):
        trace("apy")


def test_a_fallback_that_was_taken_is_hidden_with_its_definition_and_not_because_of_a_variable() -> None:
    compose = "services:\n  a:\n    image: x:1\n    env_file: [a.env, b.env]\n"
    files = {"compose.yaml": compose, "a.env": "URL=http://${HOST:-db}\n", "b.env": "URL=later\n"}
    memory = MemoryFiles({f"/p/{name}": text.encode() for name, text in files.items()})
    out = io.StringIO()
    project = load_project(Workspace(memory), "/p", Options(shell={}))
    write_trace(project, out, masker=Masker(), cwd="/p", service="a", variable="URL")
    assert "is set)" not in out.getvalue()
    assert out.getvalue().count("it is set again further on") == 3
