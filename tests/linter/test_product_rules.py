"""Rules over the product tables: what shipped deployments give, what is never shown, and what the rules leave alone."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackmend.linter.pages import Example, ExampleFile
from stackmend.linter.report import Reported
from stackmend.linter.rules import all_rules
from stackmend.linter.testing import lint_example, mend_example
from stackmend.schemas.models.product import PRODUCTS, product_table
from stackmend.schemas.models.variable_table import facts_of, variables_of

RULES = {rule.code: rule for rule in all_rules()}
# Everything but STK008, which is right about what is shipped.
SILENT = ("STK007", "STK010", "STK011", "STK013", "STK014", "STK018", "STK020", "STK024")
# A slip of FastGPT's own, in one of its compose files: no release reads this name.
SHIPPED_SLIPS = {os.path.join("fastgpt", "v4.9.14", "zilliz"): [("STK014", "REDIS_URI")]}
SHIPPED = os.path.join(os.path.dirname(__file__), "..", "..", "..", "shared", "corpus", "dev")

API = "  api:\n    image: langgenius/dify-api:1.11.4\n    environment:\n      MODE: api\n"
WORKER = "  worker:\n    image: langgenius/dify-api:1.11.4\n    environment:\n      MODE: worker\n"


def linted(codes: tuple[str, ...], files: dict[str, str]) -> tuple[Reported, ...]:
    example = Example("", 1, tuple(ExampleFile("", path, text, ()) for path, text in files.items()), ())
    report = lint_example(example, [RULES[code] for code in codes])
    assert not report.errors
    return tuple(report.diagnostics)


def shipped() -> Iterator[str]:
    """The folders in the optional test data with a deployment as a product ships it."""
    for product in PRODUCTS:
        for folder, folders, files in os.walk(os.path.join(SHIPPED, product)):
            folders[:] = sorted(each for each in folders if each != "src")
            if any(name.startswith("docker-compose") and name.endswith((".yml", ".yaml")) for name in files):
                yield folder


def deployment_files(folder: str) -> dict[str, str]:
    """The text files of a deployment, with the example's `.env` in place where it has one."""
    found: dict[str, str] = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, folder).replace(os.sep, "/")] = file.read().decode("utf-8", "replace")
    if ".env" not in found and ".env.example" in found:
        found[".env"] = found[".env.example"]
    return found


@pytest.mark.parametrize("folder", [pytest.param(f, id=os.path.relpath(f, SHIPPED)) for f in shipped()])
def test_a_shipped_deployment_gives_published_secrets_once_each_and_nothing_else(folder: str) -> None:
    files = deployment_files(folder)
    found = [(each.rule.code, each.place.text) for each in linted(SILENT, files)]
    assert found == SHIPPED_SLIPS.get(os.path.relpath(folder, SHIPPED), [])
    secrets = linted(("STK008",), files)
    places = [reported.place for reported in secrets]
    assert len(set(places)) == len(places)
    if folder.endswith(os.path.join("1.11.4", "docker")):
        main = [r for r in secrets if r.place.document.path.endswith("/.env")]
        assert len(main) == 7


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_program_takes_what_it_falls_back_on_itself(product: str) -> None:
    facts = [fact for fact in facts_of(product) if fact.default is not None]
    assert [fact.name for fact in facts if fact.default is not None and not fact.accepts(fact.default)] == []


@given(st.sampled_from(sorted(product_table("dify").names("api"))), st.text(max_size=12))
def test_looking_for_a_refusal_finds_what_the_fact_itself_refuses(name: str, text: str) -> None:
    table = variables_of("dify", (1, 11, 4), "api")
    fact = table.get(name)
    refuses = fact is not None and not fact.accepts(text)
    assert (table.refusing(name, text) is not None) == refuses


@pytest.mark.parametrize(
    ("setting", "severity"),
    [
        pytest.param("REDIS_URI: redis://cache.example.com:6379", "error", id="required"),
        pytest.param("MILVUS_ADDRES: http://milvus:19530", "error", id="the only way to a server"),
        pytest.param("MONGODB_LOG_URIS: mongodb://mongo:27017/logs", "warning", id="a second way to a server"),
        pytest.param("SYNC_INDEXS: 'true'", "warning", id="a setting"),
    ],
)
def test_a_misspelled_name_is_an_error_where_nothing_works_without_it(setting: str, severity: str) -> None:
    compose = (
        "services:\n  fastgpt:\n    image: ghcr.io/labring/fastgpt:v4.14.7\n    environment:\n"
        f"      MONGODB_URI: mongodb://mongo:27017/fastgpt\n      {setting}\n"
        "  mongo:\n    image: mongo:5.0.32\n  milvus:\n    image: milvusdb/milvus:v2.4.3\n"
    )
    assert [each.severity.value for each in linted(("STK014",), {"compose.yaml": compose})] == [severity]


SECRET = "Zq9-of-nobody-else"


@pytest.mark.parametrize(
    ("code", "compose"),
    [
        pytest.param(
            "STK010",
            f"services:\n{API}      PLUGIN_DAEMON_KEY: {SECRET}\n  plugin_daemon:\n"
            "    image: langgenius/dify-plugin-daemon:0.5.2-local\n    environment:\n      SERVER_KEY: another\n",
            id="a-pair",
        ),
        pytest.param(
            "STK024", f"services:\n{API}      SECRET_KEY: {SECRET}\n{WORKER}      SECRET_KEY: b\n", id="twins"
        ),
        pytest.param("STK013", f"services:\n{API}      DB_PORT: {SECRET * 3}\n", id="a-secret-in-the-wrong-place"),
    ],
)
def test_a_message_never_shows_a_secret(code: str, compose: str) -> None:
    found = linted((code,), {"compose.yaml": compose})
    assert found
    told = [reported.message for reported in found] + [repr(reported.diagnostic) for reported in found]
    assert not [text for text in told if SECRET in text]


@pytest.mark.parametrize(
    ("code", "line"),
    [
        pytest.param("STK013", "      DB_PORT: ${PORT_OF_THE_HOST}\n", id="a-number-that-only-the-host-knows"),
        pytest.param("STK010", "      PLUGIN_DAEMON_KEY: ${KEY_OF_THE_HOST}\n", id="a-key-that-only-the-host-knows"),
        pytest.param("STK024", "      SECRET_KEY: ${KEY_OF_THE_HOST}\n", id="a-setting-that-only-the-host-knows"),
        pytest.param("STK018", "      CONSOLE_API_URL: http://${HOST_OF_THE_HOST}\n", id="a-host-that-nobody-knows"),
    ],
)
def test_what_is_unknown_is_silent(code: str, line: str) -> None:
    others = (
        f"{WORKER}      SECRET_KEY: a\n  plugin_daemon:\n    image: langgenius/dify-plugin-daemon:0.5.2-local\n"
        "    environment:\n      SERVER_KEY: another\n"
    )
    assert linted((code,), {"compose.yaml": f"services:\n{API}{line}{others}"}) == ()


@pytest.mark.parametrize(
    ("environment", "written"),
    [
        pytest.param(
            "      QDRANT_URL: 'http://qdrant:6333'\n      QDRANT_API_KEY: 'of $$today'\n",
            "      QDRANT_URL: http://qdrant:6333\n      QDRANT_API_KEY: of $$today\n",
            id="two-texts-that-need-no-quotes",
        ),
        pytest.param(
            "      QDRANT_URL: ${QDRANT_URL:-http://qdrant:6333}\n",
            "      QDRANT_URL: ${QDRANT_URL:-http://qdrant:6333}\n",
            id="an-expression",
        ),
    ],
)
def test_the_worker_is_given_in_a_fix_what_the_api_has(environment: str, written: str) -> None:
    compose = f"services:\n{API}      VECTOR_STORE: qdrant\n{environment}{WORKER}      VECTOR_STORE: qdrant\n"
    example = Example("", 1, (ExampleFile("", "compose.yaml", compose, ()),), ())
    outcome = mend_example(example, RULES["STK024"])
    assert not outcome.report.errors
    assert [change.after.decode() for change in outcome.changes] == [compose + written]


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60))
def test_the_sandboxs_own_file_may_hold_anything(text: str) -> None:
    compose = (
        f"services:\n{API}      CODE_EXECUTION_ENDPOINT: http://sandbox:8194\n      CODE_EXECUTION_API_KEY: {SECRET}\n"
        "  sandbox:\n    image: langgenius/dify-sandbox:0.2.12\n    volumes:\n      - ./conf:/conf\n"
    )
    found = linted(("STK010",), {"compose.yaml": compose, "conf/config.yaml": text})
    assert len(found) <= 1
    assert all(SECRET not in reported.message for reported in found)
