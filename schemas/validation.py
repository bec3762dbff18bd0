"""JSON Schema over a tree: each mistake once, at the key or value that a person has to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .conformance import Schema, conforms, load_schema
from .instances import EFFECTIVE

if TYPE_CHECKING:
    from .instances import Reader
    from .violation import Violation

__all__ = ["conforms", "load_schema", "violations"]


def violations(schema: Schema, node: Any, reader: Reader = EFFECTIVE) -> tuple[Violation, ...]:
    """What is wrong in a tree, in the order of the text, at most 500; () exactly when `conforms` says yes.

    An unknown value satisfies everything. A mistake that reaches the tree several times through one place (an anchor, a
    base service) is told once.
    """
    from .judge import examine

    return examine(schema, node, reader)
