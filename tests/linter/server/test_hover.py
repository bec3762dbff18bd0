"""What is shown where the pointer rests: values with their origin, documentation, the rule of a finding."""

from __future__ import annotations

import pytest

from stackmend.linter.server.hover import hover

from .conftest import COMPOSE, STACK, at, typed


def said(name: str, words: str, files: dict[str, str] | None = None) -> str:
    found = hover(*at(files or STACK, name, words))
    assert found is not None
    return found.markdown


def test_a_variable_has_its_value_its_way_and_what_it_hides() -> None:
    text = said("compose.yaml", "¦DB_HOST: $")
    assert "`api`, `worker`: `db`" in text
    assert "from `.env:1`: `db`" in text
    assert "asked for by `compose.yaml:2`: `${DB_HOST:-db}`" in text
    assert "hidden: `compose.yaml:2`: `db` (the fallback is not taken, because DB_HOST is set)" in text


@pytest.mark.parametrize(
    ("name", "words"), [("compose.yaml", "${DB¦_HOST"), (".env", "DB¦_HOST="), ("compose.yaml", "DB_HOST¦: $")]
)
def test_a_variable_is_documented_wherever_it_is_written(name: str, words: str) -> None:
    text = said(name, words)
    assert "Dify 1.11.4: read by" in text
    assert "Takes: host name." in text
    assert "Without it: `localhost`." in text


def test_services_with_different_values_stand_apart_also_when_both_are_hidden() -> None:
    text = said(".env", "SECRET_KEY")
    assert "`api`: `****`" in text
    assert "`worker`: `****`" in text
    assert "hunter2" not in text
    assert "anothersecret" not in text


def test_the_values_of_a_choice_are_named() -> None:
    files = {**STACK, ".env": STACK[".env"] + "VECTOR_STORE=weaviate\nSTORAGE_TYPE=local\n"}
    assert "`weaviate`" in said(".env", "VECTOR_STORE", files)
    assert "`opendal`" in said(".env", "STORAGE_TYPE", files)


def test_a_variable_that_a_release_no_longer_reads_says_so() -> None:
    files = {**STACK, "compose.yaml": COMPOSE.replace("MODE: api", "MODE: api\n      CONSOLE_URL: http://x")}
    text = said("compose.yaml", "CONSOLE_URL", files)
    assert "Dify 1.11.4 does not know it" in text
    assert "Now called `CONSOLE_API_URL`." in text


def test_a_variable_that_is_no_environment_shows_what_asks_for_it() -> None:
    files = {**STACK, "compose.yaml": COMPOSE.replace("postgres:15", "postgres:${PG_TAG}"), ".env": "PG_TAG=15\n"}
    text = said(".env", "PG_TAG", files)
    assert "`${PG_TAG}`: `15`, from `.env:1`" in text
    assert "`services.db.image` at `compose.yaml:" in text


def test_a_variable_of_a_template_is_that_of_the_service_that_reads_it() -> None:
    text = said("nginx.conf.template", "LISTEN¦_PORT")
    assert "`proxy`: `8080`" in text
    assert "from `.env:4`" in text


def test_a_well_known_image_says_what_it_takes_from_a_variable() -> None:
    assert "The image of `db` (postgres) takes its password from it" in said("compose.yaml", "POSTGRES_PASSWORD")


def test_a_service_shows_what_it_runs_and_who_reaches_it() -> None:
    text = said("nginx.conf.template", "¦api:5001")
    assert "service **`api`**" in text
    assert "image: `langgenius/dify-api:1.11.4`" in text
    assert "role: api of Dify" in text
    assert "networks: `back`, `default`" in text
    assert "switched off by its profile" in said("compose.yaml", "  ¦redis:\n")


def test_an_acl_shows_all_its_lines() -> None:
    text = said("squid.conf.template", "allow ¦localnet")
    assert "`acl localnet src 10.0.0.0/8` at `squid.conf.template:1`" in text
    assert "`acl localnet src 192.168.0.0/16` at `squid.conf.template:2`" in text
    assert "Built into squid, of type `src`." in said("squid.conf.template", "deny ¦all")


def test_keys_and_directives_are_documented() -> None:
    text = said("compose.yaml", "depends_on")
    assert "Services that start before this one" in text
    assert "list, mapping" in text
    assert "`location`" in said("nginx.conf.template", "proxy_pass")
    assert "The first line whose acls all match decides." in said("squid.conf.template", "http_access")


def test_a_key_of_the_products_configuration_is_documented() -> None:
    compose = (
        "services:\n  fastgpt:\n    image: ghcr.io/labring/fastgpt:v4.9.14\n"
        "    volumes: ['./config.json:/app/data/config.json']\n"
    )
    text = said(
        "config.json",
        "vectorMaxProcess",
        {"compose.yaml": compose, "config.json": '{"systemEnv": {"vectorMaxProcess": 15}}'},
    )
    assert "Takes: number." in text
    assert "`VECTOR_MAX_PROCESS`" in text


def test_a_finding_brings_the_reason_of_its_rule() -> None:
    service = "    image: nginx\n    ports: ['80:80']\n"
    files = {"compose.yaml": f"services:\n  a:\n{service}  b:\n{service}"}
    analysis, path, _ = at(files, "compose.yaml", "ports")
    finding = next(d for d in analysis.report.diagnostics if d.rule.code == "CMP018")
    found = hover(analysis, path, finding.place.span.start + 1)
    assert found is not None
    assert "CMP018 duplicate-host-port" in found.markdown


def test_nothing_is_said_about_nothing() -> None:
    assert hover(*at(STACK, ".env", "hunter2hun¦ter2")) is None
    assert hover(*at({"notes.yaml": "a: b\n"}, "notes.yaml", "a")) is None


def test_text_of_a_file_cannot_leave_its_code_span() -> None:
    files = {**STACK, ".env": STACK[".env"].replace("LISTEN_PORT=8080", "LISTEN_PORT='80`<b>\x1b[1m**`'")}
    text = said(".env", "LISTEN_PORT", files)
    assert "`` 80`<b>\\x1b[1m**` ``" in text


def test_half_a_line_hides_nothing_of_the_rest() -> None:
    found = hover(*typed(STACK, "compose.yaml", "    networks: [back, default]", "    netw¦"))
    assert found is None or found.markdown
    assert "`db`" in said("compose.yaml", "${DB¦_HOST", {**STACK, "compose.yaml": COMPOSE + "  - "})
