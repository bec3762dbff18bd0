"""Dollar signs in Compose files: one mistake gives one finding, and the finding shows no part of a secret."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from stackmend.linter.config import Overrides
from stackmend.linter.report import Report
from stackmend.linter.reports import full
from stackmend.linter.reports import json as json_report
from stackmend.linter.session import Request, run
from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.workspace import Workspace

HASH = "$apr1$w7bDq2Xa$Kf0tQ8rYvN3mZcJ5hLsU1."


def lint(service: str, env: str | None = "OTHER=1\nword_list=1\n") -> Report:
    """The findings about variables in a service, with a `.env` beside it or none."""
    files = {"/shop/compose.yaml": f"services:\n  web:\n    image: nginx:1.27\n    {service}\n".encode()}
    if env is not None:
        files["/shop/.env"] = env.encode()
    over = Overrides(select=("CMP004", "CMP005", "CMP006"))
    return run(Request(("/shop",), "/shop", over, isolated=True), Workspace(MemoryFiles(files))).report


def codes(service: str, env: str | None = "OTHER=1\nword_list=1\n") -> list[str]:
    return [d.rule.code for d in lint(service, env).diagnostics]


@pytest.mark.parametrize(
    "service",
    [
        pytest.param("environment: {DB_PASSWORD: 'tr0ub$dor'}", id="within a password"),
        pytest.param("environment: ['DB_PASSWORD=tr0ub$dor']", id="in a list"),
        pytest.param("environment: {DB_PASSWORD: 'tr0ub!$dor'}", id="after a sign"),
        pytest.param("environment: {DB_PASSWORD: '$dor!tr0ub'}", id="at the start, with a sign after it"),
        pytest.param("environment: ['DB_PASSWORD=$dor!tr0ub']", id="at the start, in a list"),
        pytest.param("environment: {DB_URL: 'postgres://me:tr0ub$dor@db:5432/shop'}", id="in the password of a URL"),
        pytest.param("environment: {CACHE: 'redis://:$dor!tr0ub@cache:6379/0'}", id="at the start, in a URL"),
        pytest.param("command: redis-server --requirepass tr0ub$dor", id="after an option"),
        pytest.param("command: redis-server --requirepass=tr0ub$dor", id="after an option and `=`"),
        pytest.param("environment: {GREETING: 'costs5$each'}", id="in another text"),
        pytest.param(f"labels: ['auth.users=me:{HASH}']", id="hash in a list"),
        pytest.param(f"labels: {{auth.users: 'me:{HASH},you:{HASH}'}}", id="two hashes in one value"),
        pytest.param("labels: ['auth.users=me:$2y$05$kUqJz6wXb0nEo1sYtRvPfOa9LmHdGcWi']", id="bcrypt"),
        pytest.param("labels: ['auth.users=me:$$2y$$05$kUqJz6wXb0nEo1sYtRvPfOa9LmHdGcWi']", id="bcrypt, half escaped"),
        pytest.param("""command: sh -c 'read -r line; echo "$line"'""", id="read by the shell"),
        pytest.param("command: ['sh', '-c', 'n=1; echo ${n}']", id="set by the shell, in braces"),
    ],
)
def test_a_dollar_that_was_meant_as_such_gives_one_finding(service: str) -> None:
    assert codes(service) == ["CMP006"]


@pytest.mark.parametrize(
    "service",
    [
        pytest.param("environment: {DB_PASSWORD: '$db_password'}", id="all of a value"),
        pytest.param("environment: {DB_PASSWORD: 'main-$suffix'}", id="put together"),
        pytest.param("environment: {DB_PASSWORD: 'pre${suffix}'}", id="in braces"),
        pytest.param("environment: {DB_PASSWORD: 'pre$DB_SUFFIX'}", id="a variable's name"),
        pytest.param("environment: {DB_URL: 'postgres://me:$secret@db/shop'}", id="the password of a URL"),
        pytest.param("environment: {NODE: 'node$NUMBER'}", id="capitals"),
        pytest.param("environment: {NODE: 'a$wordlist'}", id="near to a name that is set"),
        pytest.param("container_name: web$number", id="a key where dollars are rare"),
        pytest.param("""command: sh -c 'MODE=$MODE prog'""", id="handed on"),
    ],
)
def test_a_variable_that_nothing_sets_stays_one(service: str) -> None:
    assert codes(service) == ["CMP005"]


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        pytest.param(f"labels: ['auth.users=me:{HASH}']", ["CMP006"], id="a hash is certain"),
        pytest.param("environment: {DB_PASSWORD: 'tr0ub$dor'}", ["CMP006"], id="so is a password"),
        pytest.param("environment: {NODE: 'node$number'}", ["CMP005"], id="the shell may set this"),
    ],
)
def test_without_an_env_file_only_the_certain_is_called_a_slip(service: str, expected: list[str]) -> None:
    assert codes(service, None) == expected


def test_what_env_sets_is_a_variable_wherever_it_stands() -> None:
    assert codes("environment: {DB_PASSWORD: 'tr0ub$dor'}", "dor=3\n") == []


@pytest.mark.parametrize(
    ("service", "parts"),
    [
        pytest.param("environment: {DB_PASSWORD: 'tr0ub$dorMouse'}", ("tr0ub", "dorMouse"), id="password"),
        pytest.param("command: redis-server --requirepass tr0ub$dorMouse", ("tr0ub", "dorMouse"), id="option"),
        pytest.param(f"labels: ['auth.users=me:{HASH}']", ("w7bDq2Xa", "Kf0tQ8rYvN3mZcJ5hLsU1"), id="hash"),
    ],
)
def test_no_part_of_the_secret_is_shown(service: str, parts: tuple[str, ...]) -> None:
    report = lint(service)
    assert [d.rule.code for d in report.diagnostics] == ["CMP006"]
    for write in (json_report.write, full.write):
        out = io.StringIO()
        write(report, out, verbose=True)
        assert "CMP006" in out.getvalue()
        assert not [part for part in parts if part in out.getvalue()]


def test_a_file_of_nothing_but_dollars_is_judged_in_linear_time(
    linear: Callable[[Callable[[int], Callable[[], object]]], None],
) -> None:
    def make(size: int) -> Callable[[], object]:
        service = "environment: {A: '" + "x$y" * size + "'}"
        return lambda: lint(service)

    linear(make)
