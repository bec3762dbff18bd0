"""Docker Compose itself refuses what the pages call refused, and takes every example that they call fine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stackmend.linter.diagnostic import Severity
from stackmend.linter.pages import Example, read_page
from stackmend.linter.rules.compose import RULES

pytestmark = pytest.mark.oracle

# Compose's `config` takes them: what goes wrong, goes wrong when the containers start.
AT_START = frozenset(("CMP010", "CMP016", "CMP018", "CMP021", "CMP022"))
# One example of each of these pages is about the start, or about a warning, too.
PARTLY = frozenset(("CMP011", "CMP024", "CMP025", "CMP039"))
# Of their pages these examples alone are about the start.
LATER = ("A restart policy that Docker does not know", "A path in the container that is not absolute")
# What the shell of a person sets whose files are fine.
SHELL = {
    "ADMIN_NAME": "admin",
    "ADMIN_PORT": "8081",
    "CONFIG_DIR": "./config",
    "CONF_DIR": "./conf",
    "DATA_DIR": "./data",
    "ENV_FILE": "/dev/null",
    "METRICS_PORT": "9091",
    "WEB_IMAGE": "nginx:1.27",
    "WEB_NAME": "web",
    "WEB_PORT": "8080",
    "WEB_TAG": "1.4",
}
# It is fetched, or filled in by another program.
ELSEWHERE = ("oci://", "${{")

FOUND = [
    pytest.param(example, id=f"{rule.code}: {example.title}")
    for rule in RULES
    if rule.severity is Severity.ERROR and rule.code not in AT_START | PARTLY
    for example in read_page(rule).found
    if example.title not in LATER
]
FINE = [
    pytest.param(example, id=f"{rule.code}: {example.title}")
    for rule in RULES
    for example in read_page(rule).fine
    if not any(mark in file.text for mark in ELSEWHERE for file in example.files)
]


def lay_out(example: Example, folder: Path) -> Path:
    """Write an example to the disk; gives the folder."""
    for name in example.folders:
        (folder / name).mkdir(parents=True, exist_ok=True)
    for file in example.files:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8", newline="")
    return folder


@pytest.mark.parametrize("example", FOUND)
def test_compose_refuses_what_a_page_calls_refused(compose_judge: Any, example: Example, tmp_path: Path) -> None:
    model, _ = compose_judge.load(lay_out(example, tmp_path))
    assert model is None


@pytest.mark.parametrize("example", FINE)
def test_compose_takes_what_a_page_calls_fine(compose_judge: Any, example: Example, tmp_path: Path) -> None:
    model, message = compose_judge.load(lay_out(example, tmp_path), shell=SHELL)
    assert model is not None, message
