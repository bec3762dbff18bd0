"""Folders, settings and configuration files of an editor, and what becomes of them while it runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .abilities import MODERN, merged
from .buffer import Json
from .client import Editor, uri_of
from .conftest import COMPOSE, Shared


def deployment(folder: Path, text: str = COMPOSE) -> Path:
    """A folder with a Compose file, whose path is returned."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "compose.yaml"
    path.write_text(text)
    return path


def folders(editor: Editor, *, added: tuple[Path, ...] = (), removed: tuple[Path, ...] = ()) -> None:
    """Tell of folders that came and went."""
    named = [[{"uri": uri_of(p), "name": p.name} for p in paths] for paths in (added, removed)]
    event = {"added": named[0], "removed": named[1]}
    editor.notify("workspace/didChangeWorkspaceFolders", {"event": event})


def test_folders_come_and_go(editor: Callable[[], Editor], tmp_path: Path) -> None:
    one, two, odd = (deployment(tmp_path / name) for name in ("one", "two", "100%25 #3 ü"))
    client = editor()
    # VS Code names its first folder as root, too; that must not keep the folder alive.
    client.start([one.parent, two.parent], rootUri=uri_of(one.parent))
    assert "CMP018" in client.codes(one)
    assert "CMP018" in client.codes(two)
    folders(client, added=(odd.parent,), removed=(one.parent,))
    assert client.codes(one) == []
    assert "CMP018" in client.codes(two)
    assert "CMP018" in client.codes(odd)
    folders(client, removed=(two.parent, odd.parent))
    assert client.codes(odd) == client.codes(two) == []
    assert client.quit() == 0


def test_a_folder_below_a_deployment_is_read_with_it(editor: Callable[[], Editor], tmp_path: Path) -> None:
    deployment(
        tmp_path, "services: {web: {image: 'nginx:1.27', volumes: ['./nginx/a.conf:/etc/nginx/conf.d/default.conf']}}"
    )
    inner = tmp_path / "nginx" / "a.conf"
    inner.parent.mkdir()
    inner.write_text("server { location / { proxy_pass http://nobody:80; } }\n")
    client = editor()
    client.start([inner.parent])
    assert "NGX010" in client.codes(inner)
    assert client.quit() == 0


def test_of_folders_in_one_another_nothing_is_told_twice(push: Shared) -> None:
    inner = deployment(push.folder / "inner")
    push.editor.wrote(inner)
    once = push.editor.codes(inner)
    folders(push.editor, added=(inner.parent,))
    assert push.editor.codes(inner) == once != []
    folders(push.editor, removed=(inner.parent,))
    assert push.editor.codes(inner) == once


def test_a_client_that_knows_no_folders_has_its_root(editor: Callable[[], Editor], tmp_path: Path) -> None:
    path = deployment(tmp_path)
    client = editor()
    client.start(None, merged(MODERN, {"workspace": {"workspaceFolders": None}}), rootUri=uri_of(tmp_path))
    assert "CMP018" in client.codes(path)


def test_without_a_folder_the_deployment_of_the_open_file_is_read(
    push: Shared, tmp_path_factory: pytest.TempPathFactory
) -> None:
    alone = deployment(tmp_path_factory.mktemp("alone"), COMPOSE.replace("8080:81", "${PORT}:81"))
    (alone.parent / ".env").write_text("SECRET_KEY=x\nPORT=8080\nPORT=8080\n")
    push.editor.open(alone)
    assert "CMP018" in push.editor.codes(alone)
    assert push.editor.codes(alone.parent / ".env")
    push.editor.close(alone)
    assert push.editor.codes(alone) == push.editor.codes(alone.parent / ".env") == []


def test_a_mounted_file_is_judged_with_the_deployment_above_it(
    push: Shared, tmp_path_factory: pytest.TempPathFactory
) -> None:
    top = tmp_path_factory.mktemp("mounted")
    compose = "services:\n  web:\n    image: nginx:1.27\n    volumes: ['./conf.d:/etc/nginx/conf.d:ro']\n"
    deployment(top, compose + "  api:\n    image: langgenius/dify-api:1.0.0\n")
    (top / "conf.d").mkdir()
    path = top / "conf.d" / "site.conf"
    path.write_text("server {\n  listen 80;\n  location / {\n    proxy_pass http://api:5000;\n  }\n}\n")
    push.editor.open(path)
    assert "NGX011" in push.editor.codes(path)


def test_settings_are_asked_for_and_asked_again(editor: Callable[[], Editor], tmp_path: Path) -> None:
    path = deployment(tmp_path, COMPOSE + "    user: 1\n    usr: 2\n")
    client = editor()
    client.settings = {"ignore": ["CMP018"], "select": None, "profiles": "not a list", "unknown": {}}
    client.start([tmp_path])
    registered = [r for params in client.of("client/registerCapability") for r in params["registrations"]]
    assert {r["method"] for r in registered} == {"workspace/didChangeWatchedFiles", "workspace/didChangeConfiguration"}
    assert "CMP018" not in client.codes(path)
    assert client.codes(path) != []
    for settings, there, others in (
        ({"select": ["CMP018"]}, True, False),
        (None, True, True),
        ({"ignore": ["CMP003"]}, True, True),
        ({"ignore": ["CMP"]}, False, False),
    ):
        client.settings = settings
        with client.expecting("workspace/configuration"):
            client.notify("workspace/didChangeConfiguration", {"settings": None})
        codes = client.codes(path)
        assert ("CMP018" in codes, set(codes) - {"CMP018"} != set()) == (there, others), settings
    assert client.quit() == 0


def test_settings_come_with_the_start_or_with_the_change_where_they_cannot_be_asked_for(
    editor: Callable[[], Editor], tmp_path: Path
) -> None:
    off = COMPOSE.replace("  web:\n", "  web:\n    profiles: [p]\n")
    path = deployment(tmp_path, off)
    client = editor()
    client.start(
        [tmp_path], merged(MODERN, {"workspace": {"configuration": None}}), initializationOptions={"profiles": ["p"]}
    )
    assert "CMP018" in client.codes(path)
    answers: list[tuple[object, bool]] = [
        (None, False),
        ({"stackmend": {"profiles": ["p"]}}, True),
        ({"stackmend": {"profiles": []}}, False),
    ]
    for settings, there in answers:
        client.notify("workspace/didChangeConfiguration", {"settings": settings})
        assert ("CMP018" in client.codes(path)) == there
    assert client.of("workspace/configuration") == []


def test_a_selector_that_means_nothing_is_shown_and_survived(editor: Callable[[], Editor], tmp_path: Path) -> None:
    path = deployment(tmp_path)
    client = editor()
    client.settings = {"ignore": ["NOTHING9"]}
    with client.expecting("window/showMessage"):
        client.start([tmp_path])
    (shown,) = client.of("window/showMessage")
    assert "NOTHING9" in shown["message"]
    client.settings = None
    with client.expecting("workspace/configuration"):
        client.notify("workspace/didChangeConfiguration", {"settings": {}})
    assert "CMP018" in client.codes(path)


def test_a_broken_configuration_is_shown_once_and_the_server_lives_on(push: Shared) -> None:
    path = deployment(push.folder)
    config = push.folder / ".stackmend.toml"
    push.editor.wrote(path)
    assert "CMP018" in push.editor.codes(path)
    before = len(push.editor.of("window/showMessage"))
    push.write({".stackmend.toml": "ignore = [\n"})
    assert push.editor.codes(path) == []
    push.editor.open(path)
    push.editor.change(path, ("1.0", "1.1"))
    push.editor.settle(path)
    # Typing in it changes the words of the message with every key stroke.
    push.editor.open(config)
    push.editor.change(config, ("[\n", "[ \n"))
    push.editor.settle(path)
    push.editor.change(config, ("[ \n", "[ 1, \n\n"))
    push.editor.settle(path)
    shown = push.editor.of("window/showMessage")[before:]
    assert [s["type"] for s in shown] == [1]
    assert ".stackmend.toml" in shown[0]["message"]
    push.editor.change(config, {"text": "ignore = ['CMP018']\n"})
    assert "CMP018" not in push.editor.codes(path) != []
    push.editor.close(config)
    push.editor.settle(path)
    assert len(push.editor.of("window/showMessage")[before:]) == 2  # broken again
    config.unlink()
    push.editor.wrote(config, kind=3)
    assert "CMP018" in push.editor.codes(path)


def test_a_client_that_does_not_tell_of_the_disk_is_served_from_it_anyway(
    editor: Callable[[], Editor], tmp_path: Path
) -> None:
    path = deployment(tmp_path)
    client = editor()
    less: Json = {"workspace": {"didChangeWatchedFiles": None, "didChangeConfiguration": None}}
    client.start([tmp_path], merged(MODERN, less))
    assert client.of("client/registerCapability") == []
    client.open(path)
    assert "CMP018" in client.codes(path)
    (tmp_path / ".stackmend.toml").write_text("ignore = ['CMP018']\n")
    client.notify("textDocument/didSave", {"textDocument": {"uri": uri_of(path)}})
    assert "CMP018" not in client.codes(path)


def test_after_a_change_the_hints_are_asked_for_again_if_the_client_can(push: Shared) -> None:
    path = deployment(push.folder)
    with push.editor.expecting("workspace/inlayHint/refresh"):
        push.editor.wrote(path)
