"""Diagnostics that the editor asks for: in full or unchanged, one file or all, and when it is told to ask again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from .abilities import MODERN, PULLING, merged
from .buffer import Json
from .client import Editor, uri_of
from .conftest import COMPOSE, Shared

REFRESH = "workspace/diagnostic/refresh"


def asked(shared: Shared, name: str, previous: str | None = None) -> Json:
    """The answer to a pull of one file."""
    params: Json = {"textDocument": {"uri": uri_of(shared.folder / name)}}
    if previous is not None:
        params["previousResultId"] = previous
    answer: Json = shared.editor.request("textDocument/diagnostic", params)
    return answer


def codes(report: Json) -> list[str]:
    """The codes of a full report."""
    assert report["kind"] == "full"
    return [d["code"] for d in report["items"]]


def whole(shared: Shared, previous: dict[str, str] | None = None) -> dict[str, Json]:
    """The answer to a pull of everything, by URI: of the test's folder only."""
    ids = [{"uri": uri, "value": value} for uri, value in (previous or {}).items()]
    answer = shared.editor.request("workspace/diagnostic", {"previousResultIds": ids})
    return {item["uri"]: item for item in answer["items"] if item["uri"].startswith(uri_of(shared.folder))}


def test_the_server_says_that_files_depend_on_one_another(pull: Shared) -> None:
    assert pull.editor.capabilities["diagnosticProvider"] == {
        "identifier": "stackmend",
        "interFileDependencies": True,
        "workspaceDiagnostics": True,
    }


def test_a_file_is_told_in_full_once_and_then_unchanged(pull: Shared) -> None:
    pull.write({"compose.yaml": COMPOSE})
    first = asked(pull, "compose.yaml")
    assert "CMP018" in codes(first)
    again = asked(pull, "compose.yaml", first["resultId"])
    assert again == {"kind": "unchanged", "resultId": first["resultId"]}
    pull.editor.open(pull.folder / "compose.yaml")
    pull.editor.change(pull.folder / "compose.yaml", ("8080:81", "8081:81"))
    third = asked(pull, "compose.yaml", first["resultId"])
    assert "CMP018" not in codes(third)
    assert third["resultId"] != first["resultId"]


def test_everything_is_told_with_versions_and_only_what_is_new(pull: Shared) -> None:
    pull.write({"compose.yaml": COMPOSE, ".env": "SECRET_KEY=a\nSECRET_KEY=b\n"})
    compose, env = (uri_of(pull.folder / name) for name in ("compose.yaml", ".env"))
    pull.editor.open(pull.folder / "compose.yaml")
    first = whole(pull)
    assert set(first) == {compose, env}
    assert "CMP018" in codes(first[compose])
    assert codes(first[env])
    assert (first[compose]["version"], first[env]["version"]) == (1, None)
    ids = {uri: item["resultId"] for uri, item in first.items()}
    assert {item["kind"] for item in whole(pull, ids).values()} == {"unchanged"}
    pull.editor.change(pull.folder / "compose.yaml", ("8080:81", "8081:81"))
    third = whole(pull, ids)
    assert (third[compose]["kind"], third[env]["kind"]) == ("full", "unchanged")
    assert third[compose]["version"] == 2


def test_a_file_that_is_gone_is_told_empty_to_who_knew_of_it(pull: Shared) -> None:
    pull.write({"compose.yaml": COMPOSE})
    compose = uri_of(pull.folder / "compose.yaml")
    ids = {compose: whole(pull)[compose]["resultId"]}
    (pull.folder / "compose.yaml").unlink()
    pull.editor.wrote(pull.folder / "compose.yaml", kind=3)
    for _ in range(3):  # however much later it is asked
        assert codes(whole(pull, ids)[compose]) == []
        pull.write({"other.conf": "x"})


def test_a_change_that_tells_on_another_file_makes_the_client_ask_again(pull: Shared) -> None:
    pull.write({"compose.yaml": COMPOSE.replace("8080:81", "${PORT}:81"), ".env": "SECRET_KEY=x\nPORT=8081\n"})
    env = pull.folder / ".env"
    pull.editor.open(env)
    assert "CMP018" not in codes(asked(pull, "compose.yaml"))
    with pull.editor.expecting(REFRESH):
        pull.editor.change(env, ("8081", "8080"))
    assert "CMP018" in codes(asked(pull, "compose.yaml"))


def test_a_change_that_tells_on_its_own_file_only_does_not(pull: Shared) -> None:
    pull.write({"compose.yaml": COMPOSE})
    path = pull.folder / "compose.yaml"
    pull.editor.open(path)
    asked(pull, "compose.yaml")
    before = len(pull.editor.of(REFRESH))
    pull.editor.change(path, ("8080:81", "8081:81"))
    assert "CMP018" not in codes(asked(pull, "compose.yaml"))
    assert len(pull.editor.of(REFRESH)) == before


def test_a_client_that_pulls_is_never_pushed_to(pull: Shared) -> None:
    pull.write({"compose.yaml": COMPOSE})
    pull.editor.open(pull.folder / "compose.yaml")
    asked(pull, "compose.yaml")
    assert pull.editor.of("textDocument/publishDiagnostics") == []


def test_a_client_that_cannot_be_told_to_ask_again_is_pushed_to(
    editor: Callable[[], Editor], tmp_path: Path, push: Shared
) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    client = editor()
    without: Any = {"workspace": {"diagnostics": None}}
    assert "diagnosticProvider" not in client.start([tmp_path], merged(MODERN, PULLING, without))
    assert "CMP018" in client.codes(tmp_path / "compose.yaml")
    assert "diagnosticProvider" not in push.editor.capabilities


def test_files_that_are_none_have_no_diagnostics(pull: Shared) -> None:
    item = {"uri": "untitled:Untitled-1", "languageId": "yaml", "version": 1, "text": COMPOSE}
    pull.editor.notify("textDocument/didOpen", {"textDocument": item})
    change: Json = {"textDocument": {"uri": item["uri"], "version": 2}, "contentChanges": [{"text": "a"}]}
    pull.editor.notify("textDocument/didChange", change)
    for uri in ("untitled:Untitled-1", "git:/a/compose.yaml", "http://[", "file:relative", "file:///%00", ""):
        answer = pull.editor.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
        assert answer == {"kind": "full", "items": []}
        assert (
            pull.editor.request(
                "textDocument/hover", {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}}
            )
            is None
        )
    pull.editor.notify("textDocument/didClose", {"textDocument": {"uri": item["uri"]}})


def related(answer: Json) -> dict[str, list[str]]:
    """The codes that an answer gives for other files, by name."""
    found: dict[str, Json] = answer.get("relatedDocuments") or {}
    return {uri.rpartition("/")[2]: codes(report) for uri, report in found.items()}


def test_what_a_change_says_of_other_files_comes_along_where_the_client_takes_it(
    editor: Callable[[], Editor], tmp_path: Path
) -> None:
    able: Json = {"textDocument": {"diagnostic": {"relatedDocumentSupport": True}}}
    client = editor()
    client.start([tmp_path], merged(MODERN, PULLING, able))
    shared = Shared(client, tmp_path)
    shared.write({"compose.yaml": COMPOSE.replace("8080:81", "${PORT}:81"), ".env": "SECRET_KEY=x\nPORT=8081\n"})
    env = tmp_path / ".env"
    client.open(env)
    first = asked(shared, ".env")
    assert "CMP018" not in related(first).get("compose.yaml", [])
    client.change(env, ("8081", "8080"))
    second = asked(shared, ".env", first["resultId"])
    assert "CMP018" in related(second)["compose.yaml"]
    assert set(related(second)) == {"compose.yaml"}
    compose = next(iter(second["relatedDocuments"].values()))
    assert asked(shared, "compose.yaml", compose["resultId"])["kind"] == "unchanged"
    assert "relatedDocuments" not in asked(shared, ".env", second.get("resultId"))
    client.change(env, ("8080", "8081"))
    assert "CMP018" not in related(asked(shared, ".env"))["compose.yaml"]
    assert client.quit() == 0


def test_other_files_are_left_out_where_the_client_does_not_take_them(pull: Shared) -> None:
    pull.write({"compose.yaml": COMPOSE, ".env": "SECRET_KEY=x\n"})
    assert "relatedDocuments" not in asked(pull, ".env")
