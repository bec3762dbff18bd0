"""The facts in schemas/data, as they are written there."""

from __future__ import annotations

import json
import os
from typing import Any

DATA = os.path.join(os.path.dirname(os.path.dirname(__file__)), "data")


def read_table(name: str) -> dict[str, Any]:
    """A file of facts by its name without `.json`. Raises OSError for a name that has none."""
    with open(os.path.join(DATA, f"{name}.json"), encoding="utf-8") as file:
        data: dict[str, Any] = json.load(file)
    return data
