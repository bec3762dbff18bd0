"""FastGPT's config.json: whether it lies where this release reads it, and names the models that are taken from it."""

from __future__ import annotations

from typing import Any

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Fix,
    JsonArray,
    Mount,
    Place,
    Related,
    Service,
    Severity,
    append_to,
    change_part,
    in_range,
    rule,
)
from .config_files import NAME, brace, configurations


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
    path = _path(table.data["config"], deployment) if table else None
    if path is None:
        return
    for service in deployment.playing("fastgpt", "app"):
        if any(_provides(mount, path) for mount in service.mounts):
            continue
        elsewhere = next((m for m in service.mounts if (m.source or "").rpartition("/")[2] == NAME), None)
        if elsewhere is not None:
            yield _elsewhere(deployment, service, elsewhere, path)
        elif deployment.exists(f"{deployment.root}/{NAME}") and not deployment.project.cut_off:
            yield _not_at_all(deployment, service, path)


def _provides(mount: Mount, path: str) -> bool:
    # A volume over the folder may hold the file: nobody can tell from here. Neither can an unknown target be told.
    target = (mount.target or "").rstrip("/")
    return target in ("", path) or path.startswith(target + "/")


def _elsewhere(deployment: Deployment, service: Service, mount: Mount, path: str) -> Diagnostic:
    target = mount.target or ""
    text = mount.value.text or ""
    # In the short form the target stands behind the source; in the long one the value is another key's.
    start = text.find(f":{target}") + 1 if mount.short else 0
    end = start + len(target)
    edit = change_part(deployment, mount.value, (target, start, end), path) if start else None
    return Diagnostic(
        (mount.value.place_of(start, end) if start else None) or mount.place,
        "`{service}` reads its configuration at `{path}`, but the file is mounted at `{target}`, so the defaults stay "
        "in force",
        (("service", service.name), ("path", path), ("target", target)),
        (),
        (Fix("Mount it at `{path}`", (edit,), Applicability.UNSAFE, (("path", path),)),) if edit else (),
    )


def _not_at_all(deployment: Deployment, service: Service, path: str) -> Diagnostic:
    item = f"./{NAME}:{path}"
    edit = append_to(deployment, service, "volumes", item)
    volumes = service.node.entries.get("volumes")
    return Diagnostic(
        volumes.key_place if volumes is not None else service.place,
        "`config.json` lies beside the compose file, but `{service}` does not mount it at `{path}`, so nothing reads "
        "it",
        (("service", service.name), ("path", path)),
        (),
        (Fix("Mount `{item}`", (edit,), Applicability.UNSAFE, (("item", item),)),) if edit else (),
    )


# By kind of model and whether its key is there.
MESSAGES = {
    ("vector", False): (
        "there is no `{key}`, from which FastGPT {version} takes its index models: a knowledge base never gets past "
        "indexing"
    ),
    ("vector", True): (
        "`{key}` is empty, and FastGPT {version} takes its index models from it: a knowledge base never gets past "
        "indexing"
    ),
    ("llm", False): "there is no `{key}`, from which FastGPT {version} takes its language models: no app can answer",
    ("llm", True): "`{key}` is empty, and FastGPT {version} takes its language models from it: no app can answer",
}


@rule("FGP003", "no-vector-model", Deployment, Severity.ERROR, faq=("F2.10",))
def no_vector_model(deployment: Deployment) -> Diagnostics:
    """Without an index model a knowledge base never gets on; without a language model nothing answers."""
    table = deployment.table("fastgpt")
    version = deployment.versions.get("fastgpt")
    if table is None or version is None:
        return
    wanted = [m for m in table.data["config"]["models"] if in_range(version, m["since"], m["until"])]
    for file, tree, root in configurations(deployment) if wanted else ():
        for model in wanted:
            node = root.get(model["key"])
            if isinstance(node, JsonArray) and node.items:
                continue
            member = next((m for m in reversed(root.members) if m.key.text == model["key"]), None)
            # Under the key of another release it is FGP002 that speaks.
            chains = table.configuration.successors if member is None else ()
            if any(m.key.text in chain for chain in chains if model["key"] in chain for m in root.members):
                continue
            values = (
                ("key", model["key"]),
                ("version", ".".join(map(str, version))),
                ("service", file.service.name),
            )
            yield Diagnostic(
                Place(tree.document, member.key.span) if member else brace(tree, root),
                MESSAGES[model["kind"], member is not None],
                values,
                (Related(file.mount.place, "`{service}` mounts the file here", values),),
            )
