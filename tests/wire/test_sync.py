"""Texts kept in step over the wire: positions in every encoding, odd line ends, edits that reach past an end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .abilities import MODERN, merged
from .buffer import Json
from .client import Editor, uri_of
from .conftest import COMPOSE, Shared

WIDE = """\
# 部署 😀😀
x-数据😀: &shared {名前😀: 値, ZONE: "${ZONE:-😀}"}
services:
  api: {image: "example/api:1.0", labels: {"键😀": "𝒱"}, ports: ["8080:80"]}  # 😀
  web: {image: "example/web:1.0", labels: {"键😀": "𝒱"}, ports: ["8080:81"]}  # 😀
"""
ENCODINGS: dict[str, tuple[list[str] | None, str]] = {
    "utf-8": (["utf-8", "utf-16"], "utf-8"),
    "utf-16": (["utf-16"], "utf-16"),
    "utf-32": (["utf-32"], "utf-32"),
    "none": (None, "utf-16"),
    "an unknown one": (["utf-7"], "utf-16"),
}


def found(shared: Shared, name: str) -> list[tuple[str, str]]:
    """The codes of a file's diagnostics with the text that each marks in its buffer."""
    path = shared.folder / name
    shared.editor.settle(path)
    buffer = shared.editor.buffers[uri_of(path)]
    return [(d["code"], buffer.at(d["range"])) for d in shared.editor.said[uri_of(path)]["diagnostics"]]


@pytest.mark.parametrize("name", ENCODINGS)
def test_positions_are_right_both_ways_in_every_encoding(
    name: str, editor: Callable[[], Editor], tmp_path: Any
) -> None:
    offered, expected = ENCODINGS[name]
    client = editor()
    path = tmp_path / "compose.yaml"
    path.write_text(WIDE, encoding="utf-8")
    assert client.start([tmp_path], merged(MODERN, {"general": {"positionEncodings": offered}}))
    assert client.encoding == expected
    shared = Shared(client, tmp_path)
    buffer = client.open(path)
    assert found(shared, "compose.yaml") == [("CMP018", '"8080:81"')]

    # An edit behind astral characters of its line, and one in the midst of them.
    client.change(path, ("8080:81", "8082:81"), ("😀😀", "😀é😀"))
    assert found(shared, "compose.yaml") == []
    client.change(path, ("8082:81", "8080:81"))
    assert found(shared, "compose.yaml") == [("CMP018", '"8080:81"')]

    # A position that is asked about: the variable stands behind an astral key.
    at = buffer.of("ZONE:-")["start"]
    hover = client.request("textDocument/hover", {"textDocument": {"uri": uri_of(path)}, "position": at})
    assert buffer.at(hover["range"]) in ("ZONE", "${ZONE:-😀}")
    assert client.quit() == 0


LINE_ENDS = {
    "LF": "\n",
    "CRLF": "\r\n",
    "CR": "\r",
}


@pytest.mark.parametrize("end", LINE_ENDS.values(), ids=LINE_ENDS)
def test_edits_hit_their_place_whatever_ends_the_lines(end: str, push: Shared) -> None:
    path = push.folder / "compose.yaml"
    # U+2028 and U+0085 end no line of the protocol, though Python (and YAML) break lines there.
    text = COMPOSE.replace("services:", 'x-note: "one \u2028two \x85three"\nservices:').replace("\n", end)
    push.editor.open(path, text)
    assert found(push, "compose.yaml")[-1:] == [("CMP018", '"8080:81"')]
    push.editor.change(path, ("8080:81", "8081:81"), ("1.0" + end, "2.0" + end), ("8081:81", "8080:81"))
    assert found(push, "compose.yaml")[-1:] == [("CMP018", '"8080:81"')]


def test_a_form_feed_ends_no_line(push: Shared) -> None:
    path = push.folder / "nginx.conf"
    text = "events {}\n# one\x0ctwo\x0bthree\u2028four\x1cfive\nhttp { server { listen 80; liste 81; } }\n"
    push.editor.open(path, text)
    (code, words) = found(push, "nginx.conf")[0]
    assert (code[:3], words) == ("NGX", "liste")
    push.editor.change(path, ("liste 81", "listen 81"))
    assert found(push, "nginx.conf") == []


def test_a_line_end_can_be_torn_apart_and_put_together(push: Shared) -> None:
    path = push.folder / "compose.yaml"
    buffer = push.editor.open(path, COMPOSE.replace("\n", "\r\n"))
    before = found(push, "compose.yaml")
    # A line feed alone between two halves makes two line ends of one.
    end: Json = {"line": 0, "character": 10_000}
    push.editor.change(path, {"range": {"start": end, "end": end}, "text": " # a\r"})
    assert buffer.text.startswith("services: # a\r\r\n")
    push.editor.change(
        path, {"range": {"start": {"line": 1, "character": 0}, "end": {"line": 2, "character": 0}}, "text": "\n"}
    )
    assert buffer.text.startswith("services: # a\r\n  api:")
    assert found(push, "compose.yaml") == before


def test_edits_past_the_end_of_a_line_or_of_the_file_go_to_that_end(push: Shared) -> None:
    path = push.folder / "compose.yaml"
    buffer = push.editor.open(path, COMPOSE)
    far: Json = {"line": 10_000, "character": 7}
    push.editor.change(path, {"range": {"start": far, "end": far}, "text": "    user: root\n"})
    assert buffer.text == COMPOSE + "    user: root\n"
    lines = buffer.lines()
    line = next(i for i, text in enumerate(lines) if "8080:81" in text)
    start = {"line": line, "character": lines[line].index('"8080')}
    push.editor.change(
        path,
        {"range": {"start": start, "end": {"line": line, "character": 2_000_000_000}}, "text": '"8080:82"'},
    )
    assert ("CMP018", '"8080:82"') in found(push, "compose.yaml")
    push.editor.change(path, {"range": {"start": {"line": 0, "character": 0}, "end": far}, "text": ""})
    assert buffer.text == ""
    assert "CMP018" not in push.editor.codes(path)


def test_changes_of_one_notification_build_on_one_another(push: Shared) -> None:
    path = push.folder / "compose.yaml"
    push.editor.open(path, "")
    buffer = push.editor.change(
        path,
        {"text": "x\n"},
        {"text": COMPOSE.replace("8080:81", "81")},
        ('"81"', '"8080:8"'),
        ('8080:8"', '8080:81"  # 😀'),
        ("services:", "# 漢\nservices:"),
    )
    assert buffer.text == "# 漢\n" + COMPOSE.replace('"8080:81"', '"8080:81"  # 😀')
    assert ("CMP018", '"8080:81"') in found(push, "compose.yaml")


def test_halves_of_a_surrogate_pair_that_come_one_by_one_are_one_character(push: Shared) -> None:
    path = push.folder / "compose.yaml"
    text = COMPOSE.replace("image: example/web:1.0", "labels: {a: ''}\n    image: example/web:1.0")
    buffer = push.editor.open(path, text)
    at = buffer.text.index("''") + 1
    where: Json = buffer.range(at, at)
    high, low = "😀".encode("utf-16-be")[:2], "😀".encode("utf-16-be")[2:]
    for half in (high, low):
        where = {**where, "end": where["start"]}
        event: Json = {"range": where, "text": half.decode("utf-16-be", "surrogatepass")}
        push.editor.notify(
            "textDocument/didChange",
            {"textDocument": {"uri": uri_of(path), "version": 2}, "contentChanges": [event]},
        )
        where["start"] = {**where["start"], "character": where["start"]["character"] + 1}
    buffer.text = buffer.text.replace("''", "'😀'")
    push.editor.change(path, ("a: '😀'}", "a: '😀'}  # typed behind it"))
    assert ("CMP018", '"8080:81"') in found(push, "compose.yaml")


def test_a_byte_order_mark_that_the_editor_sends_counts_as_a_character(push: Shared) -> None:
    path = push.folder / "compose.yaml"
    first = 'services: {api: {image: "a:1", ports: ["8080:80"]}, web: {image: "a:1", ports: ["8080:81"]}}\n'
    push.editor.open(path, "\ufeff" + first)
    assert ("CMP018", '"8080:81"') in found(push, "compose.yaml")
    push.editor.change(path, ("8080:81", "8080:82"))
    assert ("CMP018", '"8080:82"') in found(push, "compose.yaml")


def test_a_byte_order_mark_on_the_disk_is_not_counted(push: Shared) -> None:
    first = 'services: {api: {image: "a:1", ports: ["8080:80"]}, web: {image: "a:1", ports: ["8080:81"]}}\n'
    push.write({"compose.yaml": "\ufeff" + first})
    path = push.folder / "compose.yaml"
    push.editor.settle(path)
    ranges = [d["range"] for d in push.editor.said[uri_of(path)]["diagnostics"] if d["code"] == "CMP018"]
    start = first.index('"8080:81"')
    assert [(r["start"]["character"], r["end"]["character"]) for r in ranges] == [(start, start + 9)]


def test_a_text_too_large_is_let_go_and_taken_again(push: Shared) -> None:
    push.write({"compose.yaml": COMPOSE})
    path = push.folder / "compose.yaml"
    push.editor.open(path, COMPOSE.replace("8080:81", "8081:81"))
    assert "CMP018" not in push.editor.codes(path)
    push.editor.change(path, {"text": "#" * 10_000_001})
    assert "CMP018" in push.editor.codes(path)  # the disk's
    push.editor.close(path)
    push.editor.open(path, COMPOSE.replace("8080:81", "8081:81"))
    assert "CMP018" not in push.editor.codes(path)
