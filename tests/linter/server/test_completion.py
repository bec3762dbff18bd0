"""What is offered while somebody types, also in a file that is broken for the moment."""

from __future__ import annotations

import pytest

from stackmend.linter.server.completion import Completion, completions, documentation

from .conftest import COMPOSE, ENV, STACK, typed


def offered(name: str, old: str, new: str, files: dict[str, str] | None = None) -> dict[str, Completion]:
    return {each.label: each for each in completions(*typed(files or STACK, name, old, new))}


def taken(name: str, old: str, new: str, label: str) -> str:
    """The line that stands there after an offer is taken."""
    analysis, path, offset = typed(STACK, name, old, new)
    text = analysis.workspace.document(path).text
    each = next(c for c in completions(analysis, path, offset) if c.label == label)
    start, end = each.span
    after = text[:start] + each.text + text[end:]
    return after[after.rfind("\n", 0, start) + 1 : after.index("\n", start + len(each.text))].strip()


@pytest.mark.parametrize(
    ("new", "line"),
    [
        ("${DB_H¦", "SECRET_KEY: ${DB_HOST}"),
        ("${¦}", "SECRET_KEY: ${DB_HOST}"),
        ("$¦", "SECRET_KEY: ${DB_HOST}"),
        ("$DB¦", "SECRET_KEY: $DB_HOST"),
        ("${DB¦:-x}", "SECRET_KEY: ${DB_HOST:-x}"),
        ("${X:-${DB¦", "SECRET_KEY: ${X:-${DB_HOST}"),
    ],
)
def test_the_name_in_an_expression_is_filled_in_as_far_as_it_is_missing(new: str, line: str) -> None:
    assert taken("compose.yaml", "${SECRET_KEY}", new, "DB_HOST") == line


def test_variables_come_from_the_env_file_the_project_and_the_product() -> None:
    found = offered("compose.yaml", "${SECRET_KEY}", "${¦")
    assert found["DB_HOST"].detail == ".env:1"
    assert found["REDIS_PASSWORD"].detail == "set nowhere"
    assert found["VECTOR_STORE"].detail == "Dify 1.11.4"
    assert offered("compose.yaml", "${SECRET_KEY}", "$$¦") == {}


def test_a_template_is_offered_the_variables_of_its_service() -> None:
    assert set(offered("nginx.conf.template", "${LISTEN_PORT}", "${¦")) == {"LISTEN_PORT"}


def test_an_env_file_is_offered_what_it_lacks() -> None:
    found = offered(".env", "API_URL", "¦\nAPI_URL")
    assert found["VECTOR_STORE"].text == "VECTOR_STORE="
    assert "DB_HOST" not in found
    assert taken(".env", "LISTEN_PORT=8080", "VECT¦", "VECTOR_STORE") == "VECTOR_STORE="
    assert taken(".env", "LISTEN_PORT=8080", "VECT¦=8080", "VECTOR_STORE") == "VECTOR_STORE=8080"
    assert offered(".env", "API_URL", "# ¦\nAPI_URL") == {}


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("VECTOR_STORE=¦", "weaviate"),
        ("VECTOR_STORE=we¦", "weaviate"),
        ("DEBUG='¦'", "true"),
        ("export DEBUG=¦", "false"),
        ("REDIS_HOST=¦", "redis"),
        ("CELERY_BROKER_URL=¦", "redis://redis:6379"),
        ("INTERNAL_FILES_URL=http://a¦", "http://api:5001"),
        ("COMPOSE_PROFILES=a,¦", "cache"),
    ],
)
def test_values_are_offered_behind_the_sign(line: str, label: str) -> None:
    assert label in offered(".env", "LISTEN_PORT=8080", line)


def test_only_the_value_is_replaced() -> None:
    assert taken(".env", "LISTEN_PORT=8080", "DEBUG=fa¦lse # why", "true") == "DEBUG=true # why"
    assert taken(".env", "LISTEN_PORT=8080", "COMPOSE_PROFILES=a,b¦", "cache") == "COMPOSE_PROFILES=a,cache"


DEPENDS = "depends_on: [db, redis]"


@pytest.mark.parametrize(
    "new",
    [
        "depends_on: [¦]", "depends_on: [db, ¦", "depends_on:\n      - ¦", "depends_on:\n    - db\n    - re¦",
        "depends_on:\n      ¦", "links: [¦]", "extends: ¦", "extends:\n      service: ¦", "volumes_from:\n      - ¦",
    ],
)  # fmt: skip
def test_services_are_offered_where_one_is_named(new: str) -> None:
    found = offered("compose.yaml", DEPENDS, new)
    assert {"db", "redis", "proxy"} <= set(found)
    assert "api" not in found


def test_the_form_of_the_place_is_kept() -> None:
    assert taken("compose.yaml", DEPENDS, "depends_on:\n      ¦", "redis") == "redis:"
    assert taken("compose.yaml", DEPENDS, "depends_on:\n      - 're¦'", "redis") == "- 'redis'"
    assert taken("compose.yaml", DEPENDS, "network_mode: ¦", "service:redis") == "network_mode: service:redis"
    assert taken("compose.yaml", "- data:/var/lib", "- ¦data:/var/lib", "data") == "- data:/var/lib/postgresql/data"


def test_a_service_below_the_line_that_breaks_the_file_is_offered_too() -> None:
    broken = COMPOSE.replace(DEPENDS, "depends_on: [¦\n    bad: [{")
    assert {"db", "redis"} <= set(offered("compose.yaml", COMPOSE, broken))


def test_addresses_of_services_below_a_line_that_breaks_the_file_are_offered() -> None:
    assert "redis://redis:6379" in offered("compose.yaml", "MODE: api\n", 'CELERY_BROKER_URL: "¦\n')
    assert "redis" in offered("compose.yaml", "MODE: api\n", "REDIS_HOST: 'r¦\n")


@pytest.mark.parametrize(
    ("old", "new", "labels"),
    [
        ("networks: [back, default]", "networks: [¦]", {"back"}),
        ("      - back\n", "      - ¦\n", {"back"}),
        ("profiles: [cache]", "profiles: [cache, ¦]", {"cache"}),
        ("MODE: api", "VECTOR_STORE: ¦", {"weaviate", "qdrant"}),
        ("MODE: api", "REDIS_HOST: ¦", {"redis", "db"}),
        ("MODE: api", "LOG_¦", {"LOG_LEVEL"}),
        ("- POSTGRES_PASSWORD=${DB_PASSWORD}", "- ¦", {"POSTGRES_PASSWORD", "POSTGRES_USER"}),
        ("  DB_HOST: ${DB_HOST:-db}\n", "  ¦\n", {"VECTOR_STORE"}),
        (DEPENDS, "re¦", {"restart", "read_only", "image"}),
        (DEPENDS, "restart: ¦", {"always", "unless-stopped"}),
        (DEPENDS, "depends_on:\n      db:\n        condition: ¦", {"service_healthy"}),
        (DEPENDS, "healthcheck:\n      ¦", {"test", "interval"}),
        (DEPENDS, "volumes:\n      - type: ¦", {"bind", "volume"}),
        (DEPENDS, "volumes:\n      - type: volume\n        source: ¦", {"data"}),
        ("volumes:\n  data", "¦\nvolumes:\n  data", {"services", "secrets"}),
    ],
)
def test_compose_files_are_offered_names_keys_and_values(old: str, new: str, labels: set[str]) -> None:
    assert labels <= set(offered("compose.yaml", old, new))


def test_no_key_is_offered_where_a_name_of_ones_own_is_written() -> None:
    assert offered("compose.yaml", "  db:\n    image", "  ¦\n  db:\n    image") == {}
    assert offered("compose.yaml", "MODE: api", "# ¦") == {}


def test_nginx_is_offered_directives_of_the_block_and_services_that_it_reaches() -> None:
    found = offered("nginx.conf.template", "proxy_pass http://api:5001;", "¦")
    assert {"proxy_pass", "proxy_read_timeout"} <= set(found)
    assert "worker_processes" not in found
    assert "worker_connections" in offered("nginx.conf.template", "events {}", "events { ¦ }")
    assert taken("nginx.conf.template", "http://api:5001", "htt¦", "http://api:5001") == "proxy_pass http://api:5001;"
    assert "http://db:5432" not in offered("nginx.conf.template", "http://api:5001", "¦")
    assert set(offered("nginx.conf.template", "proxy_pass http://api:5001;", "gzip ¦;")) == {"on", "off"}
    assert offered("nginx.conf.template", "proxy_pass", "# ¦ proxy_pass") == {}


def test_squid_is_offered_directives_acls_and_types() -> None:
    assert "http_access" in offered("squid.conf.template", "http_access deny all", "http¦")
    assert set(offered("squid.conf.template", "http_access deny all", "http_access ¦")) == {"allow", "deny"}
    found = offered("squid.conf.template", "http_access deny all", "http_access deny !¦")
    assert {"localnet", "Safe_ports", "all"} <= set(found)
    assert taken("squid.conf.template", "deny all", "deny !Sa¦", "Safe_ports") == "http_access deny !Safe_ports"
    assert {"src", "dstdomain"} <= set(offered("squid.conf.template", "acl Safe_ports port 80", "acl Safe_ports ¦"))


def test_the_configuration_of_a_product_is_offered_the_keys_of_its_release() -> None:
    compose = (
        "services:\n  fastgpt:\n    image: ghcr.io/labring/fastgpt:v4.9.14\n"
        "    volumes: ['./config.json:/app/data/config.json']\n"
    )
    files = {"compose.yaml": compose, "config.json": '{"systemEnv": {"vectorMaxProcess": 15}, "x": 1}'}
    found = offered("config.json", '"vectorMaxProcess": 15', '"vec¦"', files)
    assert found["vectorMaxProcess"].text == "vectorMaxProcess"
    assert offered("config.json", '"vectorMaxProcess": 15', "¦", files)["qaMaxProcess"].text == '"qaMaxProcess": '
    assert "systemEnv" in offered("config.json", '"x": 1', "¦", files)
    assert offered("config.json", "15", "¦15", files) == {}


def test_the_documentation_of_an_offer_is_made_when_it_is_asked_for() -> None:
    analysis, path, offset = typed(STACK, "compose.yaml", "MODE: api", "VECT¦")
    key = next(c.key for c in completions(analysis, path, offset) if c.label == "VECTOR_STORE")
    assert "Takes one of" in documentation(analysis, path, key)
    assert "from `.env:1`: `db`" in documentation(analysis, path, "variable:DB_HOST")
    assert "`api`: `****`" in documentation(analysis, path, "variable:SECRET_KEY")
    assert "start before this one" in documentation(analysis, path, "compose:services/api/depends_on")
    assert "directive of nginx" in documentation(analysis, path, "nginx:proxy_pass")
    assert "image:" in documentation(analysis, path, "service:api")
    assert documentation(analysis, path, "") == documentation(analysis, path, "what:ever") == ""


def test_an_env_file_that_no_deployment_reads_is_offered_what_those_beside_it_ask_for() -> None:
    files = {**STACK, "other.env": "\n"}
    assert "SECRET_KEY" in offered("other.env", "\n", "¦\n", files)


def test_what_is_typed_last_in_a_file_is_read_too() -> None:
    assert "weaviate" in offered(".env", ENV, f"{ENV}VECTOR_STORE=¦")
    assert "driver" in offered("compose.yaml", "  data: {}\n", "  data:\n    ¦")
