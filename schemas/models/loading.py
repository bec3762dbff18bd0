"""Reads a deployment: its Compose project, the files that it mounts, and the products that it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from ..parsers.document import Problem
from .deployment import Deployment, find_boundary
from .image import Image
from .mounted import mounted_files
from .product import PRODUCTS, ProductTable, product_table
from .project import Options, Project
from .service import Service

if TYPE_CHECKING:
    from ..parsers.json import Dialect
    from ..workspace import Tree, Workspace


def load_deployment(
    workspace: Workspace,
    root: str,
    options: Options,
    remembered: Callable[[Callable[[], Project]], Project] | None = None,
) -> Deployment:
    """Read the deployment in a folder. What is wrong in it stands in `project.problems` and `problems`.

    `remembered` is given how to load the Compose project, and may spare that where the one of before holds.
    """
    from .compose import load_project

    boundary = options.boundary or find_boundary(workspace.files, root)
    load = partial(load_project, workspace, root, options._replace(boundary=boundary))
    project = load() if remembered is None else remembered(load)
    problems: list[Problem] = []
    images = {
        name: Image.parse(service.image.text)
        for name, service in project.services.items()
        if service.image is not None and service.image.text
    }
    tables = _tables(images)

    def json_dialect(service: Service, path: str) -> Dialect:
        image = images.get(service.name)
        table = next((t for t in tables if image is not None and image.name in t.images), None)
        if image is None or table is None:
            return "json5"
        return table.json_dialect(service, image, path, table.version(images.values()))

    services = tuple(project.services.values())
    mounted = tuple(mounted_files(workspace, services, boundary, problems, json_dialect))
    trees: dict[int, Tree] = {}
    for tree in (*project.files, *project.env_files, *project.service_env_files, *(m.tree for m in mounted)):
        if tree is not None:
            trees.setdefault(id(tree), tree)
    return Deployment(
        project.root,
        boundary,
        project,
        workspace,
        mounted,
        tuple(problems),
        tuple(trees.values()),
        tables,
        images,
    )


def _tables(images: Mapping[str, Image]) -> tuple[ProductTable, ...]:
    names = {image.name for image in images.values()}
    return tuple(table for table in map(product_table, PRODUCTS) if table.images & names)
