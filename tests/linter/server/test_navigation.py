"""From a name to its definition and to all its uses."""

from __future__ import annotations

from stackmend.linter.server.navigation import definitions, references

from .conftest import COMPOSE, STACK, at, shown


def defined(name: str, words: str, files: dict[str, str] | None = None) -> list[str]:
    return [shown(place) for place in definitions(*at(files or STACK, name, words))]


def used(name: str, words: str, files: dict[str, str] | None = None) -> list[str]:
    return [shown(place) for place in references(*at(files or STACK, name, words))]


def test_a_variable_leads_to_the_env_file_and_a_template_to_the_environment() -> None:
    assert defined("compose.yaml", "${SECRET¦_KEY}") == [".env:2:SECRET_KEY"]
    assert defined("compose.yaml", "¦LISTEN_PORT: ") == [".env:4:LISTEN_PORT"]
    assert defined("nginx.conf.template", "LISTEN¦_PORT") == ["compose.yaml:36:LISTEN_PORT"]
    assert defined("squid.conf.template", "HTTP¦_PORT") == ["compose.yaml:42:HTTP_PORT"]


def test_a_variable_is_found_in_every_file_that_names_it() -> None:
    assert used(".env", "LISTEN_PORT") == [
        ".env:4:LISTEN_PORT",
        "compose.yaml:36:LISTEN_PORT",
        "compose.yaml:36:LISTEN_PORT",
        "nginx.conf.template:4:LISTEN_PORT",
    ]


def test_a_script_and_an_example_that_name_a_variable_are_found_too() -> None:
    files = {**STACK, "entrypoint.sh": "echo $LISTEN_PORT $LISTEN_PORTS\n", ".env.example": "LISTEN_PORT=80\n"}
    assert "entrypoint.sh:1:LISTEN_PORT" in used(".env", "LISTEN_PORT", files)
    assert ".env.example:1:LISTEN_PORT" in used(".env", "LISTEN_PORT", files)
    assert len(used(".env", "LISTEN_PORT", files)) == 6


def test_a_service_is_found_in_dependencies_addresses_and_servers() -> None:
    assert used("compose.yaml", "  ¦api:\n") == [
        ".env:5:api", "compose.yaml:4:api", "nginx.conf.template:6:api",
    ]  # fmt: skip
    assert used("compose.yaml", "[¦db") == [
        ".env:1:db",
        "compose.yaml:2:db",
        "compose.yaml:11:db",
        "compose.yaml:19:db",
    ]
    assert defined(".env", "http://¦api") == ["compose.yaml:4:api"]
    assert defined("nginx.conf.template", "http://a¦pi") == ["compose.yaml:4:api"]


def test_a_host_that_is_no_service_for_its_reader_is_not_one() -> None:
    apart = COMPOSE.replace("networks: [back, default]", "networks: [back]\n    extra_hosts: ['redis:10.0.0.9']")
    found = used("compose.yaml", "  ¦redis:\n", {**STACK, "compose.yaml": apart})
    assert [place for place in found if place.startswith("compose.yaml:10:")] == []


def test_an_alias_leads_to_its_service() -> None:
    files = {
        "compose.yaml": (
            "services:\n  a:\n    image: a\n    environment:\n      DB_HOST: store\n"
            "  db:\n    image: b\n    networks:\n      default:\n        aliases: [store]\n"
        )
    }
    assert defined("compose.yaml", "¦store", files) == ["compose.yaml:6:db"]


def test_all_other_ways_to_name_a_service_are_known() -> None:
    compose = (
        "services:\n  a: {image: a}\n"
        "  b:\n    image: b\n    links: ['a:alias']\n    volumes_from: ['a:ro']\n    network_mode: service:a\n"
        "    extends: {service: a}\n    build: {context: ., additional_contexts: {x: service:a}}\n"
        "    healthcheck: {test: curl -f http://a:80/}\n"
        "  c: {extends: a, depends_on: {a: {condition: service_started}}}\n"
    )
    lines = [place.split(":")[1] for place in used("compose.yaml", "¦a: {image", {"compose.yaml": compose})]
    assert lines == ["2", "5", "6", "7", "8", "9", "10", "11", "11"]


def test_networks_volumes_profiles_and_acls_are_found() -> None:
    assert used("compose.yaml", "[¦back") == ["compose.yaml:12:back", "compose.yaml:24:back", "compose.yaml:44:back"]
    assert defined("compose.yaml", "- ¦data:") == ["compose.yaml:46:data"]
    assert used("squid.conf.template", "!¦Safe_ports") == [
        "squid.conf.template:3:Safe_ports", "squid.conf.template:4:Safe_ports",
    ]  # fmt: skip
    files = {**STACK, ".env": "COMPOSE_PROFILES=${X:-y},cache\n"}
    assert used(".env", "c¦ache", files) == [".env:1:cache", "compose.yaml:29:cache"]


def test_acls_of_two_squids_are_apart() -> None:
    second = COMPOSE.replace(
        "  ssrf_proxy:",
        "  other:\n    image: ubuntu/squid:latest\n    volumes: ['./other.conf:/etc/squid/squid.conf']\n  ssrf_proxy:",
    )
    files = {**STACK, "compose.yaml": second, "other.conf": "acl localnet src 1.1.1.1\nhttp_access allow localnet\n"}
    assert len(used("other.conf", "¦localnet", files)) == 2
    assert len(used("squid.conf.template", "¦localnet", files)) == 3


def test_declarations_can_be_left_out() -> None:
    found = references(*at(STACK, "squid.conf.template", "¦Safe_ports"), declaration=False)
    assert [shown(place) for place in found] == ["squid.conf.template:4:Safe_ports"]


def test_a_file_that_no_deployment_reads_is_known_by_itself() -> None:
    files = {"squid.conf": "acl a src 1.1.1.1\nhttp_access allow a\n"}
    assert used("squid.conf", "allow ¦a", files) == ["squid.conf:1:a", "squid.conf:2:a"]
    assert definitions(*at({"a.env": "X=1\n"}, "a.env", "1")) == ()
