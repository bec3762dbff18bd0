"""Who reads a mounted JSON file decides whether comments are mistakes in it: the product's table says since when."""

from __future__ import annotations

import pytest

from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.models.loading import load_deployment
from stackmend.schemas.models.project import Options
from stackmend.schemas.parsers.json import JsonTree
from stackmend.schemas.workspace import Workspace

COMPOSE = """\
services:
  app:
    image: {image}
    volumes:
      - ./config.json:{target}
"""


def dialect(image: str, target: str = "/app/data/config.json") -> str:
    files = {
        "/p/compose.yaml": COMPOSE.format(image=image, target=target).encode(),
        "/p/config.json": b"{}",
    }
    deployment = load_deployment(Workspace(MemoryFiles(files)), "/p", Options(shell={}))
    (mounted,) = deployment.mounted
    assert isinstance(mounted.tree, JsonTree)
    return mounted.tree.dialect


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        pytest.param("ghcr.io/labring/fastgpt:v4.7.1", "strict", id="the last releases with JSON.parse"),
        pytest.param("ghcr.io/labring/fastgpt:v4.8.3", "strict", id="the release before JSON5"),
        pytest.param("ghcr.io/labring/fastgpt:v4.8.4", "json5", id="the first release with JSON5"),
        pytest.param("ghcr.io/labring/fastgpt:v4.8.4-fix", "json5", id="a fix of that release"),
        pytest.param("ghcr.io/labring/fastgpt:latest", "json5", id="a release that nobody can tell"),
        pytest.param("registry.example.com/team/gateway:1.0", "json5", id="a program that nobody knows"),
    ],
)
def test_the_reader_of_a_configuration_file_decides_its_dialect(image: str, expected: str) -> None:
    assert dialect(image) == expected


def test_only_the_file_that_the_product_reads_is_strict() -> None:
    assert dialect("ghcr.io/labring/fastgpt:v4.7.1", "/app/extra/notes.json") == "json5"
