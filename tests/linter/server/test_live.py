"""What the server keeps between two key strokes, and what it lets go."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pytest

from stackmend.linter.config import Overrides
from stackmend.linter.server import live as module
from stackmend.linter.server.live import Live

COMPOSE = "services:\n  web:\n    image: nginx:1.27\n    ports: ['80:80', '80:81']\n"


def opened(folder: Path, *names: str) -> Live:
    """An editor with a folder, in which files are open."""
    live = Live()
    live.configure([str(folder)], Overrides())
    for name in names:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(COMPOSE)
        live.put(str(path), COMPOSE)
    live.refresh()
    live.tidy()
    return live


def test_in_a_large_folder_each_configuration_has_its_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MANY", 1)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / ".stackmend.toml").write_text("" if name == "a" else 'ignore = ["CMP018"]\n')
    live = opened(tmp_path, "a/compose.yaml", "b/compose.yaml")
    before = {d.root: d for d in live.analyses[str(tmp_path)].deployments}
    assert before.keys() == {str(tmp_path / "a"), str(tmp_path / "b")}
    live.put(str(tmp_path / "a/compose.yaml"), f"{COMPOSE}# x")
    live.refresh()
    live.tidy()
    after = live.analyses[str(tmp_path)]
    assert {d.root: d is before[d.root] for d in after.deployments} == {
        str(tmp_path / "a"): False,
        str(tmp_path / "b"): True,
    }
    assert {d.place.document.path for d in after.report.diagnostics if d.rule.code == "CMP018"} == {
        str(tmp_path / "a/compose.yaml")
    }


def test_a_deployment_that_is_gone_is_let_go(tmp_path: Path) -> None:
    live = opened(tmp_path, "a/compose.yaml", "b/compose.yaml")
    gone = next(weakref.ref(d) for d in live.analyses[str(tmp_path)].deployments if d.root.endswith("/a"))
    path = tmp_path / "a/compose.yaml"
    live.drop(str(path))
    path.unlink()
    for text in (COMPOSE, f"{COMPOSE}# x", f"{COMPOSE}# xy"):
        live.disk_changed()
        live.put(str(tmp_path / "b/compose.yaml"), text)
        live.refresh()
        live.idle()
    assert [d.root for d in live.analyses[str(tmp_path)].deployments] == [str(tmp_path / "b")]
    gc.collect()
    assert gone() is None


def test_a_key_stroke_in_a_mounted_file_leaves_the_compose_project(tmp_path: Path) -> None:
    (tmp_path / "nginx.conf").write_text("events {}\nhttp {}\n")
    compose = tmp_path / "compose.yaml"
    compose.write_text(f"{COMPOSE}    volumes: ['./nginx.conf:/etc/nginx/nginx.conf']\n")
    live = Live()
    live.configure([str(tmp_path)], Overrides())
    projects: list[object] = []
    for text in ("events {}\nhttp {}\n", "events {}\nhttp { server {} }\n", "events {}\nhttp { server { } }\n"):
        live.put(str(tmp_path / "nginx.conf"), text)
        live.refresh()
        live.tidy()
        (deployment,) = live.analyses[str(tmp_path)].deployments
        assert [tree.document.text for tree in deployment.trees][-1] == text
        projects.append(deployment.project)
    assert projects[0] is projects[1] is projects[2]
    live.put(str(compose), compose.read_text() + "# x")
    live.refresh()
    live.tidy()
    assert live.analyses[str(tmp_path)].deployments[0].project is not projects[0]
