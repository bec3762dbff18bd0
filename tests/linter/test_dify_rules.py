"""The rules for Dify beside their pages: one change to a real release, odd settings, no secret shown."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackmend.linter.config import Overrides
from stackmend.linter.diagnostic import Severity
from stackmend.linter.report import Report
from stackmend.linter.rules import all_rules
from stackmend.linter.session import Request, run
from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.workspace import Workspace

RULES = tuple(r for r in all_rules() if r.family in ("DFY", "NGX"))
JUDGED = frozenset(
    ["DFY003", "DFY004", "DFY012", "DFY014", "DFY015", "DFY030", "DFY031", "DFY032", "DFY040", "DFY060", "DFY070"]
) | {"DFY080", "DFY081", "DFY092", "NGX015", "NGX018"}
SECRET = "s3cret-0000-never-shown"


def lint(files: dict[str, str]) -> Report:
    data = {f"/project/{path}": text.encode("utf-8", "surrogateescape") for path, text in files.items()}
    over = Overrides(show_secrets=True)
    return run(Request(("/project",), "/project", over, isolated=True), Workspace(MemoryFiles(data)), RULES).report


def found(files: dict[str, str]) -> set[str]:
    report = lint(files)
    assert not report.errors
    return {d.rule.code for d in report.diagnostics if d.severity is not Severity.INFO} & JUDGED


def with_settings(files: dict[str, str], **settings: str) -> dict[str, str]:
    """The files with these lines of `.env` written anew, or added."""
    text = files[".env"]
    for name, value in settings.items():
        line = f"{name}={value}"
        text, count = re.subn(rf"(?m)^{name}=.*$", line, text)
        text += "" if count else f"\n{line}\n"
    return {**files, ".env": text}


Release = Callable[[str], dict[str, str]]
CHANGES = [
    pytest.param({"CONSOLE_API_URL": "http://dify.example.com"}, "DFY015", id="an address for all but files"),
    pytest.param(
        {"CONSOLE_API_URL": "https://dify.example.com", "FILES_URL": "https://dify.example.com"},
        "DFY014",
        id="https for the API alone",
    ),
    pytest.param({"FILES_URL": "http://localhost"}, "DFY015", id="files on localhost"),
    pytest.param({"STORAGE_TYPE": "aliyun-oss", "ALIYUN_OSS_BUCKET_NAME": ""}, "DFY032", id="the example's bucket"),
    pytest.param({"PLUGIN_STORAGE_TYPE": "aws_s3"}, "DFY032", id="plugins on S3 without a region"),
    pytest.param({"NOTION_INTEGRATION_TYPE": "internal"}, "DFY040", id="an internal integration without its secret"),
    pytest.param({"MAIL_TYPE": "smtp", "SMTP_SERVER": "smtp.example.com"}, "DFY060", id="mail without a sender"),
    pytest.param({"VECTOR_STORE": "tencent", "TENCENT_VECTOR_DB_URL": ""}, "", id="a store with its fallback"),
    pytest.param({"VECTOR_STORE": "upstash"}, "DFY004", id="a store elsewhere, as the example file fills it"),
    pytest.param({"REDIS_USE_SSL": "true"}, "DFY080", id="TLS for one of two connections"),
    pytest.param({"DB_TYPE": "mysql", "COMPOSE_PROFILES": "weaviate,postgresql"}, "DFY081", id="MySQL on PostgreSQL"),
    pytest.param({"DEBUG": "true"}, "", id="debugging on a machine without an address"),
    pytest.param(
        {
            "CONSOLE_API_URL": "https://a.example.com",
            "CONSOLE_WEB_URL": "https://b.example.com",
            "FILES_URL": "http://c",
        },
        "DFY014",
        id="page and API under two names",
    ),
]


@pytest.mark.parametrize(("settings", "code"), CHANGES)
def test_one_change_to_a_release_gives_the_finding_that_it_deserves(
    release: Release, settings: dict[str, str], code: str
) -> None:
    files = release("1.11.4")
    assert found(files) == set()
    assert found(with_settings(files, **settings)) == ({code} if code else set())


@pytest.mark.parametrize(
    ("version", "path"),
    [
        pytest.param("0.6.8", "/files", id="0.6.8, plain files"),
        pytest.param("0.12.1", "/files", id="0.12.1, templates"),
        pytest.param("1.4.3", "/e/", id="1.4.3, plugins"),
        pytest.param("1.11.4", "/triggers", id="1.11.4, triggers"),
    ],
)
def test_a_route_taken_out_of_a_release_is_named_and_put_back(release: Release, version: str, path: str) -> None:
    files = release(version)
    name = next(p for p in files if p.startswith("nginx/conf.d/default.conf"))
    block = re.compile(rf"(?m)^ *location {path} \{{[^}}]*\}}\n")
    assert found(files) == set()
    assert block.search(files[name])
    report = lint({**files, name: block.sub("", files[name])})
    missing = [d for d in report.diagnostics if d.rule.code == "NGX018"]
    assert [d.place.document.path for d in missing] == [f"/project/{name}"]
    assert f"no location names `{path}`," in missing[0].message


@pytest.mark.parametrize("version", ["0.6.8", "0.12.1", "1.4.3", "1.11.4", "1.16.0"])
def test_a_release_whose_nginx_buffers_is_found_once(release: Release, version: str) -> None:
    files = release(version)
    name = next(p for p in files if p.startswith("nginx/proxy.conf"))
    assert "proxy_buffering off;" in files[name]
    report = lint({**files, name: files[name].replace("proxy_buffering off;", "")})
    assert [d.rule.code for d in report.diagnostics if d.rule.code in JUDGED] == ["NGX015"]


COMPOSE = """\
services:
  api:
    image: langgenius/dify-api:{version}
    environment: {{MODE: api, DB_HOST: db, {settings}}}
    volumes: ['{mount}']
  worker:
    image: langgenius/dify-api:{version}
    environment: {{MODE: worker, {settings}}}
  web:
    image: langgenius/dify-web:{version}
    environment: {{{settings}}}
  plugin_daemon:
    image: langgenius/dify-plugin-daemon:0.5.2-local
    environment: {{{settings}}}
  db:
    image: postgres:15-alpine
  ssrf_proxy:
    image: ubuntu/squid:5.2-22.04_beta
"""
NAMES = [
    *("CONSOLE_API_URL", "CONSOLE_WEB_URL", "FILES_URL", "COOKIE_DOMAIN", "STORAGE_TYPE", "STORAGE_LOCAL_PATH"),
    *("OPENDAL_SCHEME", "MAIL_TYPE", "SMTP_SERVER", "NOTION_INTEGRATION_TYPE", "NOTION_CLIENT_ID", "VECTOR_STORE"),
    *(
        "CELERY_BROKER_URL",
        "CELERY_USE_SENTINEL",
        "REDIS_HOST",
        "REDIS_PASSWORD",
        "REDIS_USE_SSL",
        "DB_TYPE",
        "DB_PORT",
    ),
    *("SSRF_PROXY_HTTP_URL", "PLUGIN_STORAGE_TYPE", "DEBUG", "DEPLOY_ENV", "QDRANT_URL", "S3_ENDPOINT"),
]
VALUES = [
    *("", "true", "smtp", "resend", "public", "internal", "local", "opendal", "fs", "s3", "aws_s3", "qdrant", "mysql"),
    *(
        "http://a.example.com",
        "https://b.example.com:99999",
        "http://[::1",
        "redis://:x@db:6379/1",
        "sentinel://",
        "db",
    ),
    *("../..", "/", "5432", "²", "${X}", "$$", "127.0.0.1", "..", "a b"),
]


@given(
    st.dictionaries(st.sampled_from(NAMES), st.sampled_from(VALUES), max_size=12),
    st.sampled_from(["1.11.4", "0.6.8", "latest", "99.0.0"]),
    st.sampled_from(["./a:/app/api/storage", "a:/", ":/", "/app/api", "./a:/app/api/storage/privkeys", "${X}:/y"]),
)
def test_no_settings_however_odd_make_a_rule_fail_or_show_a_secret(
    settings: dict[str, str], version: str, mount: str
) -> None:
    broker = settings.get("CELERY_BROKER_URL") or f"redis://:{SECRET}@cache.example.com:6379/1"
    settings = {
        "REDIS_HOST": "cache.example.com",
        **settings,
        "CELERY_BROKER_URL": broker,
        "REDIS_PASSWORD": SECRET[1:],
    }
    written = ", ".join(f'{name}: "{value}"' for name, value in settings.items())
    report = lint({"compose.yaml": COMPOSE.format(version=version, settings=written, mount=mount)})
    assert not [error for error in report.errors if "internal error" in error]
    judged = [d for d in report.diagnostics if d.rule.code in JUDGED]
    assert not [d.message for d in judged if SECRET[1:] in d.message]
