"""The config.json files that FastGPT's application reads."""

from __future__ import annotations

from collections.abc import Iterator

from ...kit import Deployment, JsonArray, JsonObject, JsonScalar, JsonTree, MountedFile, Place, Version, in_range

NAME = "config.json"


def configurations(deployment: Deployment) -> Iterator[tuple[MountedFile, JsonTree, JsonObject]]:
    """The files that FastGPT's application mounts as its configuration, when they can be read whole."""
    for service in deployment.playing("fastgpt", "app"):
        for file in deployment.mounted_by(service, "json"):
            tree = file.tree
            if not file.container_path.endswith("/" + NAME) or not isinstance(tree, JsonTree):
                continue
            if isinstance(tree.root, JsonObject) and tree.whole:
                yield file, tree, tree.root


def models(deployment: Deployment, kind: str) -> Iterator[tuple[JsonTree, JsonObject]]:
    """The models of a kind ("llm", "vector") in those files, as long as the release takes them from there."""
    table = deployment.table("fastgpt")
    version = deployment.versions.get("fastgpt")
    for model in table.data["config"]["models"] if table else ():
        if model["kind"] != kind or not in_range(version, model["since"], model["until"]):
            continue
        for _, tree, root in configurations(deployment):
            found = root.get(model["key"])
            for item in found.items if isinstance(found, JsonArray) else ():
                if isinstance(item, JsonObject):
                    yield tree, item


def text_of(model: JsonObject, key: str) -> str:
    """The text of a member, "" where it is no text."""
    node = model.get(key)
    return node.text if isinstance(node, JsonScalar) and node.kind == "string" else ""


def number_of(model: JsonObject, key: str) -> float | None:
    """The number of a member, None where it is none."""
    node = model.get(key)
    if not isinstance(node, JsonScalar) or node.kind != "number":
        return None
    try:
        return float(node.text)
    except ValueError:
        return None


def place_of(tree: JsonTree, model: JsonObject, key: str) -> Place:
    """Where a person edits a member: its value, or the start of the object when it is not there."""
    node = model.get(key)
    return tree.document.place(*node.span) if node is not None else brace(tree, model)


def brace(tree: JsonTree, node: JsonObject) -> Place:
    """The brace that opens an object."""
    return tree.document.place(node.span.start, node.span.start + 1)


def shown(version: Version) -> str:
    """A release as people write it."""
    return ".".join(map(str, version))
