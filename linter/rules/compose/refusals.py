"""What Compose refuses in a deployment, found once for all rules: schema violations, and problems of the model."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from ...kit import (
    Deployment,
    Document,
    MappingNode,
    Node,
    Place,
    Problem,
    Project,
    SequenceNode,
    conforms,
    load_schema,
    violations,
)

if TYPE_CHECKING:
    from ....schemas.violation import Path, Violation

# After these the tree holds a stand-in for what could not be read, and the stand-in's type means nothing.
_STAND_INS = frozenset(("alias-cycle", "too-many-nodes", "undefined-alias", "cannot-merge"))
_UNREADABLE = frozenset(("syntax", "tab-indent", "invalid-character", "too-deep", "too-large"))

MOST_FIXES = 200
"""So many findings of one rule get a fix: each costs a walk through a file that may hold nothing but mistakes."""
_COMPARISONS = 20_000


def comparable(names: int) -> int:
    """For how many mistyped names the near one is looked for among so many names, in acceptable time."""
    return _COMPARISONS // max(names, 1)


class Refusals(NamedTuple):
    """The schema violations of a deployment, without the echoes of a syntax error, and every place they concern.

    `broken` are the files that could not be read to their end: what seems wrong there may only be cut off. `misshapen`
    are mappings that stand where something else belongs, so that it does not matter what their keys are.
    """

    violations: tuple[Violation, ...] = ()
    places: frozenset[Place] = frozenset()
    broken: frozenset[Document] = frozenset()
    misshapen: tuple[Place, ...] = ()


def refusals(deployment: Deployment) -> Refusals:
    """What the schema refuses in a deployment; found once, for several rules ask."""
    return _of_project(deployment.project)


@lru_cache(maxsize=1)
def _of_project(project: Project) -> Refusals:
    schema = load_schema("compose")
    unreadable = (t.document for t in project.files if any(p.kind in _UNREADABLE for p in t.problems))
    broken = frozenset(unreadable)
    if conforms(schema, project.tree):
        return Refusals(broken=broken)
    stand_ins = {problem.place for problem in project.problems if problem.kind in _STAND_INS}
    every = violations(schema, project.tree)
    kept = tuple(v for v in every if v.place.document not in broken and v.place not in stand_ins)
    places = frozenset(place for v in every for place in _places(project.tree, v))
    wrong = (_at(project.tree, v.path) for v in kept if v.kind == "wrong-type")
    return Refusals(kept, places, broken, tuple(node.place for node in wrong if isinstance(node, MappingNode)))


def refused(deployment: Deployment, *kinds: str) -> Iterator[Problem]:
    """The model's problems of these kinds, without those that a schema violation tells already."""
    for problem in readable(deployment, *kinds):
        if not _told(deployment, problem):
            yield problem


def readable(deployment: Deployment, *kinds: str) -> Iterator[Problem]:
    """The model's problems of these kinds, in files that could be read to their end."""
    for problem in deployment.project.problems:
        if problem.kind in kinds and problem.place.document not in refusals(deployment).broken:
            yield problem


def _told(deployment: Deployment, problem: Problem) -> bool:
    document, span = problem.place
    found = refusals(deployment)
    if problem.kind == "non-string-key" and any(
        p.document is document and p.span.covers(span) for p in found.misshapen
    ):
        return True
    return any(p.document is document and span.covers(p.span) for p in found.places)


def _places(tree: Node, violation: Violation) -> Iterator[Place]:
    yield violation.place
    if violation.key is not None:
        yield violation.key
    node = _at(tree, violation.path[:-1] if violation.kind == "missing-key" else violation.path)
    if node is not None:
        yield node.place


def _at(node: Node, path: Path) -> Node | None:
    for step in path:
        if isinstance(node, MappingNode) and step in node.entries:
            node = node.entries[str(step)].node
        elif isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
        else:
            return None
    return node
