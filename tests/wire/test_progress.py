"""The first reading of the folders, which the editor may show."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .abilities import MODERN, merged
from .buffer import Json
from .client import Editor, Refusal
from .conftest import COMPOSE

CREATE, PROGRESS, PUBLISH = "window/workDoneProgress/create", "$/progress", "textDocument/publishDiagnostics"
SHOWING = merged(MODERN, {"window": {"workDoneProgress": True}})


def started(client: Editor, folder: Path, capabilities: Json) -> list[Json]:
    """What the server says by itself until the first findings are there and a little longer."""
    (folder / "compose.yaml").write_text(COMPOSE)
    client.start([folder], capabilities)
    client.wait(lambda: bool(client.of(PUBLISH)))
    assert "CMP018" in client.codes(folder / "compose.yaml")
    return [m for m in client.received if m.get("method") in {CREATE, PROGRESS, PUBLISH}]


def test_the_first_look_begins_and_ends_around_its_findings(editor: Callable[[], Editor], tmp_path: Path) -> None:
    client = editor()
    said = started(client, tmp_path, SHOWING)
    kinds = [m["params"].get("value", {}).get("kind") or m["method"] for m in said]
    assert kinds == [CREATE, "begin", PUBLISH, "end"]
    assert len({m["params"]["token"] for m in said if m["method"] != PUBLISH}) == 1
    assert said[1]["params"]["value"]["title"] == "stackmend: reading the deployments"
    assert said[3]["params"]["value"]["message"] == "1 deployment"
    path = tmp_path / "compose.yaml"
    client.open(path)
    client.change(path, ("8080:81", "8081:81"))
    assert "CMP018" not in client.codes(path)
    assert len(client.of(PROGRESS)) == 2, "only the first look is shown"
    assert client.quit() == 0


@pytest.mark.parametrize("refuses", [True, False])
def test_a_client_that_shows_nothing_gets_its_findings_all_the_same(
    refuses: bool, editor: Callable[[], Editor], tmp_path: Path
) -> None:
    client = editor()
    client.answers[CREATE] = lambda _: Refusal(code=-32603, message="not now")
    said = started(client, tmp_path, SHOWING if refuses else MODERN)
    assert [m["method"] for m in said] == [CREATE] * refuses + [PUBLISH]
    assert client.quit() == 0
