"""The table of Dify's variables follows a newer checkout, and stays byte for byte where nothing has changed."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stackmend.schemas.models.tables import DATA
from stackmend.schemas.models.variable_fact import fact_of

TOOL = os.path.join(os.path.dirname(__file__), os.pardir, os.pardir, "tools", "refresh_dify.py")
SETTINGS = """
from typing import Literal
from pydantic import Field, PositiveInt
from pydantic_settings import BaseSettings

class Config(BaseSettings):
    DB_TYPE: Literal["postgresql", "mysql", "tidb"] = Field(default="postgresql")
    LOG_LEVEL: str = Field(default="INFO")
    BRAND_NEW_PORT: PositiveInt = Field(default=7)
    BRAND_NEW_TOKEN: str = Field(default="invented")
    COMMIT_SHA: str = ""

config = Config()
"""
TABLE = {
    "product": "dify",
    "groups": [
        {
            "source": "somewhere else",
            "roles": ["api"],
            "first": "0.6.12",
            "variables": {
                "DB_TYPE": {
                    "type": "enum",
                    "values": ["postgresql", "mysql"],
                    "default": "postgresql",
                    "since": "1.10.1",
                },
                "LOG_LEVEL": {"default": "INFO", "since": "0.2.1"},
                "OLD_ONE": {"since": "0.9.0"},
            },
        },
        {"source": "somewhere else", "roles": ["web"], "variables": {"PORT": {"since": "0.2.1"}}},
    ],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "dify/api/configs").mkdir(parents=True)
    (tmp_path / "dify/api/configs/__init__.py").write_text(SETTINGS)
    (tmp_path / "data").mkdir()
    (tmp_path / "data/dify.variables.json").write_text(json.dumps(TABLE))
    (tmp_path / "data/dify.json").write_text('{"product": "dify", "newest": "1.16.1"}')
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, TOOL, str(folder / "dify"), *arguments, "--data", str(folder / "data")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def read(path: Path) -> Any:
    return json.loads(path.read_text())


def test_new_changed_and_gone_settings_are_told_and_written(folder: Path) -> None:
    done = run(folder, "1.17.0", "--write")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:-1] == [
        "changed: DB_TYPE",
        "gone: OLD_ONE",
        "new: BRAND_NEW_PORT",
        "new: BRAND_NEW_TOKEN",
    ]
    settings, web = read(folder / "data/dify.variables.json")["groups"]
    assert web == TABLE["groups"][1]
    assert settings["variables"] == {
        "BRAND_NEW_PORT": {
            "type": "int",
            "minimum": 1,
            "form": "port",
            "maximum": 65535,
            "default": "7",
            "since": "1.17.0",
        },
        "BRAND_NEW_TOKEN": {"secret": True, "since": "1.17.0"},
        "DB_TYPE": [
            {
                "type": "enum",
                "values": ["postgresql", "mysql"],
                "default": "postgresql",
                "since": "1.10.1",
                "until": "1.16.1",
            },
            {"type": "enum", "values": ["postgresql", "mysql", "tidb"], "default": "postgresql", "since": "1.17.0"},
        ],
        "LOG_LEVEL": {"default": "INFO", "since": "0.2.1"},
        "OLD_ONE": {"since": "0.9.0", "until": "1.16.1"},
    }
    assert read(folder / "data/dify.json")["newest"] == "1.17.0"


def test_nothing_is_written_without_being_asked(folder: Path) -> None:
    assert run(folder, "1.17.0").returncode == 0
    assert read(folder / "data/dify.variables.json") == TABLE
    assert read(folder / "data/dify.json")["newest"] == "1.16.1"


@pytest.mark.parametrize(
    ("checkout", "release", "said"),
    [
        pytest.param("dify", "1.16.1", "no release after 1.16.1", id="an-old-release"),
        pytest.param("dify", "main", "no release after 1.16.1", id="no-release"),
        pytest.param("data", "1.17.0", "no settings classes", id="no-checkout"),
    ],
)
def test_what_cannot_be_read_is_refused(folder: Path, checkout: str, release: str, said: str) -> None:
    if checkout != "dify":
        shutil.rmtree(folder / "dify")
    done = run(folder, release, "--write")
    assert done.returncode == 2
    assert said in done.stderr
    assert read(folder / "data/dify.variables.json") == TABLE


@pytest.fixture(scope="module")
def tool() -> Any:
    spec = importlib.util.spec_from_file_location("refresh_dify", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_shipped_table_is_written_as_it_is_kept(tool: Any) -> None:
    text = (Path(DATA) / "dify.variables.json").read_text(encoding="utf-8")
    assert tool.text_of(json.loads(text)) == text


def test_settings_that_stayed_as_they_were_leave_the_table_as_it_is(tool: Any) -> None:
    groups = read(Path(DATA) / "dify.variables.json")["groups"]
    settings: dict[str, Any] = next(group["variables"] for group in groups if "first" in group)
    latest: dict[str, dict[str, Any]] = {
        name: entries[-1] if isinstance(entries, list) else entries for name, entries in settings.items()
    }
    facts = tuple(fact_of(name, entry, ()) for name, entry in latest.items() if "until" not in entry)
    assert len(facts) > 700
    assert tool.refreshed(settings, facts, "99.0", "98.0") == (settings, [])
