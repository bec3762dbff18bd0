"""Mistakes that FastGPT's FAQ speaks of, made in real releases of each layout, are found where a person mends them."""

from __future__ import annotations

import os

import pytest

import stackmend
from stackmend.linter.report import Reported
from stackmend.linter.rules import all_rules

CORPUS = os.path.join(os.path.dirname(__file__), *[os.pardir] * 3, "shared", "corpus", "dev", "fastgpt")
COMPOSE, CONFIG = "docker-compose.yml", "config.json"
OLDEST, LIST, MILVUS, GATEWAY = "v4.6.9/default", "v4.8.11/pgvector", "v4.8.11/milvus", "v4.9.14/pgvector"
ANCHORS, OCEANBASE = "v4.14.7/cn-pg", "v4.15.1/v4.14-cn-oceanbase"
SEEKDB, OPENGAUSS = "v4.15.1/v4.15-cn-seekdb", "v4.15.1/v4.15-cn-opengauss"
SEEKDB_SETTING = "  SEEKDB_URL: mysql://root:seekdbpassword@fastgpt-vector:2881/mysql"
# Published secrets are right in every release.
EXPECTED = ("STK008",)

MODEL_NETWORK = """
  xinference:
    image: xprobe/xinference:v0.15.0
    networks:
      - models
networks:
  models:
  fastgpt:
"""


def files_of(release: str) -> dict[str, str]:
    folder, files = os.path.realpath(os.path.join(CORPUS, release)), dict[str, str]()
    if not os.path.isdir(folder):
        pytest.skip("the test-data folder is not there")
    for name in (COMPOSE, CONFIG):
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            with open(path, encoding="utf-8", newline="") as file:
                files[name] = file.read()
    return files


def lint(files: dict[str, str]) -> list[Reported]:
    report = stackmend.lint(files={f"/project/{path}": text for path, text in files.items()}, isolated=True)
    assert not report.errors
    return [d for d in report.diagnostics if d.rule.code not in EXPECTED and d.severity.value != "info"]


MISTAKES = [
    # F1.2, F2.5 the gateway
    pytest.param(LIST, COMPOSE, "http://oneapi:3000/v1", "http://oneapi:3000", "FGP010", id="F1.2"),
    pytest.param(LIST, COMPOSE, "oneapi:3000/v1", "oneapi:3000/v1/chat/completions", "FGP010", id="F1.2-whole-path"),
    pytest.param(LIST, COMPOSE, "http://oneapi:3000/v1", "http://localhost:3001/v1", "STK001", id="F1.2-localhost"),
    pytest.param(LIST, COMPOSE, "oneapi:3000/v1", "oneapi:3001/v1", "STK004", id="F1.2-the-port-of-the-host"),
    pytest.param(LIST, COMPOSE, "CHAT_API_KEY=sk-fastgpt", "CHAT_API_KEY=Bearer sk-one", "FGP011", id="F2.5"),
    pytest.param(LIST, COMPOSE, "CHAT_API_KEY=", "OPENAI_API_KEY=", "FGP011", id="F2.5-another-name"),
    pytest.param(SEEKDB, COMPOSE, "aiproxy:3000\n", "aiproxy:3000/v1\n", "FGP010", id="F1.2-ai-proxy"),
    # F2.6, F2.10 models
    pytest.param(LIST, CONFIG, '"model": "gpt-4o-mini"', '"model": "chatglm2-6b"', "FGP004", id="F2.6"),
    pytest.param(LIST, CONFIG, '"vectorModels"', '"VectorModels"', "FGP002", id="F2.10-key-of-another-release"),
    pytest.param(LIST, CONFIG, '"datasetProcess": true', '"datasetProcess": false', "FGP005", id="F2.10-none-for-it"),
    # F2.7, F3.2, F3.3 the file
    pytest.param(OLDEST, CONFIG, '"reRankModels": []', '"reRankModels": [],,', "JSN001", id="F2.7"),
    pytest.param(OLDEST, CONFIG, '"vectorMaxProcess": 15', '"vectorMaxProcess"：15', "JSN001", id="F2.7-full-width"),
    pytest.param(LIST, COMPOSE, "/app/data/config.json", "/app/config.json", "FGP001", id="F3.3"),
    pytest.param(LIST, COMPOSE, "./config.json:", "./config.local.json:", "CMP021", id="F3.2"),
    pytest.param(LIST, COMPOSE, "- ./config.json:", "- config.json:", "CMP023", id="F3.2-no-path"),
    # F3.4 variables
    pytest.param(SEEKDB, COMPOSE, "  CODE_SANDBOX_URL:", "  SANDBOX_URL:", "STK015", id="F3.4-old-name"),
    pytest.param(SEEKDB, COMPOSE, "LOG_CONSOLE_LEVEL: debug", "LOG_CONSOLE_LEVEL: warn", "STK013", id="F3.4-level"),
    pytest.param(SEEKDB, COMPOSE, "_FILE_MAX_SIZE: 1000", "_FILE_MAX_SIZE: 500M", "STK013", id="F3.4-unit"),
    pytest.param(SEEKDB, COMPOSE, "fastgpt_invoke_token_secret_32_chars_min", "inv-20f8d1", "FGP050", id="F3.4-short"),
    # F3.5, F3.6 local models
    pytest.param(LIST, COMPOSE, "\nnetworks:\n  fastgpt:", MODEL_NETWORK, "FGP040", id="F3.6"),
    # F3.7 ports
    pytest.param(LIST, COMPOSE, "- 3000:3000", "- 3001:3000", "CMP018", id="F3.7"),
    pytest.param(LIST, COMPOSE, "- 3000:3000", "- 3002:3002", "STK022", id="F3.7-both-numbers"),
    pytest.param(LIST, COMPOSE, "- 27017:27017", "- 27018:27018", "STK022", id="F3.7-mongo"),
    # F3.8 vector stores
    pytest.param(LIST, COMPOSE, "pgvector/pgvector:0.7.0-pg15", "postgres:15", "FGP030", id="F3.8"),
    pytest.param(LIST, COMPOSE, "POSTGRES_PASSWORD=password", "POSTGRES_PASSWORD=mine-1204", "STK005", id="F3.8-pg"),
    pytest.param(MILVUS, COMPOSE, "Standalone:19530", "Standalone:9091", "STK004", id="F3.8-milvus-port"),
    pytest.param(OCEANBASE, COMPOSE, "OB_TENANT_NAME=tenantname", "OB_TENANT_NAME=mine", "STK005", id="F3.8-tenant"),
    pytest.param(OCEANBASE, COMPOSE, "vector:2881/mysql", "vector:3306/mysql", "STK004", id="F3.8-oceanbase-port"),
    pytest.param(SEEKDB, COMPOSE, "ROOT_PASSWORD=seekdbpassword", "ROOT_PASSWORD=mine-7", "STK005", id="F3.8-seekdb"),
    pytest.param(OPENGAUSS, COMPOSE, "FastGPT@123", "fastgpt", "FGP050", id="F3.8-opengauss"),
    pytest.param(SEEKDB, COMPOSE, SEEKDB_SETTING, "  SYNC_INDEX: true", "FGP031", id="F3.8-none"),
    pytest.param(SEEKDB, COMPOSE, "  SEEKDB_URL:", "  SEEKDB_ULR:", "STK014", id="F3.8-misspelt"),
    pytest.param(SEEKDB, COMPOSE, "MAX_LOOP_TIMES: 100", "MAX_LOOP_TIMES: 8", "STK013", id="F3.4-limit"),
    # F3.9, F3.10 mongo
    pytest.param(LIST, COMPOSE, "mypassword", "my@word", "STK006", id="F3.9-encoding"),
    pytest.param(LIST, COMPOSE, "fastgpt?authSource=admin", "fastgpt&authSource=admin", "FGP022", id="F3.9-separator"),
    pytest.param(LIST, COMPOSE, "?authSource=admin", "", "FGP022", id="F3.9-source"),
    pytest.param(ANCHORS, COMPOSE, "ROOT_PASSWORD=mypassword", "ROOT_PASSWORD=mine-20", "STK005", id="F3.9-password"),
    pytest.param(LIST, COMPOSE, "chmod 400 /data", "chmod 644 /data", "FGP021", id="F3.9-key-file"),
    pytest.param(LIST, COMPOSE, " --replSet rs0", "", "FGP020", id="F3.10"),
    pytest.param(LIST, COMPOSE, 'host: "mongo:27017"', 'host: "mongodb:27017"', "FGP020", id="F3.10-member"),
    pytest.param(LIST, COMPOSE, "mongo:5.0.18 #", "mongo:7.0 #", "STK020", id="F3.10-shell"),
    pytest.param(GATEWAY, COMPOSE, "mypassword@redis", "mine@redis", "STK005", id="F3.10-redis"),
    # and what comes with none of these
    pytest.param(SEEKDB, COMPOSE, "192.168.0.2:9000", "192.168.7.7:9001", "FGP032", id="storage-pages"),
    pytest.param(SEEKDB, COMPOSE, "192.168.0.2:9000", "localhost:9000", "FGP060", id="storage-localhost"),
    pytest.param(SEEKDB, COMPOSE, "      FE_DOMAIN:\n", "      FE_DOMAIN: a.example.org\n", "FGP060", id="no-scheme"),
    pytest.param(SEEKDB, COMPOSE, "VENDOR: minio", "VENDOR: oss", "FGP032", id="another-cloud"),
    pytest.param(SEEKDB, COMPOSE, "KEY: *x-aiproxy-token", "KEY: mine-4471", "STK010", id="token-of-ai-proxy"),
]


@pytest.mark.parametrize(("release", "path", "old", "new", "code"), MISTAKES)
def test_a_mistake_in_a_release_is_found_by_the_rule_for_it_and_no_other(
    release: str, path: str, old: str, new: str, code: str
) -> None:
    files = files_of(release)
    assert old in files[path]
    known = {(d.rule.code, d.place.text) for d in lint(files)}
    found = {d.rule.code for d in lint({**files, path: files[path].replace(old, new)})}
    assert found - {code for code, _ in known} == {code}


def test_every_entry_that_a_rule_names_is_broken_here() -> None:
    named = {entry for rule in all_rules() for entry in rule.faq if entry.startswith("F") and not rule.host}
    tried = {str(case.id).partition("-")[0] for case in MISTAKES}
    # How a model is reached is one matter with the networks of its container.
    assert named - tried <= {"F3.5"}


VARIATIONS = [
    pytest.param(LIST, "- 3000:3000", "- 8080:3000", id="another-port-on-the-host"),
    pytest.param(LIST, "- 3000:3000", "- 127.0.0.1:3000:3000", id="behind-a-proxy-on-the-host"),
    pytest.param(LIST, "container_name: mongo\n", "container_name: fastgpt-db\n", id="another-container-name"),
    pytest.param(LIST, "mongo:5.0.18 #", "mongo:4.4.29 #", id="mongo-without-avx"),
    pytest.param(LIST, "http://oneapi:3000/v1", "https://api.example.com/v1", id="a-gateway-elsewhere"),
    pytest.param(LIST, "?authSource=admin", "?authSource=admin&directConnection=true", id="a-direct-connection"),
    pytest.param(LIST, "LOG_LEVEL=info", "LOG_LEVEL=DEBUG", id="a-level-in-capitals"),
    pytest.param(LIST, "username:password@pg", "username:p%61ssword@pg", id="an-encoded-password"),
    pytest.param(OCEANBASE, "root%40tenantname:", "root%40tenantname%23obcluster:", id="the-cluster-named"),
    pytest.param(OCEANBASE, "root%40tenantname:tenantpassword", "root:obsyspassword", id="the-system-tenant"),
    pytest.param(SEEKDB, "      FE_DOMAIN:\n", "      FE_DOMAIN: https://ai.example.org\n", id="a-public-address"),
    pytest.param(SEEKDB, "192.168.0.2:9000", "files.example.org", id="storage-behind-a-proxy"),
    pytest.param(SEEKDB, "ALLOWED_ORIGINS:", "ALLOWED_ORIGINS: https://a.example.org", id="one-origin"),
    pytest.param(SEEKDB, "LOG_CONSOLE_LEVEL: debug", 'LOG_CONSOLE_LEVEL: ""', id="an-empty-level"),
    pytest.param(SEEKDB, "AGENT_ENGINE: default", "AGENT_ENGINE: fastAgent", id="another-engine"),
    pytest.param(SEEKDB, "  PLUGIN_BASE_URL: http://", "  PLUGIN_BASE_URL: HTTP://", id="a-scheme-in-capitals"),
    pytest.param(MILVUS, "http://milvusStandalone:19530", "milvusStandalone:19530", id="milvus-without-a-scheme"),
    pytest.param(GATEWAY, "redis://default:mypassword@", "redis://:mypassword@", id="redis-without-a-name"),
]


@pytest.mark.parametrize(("release", "old", "new"), VARIATIONS)
def test_what_works_otherwise_than_it_is_shipped_is_left_alone(release: str, old: str, new: str) -> None:
    files = files_of(release)
    assert old in files[COMPOSE]
    before = {(d.rule.code, d.message) for d in lint(files)}
    after = lint({**files, COMPOSE: files[COMPOSE].replace(old, new)})
    assert [d.message for d in after if (d.rule.code, d.message) not in before] == []
