"""Rules for env files: what they leave alone, what they never show, and what their fixes keep."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stackmend.linter.pages import Example, ExampleFile
from stackmend.linter.rules import all_rules
from stackmend.linter.testing import lint_example, mend_example

WHOLE = "services:\n  api:\n    image: ghcr.io/example/api:2.1\n    env_file: .env\n"
RAW = "services:\n  api:\n    image: ghcr.io/example/api:2.1\n    env_file: [{path: api.env, format: raw}]\n"
DIFY = "services:\n  api:\n    image: langgenius/dify-api:0.15.3\n    environment:\n"


def example(files: dict[str, str]) -> Example:
    return Example("", 1, tuple(ExampleFile("", path, text, ()) for path, text in files.items()), ())


def found(code: str, files: dict[str, str]) -> list[tuple[str, int]]:
    report = lint_example(example(files), all_rules())
    assert not report.errors
    return [
        (d.place.document.path.removeprefix("/project/"), d.place.line)
        for d in report.diagnostics
        if d.rule.code == code
    ]


def mended(code: str, files: dict[str, str]) -> dict[str, str]:
    rule = next(r for r in all_rules() if r.code == code)
    outcome = mend_example(example(files), rule)
    return {c.path.removeprefix("/project/"): c.after.decode() for c in outcome.changes}


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("DB_PASSWORD='pg$k41ab'", id="single quotes"),
        pytest.param("DB_PASSWORD=pg$$k41ab", id="doubled"),
        pytest.param("DB_PASSWORD=pg$4x", id="a digit"),
        pytest.param("DB_PASSWORD=$k41ab", id="all of the value"),
        pytest.param("DB_PASSWORD=${k41ab:-}x", id="with a fallback"),
        pytest.param("DB_PASSWORD=x-$OTHER_PASSWORD", id="behind a mark, in capitals"),
        pytest.param("DATA=x$DATA_ROOT/y", id="in capitals, no secret"),
        pytest.param("app=1\nDB_PASSWORD=x$app", id="set above"),
        pytest.param("db_user=1\nURL=x$db_usr", id="a slip of a name that is set"),
        pytest.param("URL=/srv$HOME/x", id="the shell's"),
    ],
)
def test_a_dollar_that_is_kept_meant_or_set_is_no_finding(line: str) -> None:
    assert not found("ENV004", {"compose.yaml": WHOLE, ".env": line + "\n"})


def test_a_dollar_among_variables_that_are_meant_is_told_and_not_mended() -> None:
    files = {"compose.yaml": WHOLE, ".env": "USER_NAME=app\nURL=redis://${USER_NAME}:p$k41ab@cache.example.org\n"}
    assert found("ENV004", files) == [(".env", 2)]
    assert mended("ENV004", files) == {}


def test_a_file_full_of_another_programs_expressions_is_left_alone() -> None:
    lines = [f"FORMAT_{i}=[$remote_addr] $status\n" for i in range(31)]
    assert not found("ENV004", {"compose.yaml": WHOLE, ".env": "".join(lines)})
    assert len(found("ENV004", {"compose.yaml": WHOLE, ".env": "".join(lines[1:])})) == 30


def test_one_env_file_of_two_services_is_told_once() -> None:
    compose = WHOLE + "  worker:\n    image: ghcr.io/example/api:2.1\n    env_file: .env\n"
    assert found("ENV004", {"compose.yaml": compose, ".env": "DB_PASSWORD=pg$k41ab\n"}) == [(".env", 1)]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param('A="a" "b"', id="two quoted parts"),
        pytest.param('A="it\'s"s', id="text behind the quote"),
        pytest.param("A=x #1", id="a hash and a number"),
        pytest.param("A=#k41ab", id="a hash first"),
        pytest.param("A='", id="one quote"),
    ],
)
def test_raw_values_that_only_look_quoted_or_commented_are_no_finding(line: str) -> None:
    assert not found("ENV009", {"compose.yaml": RAW, "api.env": line + "\n"})


def test_an_example_may_be_followed_to_the_letter() -> None:
    files = {"compose.yaml": WHOLE, ".env": "TITLE=Blue Room\nNAME=Red Room\n", ".env.example": "TITLE=Blue Room\n"}
    assert found("ENV009", files) == [(".env", 2)]


@pytest.mark.parametrize(
    ("fallback", "line", "dead"),
    [
        pytest.param("qdrant", "VECTOR_STORE=weaviate", True, id="changed, and the shipped value set"),
        pytest.param("weaviate", "VECTOR_STORE=qdrant", False, id="changed in the env file"),
        pytest.param("qdrant", "VECTOR_STORE=milvus", False, id="changed in both"),
        pytest.param("qdrant", "VECTOR_STORE=qdrant", False, id="the same in both"),
        pytest.param("qdrant", "LOG_LEVEL=INFO", False, id="not set"),
        pytest.param("${STORE:-qdrant}", "VECTOR_STORE=weaviate", False, id="an expression"),
    ],
)
def test_a_fallback_is_dead_when_it_was_changed_and_the_env_file_was_not(fallback: str, line: str, dead: bool) -> None:
    compose = f"{DIFY}      VECTOR_STORE: ${{VECTOR_STORE:-{fallback}}}\n"
    assert found("ENV016", {"compose.yaml": compose, ".env": line + "\n"}) == [("compose.yaml", 5)] * dead


def test_an_emptied_password_in_a_command_is_told_and_not_mended() -> None:
    compose = "services:\n  cache:\n    image: redis:7.4\n    command: redis-server --requirepass ${PASSWORD:-k41ab}\n"
    files = {"compose.yaml": compose, ".env": "PASSWORD=\n"}
    assert found("ENV017", files) == [(".env", 1)]
    assert mended("ENV017", files) == {}


def test_an_emptied_password_of_a_service_that_is_off_is_no_finding() -> None:
    compose = (
        f"{WHOLE}  cache:\n    image: redis:7.4\n    profiles: [cache]\n"
        "    environment: {PASSWORD: '${PASSWORD:-k41ab}'}\n"
    )
    assert not found("ENV017", {"compose.yaml": compose, ".env": "PASSWORD=\n"})


def test_missing_variables_keep_quotes_expressions_and_line_ends() -> None:
    example_text = "A=1\r\nB=\"x y\"\r\nC=${A}-c\r\nD='d'\r\n"
    files = {"compose.yaml": WHOLE, ".env.example": example_text, ".env": "A=2\r\nD=3\r\nE=4\r\n"}
    assert found("ENV015", files) == []  # half of the example is a choice
    files[".env.example"] = example_text + "E=5\r\n"
    assert mended("ENV015", files) == {".env": 'A=2\r\nB="x y"\r\nC=${A}-c\r\nD=3\r\nE=4\r\n'}


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"docker/middleware.env": "A=1\n"}, id="a developer's middleware.env"),
        pytest.param({"api/.env.example": "LOG_LEVEL=DEBUG\n"}, id="as the example has it"),
        pytest.param({"api/.env": "LOG_LEVEL=INFO\n"}, id="the same value"),
        pytest.param({"api/.env": "LOG_LEVEL=http://localhost:5001\n"}, id="an address of the machine itself"),
        pytest.param({"api/.env": "LOG_LEVEL=${OTHER}\n"}, id="an expression"),
        pytest.param({"api/.env": "NO_SUCH_SETTING=1\n"}, id="nothing that the containers are given"),
        pytest.param(
            {"docker/docker-compose.yaml": DIFY + "      LOG_LEVEL: INFO\n"}, id="a literal, which is ENV013's"
        ),
    ],
)
def test_a_source_env_file_that_may_be_right_is_no_finding(more: dict[str, str]) -> None:
    files = {
        "docker/docker-compose.yaml": DIFY + "      LOG_LEVEL: ${LOG_LEVEL:-INFO}\n",
        "docker/.env": "LOG_LEVEL=INFO\n",
        "api/.env": "LOG_LEVEL=DEBUG\n",
    }
    assert found("ENV018", files) == [("api/.env", 1)]
    assert not found("ENV018", {**files, **more})


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        pytest.param("A=数据库\n", "gb18030", id="GB 18030"),
        pytest.param("A=naïve café\n", "cp1252", id="Windows-1252"),
        pytest.param("A=数据库\r\nB=1\r\n", "utf-16", id="UTF-16"),
        pytest.param("\ufeffA=1\n", "utf-16-be", id="UTF-16, the other way round"),
    ],
)
def test_an_encoding_is_recognised_and_rewritten(text: str, encoding: str) -> None:
    data = text.encode(encoding).decode("utf-8", "surrogateescape")
    assert mended("ENV019", {".env": data}) == {".env": text.removeprefix("\ufeff")}


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(b"A=\x80\x81\xff\xff\xff\n", id="none"),
        pytest.param("# 房间数据库\n".encode() + "A=房间\n".encode("gb18030"), id="two"),
    ],
)
def test_bytes_of_no_single_encoding_are_told_and_left(written: bytes) -> None:
    data = written.decode("utf-8", "surrogateescape")
    assert len(found("ENV019", {".env": data})) == 1
    assert mended("ENV019", {".env": data}) == {}


def stackmend(folder: Path, *words: str) -> str:
    command = [sys.executable, "-m", "stackmend", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, env={**os.environ, "NO_COLOR": "1"})
    assert done.returncode in (0, 1), done.stderr
    return (done.stdout + done.stderr).decode()


@pytest.mark.parametrize("form", ["full", "concise", "json", "lsp"])
def test_no_part_of_a_password_with_a_dollar_is_shown(tmp_path: Path, form: str) -> None:
    (tmp_path / "compose.yaml").write_text(WHOLE)
    (tmp_path / ".env").write_text("DB_PASSWORD=linden$ferry41\n")
    shown = stackmend(tmp_path, "lint", "--format", form)
    assert "ENV004" in shown
    assert "linden" not in shown
    assert "ferry41" not in shown


@pytest.mark.parametrize("words", [["--format", "full"], ["--format", "json"], ["--diff", "--unsafe-fixes"]])
@pytest.mark.parametrize("encoding", ["utf-16", "gb18030"])
def test_no_secret_of_a_file_in_another_encoding_is_shown(tmp_path: Path, words: list[str], encoding: str) -> None:
    (tmp_path / "compose.yaml").write_text(WHOLE)
    (tmp_path / ".env").write_bytes("DB_PASSWORD=linden房间\n".encode(encoding))
    shown = stackmend(tmp_path, "lint", *words)
    assert "ENV019" in shown or "DB_PASSWORD=****" in shown
    letters = [shown, shown.replace("\\x00", ""), shown.replace("\\u0000", ""), shown.replace("\x00", "")]
    assert not any("linden" in text for text in letters)


def test_json_tells_what_would_be_written_without_the_secret(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(WHOLE)
    (tmp_path / ".env").write_text("DB_PASSWORD=linden$ferry41\n")
    [finding] = [
        d for d in json.loads(stackmend(tmp_path, "lint", "--format", "json"))["diagnostics"] if d["code"] == "ENV004"
    ]
    assert finding["fixes"][0]["applicability"] == "unsafe"
    assert finding["range"]["start"] == {"line": 1, "column": 19}


def test_carriage_returns_alone_are_line_ends_that_compose_does_not_know() -> None:
    files = {"compose.yaml": WHOLE, ".env": "A=1\rB=2\r"}
    assert found("ENV010", files) == [(".env", 1)]
    assert mended("ENV010", files) == {".env": "A=1\nB=2\n"}
    for text in ("A=1\r\nB=2\r\n", "A=1\n", "A=1"):
        assert found("ENV010", {"compose.yaml": WHOLE, ".env": text}) == []
