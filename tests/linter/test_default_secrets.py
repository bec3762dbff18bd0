"""STK008 speaks of stacks that can run: a secret that is still to be chosen is no published one that was kept."""

from __future__ import annotations

import pytest

from stackmend.linter.rules.stack.default_secrets import default_secret
from stackmend.linter.session import Request, run
from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.workspace import Workspace

COMPOSE = """\
services:
  db:
    image: postgres:15-alpine
    env_file: ./middleware.env
    environment:
      POSTGRES_PASSWORD: ${DB_PASSWORD:-difyai123456}
  plugin_daemon:
    image: langgenius/dify-plugin-daemon:0.5.1-local
    environment:
      DB_HOST: db
      DB_PASSWORD: ${DB_PASSWORD:-difyai123456}
"""


@pytest.mark.parametrize(
    ("beside", "count"),
    [
        pytest.param({"/p/middleware.env.example": b"A=1\n"}, 0, id="the env file is still to be copied"),
        pytest.param({"/p/middleware.env": b"A=1\n"}, 1, id="it was copied, and the secret left as it came"),
    ],
)
def test_a_stack_that_is_not_set_up_yet_is_not_told_of_published_secrets(beside: dict[str, bytes], count: int) -> None:
    files = MemoryFiles({"/p/compose.yaml": COMPOSE.encode(), **beside})
    outcome = run(Request(("/p",), "/p", isolated=True), Workspace(files), [default_secret])
    assert len(outcome.report.diagnostics) == count
