"""Whatever Compose refuses is told by one rule, once."""

from __future__ import annotations

import pytest

from stackmend.linter.config import Overrides
from stackmend.linter.rules import all_rules
from stackmend.linter.session import Request, run
from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.models.compose import load_project
from stackmend.schemas.models.project import REFUSALS, Options
from stackmend.schemas.workspace import Workspace

ENV = "COMPOSE_PROJECT_NAME=shop\n"
WEB = "services:\n  web:\n    image: nginx:1.27\n"
BOMB = "x-0: &a0 [a]\n" + "".join(f"x-{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 8))


# Kind of problem, the rule that tells it, and files that have it.
MISTAKES: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("alias-cycle", "CMP037", {"compose.yaml": WEB + "x-a: &a\n  b: *a\n"}),
    (
        "cannot-merge",
        "CMP039",
        {
            "compose.yaml": WEB + "    healthcheck: {test: web}\n",
            "compose.override.yaml": "services:\n  web:\n    healthcheck: [CMD, web]\n",
        },
    ),
    ("dependency-cycle", "CMP015", {"compose.yaml": WEB + "    links: [api]\n  api: {image: a:1, links: [web]}\n"}),
    (
        "duplicate-container-name",
        "CMP017",
        {"compose.yaml": WEB + "    container_name: one\n  api: {image: a:1, container_name: one}\n"},
    ),
    ("duplicate-mount-target", "CMP024", {"compose.yaml": WEB + "    volumes: [/tmp]\n    tmpfs: [/tmp]\n"}),
    ("empty-file", "CMP033", {"compose.yaml": "# nothing yet\n"}),
    ("empty-mapping", "CMP031", {"compose.yaml": WEB + "    depends_on:\n"}),
    (
        "extends-cycle",
        "CMP037",
        {"compose.yaml": WEB + "    extends: api\n  api: {image: a:1, extends: web}\n"},
    ),
    ("file-missing", "CMP020", {"compose.yaml": WEB + "    env_file: web.env\n"}),
    ("file-missing", "CMP033", {"compose.yaml": WEB + "    extends: {file: base.yml, service: base}\n"}),
    ("inactive-dependency", "CMP014", {"compose.yaml": WEB + "    links: [api]\n  api: {image: a:1, profiles: [p]}\n"}),
    ("include-cycle", "CMP037", {"compose.yaml": "include: [base.yml]\n" + WEB, "base.yml": "include: [base.yml]\n"}),
    ("invalid-env-file", "CMP003", {"compose.yaml": WEB + "    env_file: [{path: .env, format: toml}]\n"}),
    ("invalid-environment", "CMP011", {"compose.yaml": WEB + "    environment:\n      - A: b\n"}),
    ("invalid-environment", "CMP009", {"compose.yaml": WEB + "    environment:\n      A: 2024-01-01\n"}),
    ("invalid-environment", "CMP011", {"compose.yaml": WEB + "    environment:\n      - 2024-01-01\n"}),
    ("invalid-environment", "CMP011", {"compose.yaml": WEB + "    environment:\n      - {}\n"}),
    ("invalid-environment", "CMP003", {"compose.yaml": WEB + "    environment:\n      A: [b]\n"}),
    ("invalid-extends", "CMP003", {"compose.yaml": WEB + "    extends: {file: base.yml}\n", "base.yml": WEB}),
    ("invalid-extra-host", "CMP038", {"compose.yaml": WEB + "    extra_hosts: [gateway]\n"}),
    ("invalid-healthcheck", "CMP038", {"compose.yaml": WEB + "    healthcheck: {test: [curl, localhost]}\n"}),
    ("invalid-include", "CMP003", {"compose.yaml": WEB + "include: {path: base.yml}\n", "base.yml": WEB}),
    ("invalid-interpolation", "CMP004", {"compose.yaml": WEB + "    user: ${A.B}\n"}),
    ("invalid-port", "CMP035", {"compose.yaml": WEB + "    ports: ['80:80/http']\n"}),
    ("invalid-project-name", "CMP038", {"compose.yaml": "name: ÄÖ\n" + WEB, ".env": ""}),
    ("invalid-resource", "CMP038", {"compose.yaml": WEB + "secrets:\n  a: {file: ./a, environment: A}\n"}),
    ("invalid-type", "CMP003", {"compose.yaml": WEB + "    mem_limit: much\n"}),
    ("invalid-volume", "CMP036", {"compose.yaml": WEB + "    volumes: ['./a:/b:/c:ro']\n"}),
    ("merge-of-non-map", "CMP026", {"compose.yaml": WEB + "    environment:\n      <<: text\n"}),
    ("missing-image", "CMP038", {"compose.yaml": "services:\n  web:\n    restart: always\n"}),
    ("network-mode-conflict", "CMP025", {"compose.yaml": WEB + "    network_mode: none\n    networks: [default]\n"}),
    ("non-string-key", "CMP003", {"compose.yaml": WEB + "    environment:\n      1: a\n"}),
    ("not-a-mapping", "CMP003", {"compose.yaml": "services:\n  web: nginx\n"}),
    ("not-a-mapping", "CMP003", {"compose.yaml": "- services\n"}),
    ("required-variable", "CMP034", {"compose.yaml": WEB + "    user: ${A:?}\n"}),
    (
        "scaled-container-name",
        "CMP038",
        {"compose.yaml": WEB + "    container_name: one\n    deploy: {replicas: 2}\n"},
    ),
    (
        "too-many-nodes",
        "CMP037",
        {"compose.yaml": WEB + BOMB},
    ),
    ("undefined-config", "CMP013", {"compose.yaml": WEB + "    configs: [a]\n"}),
    ("undefined-network", "CMP013", {"compose.yaml": WEB + "    networks: [a]\n"}),
    ("undefined-secret", "CMP013", {"compose.yaml": WEB + "    secrets: [a]\n"}),
    ("undefined-service", "CMP012", {"compose.yaml": WEB + "    links: [api]\n"}),
    ("undefined-volume", "CMP013", {"compose.yaml": WEB + "    volumes: ['data:/a']\n"}),
    ("undefined-volume", "CMP023", {"compose.yaml": WEB + "    volumes: ['data/b:/a']\n"}),
    ("unreadable", "CMP020", {"compose.yaml": WEB + "    env_file: web.env\n", "web.env": "A=" + "x" * 10_000_001}),
)


def test_every_kind_that_compose_refuses_is_among_the_mistakes() -> None:
    assert {kind for kind, _, _ in MISTAKES} == REFUSALS


@pytest.mark.parametrize(
    ("kind", "code", "files"), [pytest.param(*m, id=f"{m[0]} is {m[1]} ({i})") for i, m in enumerate(MISTAKES)]
)
def test_each_kind_is_told_by_one_rule_and_once(kind: str, code: str, files: dict[str, str]) -> None:
    contents = {f"/shop/{name}": text.encode() for name, text in {".env": ENV, **files}.items()}
    workspace = Workspace(MemoryFiles(contents))
    project = load_project(workspace, "/shop", Options())
    problems = (*project.problems, *(p for tree in project.files for p in tree.problems))
    assert kind in {problem.kind for problem in problems}
    compose = [rule for rule in all_rules() if rule.family == "CMP"]
    report = run(Request(("/shop",), "/shop", Overrides(), isolated=True), Workspace(MemoryFiles(contents)), compose)
    errors = [d.rule.code for d in report.report.diagnostics if d.severity.value != "info"]
    assert errors == [code]
