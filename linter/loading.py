"""What the engine needs to know of files and deployments beside what rules say: what they are, and their secrets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from .names import named_kind
from .report import DeploymentSummary

if TYPE_CHECKING:
    from ..schemas.models.deployment import Deployment
    from ..schemas.parsers.nginx import NginxTree
    from ..schemas.parsers.yaml import YamlTree
    from ..schemas.workspace import Tree, Workspace


def compose_shape(tree: YamlTree) -> Literal["whole", "part", "other"]:
    """Whether a YAML file is a "whole" Compose file, a "part" to be laid over another, or "other" than Compose."""
    from ..schemas.parsers.yaml import YamlMapping

    root = tree.roots[0] if tree.roots else None
    services = root.entry("services") if isinstance(root, YamlMapping) else None
    if not isinstance(root, YamlMapping) or (services is None and root.entry("include") is None):
        return "other"
    if services is None or not isinstance(services.value, YamlMapping):
        return "whole"
    for entry in services.value.entries:
        body = entry.value
        if isinstance(body, YamlMapping) and not entry.is_merge:
            own = any(body.entry(key) for key in ("image", "build", "extends", "provider"))
            if not own and not any(e.is_merge for e in body.entries):
                return "part"
    return "whole"


def parse_loose(workspace: Workspace, path: str) -> Tree | None:
    """The tree of a file that no deployment reads, by its name; None where its text is of no such format.

    Raises OSError.
    """
    folder, _, name = path.rpartition("/")
    kind = named_kind(path)
    if kind == "nginx":
        nginx = workspace.nginx(path)
        return nginx if name.startswith("nginx") or _speaks_nginx(nginx) else None
    if kind == "squid":
        return workspace.squid(path)
    if kind == "dotenv":
        # The api of a Dify source checkout reads its .env with python-dotenv.
        files = workspace.files
        source = (
            name == ".env"
            and files.kind(f"{folder}/configs") == "directory"
            and files.kind(f"{folder}/app.py") == "file"
        )
        return workspace.dotenv(path, "python-dotenv" if source else "compose")
    return workspace.json(path, "json5")


def _speaks_nginx(tree: NginxTree) -> bool:
    """Whether a file has a directive of nginx: beside its files lie those of supervisord, logrotate and the like."""
    from ..schemas.parsers.nginx_directives import forms

    return any(forms(directive.name.text) for directive, _ in tree.walk())


def summary_of(deployment: Deployment, *, topology: bool) -> DeploymentSummary:
    """What a report says of a deployment; with its `topology` for the formats that draw it."""
    version = deployment.version
    drawn = None
    if topology:
        from .topology import topology_of

        drawn = topology_of(deployment)
    return DeploymentSummary(
        deployment.root,
        tuple(dict.fromkeys(t.document.path for t in deployment.trees)),
        deployment.product,
        ".".join(map(str, version)) if version else None,
        drawn,
    )


def secrets_of_deployment(deployment: Deployment) -> Iterable[str]:
    """What must be masked of a deployment: secrets among effective values, and those that stand in its files."""
    from .secrets import of_projects, of_trees

    yield from of_projects((deployment.project,))
    yield from of_trees(deployment.trees)


def secrets_of_tree(tree: Tree) -> Iterable[str]:
    """What must be masked of a file that no deployment reads."""
    from .secrets import of_trees

    return of_trees((tree,))
