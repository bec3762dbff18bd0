"""Many deployments: whatever the number of processes, what is said is what one pass over everything says."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from stackmend.linter import jobs
from stackmend.linter.engine import examine
from stackmend.linter.examination import Examination, key_of
from stackmend.linter.plan import MANY, Plan, Spread
from stackmend.linter.processes import Lost, can_fork, in_processes
from stackmend.linter.rules import all_rules
from stackmend.linter.settings import Settings
from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.workspace import Workspace

forking = pytest.mark.skipif(not can_fork(), reason="no process can be split in two here")

STACK = """\
services:
  web:
    image: nginx
    privileged: true
    environment: {{A: "${{SECRET_{0}:-x}}"}}
    env_file: [../shared/common.env]
    volumes: ["{1}:/etc/nginx/nginx.conf"]
"""
NGINX = "events {}\nhttp { server { listen 80; root /srv; autoindex on; autoindex on; } }\n"


def many() -> dict[str, str]:
    """Deployments that share an env file, and one that mounts what would otherwise be linted alone elsewhere."""
    files = {
        "/p/shared/common.env": "# stackmend: ignore[ENV002]\nA=1\nA=2\nB = 3\n# stackmend: ignore[ENV002]\nC=1\n",
        "/p/nginx/nginx.conf": NGINX,
        "/p/.env": "UNREAD=1\nUNREAD=2\n",
        "/p/parts/compose.part.yaml": "services:\n  x:\n    image: a\n    privileged: true\n",
    }
    for number in range(MANY + 4):
        mounted = "../nginx/nginx.conf" if number == 3 else "./nginx.conf"
        files[f"/p/d{number:02}/compose.yaml"] = STACK.format(number, mounted)
        files[f"/p/d{number:02}/.env"] = (
            f"SECRET_{number}=hunter-{number}-secret\nUNUSED_{number}=1\nUNUSED_{number}=2\n"
        )
        files[f"/p/d{number:02}/nginx.conf"] = NGINX
    files["/p/d05/compose.override.yaml"] = (
        "include: [../parts/compose.part.yaml]\nservices: {web: {image: 'nginx:latest'}}\n"
    )
    return files


def examined(files: Mapping[str, str], spread: Spread | None, settings: Settings | None = None) -> Examination:
    memory = MemoryFiles({path: text.encode() for path, text in files.items()})
    return examine(("/p",), settings or Settings(), Workspace(memory), all_rules(), "/p", spread=spread)


def said(examination: Examination) -> dict[str, object]:
    """All that an examination says, the order of deployments and error lines left aside."""
    return {
        "diagnostics": [
            (key_of(d), d.severity, [(r.place.document.path, r.place.span, r.message) for r in d.related])
            for d in examination.diagnostics
        ],
        "deployments": sorted(map(str, examination.deployments)),
        "errors": sorted(examination.errors),
        "failed": examination.failed,
        "read": examination.read,
        "syntax": examination.syntax,
        "services": examination.services,
        "secrets": {text for source in examination.secrets for text in source()},
    }


@pytest.mark.parametrize("processes", [1, pytest.param(2, marks=forking), pytest.param(5, marks=forking)])
def test_shares_say_what_one_pass_says(processes: int) -> None:
    whole = examined(many(), None)
    codes = {key_of(d)[1] for d in whole.diagnostics}
    assert {"SUP001", "CMP029", "ENV002"} <= codes, "the deployments have something to say"
    shared = examined(many(), Spread(processes))
    assert said(shared) == said(whole)


@forking
def test_the_order_does_not_depend_on_who_did_the_work() -> None:
    one, three = examined(many(), Spread(1)), examined(many(), Spread(3))
    assert one.deployments == three.deployments
    assert one.errors == three.errors
    assert list(map(key_of, one.diagnostics)) == list(map(key_of, three.diagnostics))


def test_a_variable_of_a_shared_file_is_unused_only_when_every_deployment_says_so() -> None:
    files = {"/p/.env": "SHARED=1\nNOBODY=1\n"}
    for number in range(MANY + 1):
        used = "${SHARED}" if number == MANY else "x"
        files[f"/p/d{number}/compose.yaml"] = f"services:\n  a:\n    image: i\n    command: '{used}'\n"
    settings = Settings(select=("ENV012",), env_files=("/p/.env",))
    whole, shared = examined(files, None, settings), examined(files, Spread(1), settings)
    assert said(shared) == said(whole)
    assert [d.place.text for d in shared.diagnostics] == ["NOBODY"]


def test_a_file_that_another_share_reads_is_not_linted_alone() -> None:
    plan = Plan(
        roots=[f"/p/d{n}/compose.yaml" for n in range(3)],
        compose=["/p/d1/compose.x.yaml"],
        loose=["/p/d1/conf/nginx.conf", "/p/nginx/nginx.conf"],
    )
    shares = jobs.split(plan)
    assert list(shares) == ["/p/d0", "/p/d1", "/p/d2", "/p/nginx"]
    assert shares["/p/d1"].loose == ["/p/d1/conf/nginx.conf"]
    parts = {home: jobs.Part(Examination("/p")) for home in shares}
    parts["/p/nginx"].alone.add("/p/nginx/nginx.conf")
    assert jobs.joined(plan, shares, parts) is shares
    parts["/p/d2"].out.read.add("/p/nginx/nginx.conf")
    joined = jobs.joined(plan, shares, parts)
    assert len(joined) == 3
    (both,) = (share for home, share in joined.items() if home not in parts)
    assert (both.roots, both.loose) == (["/p/d2/compose.yaml"], ["/p/nginx/nginx.conf"])


def test_named_files_and_small_runs_are_done_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> object:
        raise AssertionError("in shares")

    monkeypatch.setattr(jobs, "_worked", refuse)
    files = {path: text for path, text in many().items() if not re.search(r"/d(0[2-9]|1)", path)}
    assert examined(files, Spread(2)).diagnostics
    with pytest.raises(AssertionError, match="in shares"):
        examined(many(), Spread(2))


@forking
def test_a_process_that_dies_costs_its_own_task_only() -> None:
    def work(number: int) -> int:
        if number == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return number * number

    found = dict(in_processes(9, work, 2))
    assert found == {n: n * n for n in range(9)} | {3: Lost(-signal.SIGKILL)}


@forking
def test_a_share_whose_process_dies_is_one_line_and_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    real = jobs.part_of

    def part(run: object, plans: list[Plan], index: int) -> jobs.Part:
        if plans[index].roots[:1] == ["/p/d02/compose.yaml"]:
            os._exit(7)
        return real(run, plans, index)  # type: ignore[arg-type]

    monkeypatch.setattr(jobs, "part_of", part)
    shared = examined(many(), Spread(2))
    assert shared.failed
    assert [e for e in shared.errors if "internal" in e] == [
        "d02: internal error: the process that linted it ended with exit code 7"
    ]
    assert "/p/d01/compose.yaml" in shared.read
    assert "/p/d02/compose.yaml" not in shared.read


@pytest.mark.parametrize("processes", [1, pytest.param(2, marks=forking)])
def test_a_mistake_of_ours_in_one_share_hides_no_other(processes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from stackmend.linter.engine import Run

    real = Run.plan

    def plan(run: Run, given: Plan) -> None:
        if given.roots[:1] == ["/p/d02/compose.yaml"]:
            raise RuntimeError("hunter-2-secret")
        real(run, given)

    monkeypatch.setattr(Run, "plan", plan)
    shared = examined(many(), Spread(processes))
    assert shared.failed
    (line,) = (e for e in shared.errors if "internal" in e)
    assert line.startswith("d02: internal error: the linter failed with RuntimeError at ")
    assert "hunter" not in line


def test_progress_is_told_up_to_the_end() -> None:
    seen: list[tuple[int, int]] = []

    def see(done: int, total: int) -> None:
        seen.append((done, total))

    examined(many(), Spread(1, see))
    first = [s for s in seen if s[1] == seen[0][1]]
    assert [done for done, _ in first] == list(range(1, first[0][1] + 1))


@forking
@pytest.mark.parametrize("format_", ["json", "full", "html", "sarif"])
def test_the_program_prints_the_same_with_any_number_of_processes(format_: str, tmp_path: Path) -> None:
    for path, text in many().items():
        target = tmp_path / path.removeprefix("/p/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def printed(processes: int) -> tuple[int, str, str]:
        command = [sys.executable, "-m", "stackmend", "lint", "-v", "--format", format_, "--jobs", str(processes)]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    one, two = printed(1), printed(2)
    assert one == two
    assert one[0] == 1
    assert "hunter" not in one[1]
    if format_ == "json":
        assert len(json.loads(one[1])["deployments"]) > MANY
