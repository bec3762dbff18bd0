"""What is shown of a whole file: parts, links, folds, and the values that variables become."""

from __future__ import annotations

from stackmend.linter.server.links import image_page
from stackmend.linter.server.outline import Hint, Symbol, folds, inlay_hints, links, symbols
from stackmend.schemas.parsers.document import Span

from .conftest import COMPOSE, ROOT, STACK, analysis_of

ALL = Span(0, 10**9)


def tree(name: str, files: dict[str, str] | None = None) -> list[Symbol]:
    return list(symbols(analysis_of(files or STACK), f"{ROOT}/{name}"))


def hinted(name: str, files: dict[str, str] | None = None) -> dict[str, str]:
    """The hints of a file, by the text of the line before each."""
    analysis = analysis_of(files or STACK)
    text = analysis.workspace.document(f"{ROOT}/{name}").text
    found: tuple[Hint, ...] = inlay_hints(analysis, f"{ROOT}/{name}", ALL)
    return {text[text.rfind("\n", 0, h.offset) + 1 : h.offset].strip(): h.text for h in found}


def test_a_compose_file_is_a_tree_of_services_and_keys() -> None:
    top = tree("compose.yaml")
    assert [s.name for s in top] == ["x-env", "services", "networks", "volumes"]
    api = top[1].children[0]
    assert (api.name, api.shape.value) == ("api", "service")
    assert [s.name for s in api.children] == ["image", "environment", "depends_on", "networks"]
    assert api.children[2].detail == "2 items"


def test_other_formats_have_trees_too() -> None:
    assert [s.name for s in tree(".env")] == ["DB_HOST", "SECRET_KEY", "DB_PASSWORD", "LISTEN_PORT", "API_URL"]
    assert [s.name for s in tree("nginx.conf.template")] == ["events", "http"]
    location = tree("nginx.conf.template")[1].children[0].children[0]
    assert (location.name, location.detail) == ("location /", "http://api:5001")
    assert [s.name for s in tree("squid.conf.template")][2:4] == ["Safe_ports", "http_access deny !Safe_ports"]
    files = {
        "compose.yaml": "services:\n  a:\n    image: x\n    volumes: ['./c.json:/c.json']\n",
        "c.json": '{"a": {"b": 1}, "c": [{"d": 2}]}',
    }
    assert [(s.name, [c.name for c in s.children]) for s in tree("c.json", files)] == [("a", ["b"]), ("c", ["[0]"])]


def test_every_name_lies_within_its_part() -> None:
    analysis = analysis_of(STACK)
    pending = [s for name in STACK for s in symbols(analysis, f"{ROOT}/{name}")]
    assert pending
    while pending:
        symbol = pending.pop()
        assert symbol.span.covers(symbol.selection)
        assert all(symbol.span.covers(child.span) for child in symbol.children)
        pending += symbol.children


def test_parts_and_comments_of_several_lines_can_be_folded() -> None:
    files = {"compose.yaml": "# one\n# two\nservices:\n  a: # three\n    # four\n    image: x\n"}
    text = files["compose.yaml"]
    found = [text[slice(*span)] for span in folds(analysis_of(files), f"{ROOT}/compose.yaml")]
    assert found[0] == "# one\n# two"
    assert any(part.startswith("services:") for part in found)
    assert not any(part.startswith("# three") for part in found)


def test_hints_say_what_a_variable_becomes_and_hide_secrets() -> None:
    found = hinted("compose.yaml")
    assert found["LISTEN_PORT: ${LISTEN_PORT:-80}"] == "= 8080"
    assert found["SECRET_KEY: ${SECRET_KEY}"] == "= ****"
    assert found["- POSTGRES_PASSWORD=${DB_PASSWORD}"] == "= ****"
    assert hinted("nginx.conf.template") == {"listen ${LISTEN_PORT}": "= 8080"}
    assert hinted("squid.conf.template") == {"http_port ${HTTP_PORT}": "= 3128"}


def test_a_fallback_that_is_taken_is_not_said_twice() -> None:
    assert "DB_HOST: ${DB_HOST:-db}" not in hinted("compose.yaml")
    files = {**STACK, ".env": "DB_HOST=other\n"}
    assert hinted("compose.yaml", files)["DB_HOST: ${DB_HOST:-db}"] == "= other"


def test_hints_are_short_and_an_empty_value_is_told() -> None:
    found = hinted("compose.yaml", {**STACK, ".env": f"DB_HOST={'a' * 90}\nLISTEN_PORT=\n"})
    assert len(found["DB_HOST: ${DB_HOST:-db}"]) < 45
    compose = COMPOSE.replace("MODE: api", "MODE: ${NOTHING}")
    assert hinted("compose.yaml", {**STACK, "compose.yaml": compose})["MODE: ${NOTHING}"] == "= (empty)"


def test_only_the_hints_of_the_span_are_made() -> None:
    analysis = analysis_of(STACK)
    start = COMPOSE.index("${LISTEN_PORT")
    assert len(inlay_hints(analysis, f"{ROOT}/compose.yaml", Span(start, start + 5))) == 1


def test_a_variable_in_env_values_has_a_hint() -> None:
    assert hinted(".env", {**STACK, ".env": "A=one\nB=${A}/two\n"})["B=${A}"] == "= one"


def test_files_and_images_are_linked() -> None:
    compose = (
        COMPOSE.replace("    depends_on", "    env_file: [a.env, missing.env]\n    depends_on")
        + "include: [more.yaml]\n"
    )
    files = {**STACK, "compose.yaml": compose, "a.env": "X=1\n", "more.yaml": "services:\n  m:\n    image: $X\n"}
    found = links(analysis_of(files), f"{ROOT}/compose.yaml")
    by_text = {compose[slice(*link.span)]: link.path.removeprefix(f"{ROOT}/") or link.url for link in found}
    assert by_text["./nginx.conf.template"] == "nginx.conf.template"
    assert by_text["a.env"] == "a.env"
    assert by_text["more.yaml"] == "more.yaml"
    assert by_text["postgres:15"] == "https://hub.docker.com/_/postgres"
    assert "missing.env" not in by_text


def test_an_include_of_nginx_leads_to_the_mounted_file() -> None:
    compose = (
        "services:\n  n:\n    image: nginx\n    volumes:\n"
        "      - ./a.conf:/etc/nginx/nginx.conf\n      - ./p.conf.template:/etc/nginx/proxy.conf.template\n"
    )
    files = {
        "compose.yaml": compose,
        "a.conf": "http { include proxy.conf; include mime.types; }\n",
        "p.conf.template": "",
    }
    assert [link.path for link in links(analysis_of(files), f"{ROOT}/a.conf")] == [f"{ROOT}/p.conf.template"]


def test_images_have_pages_where_their_registry_has() -> None:
    assert image_page("redis:6-alpine") == "https://hub.docker.com/_/redis"
    assert image_page("langgenius/dify-api:1.11.4") == "https://hub.docker.com/r/langgenius/dify-api"
    assert image_page("docker.io/library/nginx") == "https://hub.docker.com/_/nginx"
    assert image_page("ghcr.io/labring/fastgpt:v4.9.14") == "https://ghcr.io/labring/fastgpt"
    assert image_page("quay.io/minio/minio@sha256:" + "0" * 64) == "https://quay.io/repository/minio/minio"
    assert image_page("registry.example.com/a/b") == image_page("${X}") == image_page("") == ""
