"""Trees for the schema tests, and Docker Compose as their judge."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeGuard

import pytest

from stackmend.schemas.models.node import Entry, MappingNode, Node, ScalarKind, ScalarNode, SequenceNode
from stackmend.schemas.models.value import Value
from stackmend.schemas.parsers.document import Document, Place
from stackmend.schemas.parsers.yaml import YamlAlias, YamlMapping, YamlNode, YamlScalar, parse_yaml

DOCKER_COMPOSE = shutil.which("docker-compose", path=f"/usr/local/lib/judges{os.pathsep}{os.environ.get('PATH', '')}")
NOWHERE = Document("/nowhere", "").place(0, 0)


def is_mapping(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def is_list(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _node_of(data: Any) -> Node:
    """Plain data as effective nodes without places."""
    if is_mapping(data):
        return MappingNode({key: Entry(key, NOWHERE, _node_of(value)) for key, value in data.items()}, NOWHERE)
    if is_list(data):
        return SequenceNode(tuple(_node_of(item) for item in data), NOWHERE)
    kinds: dict[type, ScalarKind] = {str: "str", bool: "bool", int: "int", float: "float", type(None): "null"}
    text = "" if data is None else data if isinstance(data, str) else json.dumps(data)
    return ScalarNode(Value.literal(text, NOWHERE), NOWHERE, kinds[type(data)])


def _tree_of(text: str) -> Node:
    """YAML as effective nodes; `${?}` is unknown, and `${…}` stands for its own inner text."""
    document = Document("/compose.yaml", text)

    def place(node: YamlNode) -> Place:
        return Place(document, node.span)

    def scalar(node: YamlScalar) -> ScalarNode:
        variable = node.text.startswith("${")
        value = Value.literal(node.text[2:-1] if variable else node.text, place(node))
        unknown = node.text == "${?}"
        return ScalarNode(Value.unknown() if unknown else value, place(node), node.kind, node.style, variable)

    def convert(node: YamlNode) -> Node:
        if isinstance(node, YamlAlias):
            assert node.target is not None
            return convert(node.target)
        if isinstance(node, YamlScalar):
            return scalar(node)
        if isinstance(node, YamlMapping):
            keys = [(entry.key, entry.value) for entry in node.entries if isinstance(entry.key, YamlScalar)]
            entries = {key.text: Entry(key.text, place(key), convert(value)) for key, value in keys}
            return MappingNode(entries, place(node), node.flow)
        return SequenceNode(tuple(convert(item) for item in node.items), place(node), node.flow)

    tree = parse_yaml(document)
    assert not tree.problems
    return convert(tree.roots[0])


@pytest.fixture(scope="session")
def node_of() -> Callable[[Any], Node]:
    """`node_of(data)`: plain data as effective nodes without places."""
    return _node_of


@pytest.fixture(scope="session")
def tree_of() -> Callable[[str], Node]:
    """`tree_of(yaml)`: effective nodes; `${?}` is unknown, and `${…}` stands for its own inner text."""
    return _tree_of


@pytest.fixture(scope="session")
def compose_says(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """`compose_says(text)`: what Docker Compose writes about a file that it refuses, "" for one that it takes."""
    if DOCKER_COMPOSE is None:
        if os.environ.get("ORACLES") == "required":
            pytest.fail("docker-compose 2 is not here, and ORACLES=required")
        pytest.skip("docker-compose 2 is not here")
    program = DOCKER_COMPOSE
    folder: Path = tmp_path_factory.mktemp("compose")

    def says(text: str) -> str:
        (folder / "compose.yaml").write_text(text)
        command = [program, "-f", "compose.yaml", "config", "--no-path-resolution", "-q"]
        answer = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
        return answer.stderr if answer.returncode else ""

    return says


@pytest.fixture(scope="session")
def compose_refuses(compose_says: Callable[[str], str]) -> Callable[[str], bool]:
    """Whether Docker Compose refuses a file for its schema or a cast."""

    def refuses(text: str) -> bool:
        said = compose_says(text)
        return any(words in said for words in ("validating ", "failed to cast", "unexpected type"))

    return refuses
