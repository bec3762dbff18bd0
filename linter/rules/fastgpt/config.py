"""FastGPT's config.json: where this release reads it, and whether it names the models that the release takes from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Fix,
    JsonArray,
    JsonObject,
    JsonTree,
    Mount,
    MountedFile,
    Place,
    Related,
    Service,
    Severity,
    append_to,
    change_part,
    in_range,
    rule,
)

NAME = "config.json"


def _path(facts: dict[str, Any], deployment: Deployment) -> str | None:
    """Where this release reads its configuration; None when it reads none or nobody can tell."""
    version = deployment.versions["fastgpt"]
    for entry in facts["paths"]:
        if in_range(version, entry["since"], entry["until"]):
            return str(entry["path"])
    return None


@rule("FGP001", "config-not-mounted", Deployment, Severity.ERROR, faq=("F3.2", "F3.3"), fix=Applicability.UNSAFE)
def config_not_mounted(deployment: Deployment) -> Diagnostics:
    """The configuration file is there, but the application looks elsewhere and starts with its defaults."""
    table = deployment.table("fastgpt")
    if table is None:
        return
    path = _path(table.data["config"], deployment)
    if path is None:
        return
    for service in deployment.playing("fastgpt", "app"):
        if any(_provides(mount, path) for mount in service.mounts):
            continue
        elsewhere = [m for m in service.mounts if (m.source or "").rpartition("/")[2] == NAME]
        if elsewhere:
            yield _elsewhere(deployment, service, elsewhere[0], path)
        elif deployment.exists(f"{deployment.root}/{NAME}"):
            yield _not_at_all(deployment, service, path)


def _provides(mount: Mount, path: str) -> bool:
    target = (mount.target or "").rstrip("/")
    # A volume over the folder may hold the file: nobody can tell from here.
    return target == "" or path == target or path.startswith(target + "/")


def _elsewhere(deployment: Deployment, service: Service, mount: Mount, path: str) -> Diagnostic:
    target = mount.target or ""
    start = (mount.value.text or "").rfind(target) if mount.short else -1
    edit = change_part(deployment, mount.value, (target, start, start + len(target)), path) if start > 0 else None
    place = mount.value.place_of(start, start + len(target)) if start > 0 else None
    return Diagnostic(
        place or mount.place,
        "`{service}` reads its configuration at `{path}`, but the file is mounted at `{target}`: the defaults stay in force",
        (("service", service.name), ("path", path), ("target", target)),
        (),
        (Fix("Mount it at `{path}`", (edit,), Applicability.UNSAFE, (("path", path),)),) if edit else (),
    )


def _not_at_all(deployment: Deployment, service: Service, path: str) -> Diagnostic:
    item = f"./{NAME}:{path}"
    edit = append_to(deployment, service, "volumes", item)
    place: Place = service.place
    volumes = service.node.entries.get("volumes")
    if volumes is not None:
        place = volumes.key_place
    return Diagnostic(
        place,
        "`config.json` stands beside the compose file, but `{service}` does not mount it at `{path}`, so nothing reads it",
        (("service", service.name), ("path", path)),
        (),
        (Fix("Mount `{item}`", (edit,), Applicability.UNSAFE, (("item", item),)),) if edit else (),
    )


@rule("FGP003", "no-vector-model", Deployment, Severity.ERROR, faq=("F2.10",))
def no_vector_model(deployment: Deployment) -> Diagnostics:
    """Without an index model a knowledge base never gets on; without a language model nothing answers."""
    table = deployment.table("fastgpt")
    if table is None:
        return
    version = deployment.versions["fastgpt"]
    wanted = [m for m in table.data["config"]["models"] if in_range(version, m["since"], m["until"])]
    if version is None or not wanted:
        return
    for file, tree, root in _configurations(deployment):
        for model in wanted:
            node = root.get(model["key"])
            if isinstance(node, JsonArray) and node.items:
                continue
            member = next((m for m in reversed(root.members) if m.key.text == model["key"]), None)
            span = member.key.span if member else tree.document.place(root.span.start, root.span.start + 1).span
            yield Diagnostic(
                Place(tree.document, span),
                "`{key}` is {state}, and FastGPT {version} takes its {what} models from there: {effect}",
                (
                    ("key", model["key"]),
                    ("state", "empty" if member else "missing"),
                    ("version", ".".join(map(str, version))),
                    ("what", "index" if model["kind"] == "vector" else "language"),
                    (
                        "effect",
                        "a knowledge base never gets past indexing"
                        if model["kind"] == "vector"
                        else "no app can answer",
                    ),
                ),
                (Related(file.mount.place, f"`{file.service.name}` mounts the file here"),),
            )


def _configurations(deployment: Deployment) -> Iterator[tuple[MountedFile, JsonTree, JsonObject]]:
    """The configuration files that FastGPT's application reads, when they can be read."""
    for service in deployment.playing("fastgpt", "app"):
        for file in deployment.mounted_by(service, "json"):
            tree = file.tree
            if (
                file.container_path.endswith("/" + NAME)
                and isinstance(tree, JsonTree)
                and isinstance(tree.root, JsonObject)
            ):
                yield file, tree, tree.root
