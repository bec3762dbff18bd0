"""Published diagnostics: of which files, with what, and how one file's change tells on another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .abilities import MODERN, merged
from .buffer import Json
from .client import Editor, uri_of
from .conftest import COMPOSE, SECRET, Shared

STACK = {"compose.yaml": COMPOSE, ".env": f"SECRET_KEY={SECRET}\nSECRET_KEY={SECRET}2\n"}


def test_findings_in_files_that_are_not_open_are_published_and_cleared(push: Shared) -> None:
    push.write(STACK)
    env = push.folder / ".env"
    assert "ENV" in push.editor.codes(env)[0]
    assert "version" not in push.editor.said[uri_of(env)]
    push.write({".env": f"SECRET_KEY={SECRET}\n"})
    assert push.editor.codes(env) == []
    published = [p for p in push.editor.of("textDocument/publishDiagnostics") if p["uri"] == uri_of(env)]
    assert [bool(p["diagnostics"]) for p in published] == [True, False]


def test_a_clean_file_is_not_spoken_of(push: Shared) -> None:
    push.write({"compose.yaml": COMPOSE.replace("8080:81", "8081:81"), ".env": "SECRET_KEY=x\n"})
    assert push.editor.codes(push.folder / ".env") == []
    assert not [
        p for p in push.editor.of("textDocument/publishDiagnostics") if p["uri"] == uri_of(push.folder / ".env")
    ]


def test_the_version_of_an_open_file_is_sent(push: Shared) -> None:
    push.write(STACK)
    path = push.folder / "compose.yaml"
    push.editor.open(path)
    push.editor.settle(path)
    push.editor.change(path, ("example/web", "example/site"), ("8080:80", "8080:82"))
    push.editor.settle(path)
    assert push.editor.said[uri_of(path)]["version"] == 2


def test_only_what_is_new_is_published_again_and_the_file_that_was_changed(push: Shared) -> None:
    push.write(STACK)
    path = push.folder / "compose.yaml"
    push.editor.open(path)
    push.editor.settle(path)
    before = len(push.editor.of("textDocument/publishDiagnostics"))
    push.editor.change(path, ("example/web", "example/site"))
    push.editor.settle(path)
    assert [p["uri"] for p in push.editor.of("textDocument/publishDiagnostics")[before:]] == [uri_of(path)]


def test_a_change_of_dotenv_tells_on_the_compose_file_and_the_reverse(push: Shared) -> None:
    push.write({"compose.yaml": COMPOSE.replace("8080:81", "${PORT:-8081}:81"), ".env": "SECRET_KEY=x\nPORT=8081\n"})
    compose, env = push.folder / "compose.yaml", push.folder / ".env"
    assert "CMP018" not in push.editor.codes(compose)
    push.editor.open(env)
    push.editor.change(env, ("8081", "8080"))
    assert "CMP018" in push.editor.codes(compose)
    push.editor.change(env, ("8080", "8081"))
    assert "CMP018" not in push.editor.codes(compose)

    # A value is written out in the compose file: the line of `.env` is without effect, and says so.
    before = push.editor.codes(env)
    push.editor.open(compose)
    push.editor.change(compose, ("  web:", "  other:\n    image: a:1\n    environment: {PORT: '${PROT}'}\n  web:"))
    push.editor.change(env, ("SECRET_KEY=x", "SECRET_KEY=x\nUNUSED=${PROT}\nUNUSED=b"))
    assert push.editor.codes(env) != before


def test_unsaved_text_counts_over_the_disk_until_the_file_is_closed(push: Shared) -> None:
    push.write(STACK)
    path = push.folder / "compose.yaml"
    assert "CMP018" in push.editor.codes(path)
    push.editor.open(path, COMPOSE.replace("8080:81", "8081:81"))
    assert "CMP018" not in push.editor.codes(path)
    # What is written meanwhile to the disk does not count.
    push.write({"compose.yaml": COMPOSE + "# on the disk\n"})
    assert "CMP018" not in push.editor.codes(path)
    push.editor.close(path)
    assert "CMP018" in push.editor.codes(path)
    assert "version" not in push.editor.said[uri_of(path)]


def test_a_file_is_published_under_the_name_that_the_editor_gave_it(push: Shared) -> None:
    folder = push.folder / "a b+c#ü"
    folder.mkdir()
    path = folder / "compose.yaml"
    spelled = uri_of(path).replace("+", "%2B").replace("%C3%BC", "%c3%bc")
    assert spelled != uri_of(path)
    item = {"uri": spelled, "languageId": "yaml", "version": 7, "text": COMPOSE}
    push.editor.notify("textDocument/didOpen", {"textDocument": item})
    push.editor.settle(path)
    assert push.editor.said[spelled]["version"] == 7
    push.editor.notify("textDocument/didClose", {"textDocument": {"uri": spelled}})
    push.editor.settle(path)
    assert push.editor.said[spelled]["diagnostics"] == []


def test_a_file_whose_name_is_not_utf_8_can_be_opened(push: Shared) -> None:
    path = push.folder / "caf\udce9" / "compose.yaml"
    path.parent.mkdir()
    path.write_text(COMPOSE)
    push.editor.wrote(path, kind=1)
    push.editor.settle(path)
    assert uri_of(path).endswith("/caf%E9/compose.yaml")
    assert "CMP018" in push.editor.codes(path)
    push.editor.open(path)
    push.editor.change(path, ("8080:81", "8081:81"))
    assert "CMP018" not in push.editor.codes(path)


def test_a_new_file_and_a_deleted_one_are_noticed(push: Shared) -> None:
    compose = push.folder / "compose.yaml"
    assert push.editor.codes(compose) == []
    push.write(STACK)
    assert "CMP018" in push.editor.codes(compose)
    env_codes = push.editor.codes(push.folder / ".env")
    assert env_codes
    (push.folder / ".env").unlink()
    push.editor.wrote(push.folder / ".env", kind=3)
    assert push.editor.codes(push.folder / ".env") == []
    compose.unlink()
    push.editor.wrote(compose, kind=3)
    assert push.editor.codes(compose) == []


def test_a_mounted_file_that_comes_into_being_is_read(push: Shared) -> None:
    compose = "services:\n  web:\n    image: nginx:1.27\n    volumes: ['./site.conf:/etc/nginx/conf.d/site.conf:ro']\n"
    push.write({"compose.yaml": compose})
    path = push.folder / "site.conf"
    assert push.editor.codes(path) == []
    push.write({"site.conf": "server { liste 80; }\n"})
    assert push.editor.codes(path)[0].startswith("NGX")


PARTS: dict[str, tuple[Json, str]] = {
    "relatedInformation": ({"relatedInformation": None}, "relatedInformation"),
    "codeDescription": ({"codeDescriptionSupport": None}, "codeDescription"),
    "tags": ({"tagSupport": None}, "tags"),
}
TAGGED = {
    "compose.yaml": "version: '3'\n" + COMPOSE,
    ".env": "SECRET_KEY=x\n",
}


def _published(client: Editor, folder: Path, capabilities: Json) -> list[Json]:
    for name, text in TAGGED.items():
        (folder / name).write_text(text)
    client.start([folder], capabilities)
    client.settle(folder / "compose.yaml")
    found: list[Json] = client.said[uri_of(folder / "compose.yaml")]["diagnostics"]
    assert client.quit() == 0
    return found


@pytest.mark.parametrize("name", PARTS)
def test_a_part_of_a_diagnostic_is_sent_only_to_a_client_that_announces_it(
    name: str, editor: Callable[[], Editor], tmp_path: Any, push: Shared
) -> None:
    missing, key = PARTS[name]
    push.write(TAGGED)
    push.editor.settle(push.folder / "compose.yaml")
    full: list[Json] = push.editor.said[uri_of(push.folder / "compose.yaml")]["diagnostics"]
    assert any(key in d for d in full)
    other = tmp_path / "other"
    other.mkdir()
    less = _published(editor(), other, merged(MODERN, {"textDocument": {"publishDiagnostics": missing}}))
    assert [d["code"] for d in less] == [d["code"] for d in full]
    assert not any(key in d for d in less)


def test_every_diagnostic_has_code_source_severity_and_words(push: Shared) -> None:
    push.write(TAGGED)
    push.editor.settle(push.folder / "compose.yaml")
    for each in push.editor.said[uri_of(push.folder / "compose.yaml")]["diagnostics"]:
        assert each["source"] == "stackmend"
        assert each["severity"] in (1, 2, 3, 4)
        assert isinstance(each["code"], str)
        assert each["message"]
        assert Path(each["codeDescription"]["href"].removeprefix("file://")).is_file()
