"""A checkout of Dify's source beside its deployment: what it knows of variables counts for exactly its own release."""

from __future__ import annotations

import pytest

from stackmend.linter.config import Overrides
from stackmend.linter.rules import all_rules
from stackmend.linter.session import Request, run
from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.workspace import Workspace

RULES = tuple(rule for rule in all_rules() if rule.code in ("STK013", "STK014", "STK015"))
COMPOSE = """\
services:
  api:
    image: langgenius/dify-api:{version}
    environment:
      MODE: api
      {setting}
"""
SETTINGS = """\
from pydantic import Field, PositiveInt
from pydantic_settings import BaseSettings
class DifyConfig(BaseSettings):
    {field}
dify_config = DifyConfig()
"""
NEW = "RETRIES_OF_TOMORROW: PositiveInt = Field(description='How often', default=3)"


def found(setting: str, version: str, *, field: str = "", source: str = "", git: bool = True) -> list[str]:
    """The codes found in a deployment, with a checkout of a release beside it where `source` names one."""
    files = {"docker/docker-compose.yaml": COMPOSE.format(version=version, setting=setting)}
    if git:
        files[".git/HEAD"] = "ref: refs/heads/main\n"
    if source:
        files["api/app.py"] = "raise SystemExit\n"
        files["api/configs/__init__.py"] = SETTINGS.format(field=field)
        files["api/pyproject.toml"] = f'[project]\nname = "dify-api"\nversion = "{source}"\n'
    workspace = Workspace(MemoryFiles({f"/dify/{path}": text.encode() for path, text in files.items()}))
    report = run(Request(("/dify/docker",), "/dify/docker", Overrides(), isolated=True), workspace, RULES).report
    assert not report.errors
    return [d.rule.code for d in report.diagnostics]


@pytest.mark.parametrize(
    ("setting", "version", "code", "field"),
    [
        pytest.param(
            "CONSOLE_API_URLS: http://x", "1.11.4", "STK014", "CONSOLE_API_URLS: str = ''", id="a name of its own"
        ),
        pytest.param("DB_PORT: none", "1.11.4", "STK013", "DB_PORT: int | bool = 1", id="a type of its own"),
        pytest.param(
            "MILVUS_HOST: milvus", "1.11.4", "STK015", "MILVUS_HOST: str = ''", id="a name that the releases gave up"
        ),
    ],
)
def test_what_the_source_reads_is_no_mistake(setting: str, version: str, code: str, field: str) -> None:
    assert found(setting, version) == [code]
    assert found(setting, version, source=version, field=field) == []
    assert found(setting, version, source="1.9.0", field=field) == [code], "a source of another release"
    assert found(setting, version, source=version, field="OTHER: int = 1") == [code], "a source that knows no more"


def test_a_value_that_the_source_takes_is_no_mistake() -> None:
    assert found("DB_PORT: '70000'", "1.11.4") == ["STK013"]
    assert found("DB_PORT: '70000'", "1.11.4", source="1.11.4", field="DB_PORT: int = 1") == []


def test_a_release_that_the_table_does_not_know_is_judged_by_its_source() -> None:
    wrong = "RETRIES_OF_TOMORROW: none"
    assert found(wrong, "97.0.0") == []
    assert found(wrong, "97.0.0", source="97.0.0", field=NEW) == ["STK013"]
    assert found("RETRIES_OF_TOMORROW: '5'", "97.0.0", source="97.0.0", field=NEW) == []
    assert found(wrong, "97.0.0", source="96.0.0", field=NEW) == []


def test_a_source_outside_of_the_project_is_not_read() -> None:
    assert found("RETRIES_OF_TOMORROW: none", "97.0.0", source="97.0.0", field=NEW, git=False) == []


def test_without_the_library_the_table_has_the_say(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(*_: object) -> None:
        raise ModuleNotFoundError

    monkeypatch.setattr("stackmend.schemas.settings_source.read_settings", absent)
    assert found("RETRIES_OF_TOMORROW: none", "97.0.0", source="97.0.0", field=NEW) == []
    assert found("CONSOLE_API_URLS: http://x", "1.11.4", source="1.11.4", field="CONSOLE_API_URLS: str = ''") == [
        "STK014"
    ]
