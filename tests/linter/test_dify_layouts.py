"""The forms in which people run Dify: each is quiet as it is, and a mistake in it is found where it stands."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stackmend.linter.config import Overrides
from stackmend.linter.rules import all_rules
from stackmend.linter.session import Request, run
from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.workspace import Workspace

RULES = tuple(all_rules())
Release = Callable[[str], dict[str, str]]
Files = dict[str, str]
Found = set[tuple[str, str]]
COMPOSE = "docker-compose.yaml"


def found(files: Files, top: str = "docker") -> Found:
    """The codes of errors and warnings with their files, published secrets left out."""
    data = {f"/project/{path}": text.encode() for path, text in files.items()}
    workspace = Workspace(MemoryFiles(data))
    request = Request((f"/project/{top}".rstrip("/"),), "/project", Overrides(), isolated=True, shell={})
    report = run(request, workspace, RULES).report
    assert not report.errors
    loud = (d for d in report.diagnostics if d.severity.value != "info" and d.rule.code != "STK008")
    return {(d.rule.code, d.place.document.path.removeprefix("/project/")) for d in loud}


def inside(files: Files) -> Files:
    return {f"docker/{path}": text for path, text in files.items()}


def replaced(files: Files, path: str, old: str, new: str, count: int = -1) -> Files:
    assert old in files[path]
    return {**files, path: files[path].replace(old, new, count)}


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        pytest.param("DB_HOST: pg.example.org", set[str](), id="an external database"),
        pytest.param(
            "VECTOR_STORE: qdrant\n      QDRANT_URL: http://qd.example.org:6333", set[str](), id="a store elsewhere"
        ),
        pytest.param("DB_HOST: 127.0.0.1", {"STK001"}, id="the container itself"),
        pytest.param("CODE_EXECUTION_ENDPOINT: http://sandbx:8194", {"STK002"}, id="nobody"),
    ],
)
def test_an_override_file(release: Release, override: str, expected: set[str]) -> None:
    text = "".join(f"  {name}:\n    environment:\n      {override}\n" for name in ("api", "worker"))
    files = inside({**release("0.15.3"), "docker-compose.override.yaml": f"services:\n{text}"})
    assert found(files) == {(code, "docker/docker-compose.override.yaml") for code in expected}


def test_an_override_for_one_of_two_services_is_found(release: Release) -> None:
    text = "services:\n  worker:\n    environment:\n      VECTOR_STORE: milvus\n      MILVUS_URI: http://m.example.org:19530\n"
    files = inside({**release("0.15.3"), "docker-compose.override.yaml": text})
    assert ("DFY001", "docker/docker-compose.override.yaml") in found(files)


def test_databases_outside_of_the_stack(release: Release) -> None:
    files = release("1.11.4")
    env = files[".env"].replace("DB_HOST=db_postgres", "DB_HOST=pg.example.org")
    env = env.replace("REDIS_HOST=redis", "REDIS_HOST=cache.example.org").replace(
        "@redis:6379", "@cache.example.org:6379"
    )
    assert found(inside({**files, ".env": env})) == set()
    half = env.replace("@cache.example.org:6379", "@caches:6379")
    assert found(inside({**files, ".env": half})) == {("STK002", "docker/.env")}


def test_podman_with_names_in_full(release: Release) -> None:
    files = release("1.4.3")
    text = files.pop(COMPOSE)
    for name in ("langgenius/", "semitechnologies/", "ubuntu/"):
        text = text.replace(f"image: {name}", f"image: docker.io/{name}")
    for name in ("postgres:", "redis:", "nginx:"):
        text = text.replace(f"image: {name}", f"image: docker.io/library/{name}")
    files["compose.yaml"] = text
    assert found(inside(files)) == set()
    wrong = replaced(files, "compose.yaml", "dify-web:1.4.3", "dify-web:1.3.0")
    assert found(inside(wrong)) == {("STK011", "docker/compose.yaml")}


def test_paths_of_windows(release: Release) -> None:
    files, own = release("0.15.3"), "./volumes/app/storage:/app/api/storage"
    both = replaced(files, COMPOSE, own, r"D:\dify\storage:/app/api/storage")
    assert found(inside(both)) == set()
    assert found(inside(replaced(both, COMPOSE, r"D:\dify", "d:/Dify", 1))) == set()
    apart = replaced(both, COMPOSE, r"D:\dify\storage", r"D:\other\storage", 1)
    assert found(inside(apart)) == {("DFY030", f"docker/{COMPOSE}")}


def test_line_ends_of_windows(release: Release) -> None:
    files = {path: text.replace("\n", "\r\n") for path, text in release("1.11.4").items()}
    loud = found(inside(files))
    assert {file for code, file in loud if code[:3] in ("DFY", "STK", "CMP", "NGX", "SQD")} == set()


MIDDLEWARE = "docker/docker-compose.middleware.yaml"


def source(release: Release, version: str) -> Files:
    """A checkout whose api and web are run by hand, and only the databases by Compose."""
    files = inside(release(version))
    example = files.get("docker/middleware.env.example") or files.get("docker/envs/middleware.env.example", "")
    return {
        **{path: text for path, text in files.items() if path != "docker/.env"},
        "docker/middleware.env": example,
        ".git/HEAD": "ref: refs/heads/main\n",
        "api/app.py": "app = None\n",
        "api/configs/app_config.py": "",
        "api/.env": "SECRET_KEY=of-my-own\nCONSOLE_API_URL=http://localhost:5001\nLOG_FORMAT='a # b'\n",
        "web/.env.local": "NEXT_PUBLIC_API_PREFIX=http://localhost:5001/console/api\n",
        "web/package.json": "{}\n",
    }


@pytest.mark.parametrize("version", ["0.15.3", "1.11.4", "1.16.0"])
def test_a_source_deployment(release: Release, version: str) -> None:
    files = source(release, version)
    clean = {each for each in found(files, "") if not each[1].endswith((".example", f"/{COMPOSE}"))}
    assert clean == set()
    lacking = {
        **files,
        "api/.env": files["api/.env"] + 'DB_PASSWORD="half\n',
        "web/.env.local": "EDITION=A\nEDITION=B\n",
    }
    broken = found(lacking, "") - found(files, "")
    assert {file for _, file in broken} == {"api/.env", "web/.env.local"}
    clash = {
        **files,
        "docker/middleware.env": files["docker/middleware.env"]
        + "\nEXPOSE_REDIS_PORT=5432\nEXPOSE_POSTGRES_PORT=5432\n",
    }
    assert ("CMP018", MIDDLEWARE) in found(clash, "")


MIXED = """\
services:
  api: {image: "langgenius/dify-api:1.11.4", environment: {MODE: api, REDIS_HOST: redis, VECTOR_STORE: weaviat}}
  worker: {image: "langgenius/dify-api:1.11.4", environment: {MODE: worker, REDIS_HOST: redis, VECTOR_STORE: weaviat}}
  web: {image: "langgenius/dify-web:1.11.4"}
  fastgpt:
    image: ghcr.io/labring/fastgpt:v4.8.11
    environment: {OPENAI_BASE_URL: "http://localhost:11434/v1", CHAT_API_KEY: sk-of-my-own}
  open-webui: {image: "ghcr.io/open-webui/open-webui:v0.6.5", environment: {OLLAMA_BASE_URL: "http://ollam:11434"}}
  ollama: {image: "ollama/ollama:0.6.0"}
  redis: {image: "redis:7"}
"""


def test_products_beside_each_other_are_judged_each_by_its_own_table() -> None:
    codes = {code for code, _ in found({"docker/compose.yaml": MIXED})}
    assert {"DFY002", "STK001", "STK002"} <= codes
    mended = MIXED.replace("weaviat}", "weaviate}").replace("localhost", "ollama").replace("ollam:", "ollama:")
    left = {code for code, _ in found({"docker/compose.yaml": mended})}
    assert not {"DFY002", "STK001", "STK002"} & left


def test_a_stack_of_no_product_that_we_know_is_quiet() -> None:
    text = (
        "services:\n  shop:\n    image: registry.example.org/shop:3.1\n    environment:\n      VECTOR_STORE: mine\n"
        "      MODE: api\n      LOG_LEVEL: chatty\n      DB_HOST: localhost\n      STORAGE_TYPE: cellar\n"
        "      UPLOAD_FILE_SIZE_LIMIT: 0\n"
    )
    assert found({"docker/compose.yaml": text}) == set()
