"""Where a Compose file cannot be read to its end, nothing is said to be missing that may stand further down."""

from __future__ import annotations

import pytest

import stackmend

COMPOSE = """\
services:
  fastgpt:
    image: ghcr.io/labring/fastgpt:v4.14.7
    networks: [data]
    environment:
      MONGODB_URI: mongodb://fguser:fg-1204@mongo:27017/fastgpt?authSource=admin
      PG_URL: postgresql://fguser:fg-1204@pg:5432/postgres
      PLUGIN_BASE_URL: http://plugin:3000
      SANDBOX_URL: http://sandbox:3000
      REDIS_URL: redis://default:fg-1204@redis:6379
    volumes:
      - ./config.json:/app/data/config.json
  pg:
    image: pgvector/pgvector:0.8.0-pg15
    restart: always
    volumes:
      - ./pg:/var/lib/postgresql/data
    networks: [data]
  redis:
    image: redis:7.2-alpine
    command: redis-server --requirepass fg-1204
    networks: [data]
  sandbox:
    image: ghcr.io/labring/fastgpt-sandbox:v4.14.7
    networks: [data]
  plugin:
    image: ghcr.io/labring/fastgpt-plugin:v0.5.4
    networks: [data]
networks:
  data:
"""
LINES = COMPOSE.splitlines()


@pytest.mark.parametrize("line", range(2, len(LINES)))
@pytest.mark.parametrize("broken", ["\t\t{}", "{}: : '"])
def test_a_line_that_cannot_be_read_is_all_that_is_found(line: int, broken: str) -> None:
    text = "\n".join([*LINES[:line], broken.format(LINES[line].lstrip()), *LINES[line + 1 :]])
    report = stackmend.lint(files={"/p/compose.yaml": text, "/p/config.json": "{}"}, isolated=True)
    errors = {d.rule.code for d in report.diagnostics if d.severity.value != "info"}
    before = stackmend.lint(files={"/p/compose.yaml": COMPOSE, "/p/config.json": "{}"}, isolated=True)
    known = {d.rule.code for d in before.diagnostics if d.severity.value != "info"}
    assert "CMP001" in errors
    # Without its end the file says less: what is said of the whole of it may go, and nothing may come.
    assert errors - known == {"CMP001"}
