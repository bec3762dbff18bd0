"""All names of a deployment with their places, made when they are first asked for and kept with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from ...schemas.parsers.dotenv import DotenvTree
from ...schemas.parsers.squid import SquidTree
from ...schemas.parsers.yaml import YamlTree
from .acl_names import acl_names
from .compose_names import compose_names
from .host_names import host_names
from .mention import Index, Mention
from .variable_names import dotenv_names, variable_names

if TYPE_CHECKING:
    from ...schemas.models.deployment import Deployment
    from ...schemas.workspace import Tree
    from .analysis import Analysis

_OF_DEPLOYMENTS: WeakKeyDictionary[Deployment, Index] = WeakKeyDictionary()
_OF_TREES: WeakKeyDictionary[Tree, Index] = WeakKeyDictionary()


def concerned(analysis: Analysis, path: str) -> tuple[Deployment, ...]:
    """The deployments that a file is about: those that read it, else those in its folder (for an example of `.env`)."""
    folder = path.rpartition("/")[0]
    return analysis.readers(path) or tuple(d for d in analysis.deployments if d.root == folder)


def indexes(analysis: Analysis, path: str) -> tuple[Index, ...]:
    """The indexes in which the names of a file stand."""
    found = tuple(index_of(deployment) for deployment in concerned(analysis, path))
    if any(index.reads(path) for index in found):
        return found
    return (*found, *(_lone(tree) for tree in analysis.trees(path)))


def index_of(deployment: Deployment) -> Index:
    """The index of a deployment."""
    found = _OF_DEPLOYMENTS.get(deployment)
    if found is None:
        found = _OF_DEPLOYMENTS[deployment] = Index(mentions_of(deployment))
    return found


def mentions_of(deployment: Deployment) -> Iterator[Mention]:
    """Every name in the files of a deployment."""
    for tree in deployment.project.files:
        yield from compose_names(tree)
    for file in deployment.mounted:
        if isinstance(file.tree, SquidTree):
            yield from acl_names(file.tree, (file.service.name,))
    yield from host_names(deployment)
    yield from variable_names(deployment)


def _lone(tree: Tree) -> Index:
    found = _OF_TREES.get(tree)
    if found is None:
        found = _OF_TREES[tree] = Index(_in_tree(tree))
    return found


def _in_tree(tree: Tree) -> Iterator[Mention]:
    if isinstance(tree, DotenvTree):
        yield from dotenv_names(tree, "env")
    elif isinstance(tree, SquidTree):
        yield from acl_names(tree, ())
    elif isinstance(tree, YamlTree):
        yield from compose_names(tree)
