"""Mistakes that Dify's FAQ speaks of, made in real releases of each layout, are found where a person mends them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from stackmend.linter.config import Overrides
from stackmend.linter.report import Reported
from stackmend.linter.rules import all_rules
from stackmend.linter.session import Request, run
from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.workspace import Workspace

Release = Callable[[str], dict[str, str]]
RULES = tuple(all_rules())
# Published secrets are right in every release, and so is what is only worth knowing.
EXPECTED = ("STK008",)


def lint(files: dict[str, str]) -> list[Reported]:
    data = {f"/project/docker/{path}": text.encode() for path, text in files.items()}
    workspace = Workspace(MemoryFiles(data))
    request = Request(("/project/docker",), "/project", Overrides(), isolated=True, shell={})
    report = run(request, workspace, RULES).report
    assert not report.errors
    return [d for d in report.diagnostics if d.rule.code not in EXPECTED]


def changed(files: dict[str, str], path: str, *edits: tuple[str, str]) -> dict[str, str]:
    """The files after texts were replaced, all of them there; a pattern `^NAME=` sets a variable of an env file."""
    text = files.get(path, "")
    for old, new in edits:
        if old.startswith("^"):
            text, count = re.subn(f"(?m){old}.*$", new.replace("\\", r"\\"), text)
            text += "" if count else f"\n{new}\n"
        else:
            assert old in text, (path, old)
            text = text.replace(old, new)
    return {**files, path: text}


COMPOSE, CONF, PROXY = "docker-compose.yaml", "nginx/conf.d/default.conf", "nginx/conf.d/default.conf.template"
INLINE, ANCHORS, ONE_ENV, FRAGMENTS = "0.6.8", "0.15.3", "1.11.4", "1.16.0"


def env(**settings: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    return ".env", tuple((f"^{name}=", f"{name}={value}") for name, value in settings.items())


URLS = ("CONSOLE_API_URL", "CONSOLE_WEB_URL", "SERVICE_API_URL", "APP_API_URL", "APP_WEB_URL", "FILES_URL")
AT = dict.fromkeys(URLS, "http://192.168.7.7")
S3 = {"STORAGE_TYPE": "s3", "S3_BUCKET_NAME": "files", "S3_ACCESS_KEY": "a-key-of-mine", "S3_SECRET_KEY": "one-of-mine"}
SMTP = {"MAIL_TYPE": "smtp", "SMTP_SERVER": "mail.example.org", "MAIL_DEFAULT_SEND_FROM": "dify@example.org"} | {
    "CONSOLE_WEB_URL": "http://localhost"
}

MISTAKES = [
    # D2 keys and files
    pytest.param(
        ANCHORS, COMPOSE, (("./volumes/app/storage:/app/api/storage", "./s:/app/storage"),),
        "DFY030", id="D2",
    ),
    pytest.param(ONE_ENV, *env(OPENDAL_FS_ROOT="/data/files"), "DFY030", id="D2-moved"),
    pytest.param(ONE_ENV, *env(STORAGE_TYPE="aws-s3"), "DFY032", id="D2-no-such-store"),
    pytest.param(ONE_ENV, *env(**S3, S3_ENDPOINT="http://localhost:9000"), "STK001", id="D2-store-on-localhost"),
    pytest.param(ONE_ENV, *env(PLUGIN_STORAGE_TYPE="s3"), "DFY032", id="D2-no-such-store-for-plugins"),
    # D3, D4, D8 addresses
    pytest.param(
        INLINE, COMPOSE, (("ALLOW_ORIGINS: '*'", "ALLOW_ORIGINS: 'http://a.example.org/apps'"),),
        "DFY013", id="D3",
    ),
    pytest.param(
        INLINE, COMPOSE, (("CONSOLE_API_URL: ''", "CONSOLE_API_URL: http://a.example.org/"),),
        "DFY010", id="D4",
    ),
    pytest.param(ANCHORS, *env(CONSOLE_API_URL="http://192.168.7.7:3000"), "DFY011", id="D4-port-of-the-page"),
    pytest.param(ONE_ENV, *env(**AT, EXPOSE_NGINX_PORT="8080"), "DFY011", id="D8-another-port"),
    pytest.param(FRAGMENTS, *env(CONSOLE_API_URL="a.example.org"), "DFY010", id="D8-no-scheme"),
    pytest.param(ONE_ENV, *env(FILES_URL="http://api:5001"), "STK018", id="D8-a-service-for-browsers"),
    # D5 upgrades
    pytest.param(ONE_ENV, COMPOSE, (("dify-web:1.11.4", "dify-web:1.10.0"),), "STK011", id="D5"),
    pytest.param(
        ONE_ENV, COMPOSE, (("dify-plugin-daemon:0.5.2", "dify-plugin-daemon:0.1.1"),),
        "STK011", id="D5-daemon",
    ),
    pytest.param(ONE_ENV, *env(MIGRATION_ENABLED="True"), "STK013", id="D5-no-migration"),
    pytest.param(ONE_ENV, COMPOSE, (("weaviate:1.27.0", "weaviate:1.19.0"),), "STK020", id="D5-store-too-old"),
    pytest.param(INLINE, COMPOSE, (("      MODE: worker\n", ""),), "STK021", id="D5-no-worker"),
    # D6 Notion
    pytest.param(ONE_ENV, *env(NOTION_INTEGRATION_TYPE="private"), "DFY040", id="D6"),
    # D10 addresses from inside
    pytest.param(INLINE, COMPOSE, (("DB_HOST: db", "DB_HOST: localhost"),), "STK001", id="D10"),
    pytest.param(ONE_ENV, *env(CODE_EXECUTION_ENDPOINT="http://127.0.0.1:8194"), "STK001", id="D10-sandbox"),
    pytest.param(ONE_ENV, *env(PLUGIN_DAEMON_URL="http://plugin_daemon:5003"), "STK004", id="D10-the-debugger"),
    pytest.param(ONE_ENV, *env(SANDBOX_PORT="8195"), "STK004", id="D10-a-port-moved-on-one-side"),
    pytest.param(ONE_ENV, *env(WEAVIATE_ENDPOINT="weaviate:8080"), "STK013", id="D10-no-scheme"),
    pytest.param(ONE_ENV, *env(DB_HOST="db"), "STK002", id="D10-the-name-of-another-release"),
    pytest.param(ONE_ENV, *env(CELERY_BROKER_URL="redis://redis:6379/1"), "STK005", id="D10-no-password"),
    pytest.param(ONE_ENV, *env(REDIS_PASSWORD="one-of-mine"), "STK005", id="D10-half-a-password"),
    pytest.param(ONE_ENV, *env(REDIS_USE_SENTINEL="true"), "DFY080", id="D10-no-sentinels"),
    pytest.param(ONE_ENV, *env(DB_TYPE="mysql", DB_HOST="db_mysql"), "DFY081", id="D10-half-a-database"),
    # D11 uploads
    pytest.param(ANCHORS, *env(UPLOAD_FILE_SIZE_LIMIT="500"), "NGX014", id="D11"),
    pytest.param(
        FRAGMENTS, "envs/core-services/shared.env", (("^UPLOAD_FILE_SIZE_LIMIT=", "UPLOAD_FILE_SIZE_LIMIT=500"),),
        "NGX014", id="D11-fragment",
    ),
    pytest.param(ONE_ENV, *env(UPLOAD_FILE_SIZE_LIMIT="52428800"), "DFY050", id="D11-bytes"),
    pytest.param(ONE_ENV, *env(NGINX_CLIENT_MAX_BODY_SIZE="100"), "DFY050", id="D11-no-letter"),
    pytest.param(ONE_ENV, *env(NGINX_CLIENT_MAX_BODY_SIZE="5M"), "NGX014", id="D11-lowered"),
    # D12 mail
    pytest.param(ONE_ENV, *env(MAIL_TYPE="stmp"), "DFY060", id="D12"),
    pytest.param(ONE_ENV, *env(**SMTP, SMTP_PORT="587"), "DFY060", id="D12-port"),
    # D14 ports
    pytest.param(ONE_ENV, *env(EXPOSE_NGINX_PORT="443"), "CMP018", id="D14"),
    pytest.param(
        ONE_ENV, COMPOSE, (('"${EXPOSE_NGINX_PORT:-80}:${NGINX_PORT:-80}"', '"8080:8080"'),),
        "STK022", id="D14-dodged",
    ),
    # D16 mounts
    pytest.param(INLINE, COMPOSE, (("./nginx/nginx.conf:", "./nginx.conf:"),), "CMP021", id="D16"),
    # D17 vector stores
    pytest.param(ONE_ENV, *env(VECTOR_STORE="quadrant"), "DFY002", id="D17"),
    pytest.param(
        ONE_ENV, *env(VECTOR_STORE="qdrant", COMPOSE_PROFILES="weaviate,postgresql", QDRANT_API_KEY="mine"),
        "STK009", id="D17-profile",
    ),
    pytest.param(
        ONE_ENV, *env(VECTOR_STORE="qdrant", QDRANT_API_KEY="mine", QDRANT_URL="http://qdrant:6334"),
        "STK004", id="D17-port",
    ),
    pytest.param(
        FRAGMENTS, "envs/core-services/shared.env", (("^VECTOR_STORE=", "VECTOR_STORE=qdrant"),),
        "ENV014", id="D17-fragment",
    ),
    # D18 proxy
    pytest.param(ONE_ENV, *env(SSRF_PROXY_HTTP_URL="http://ssrf_proxy:3129"), "SQD009", id="D18"),
    # D20 nginx
    pytest.param(INLINE, CONF, (("http://web:3000", "http://127.0.0.1:3000"),), "NGX020", id="D20"),
    pytest.param(INLINE, CONF, (("http://api:5001", "http://172.18.0.6:5001"),), "NGX012", id="D20-pasted"),
    pytest.param(ONE_ENV, PROXY, (("http://web:3000", "http://web:80"),), "NGX011", id="D20-port"),
    # and what comes with none of these
    pytest.param(ONE_ENV, *env(LOG_LEVEL="info"), "STK013", id="log-level"),
]  # fmt: skip


@pytest.mark.parametrize(("version", "path", "edits", "code"), MISTAKES)
def test_a_mistake_in_a_release_is_found_by_the_rule_for_it_and_no_other(
    release: Release, version: str, path: str, edits: tuple[tuple[str, str], ...], code: str
) -> None:
    found = [d for d in lint(changed(release(version), path, *edits)) if d.severity.value != "info"]
    assert {d.rule.code for d in found} == {code}


@pytest.mark.parametrize("version", [INLINE, ANCHORS, ONE_ENV, FRAGMENTS])
def test_the_release_itself_has_none_of_them(release: Release, version: str) -> None:
    assert [d.message for d in lint(release(version)) if d.severity.value != "info"] == []
