"""What the tables say about the stack as a whole agrees with itself and with what the releases ship."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import jsonschema
import pytest

from stackmend.schemas.models.image import Version, in_range, parse_version
from stackmend.schemas.models.product import PRODUCTS, ProductTable, product_table, secret_hash
from stackmend.schemas.models.product_facts import Member, Need
from stackmend.schemas.models.server_details import server_details
from stackmend.schemas.models.servers import servers
from stackmend.schemas.models.variable_table import facts_of

from .conftest import FACTS, data, dify, rows, version

needs_facts = pytest.mark.skipif(not os.path.isdir(FACTS), reason="the test-data folder is not there")

# The services of Dify's own compose files, by role or server.
SERVICES = {
    "api": "api",
    "worker": "worker",
    "beat": "worker_beat",
    "plugin_daemon": "plugin_daemon",
    "sandbox": "sandbox",
    "agent_backend": "agent_backend",
    "local_sandbox": "local_sandbox",
    "web": "web",
    "redis": "redis",
    "weaviate": "weaviate",
    "elasticsearch": "elasticsearch",
    "couchbase": "couchbase-server",
    "oceanbase": "oceanbase",
    "seekdb": "seekdb",
    "opengauss": "opengauss",
    "vastbase": "vastbase",
    "mysql": "db_mysql",
}


def needs_by_release(table: ProductTable) -> Iterator[tuple[Version, Need]]:
    for release in map(version, ("0.6.12", "0.12.1", "1.16.1")):
        for name in table.stores(release):
            store = table.store_needs(name, release)
            yield from ((release, need) for need in (store.needs if store else ()))
        for selector in SELECTORS:
            yield from ((release, n) for choice in table.settings_of(selector, release).values() for n in choice.needs)


SELECTORS = ("STORAGE_TYPE", "OPENDAL_SCHEME", "MAIL_TYPE", "NOTION_INTEGRATION_TYPE", "DB_TYPE", "ETL_TYPE")
SCHEMA = data("facts.schema.json")


def errors(kind: str, document: Any) -> list[str]:
    checker: Any = jsonschema.Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": SCHEMA["$defs"]})
    return [str(error.json_path) for error in checker.iter_errors(document)]


def test_the_schema_of_the_facts_is_a_json_schema() -> None:
    checker: Any = jsonschema.Draft202012Validator
    checker.check_schema(SCHEMA)


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        pytest.param("dify.stack.json", "stack", id="dify-stack"),
        pytest.param("dify.variables.json", "variables", id="dify-variables"),
        pytest.param("fastgpt.stack.json", "stack", id="fastgpt-stack"),
        pytest.param("fastgpt.variables.json", "variables", id="fastgpt-variables"),
        pytest.param("fastgpt.config.json", "config", id="fastgpt-config"),
        pytest.param("images.details.json", "details", id="servers"),
    ],
)
def test_the_facts_keep_their_schema(file: str, kind: str) -> None:
    assert errors(kind, data(file)) == []


@pytest.mark.parametrize(
    ("kind", "document", "path"),
    [
        pytest.param(
            "stack", {"product": "x", "routes": {"paths": list[str]()}}, "$.routes", id="facts-without-source"
        ),
        pytest.param(
            "stack",
            {"product": "x", "routes": {"source": "somewhere else", "paths": [{"path": "/", "role": "a", "port": 1}]}},
            "$.routes.paths[0]",
            id="a-route-without-release",
        ),
        pytest.param(
            "variables",
            {
                "product": "x",
                "groups": [{"source": "somewhere else", "roles": list[str](), "variables": {"A": dict[str, Any]()}}],
            },
            "$.groups[0].variables.A",
            id="a-variable-without-release",
        ),
        pytest.param(
            "stack",
            {"product": "x", "stores": {"source": "somewhere else", "names": {"a": {"needs": [], "servers": []}}}},
            "$.stores.names.a",
            id="a-store-without-release",
        ),
        pytest.param(
            "stack",
            {"product": "x", "default_secrets": {"entries": list[str]()}},
            "$.default_secrets",
            id="secrets-without-source",
        ),
        pytest.param(
            "stack",
            {
                "product": "x",
                "default_secrets": {
                    "source": "somewhere else",
                    "entries": [{"hash": "in-clear-text", "variables": ["A"], "since": "1.0"}],
                },
            },
            "$.default_secrets.entries[0].hash",
            id="a-secret-that-is-no-hash",
        ),
        pytest.param("details", {"servers": dict[str, Any]()}, "$", id="servers-without-source"),
        pytest.param("fact", {"secret": True, "default": "abc", "since": "1.0"}, "$", id="a-secret-with-its-default"),
        pytest.param("fact", {"values": ["a"], "since": "1.0"}, "$", id="values-of-no-enumeration"),
        pytest.param("fact", {"since": "latest"}, "$.since", id="a-release-without-number"),
    ],
)
def test_the_schema_refuses(kind: str, document: dict[str, Any], path: str) -> None:
    assert path in errors(kind, document)


@pytest.mark.parametrize("name", PRODUCTS)
def test_every_variable_begins_before_it_ends_and_has_its_facts_one_after_the_other(name: str) -> None:
    newest = product_table(name).newest
    for fact in facts_of(name):
        assert version(fact.since) <= (parse_version(fact.until) or newest) <= newest, fact.name
    for earlier, later in pairwise(facts_of(name)):
        if earlier.name == later.name and earlier.roles == later.roles:
            assert version(earlier.until) < version(later.since), later.name


def test_every_role_that_facts_speak_of_is_a_role_or_a_known_server() -> None:
    table = dify()
    known = {role.name for role in table.roles} | {server.name for server in servers().values()}
    told = {role for group in table.agreeing() for member in group.members for role in member.roles}
    told |= {role for each in table.required(table.newest) for role in (*each.roles, *each.needed_by)}
    told |= {route.role for route in table.routes(table.newest)}
    told |= {role for each in table.shared() for role in each.roles}
    told |= {role for fact in facts_of("dify") for role in fact.roles}
    for name in table.stores(None):
        store = table.store_needs(name)
        assert store is not None, name
        told |= set(store.servers)
    assert told <= known


def test_every_variable_that_facts_speak_of_is_in_the_table() -> None:
    table = dify()
    known = table.variables(None, "api")
    needs = [need for _, need in needs_by_release(table)]
    assert set(SELECTORS) <= set(known)
    named = {variable for need in needs for names in need.any_of for variable in names}
    named |= {variable for each in table.shared() for variable in each.variables}
    assert [name for name in named if name not in known] == []
    assert len(named) > 150


def test_what_a_choice_needs_has_no_default_that_would_do() -> None:
    for release, need in needs_by_release(dify()):
        known = dify().variables(release, "api")
        defaults = [known[name].default for names in need.any_of for name in names if name in known]
        assert [d for d in defaults if d and not re.search(r"127\.0\.0\.1|localhost", d)] == [], need


@needs_facts
def test_every_store_and_every_choice_is_what_the_newest_release_accepts() -> None:
    table = dify()
    values = {
        value for fact in facts_of("dify") if fact.name == "STORAGE_TYPE" and not fact.until for value in fact.values
    }
    assert set(table.settings_of("STORAGE_TYPE", table.newest)) == values
    kinds = {value for fact in facts_of("dify") if fact.name == "DB_TYPE" and not fact.until for value in fact.values}
    assert set(table.settings_of("DB_TYPE", table.newest)) == kinds
    assert {row["store"] for row in rows("dify-vector-stores.tsv")} == set(table.stack["stores"]["names"])


@needs_facts
def test_every_setting_of_every_release_is_known_to_it() -> None:
    table = dify()
    checked = 0
    for row in rows("dify-settings.tsv"):
        if row["variable"] in ("COMMIT_SHA", "CURRENT_VERSION"):  # made at build time, set by nobody
            continue
        for text in (row["since"], row["until"] or "1.16.1"):
            alias = re.search(r"AliasChoices\('(\w+)'", next(iter(row[k] for k in row if k.startswith("type"))))
            names = {row["variable"], alias[1] if alias else row["variable"]}
            assert names & set(table.variables(version(text), "api")), (row["variable"], text)
            checked += 1
        if row["until"] and row["until"] != "1.16.1" and version(row["since"]) > (0, 6, 12):
            assert row["variable"] not in table.variables(version(_before(row["since"])), "api")
    assert checked > 1400


def _before(text: str) -> str:
    major, minor, *rest = version(text)
    return f"{major}.{minor}.{rest[0] - 1}" if rest and rest[0] else f"{major}.{minor - 1}" if minor else "0.15.8"


@needs_facts
def test_every_variable_that_a_release_hands_to_its_containers_is_known_to_it() -> None:
    table = dify()
    for row in rows("dify-service-variables.tsv"):
        if row["service"] not in ("api", "worker", "worker_beat", "web", "sandbox", "plugin_daemon", "agent_backend"):
            continue
        for text in (row["since"], row["until"] or "1.16.1"):
            assert row["variable"] in table.variables(version(text)), (row["service"], row["variable"], text)


FASTGPT_SERVICES = {
    "fast-gpt": "app",
    "fastgpt": "app",
    "fastgpt-app": "app",
    "fastgpt-plugin": "plugin",
    "fastgpt-mcp-server": "mcp_server",
    "code-sandbox": "sandbox",
    "fastgpt-code-sandbox": "sandbox",
    "aiproxy": "aiproxy",
    "fastgpt-aiproxy": "aiproxy",
    "volume-manager": "volume_manager",
    "fastgpt-volume-manager": "volume_manager",
    "fastgpt-agent-sandbox-proxy": "agent_sandbox_proxy",
}
# What one compose file hands out by a slip, and no release reads: packages/service/common/redis reads REDIS_URL.
NEVER_READ = {"REDIS_URI", "no_proxy"}
# What releases go on reading that no longer hand it out, by packages/service/env.ts and the plugin's source.
STILL_READ = {
    "CHAT_API_KEY",
    "OPENAI_BASE_URL",
    "CONFIG_JSON_PATH",
    "HOME_URL",
    "PORT",
    "PRO_URL",
    "RETENTION_DAYS",
    "STORAGE_S3_CDN_ENDPOINT",
}


def fastgpt_spans() -> Iterator[tuple[str, str, str, str]]:
    """Role, variable, first and last release, by the compose files and the env template of all releases."""
    for row in rows("fastgpt-service-variables.tsv"):
        if row["service"] in FASTGPT_SERVICES and row["variable"] not in NEVER_READ:
            yield FASTGPT_SERVICES[row["service"]], row["variable"], row["since"], row["until"]
    for row in rows("fastgpt-env-template.tsv"):
        yield "app", row["variable"], row["since"], row["until"]


@needs_facts
def test_every_variable_of_fastgpt_is_known_from_its_first_to_its_last_release() -> None:
    table = product_table("fastgpt")
    last: dict[tuple[str, str], str] = {}
    checked = 0
    for role, variable, since, until in fastgpt_spans():
        for text in (since, until or "4.15.4"):
            # A release hands out what only the next one reads, and stops later than that reads it.
            assert table.history(role, variable), (role, variable)
            known = table.variables(version(text), role)
            gone = table.gone(version(text), role)
            assert variable in known or variable in gone, (role, variable, text)
            checked += 1
        open_ended = until == "" or last.get((role, variable)) == ""
        last[role, variable] = "" if open_ended else until
    for (role, variable), until in last.items():
        if until and variable not in STILL_READ:
            assert variable in table.gone(table.newest, role), (role, variable)
        elif not until:
            assert variable in table.variables(table.newest, role), (role, variable)
    assert checked > 800


@needs_facts
def test_what_fastgpt_ships_is_accepted_by_its_own_table() -> None:
    table = product_table("fastgpt")
    checked, refused = 0, set[tuple[str, str, str]]()
    for row in rows("fastgpt-service-variables.tsv"):
        role = FASTGPT_SERVICES.get(row["service"])
        for since, value in json.loads(row["values"]) if role else ():
            fact = table.variables(version(since), role or "").get(row["variable"])
            text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
            if fact is not None and "$" not in text:
                checked += 1
                if not fact.accepts(text):
                    refused.add((since, row["variable"], text))
    assert refused == set()
    assert checked > 400


@needs_facts
def test_what_releases_ship_is_accepted_by_their_own_settings() -> None:
    table = dify()
    checked, refused = 0, set[tuple[str, str]]()
    for file, column in (("dify-service-variables.tsv", "values"), ("dify-env-files.tsv", "defaults")):
        for row in rows(file):
            if row.get("service", "api") not in ("api", "worker", "worker_beat"):
                continue
            for since, value in json.loads(row[column]):
                fact = table.variables(version(since), "api").get(row["variable"])
                text = fallback(str(value))
                if fact is not None and text is not None:
                    checked += 1
                    if not fact.accepts(text):
                        refused.add((since, text[:1]))
    # 0.6.12 falls back on empty texts beside a complete .env; 0.14.1 has quotes inside of its fallbacks.
    assert {pair for pair in refused if pair[0] != "0.6.12"} == {("0.14.1", '"')}
    assert checked > 3000


def fallback(text: str) -> str | None:
    """What a service gets while nothing is set, None where a template stands inside of other text."""
    while (match := re.fullmatch(r"\$\{\w+:?-(.*)\}", text, re.DOTALL)) is not None:
        text = match[1]
    return None if "$" in text else text


@needs_facts
def test_stock_deployments_agree_in_every_group_and_share_what_twins_must_share() -> None:
    table = dify()
    given: dict[tuple[str, str], list[tuple[Version, str, str | None]]] = {}
    for row in rows("dify-service-variables.tsv"):
        spans = [(version(s), str(v)) for s, v in json.loads(row["values"])]
        given[row["service"], row["variable"]] = [(s, row["until"], fallback(v)) for s, v in spans]

    def text(service: str, variable: str, release: Version) -> str | None:
        spans = [s for s in given.get((service, variable), ()) if s[0] <= release]
        last = spans[-1] if spans else None
        return last[2] if last and in_range(release, "", last[1]) is not False else None

    def value(member: Member, release: Version) -> set[str]:
        found = {text(SERVICES[role], member.variable, release) for role in member.roles if role in SERVICES}
        texts = {each for each in found if each}
        if member.part == "password":
            texts = {m[1] for each in texts if (m := re.search(r"://[^:/]*:([^@]*)@", each))}
        return {part for each in texts for part in (each.split(",") if member.part == "list" else [each])}

    checked = 0
    for release in sorted({version(row["since"]) for row in rows("dify-settings.tsv")}):
        for group in table.agreeing(release):
            values = set[str]().union(*(value(member, release) for member in group.members))
            checked += bool(values)
            assert len(values) <= 1, (group.name, release)
        for shared in table.shared(release):
            for variable in shared.variables:
                both = [text(service, variable, release) for service in ("api", "worker")]
                assert both[0] == both[1] or in_range(release, "", shared.alone_until), (variable, release)
    assert checked > 400


@needs_facts
@pytest.mark.parametrize(
    ("product", "text", "variable"),
    [
        pytest.param("dify", "difyai123456", "DB_PASSWORD", id="database"),
        pytest.param("dify", "dify-sandbox", "CODE_EXECUTION_API_KEY", id="sandbox"),
        pytest.param("dify", "minioadmin", "MINIO_SECRET_KEY", id="storage-of-milvus"),
        pytest.param("fastgpt", "1234", "DEFAULT_ROOT_PSW", id="root"),
        pytest.param("fastgpt", "mypassword", "MONGO_INITDB_ROOT_PASSWORD", id="mongo"),
        pytest.param("fastgpt", "fastgptkey", "AES256_SECRET_KEY", id="encryption"),
    ],
)
def test_a_published_secret_is_known_for_its_variable(product: str, text: str, variable: str) -> None:
    table = product_table(product)
    assert table.default_secret(text)
    assert table.default_secret(text, variable)
    assert not table.default_secret(text, "SOMETHING_ELSE")
    assert not table.default_secret(text + "x")
    assert not table.default_secret("")


def test_the_tables_hold_hashes_and_no_secret() -> None:
    for name in PRODUCTS:
        hashes = [entry["hash"] for entry in data(f"{name}.stack.json")["default_secrets"]["entries"]]
        assert len(hashes) == len(set(hashes)) > 20
    assert all(fact.default is None for fact in facts_of("dify") if fact.secret)
    assert secret_hash("a") == hashlib.sha256(b"stackmend:a").hexdigest()[:20]


@pytest.mark.parametrize(
    ("release", "missing", "there"),
    [
        pytest.param("0.5.9", {"sandbox", "squid", "plugin_daemon", "beat"}, {"worker", "redis"}, id="early"),
        pytest.param("0.15.3", {"plugin_daemon", "beat"}, {"sandbox", "squid"}, id="before-plugins"),
        pytest.param("1.6.0", {"beat"}, {"plugin_daemon"}, id="plugins"),
        pytest.param("1.16.1", set[str](), {"plugin_daemon", "beat", "agent_backend"}, id="newest"),
    ],
)
def test_services_are_required_from_their_release_on(release: str, missing: set[str], there: set[str]) -> None:
    roles = {role for each in dify().required(version(release)) for role in each.roles}
    assert there <= roles
    assert not missing & roles


@pytest.mark.parametrize(
    ("release", "missing", "there"),
    [
        pytest.param("4.8.1", {"sandbox", "redis", "plugin", "minio"}, {"mongo"}, id="early"),
        pytest.param("4.8.2", {"redis", "plugin", "minio"}, {"mongo", "sandbox"}, id="code-nodes"),
        pytest.param("4.9.4", {"plugin", "minio"}, {"mongo", "sandbox", "redis"}, id="queues"),
        pytest.param("4.10.0", {"minio"}, {"mongo", "sandbox", "redis", "plugin"}, id="plugins"),
        pytest.param("4.15.1", set[str](), {"mongo", "sandbox", "redis", "plugin", "minio"}, id="newest"),
    ],
)
def test_services_of_fastgpt_are_required_from_their_release_on(
    release: str, missing: set[str], there: set[str]
) -> None:
    roles = {role for each in product_table("fastgpt").required(version(release)) for role in each.roles}
    assert there <= roles
    assert not missing & roles


def test_an_unknown_release_requires_nothing_and_has_no_route() -> None:
    assert dify().required(None) == ()
    assert dify().routes(None) == ()


@pytest.mark.parametrize(
    ("release", "path", "there"),
    [
        pytest.param("0.3.29", "/files", False, id="before"),
        pytest.param("0.3.30", "/files", True, id="first"),
        pytest.param("1.5.1", "/mcp", False, id="no-mcp-yet"),
        pytest.param("1.16.1", "/triggers", True, id="newest"),
    ],
)
def test_routes_go_by_release(release: str, path: str, there: bool) -> None:
    assert (path in {route.path for route in dify().routes(version(release))}) is there


@pytest.mark.parametrize(
    ("release", "variable", "expected"),
    [
        pytest.param("0.7.3", "MILVUS_HOST", True, id="its-last-release"),
        pytest.param("0.8.0", "MILVUS_HOST", False, id="after-its-last-release"),
        pytest.param("0.5.0", "CODE_MAX_NUMBER", False, id="before-its-first-release"),
        pytest.param("0.5.0", "LOG_LEVEL", True, id="read-before-anyone-looked"),
        pytest.param("1.12.0", "NO_SUCH_VARIABLE", False, id="none-at-all"),
    ],
)
def test_variables_go_by_release(release: str, variable: str, expected: bool) -> None:
    assert (variable in dify().variables(version(release), "api")) is expected


def test_a_variable_says_what_it_may_hold_by_release() -> None:
    early, late = (dify().variables(version(v), "api")["DB_TYPE"] for v in ("1.10.1", "1.12.0"))
    assert (early.accepts("seekdb"), late.accepts("seekdb")) == (False, True)
    assert dify().variables(None, "api")["MILVUS_HOST"].renamed_to == "MILVUS_URI"
    assert dify().variables(None, "web")["CONSOLE_API_URL"].browser


@pytest.mark.parametrize(
    ("name", "refused", "accepted"),
    [
        pytest.param("DEBUG", ["", "ja", "2"], ["true", "FALSE", "0", "yes"], id="bool"),
        pytest.param("DB_PORT", ["", "x", "0", "70000", "5432.5"], ["5432", " 5432 ", "5432.0"], id="port"),
        pytest.param("SMTP_PORT", ["x"], ["", "465"], id="an-optional-number-may-be-empty"),
        pytest.param("CODE_MIN_NUMBER", ["0", "1"], ["-9223372036854775808"], id="negative"),
        pytest.param("CODE_EXECUTION_ENDPOINT", ["sandbox:8194", "http://"], ["http://sandbox:8194"], id="url"),
        pytest.param("STORAGE_TYPE", ["S3", "local "], ["s3", "opendal"], id="enum"),
        pytest.param("CELERY_SENTINEL_SOCKET_TIMEOUT", ["0", "-1"], ["0.1"], id="above-nought"),
        pytest.param("KNOWLEDGE_FS_JWT_SECRET", ["short"], ["x" * 32, ""], id="length"),
        pytest.param("SECRET_KEY", [], ["", "anything"], id="text"),
    ],
)
def test_a_text_is_accepted_as_the_settings_read_it(name: str, refused: list[str], accepted: list[str]) -> None:
    fact = dify().variables(version("1.16.1"), "api")[name]
    assert [text for text in refused if fact.accepts(text)] == []
    assert [text for text in accepted if not fact.accepts(text)] == []


def test_needs_go_by_release() -> None:
    early, late = (dify().store_needs("milvus", version(v)) for v in ("0.7.3", "1.12.0"))
    assert early is not None
    assert late is not None
    assert [need.any_of for need in early.needs] == [(("MILVUS_HOST",),), (("MILVUS_USER", "MILVUS_PASSWORD"),)]
    assert (("MILVUS_TOKEN",), ("MILVUS_USER", "MILVUS_PASSWORD")) in [need.any_of for need in late.needs]
    assert dify().store_needs("nothing") is None
    assert "sendgrid" not in dify().settings_of("MAIL_TYPE", version("1.4.3"))
    assert dify().free_prefix("OPENDAL_S3_BUCKET")
    assert not dify().free_prefix("DB_HOST")


def test_a_product_without_these_facts_answers_all_the_same() -> None:
    table = ProductTable("nothing", "Nothing", (), {})
    assert (table.agreeing(), table.required((4, 9)), table.routes((4, 9)), table.shared()) == ((), (), (), ())
    assert table.store_needs("milvus") is None
    assert dict(table.variables(None)) == {}


def test_details_belong_to_known_servers() -> None:
    names = {server.name for server in servers().values()}
    for name in data("images.details.json")["servers"]:
        details = server_details(name)
        assert name in names
        assert details is not None
        server = next(s for s in servers().values() if s.name == name)
        variables = {v for names in details.credentials.values() for v in names}
        for what in ("user", "password", "database"):
            assert set(server.variables(what)) <= variables, name
    redis = server_details("redis")
    assert redis is not None
    assert redis.flags["--requirepass"] == "password"
    assert server_details("nothing") is None
