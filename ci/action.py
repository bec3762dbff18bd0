"""What action.yml runs: installs stackmend apart from everything else, lints, and tells GitHub what came of it.

It needs nothing but Python, and takes the inputs from INPUT_* variables. Exit codes are those of `stackmend lint`.
"""

from __future__ import annotations

import os
import secrets
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from typing import NamedTuple

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OLDEST = (3, 10)
BROKEN = 2
FORMATS = ("github", "sarif")


class Refused(Exception):  # noqa: N818 - it reads as what happened
    """The action cannot go on; the text says why."""


class Call(NamedTuple):
    """The words for `stackmend lint`, where the SARIF file will lie, and whether the output is meant as commands."""

    words: tuple[str, ...]
    sarif: str | None
    commands: bool


def main() -> int:
    """Install, lint, write the outputs; gives the exit code."""
    code, sarif = BROKEN, ""
    try:
        # A folder of its own: an action may be used twice in a job, and nothing that lies in the checkout is run.
        folder = tempfile.mkdtemp(prefix="stackmend-", dir=os.environ.get("RUNNER_TEMP") or None)
        call = call_for(os.environ, os.path.join(folder, "stackmend.sarif"))
        python = install(os.environ.get("INPUT_SOURCE", "").strip() or ROOT, os.path.join(folder, "venv"))
        code = lint(python, call)
        if call.sarif is not None and os.path.isfile(call.sarif):
            sarif = call.sarif
    except Refused as refused:
        escaped = str(refused).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        tell(f"::error title=stackmend::{escaped}")
    output = os.environ.get("GITHUB_OUTPUT")
    if output:
        with open(output, "a", encoding="utf-8") as file:
            file.write(f"exit-code={code}\nsarif-file={sarif}\n")
    return code


def call_for(environment: Mapping[str, str], sarif: str) -> Call:
    """Turn the inputs into words. None of them is ever read by a shell, and a path is never taken for an option."""

    def given(name: str) -> str:
        return environment.get(f"INPUT_{name}", "").strip()

    formats = given("FORMAT").replace(",", " ").split() or ["github"]
    unknown = [name for name in formats if name not in FORMATS]
    if unknown:
        raise Refused(f"unknown format {unknown[0]!r}: it is github, sarif, or both with a comma")
    commands = "github" in formats
    # Of the report for GitHub only the table in the job summary is wanted where nothing is to be annotated.
    words = ["--format=github"] if commands else ["--format=concise", f"--report=github={os.devnull}"]
    if "sarif" in formats:
        words.append(f"--report=sarif={sarif}")
    words += [f"--{name.lower()}={given(name)}" for name in ("SELECT", "IGNORE") if given(name)]
    if given("FAIL_ON") == "never":
        words.append("--exit-zero")
    elif given("FAIL_ON"):
        words.append(f"--fail-on={given('FAIL_ON')}")
    try:
        words += shlex.split(given("ARGS"))
    except ValueError:
        raise Refused("args: a quote is not closed") from None
    paths = [line.strip() for line in given("PATHS").splitlines() if line.strip()] or ["."]
    return Call((*words, "--", *paths), sarif if "sarif" in formats else None, commands)


def install(source: str, folder: str) -> str:
    """Make a virtual environment with stackmend in it; gives its Python."""
    if sys.version_info < OLDEST:
        raise Refused(f"stackmend needs Python 3.10 or newer, and python3 is {sys.version.split()[0]} here")
    python = os.path.join(folder, "bin", "python")
    quiet = ("--quiet", "--disable-pip-version-check", "--no-input")
    for command, failed in (
        (
            (sys.executable, "-m", "venv", folder),
            "Python made no virtual environment; Debian needs python3-venv for it",
        ),
        ((python, "-I", "-m", "pip", "install", *quiet, "--", source), f"pip did not install {source!r}"),
    ):
        if subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode:
            raise Refused(f"{failed}; the log says more")
    return python


def lint(python: str, call: Call) -> int:
    """Run `stackmend lint` here; what is not meant as a command for GitHub cannot be taken for one."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("INPUT_")}
    command = (python, "-I", "-m", "stackmend", "lint", *call.words)
    token = secrets.token_hex(16)
    if not call.commands:
        tell(f"::stop-commands::{token}")
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=False)
    if not call.commands:
        tell(f"::{token}::")
    return done.returncode


def tell(line: str) -> None:
    """A line for GitHub, before anything that a child process prints."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
