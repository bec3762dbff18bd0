"""The command line as its users meet it: exit codes, streams, fixing, undoing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stackmend.linter.console import wants_color

# A broken line that a rule of the package reports; the comment is what makes it so.
UNUSED = "# stackmend: ignore[NOPE1]\nA=1\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / ".env").write_text(UNUSED, encoding="utf-8")
    return folder


def stackmend(
    cwd: Path, *words: str, stdin: str | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "XDG_STATE_HOME": str(cwd.parent / "state"), **(env or {})}
    return subprocess.run(
        [sys.executable, "-m", "stackmend", *words],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(["lint"], 0, id="a warning is no failure"),
        pytest.param(["lint", "--fail-on", "warning"], 1, id="unless it is asked to be"),
        pytest.param(["lint", "--fail-on", "warning", "--exit-zero"], 0, id="exit zero"),
        pytest.param(["lint", "--fail-on", "warning", "--ignore", "SUP001"], 0, id="ignored"),
        pytest.param(["lint", "--fail-on", "warning", "--select", "SUP"], 1, id="selected"),
        pytest.param(["lint", "--no-such-option"], 2, id="no such option"),
        pytest.param(["lint", "--select", "XYZ"], 2, id="no such rule"),
        pytest.param(["lint", "nothing-here"], 2, id="no such path"),
        pytest.param(["lint", "nothing-here", "--exit-zero"], 2, id="exit zero does not hide it"),
        pytest.param(["lint", "--config", "none.toml"], 2, id="no such configuration"),
        pytest.param(["lint", "--stdin-filename", "x"], 2, id="stdin name without stdin"),
        pytest.param(["explain", "SUP001"], 0, id="explain"),
        pytest.param(["explain", "syntax"], 0, id="explain a name of several rules"),
        pytest.param(["explain", "XYZ999"], 2, id="explain nothing"),
        pytest.param(["rules"], 0, id="rules"),
        pytest.param(["undo"], 0, id="nothing to undo"),
        pytest.param(["--version"], 0, id="version"),
    ],
)
def test_exit_codes(project: Path, words: list[str], code: int) -> None:
    done = stackmend(project, *words)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    if code == 2:
        assert done.stderr


def test_findings_go_to_standard_output_and_the_rest_to_standard_error(project: Path) -> None:
    done = stackmend(project, "lint", "nothing-here", ".env", "--format", "concise")
    assert "SUP001" in done.stdout
    assert "nothing-here: no such file" in done.stderr
    assert "SUP001" not in done.stderr


def test_json_is_one_document_and_goes_to_a_file_when_asked(project: Path) -> None:
    done = stackmend(project, "lint", "--format", "json", "-o", "out.json")
    assert done.stdout == ""
    report = json.loads((project / "out.json").read_text(encoding="utf-8"))
    assert [d["code"] for d in report["diagnostics"]] == ["SUP001"]


def test_one_run_writes_reports_in_other_formats_too(project: Path) -> None:
    reports = ("--report", "sarif=out.sarif", "--report", "gitlab=a=b.json")
    done = stackmend(project, "lint", "--format", "concise", "--fail-on", "warning", *reports)
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith(".env:1:")
    (run,) = json.loads((project / "out.sarif").read_text(encoding="utf-8"))["runs"]
    assert [result["ruleId"] for result in run["results"]] == ["SUP001"]
    assert [issue["check_name"] for issue in json.loads((project / "a=b.json").read_text(encoding="utf-8"))] == [
        "SUP001"
    ]


def test_a_quiet_or_counting_run_still_writes_its_reports(project: Path) -> None:
    done = stackmend(project, "lint", "-q", "--ignore", "SUP001", "--report", "gitlab=clean.json")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (project / "clean.json").read_text(encoding="utf-8") == "[]\n"
    assert "SUP001" in stackmend(project, "lint", "--statistics", "--report", "json=whole.json").stdout
    assert json.loads((project / "whole.json").read_text(encoding="utf-8"))["version"] == 1


@pytest.mark.parametrize("given", ["sarif", "sarif=", "=x", "html5=x", "nowhere/gitlab=x"])
def test_a_report_that_makes_no_sense_is_refused(project: Path, given: str) -> None:
    done = stackmend(project, "lint", "--report", given)
    assert done.returncode == 2
    assert "is not FORMAT=FILE" in done.stderr


def test_a_report_that_cannot_be_written_is_one_clear_line(project: Path) -> None:
    done = stackmend(project, "lint", "--report", "json=nowhere/out.json")
    assert (done.returncode, done.stderr) == (2, "stackmend: nowhere/out.json: no such file or directory\n")


def test_standard_input_is_linted_under_the_name_it_is_given(project: Path) -> None:
    done = stackmend(project, "lint", "-", "--stdin-filename", "x/.env", "--format", "concise", stdin=UNUSED)
    assert done.stdout.startswith("x/.env:1:")


def test_fixing_standard_input_prints_the_text_and_reports_on_standard_error(project: Path) -> None:
    done = stackmend(project, "lint", "-", "--fix", "--stdin-filename", "x.env", "--format", "concise", stdin=UNUSED)
    assert done.stdout == UNUSED
    assert "SUP001" in done.stderr


def test_statistics_count_by_rule(project: Path) -> None:
    assert stackmend(project, "lint", "--statistics").stdout == "     1  SUP001  unused-suppression\n"


def test_statistics_are_json_where_that_is_asked_for(project: Path) -> None:
    done = stackmend(project, "lint", "--statistics", "--format", "json")
    assert json.loads(done.stdout) == [{"code": "SUP001", "name": "unused-suppression", "count": 1, "fixable": 0}]
    assert stackmend(project, "lint", "--statistics", "--format", "sarif").returncode == 2


def test_statistics_count_what_the_report_shows(project: Path) -> None:
    (project / ".env").write_text("A=1\n", encoding="utf-8")
    (project / "compose.yaml").write_text("version: '3'\nservices: {a: {image: 'x:1'}}\n", encoding="utf-8")
    assert "CMP007" not in stackmend(project, "lint", "--statistics").stdout
    assert "CMP007" in stackmend(project, "lint", "--statistics", "-v").stdout


def test_a_report_can_go_to_standard_output_by_name(project: Path) -> None:
    done = stackmend(project, "lint", "--format", "concise", "-o", "-")
    assert ".env:1:" in done.stdout
    assert not (project / "-").exists()


@pytest.mark.parametrize("table", ['[per-file-ignores]\n".env" = ["SUP01"]\n', '[severity]\nSUP01 = "info"\n'])
def test_a_rule_that_is_misspelt_in_the_configuration_is_told(table: str, project: Path) -> None:
    (project / ".stackmend.toml").write_text(table, encoding="utf-8")
    done = stackmend(project, "lint")
    assert done.returncode == 2
    assert "'SUP01'; did you mean SUP001?" in done.stderr


def test_a_configuration_error_names_file_and_line(project: Path) -> None:
    (project / ".stackmend.toml").write_text("\nslect = []\n", encoding="utf-8")
    done = stackmend(project, "lint")
    assert done.returncode == 2
    assert ".stackmend.toml:2: unknown key 'slect'; did you mean 'select'?" in done.stderr
    assert stackmend(project, "lint", "--isolated").returncode == 0


def test_an_unknown_rule_is_answered_with_the_near_one(project: Path) -> None:
    assert "did you mean SUP001?" in stackmend(project, "explain", "SPU001").stderr


def test_a_name_of_several_rules_is_explained_by_all_of_them(project: Path) -> None:
    lines = stackmend(project, "explain", "duplicate-key").stdout.splitlines()
    assert [line[:6] for line in lines if line[3:6].isdigit()] == ["CMP002", "ENV002", "JSN002"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the system has no device that is always full")
def test_a_full_disk_under_standard_output_is_no_crash(project: Path) -> None:
    with open("/dev/full", "wb") as full:
        command = [sys.executable, "-m", "stackmend", "lint"]
        done = subprocess.run(command, cwd=project, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "stackmend: standard output: no space left on device\n")


def test_a_reader_that_goes_away_is_no_crash(project: Path) -> None:
    (project / ".env").write_text(UNUSED * 3000, encoding="utf-8")
    command = f"{sys.executable} -m stackmend lint --format concise | head -n 1"
    done = subprocess.run(["bash", "-c", command], cwd=project, capture_output=True, text=True, check=False)
    assert "SUP001" in done.stdout
    assert done.stderr == ""


def test_control_characters_of_a_file_do_not_reach_the_terminal(project: Path) -> None:
    (project / ".env").write_text("# stackmend: ignore[\x1b[31mX]\nA=1\n", encoding="utf-8")
    for format_ in ("full", "concise", "json", "lsp", "github"):
        assert "\x1b" not in stackmend(project, "lint", "--format", format_).stdout


def test_trace_tells_the_way_of_a_value_and_hides_secrets(project: Path) -> None:
    environment = "      DB_PASSWORD: ${DB_PASSWORD:-x}\n      LEVEL: ${LEVEL:-7}\n"
    compose = "services:\n  api:\n    image: a\n    environment:\n" + environment
    (project / "compose.yaml").write_text(compose, encoding="utf-8")
    (project / ".env").write_text("DB_PASSWORD=hunter22\n", encoding="utf-8")
    told = stackmend(project, "trace", "api", "DB_PASSWORD")
    assert told.returncode == 0, told.stderr
    assert ".env:1" in told.stdout
    assert "compose.yaml:5" in told.stdout
    assert "hunter22" not in told.stdout
    level = json.loads(stackmend(project, "trace", "api", "LEVEL", "--format", "json", env={"LEVEL": "8"}).stdout)
    assert level["services"]["api"]["LEVEL"]["text"] == "8"
    alone = stackmend(project, "trace", "api", "LEVEL", "--format", "json", "--env-source", "none", env={"LEVEL": "8"})
    assert json.loads(alone.stdout)["services"]["api"]["LEVEL"]["text"] == "7"


def test_trace_says_what_is_not_there(project: Path) -> None:
    assert stackmend(project, "trace").returncode == 2
    (project / "compose.yaml").write_text("services:\n  api:\n    image: a\n", encoding="utf-8")
    unknown = stackmend(project, "trace", "apy")
    assert unknown.returncode == 2
    assert "apy" in unknown.stderr


@pytest.mark.parametrize(
    ("choice", "environment", "expected"),
    [
        ("always", {"NO_COLOR": "1"}, True),
        ("never", {"FORCE_COLOR": "1"}, False),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ("auto", {"NO_COLOR": "", "FORCE_COLOR": "1"}, True),
        ("auto", {}, False),
    ],
)
def test_when_to_colour(choice: str, environment: dict[str, str], expected: bool) -> None:
    from io import StringIO

    assert wants_color(choice, StringIO(), environment) is expected


def test_the_program_starts_without_what_a_plain_run_does_not_need(project: Path) -> None:
    code = (
        "import sys; from stackmend.linter.cli import cli; cli.main(['lint'], standalone_mode=False)\n"
        "bad = {'jsonschema', 'libcst', 'dotenv', 'asyncio', 'http', 'pathlib', 'tomllib'} & set(sys.modules)\n"
        "print(sorted(bad), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "[]"


def test_a_folder_without_configuration_is_said_to_have_none(tmp_path: Path) -> None:
    done = stackmend(tmp_path, "lint")
    assert done.returncode == 0
    assert done.stderr == "stackmend: .: no Compose, dotenv, nginx or squid file here\n"


def test_a_named_file_that_nothing_is_said_about_is_no_clean_file(project: Path) -> None:
    (project / "notes.txt").write_text("x\n", encoding="utf-8")
    (project / "binary.env").write_bytes(b"\0\1\2")
    done = stackmend(project, "lint", "notes.txt", ".env", "binary.env")
    assert done.stderr.splitlines() == [
        "stackmend: binary.env: a binary file, not read",
        "stackmend: notes.txt: not linted: no deployment reads it, and its name does not tell what it is",
    ]
    assert stackmend(project, "lint", "--force-exclude", "notes.txt", ".env").stderr == ""


@pytest.mark.parametrize(("folder", "code"), [("my-nginx", 1), ("ssrf_proxy", 1), ("other", 0)])
def test_a_named_conf_file_is_what_its_folder_says(project: Path, folder: str, code: int) -> None:
    text = "server {\n" if folder == "my-nginx" else "http_access deny all\nhttp_access allow all\n"
    (project / folder).mkdir()
    (project / folder / "site.conf").write_text(text, encoding="utf-8")
    assert stackmend(project, "lint", f"{folder}/site.conf", "--fail-on", "warning").returncode == code
    # A folder's name is enough for nginx, whose language shows.
    searched = stackmend(project, "lint", "--format", "concise").stdout
    assert ("site.conf" in searched) == (folder == "my-nginx")


@pytest.mark.parametrize("format_", ["sarif", "gitlab", "junit", "rdjson"])
def test_a_report_for_ci_is_whole_ascii_and_names_the_file(project: Path, format_: str) -> None:
    (project / "名前.env").write_text(UNUSED, encoding="utf-8")
    done = stackmend(project, "lint", "--format", format_, env={"LC_ALL": "C", "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0, done.stderr
    named = {"sarif": '"%E5%90%8D%E5%89%8D.env"', "junit": '"&#21517;&#21069;.env"'}
    assert named.get(format_, '"\\u540d\\u524d.env"') in done.stdout
    assert done.stdout.isascii()


def test_junit_passes_a_file_that_no_deployment_reads_when_it_is_clean(project: Path) -> None:
    (project / "clean.env").write_text("A=1\n", encoding="utf-8")
    out = stackmend(project, "lint", "--format", "junit").stdout
    assert '<testcase name="stackmend" classname="clean.env"/>' in out
    assert '<testcase name="SUP001 unused-suppression" classname=".env" line="1" ' in out


def test_a_baseline_is_written_read_and_never_written_over_another_file(project: Path) -> None:
    strict = ("lint", "--fail-on", "warning", "--format", "concise")
    written = stackmend(project, *strict, "--baseline", "known.json", "--write-baseline")
    assert (written.returncode, written.stdout) == (0, "")
    assert "known.json: 1 finding is known now" in written.stderr
    assert stackmend(project, *strict, "--baseline", "known.json").returncode == 0
    assert "1 finding known from the baseline." in stackmend(project, "lint", "--baseline", "known.json").stdout
    (project / ".env").write_text("A=1\n", encoding="utf-8")
    assert "no longer found: .env: SUP001" in stackmend(project, *strict, "--baseline", "known.json").stderr
    before = (project / ".env").read_bytes()
    assert stackmend(project, *strict, "--baseline", ".env", "--write-baseline").returncode == 2
    assert (project / ".env").read_bytes() == before


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["--baseline", "none.json"], id="none there"),
        pytest.param(["--write-baseline"], id="no file named"),
        pytest.param(["--write-baseline", "--diff", "--baseline", "b.json"], id="with --diff"),
        pytest.param(["--write-baseline", "--baseline", "no/folder.json"], id="no folder for it"),
        pytest.param(["--write-baseline", "--baseline", "b.json", "nothing-here", "."], id="not all could be read"),
    ],
)
def test_a_baseline_that_cannot_be_used_ends_with_two_and_writes_nothing(project: Path, words: list[str]) -> None:
    before = sorted(os.listdir(project))
    done = stackmend(project, "lint", *words)
    assert done.returncode == 2
    assert done.stderr
    assert "internal error" not in done.stderr
    assert sorted(os.listdir(project)) == before


def test_sarif_says_of_findings_beside_a_baseline_that_they_are_new(project: Path) -> None:
    stackmend(project, "lint", "--baseline", "known.json", "--write-baseline")
    (project / "b.env").write_text(UNUSED, encoding="utf-8")
    done = stackmend(project, "lint", "--baseline", "known.json", "--format", "sarif")
    (result,) = json.loads(done.stdout)["runs"][0]["results"]
    assert result["baselineState"] == "new"


def test_a_run_loads_nothing_that_only_other_runs_need(project: Path) -> None:
    script = (
        "import sys\nfrom stackmend.linter.cli import cli\n"
        "cli.main(['lint', '--format', 'concise'], standalone_mode=False)\n"
        "print(*sorted(m for m in sys.modules if m.startswith('stackmend.linter.')), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=project, capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    loaded = {name.removeprefix("stackmend.linter.") for name in done.stderr.split()}
    assert "linting" in loaded
    idle = {"baseline", "sieve", "address", "pages", "fixing", "silence"}
    assert loaded & (idle | {f"reports.{n}" for n in ("sarif", "sarif_rules", "gitlab", "junit", "rdjson")}) == set()


def test_findings_are_silenced_by_comments_and_undone(project: Path) -> None:
    (project / ".env").write_text("A=1\nA=2\n", encoding="utf-8")
    done = stackmend(project, "lint", "--add-ignore", "--format", "concise")
    assert (done.returncode, done.stdout) == (0, "")
    assert "silenced .env:1: ENV002" in done.stderr
    assert (project / ".env").read_text(encoding="utf-8") == "# stackmend: ignore[ENV002]\nA=1\nA=2\n"
    assert stackmend(project, "undo").returncode == 0
    assert (project / ".env").read_text(encoding="utf-8") == "A=1\nA=2\n"
    assert stackmend(project, "lint", "--add-ignore", "--diff").stdout.count("+# stackmend: ignore[ENV002]") == 1
    assert stackmend(project, "lint", "--add-ignore", "--fix").returncode == 2
