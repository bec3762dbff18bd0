"""Another name for a thing: everywhere at once, or not at all."""

from __future__ import annotations

import pytest

from stackmend.fixers.apply import apply_fix
from stackmend.fixers.edit import Applicability, Fix
from stackmend.linter.server.navigation import Refusal, prepare_rename, rename
from stackmend.schemas.parsers.document import Span

from .conftest import COMPOSE, ENV, ROOT, STACK, analysis_of, at


def renamed(name: str, words: str, new: str, files: dict[str, str] | None = None) -> dict[str, str]:
    """The files after a rename, those that change only."""
    edits = rename(*at(files or STACK, name, words), new)
    assert not isinstance(edits, Refusal), edits.words
    texts = apply_fix(Fix("rename", edits, Applicability.SAFE))
    return {path.removeprefix(f"{ROOT}/"): text for path, text in texts.items()}


def refused(name: str, words: str, new: str, files: dict[str, str] | None = None) -> str:
    found = rename(*at(files or STACK, name, words), new)
    assert isinstance(found, Refusal)
    return found.words


def test_the_side_of_compose_is_renamed_and_the_containers_name_stays() -> None:
    after = renamed(".env", "DB_HOST", "DATABASE")
    assert after == {
        ".env": ENV.replace("DB_HOST", "DATABASE"),
        "compose.yaml": COMPOSE.replace("${DB_HOST", "${DATABASE"),
    }


def test_the_side_of_the_container_is_renamed_with_its_templates() -> None:
    after = renamed("nginx.conf.template", "LISTEN¦_PORT", "PORT")
    assert after == {
        "compose.yaml": COMPOSE.replace("LISTEN_PORT: ", "PORT: "),
        "nginx.conf.template": STACK["nginx.conf.template"].replace("LISTEN_PORT", "PORT"),
    }


def test_an_example_is_renamed_too_and_stays_an_example() -> None:
    after = renamed(".env", "DB_HOST", "DATABASE", {**STACK, ".env.example": "# mine\nDB_HOST=db\n"})
    assert after[".env.example"] == "# mine\nDATABASE=db\n"


def test_a_service_gets_its_name_in_every_file_and_what_only_looks_like_it_stays() -> None:
    text = COMPOSE.replace("MODE: api", "MODE: api  # http://api:5001\n      OTHER: http://apidocs/api")
    after = renamed("compose.yaml", "  ¦api:\n", "backend", {**STACK, "compose.yaml": text})
    assert after == {
        ".env": ENV.replace("//api", "//backend"),
        "compose.yaml": text.replace("\n  api:", "\n  backend:"),
        "nginx.conf.template": STACK["nginx.conf.template"].replace("//api", "//backend"),
    }


def test_a_fallback_that_is_not_taken_is_renamed_with_the_service() -> None:
    after = renamed("compose.yaml", "  ¦db:\n", "store")
    assert "DB_HOST: ${DB_HOST:-store}" in after["compose.yaml"]
    assert "depends_on: [store, redis]" in after["compose.yaml"]
    assert after[".env"].startswith("DB_HOST=store\n")


def test_networks_and_acls_are_renamed() -> None:
    assert renamed("compose.yaml", "[¦back", "inner") == {"compose.yaml": COMPOSE.replace("back", "inner")}
    after = renamed("squid.conf.template", "¦localnet", "ours")
    assert after == {"squid.conf.template": STACK["squid.conf.template"].replace("localnet", "ours")}


def test_quotes_and_capitals_around_a_name_are_kept() -> None:
    files = {
        "compose.yaml": "services:\n  'a':\n    image: x\n  b:\n    image: y\n    depends_on: [\"a\"]\n",
        "squid.conf": "acl Net src 1.1.1.1\nhttp_access allow !net\n",
    }
    assert renamed("compose.yaml", "'¦a'", "c", files)["compose.yaml"] == files["compose.yaml"].replace(
        "a'", "c'"
    ).replace('"a"', '"c"')


def test_a_name_that_differs_in_capitals_is_the_same_acl_and_follows() -> None:
    files = {"squid.conf": "acl Net src 1.1.1.1\nhttp_access allow !net\n"}
    assert renamed("squid.conf", "¦Net", "ours", files) == {
        "squid.conf": "acl ours src 1.1.1.1\nhttp_access allow !ours\n"
    }


def test_what_a_program_reads_keeps_its_name() -> None:
    assert "Dify reads `SECRET_KEY` by this name." in refused("compose.yaml", "¦SECRET_KEY: $", "NEW")
    assert "takes its password" in refused("compose.yaml", "POSTGRES_PASSWORD", "NEW")
    assert "squid's own" in refused("squid.conf.template", "deny ¦all", "every")
    assert "Docker Compose itself" in refused(".env", "COMPOSE_P", "X", {**STACK, ".env": "COMPOSE_PROJECT_NAME=a\n"})


def test_a_variable_that_goes_on_by_its_own_name_keeps_it() -> None:
    inherited = {**STACK, "compose.yaml": COMPOSE.replace("LISTEN_PORT: ${LISTEN_PORT:-80}", "LISTEN_PORT:")}
    assert "by this very name" in refused(".env", "LISTEN_PORT", "PORT", inherited)
    whole = {**STACK, "compose.yaml": COMPOSE.replace("    networks: [back", "    env_file: .env\n    networks: [back")}
    assert "as a whole" in refused(".env", "LISTEN_PORT", "PORT", whole)


def test_a_script_that_names_a_variable_stands_against_a_new_name() -> None:
    words = refused(".env", "LISTEN_PORT", "PORT", {**STACK, "start.sh": "#!/bin/sh\necho $LISTEN_PORT\n"})
    assert "`start.sh:2` names `LISTEN_PORT`" in words


def test_a_volume_that_would_lose_its_data_keeps_its_name() -> None:
    assert "new, empty volume" in refused("compose.yaml", "- ¦data:", "files")
    named = {**STACK, "compose.yaml": COMPOSE.replace("data: {}", "data: {name: kept}")}
    assert renamed("compose.yaml", "- ¦data:", "files", named) == {
        "compose.yaml": named["compose.yaml"].replace("- data:", "- files:").replace("data: {", "files: {")
    }


def test_an_external_network_without_a_name_of_its_own_keeps_its_key() -> None:
    files = {**STACK, "compose.yaml": COMPOSE.replace("back: {}", "back: {external: true}")}
    assert "external" in refused("compose.yaml", "[¦back", "inner", files)


@pytest.mark.parametrize(
    ("name", "words", "new"),
    [
        (".env", "DB_HOST", "SECRET_KEY"),
        ("compose.yaml", "  ¦api:\n", "db"),
        ("squid.conf.template", "¦localnet", "SAFE_ports"),
        ("compose.yaml", "[¦back", "back2"),
    ],
)
def test_a_name_that_is_taken_is_refused(name: str, words: str, new: str) -> None:
    files = {**STACK, "compose.yaml": COMPOSE.replace("back: {}", "back: {}\n  back2: {}")}
    assert "already" in refused(name, words, new, files)


@pytest.mark.parametrize("new", ["", "A B", "1A", "A-B", "${X}", "A\n"])
def test_a_name_that_is_no_name_is_refused(new: str) -> None:
    assert "no valid name" in refused(".env", "DB_HOST", new)


def test_the_base_of_another_file_and_another_name_of_a_service_are_refused() -> None:
    files = {
        "compose.yaml": "services:\n  a:\n    extends: {file: base.yaml, service: web}\n",
        "base.yaml": "services:\n  web:\n    image: x\n",
    }
    assert "another file" in refused("compose.yaml", "¦web", "site", files)
    alias = {
        "compose.yaml": "services:\n  a:\n    image: x\n    container_name: box\n    environment: {DB_HOST: box}\n"
    }
    assert "another name" in refused("compose.yaml", "DB_HOST: ¦box", "b", alias)


def test_the_span_to_rename_is_that_of_the_name_alone() -> None:
    analysis, path, offset = at(STACK, "squid.conf.template", "!Safe_¦ports")
    text = analysis.workspace.document(path).text
    start = text.index("!Safe_ports") + 1
    assert prepare_rename(analysis, path, offset) == Span(start, start + len("Safe_ports"))
    assert isinstance(prepare_rename(analysis, path, text.index("10.0")), Refusal)
    assert rename(analysis, path, offset, "Safe_ports") == ()


def test_a_profile_is_left_to_the_command_lines_that_name_it() -> None:
    assert "command lines" in refused("compose.yaml", "[¦cache]", "fast")


def test_nothing_is_renamed_where_nothing_stands() -> None:
    assert isinstance(rename(analysis_of(STACK), f"{ROOT}/.env", len(ENV), "x"), Refusal)
