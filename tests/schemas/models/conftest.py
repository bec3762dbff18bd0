"""What tests of the product tables read: the tables' own files, and the facts about every release."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from typing import Any

from stackmend.schemas.models.image import Version, parse_version
from stackmend.schemas.models.product import ProductTable, product_table
from stackmend.schemas.models.tables import DATA

FACTS = os.path.join(os.path.dirname(__file__), *[os.pardir] * 4, "shared", "corpus", "facts")


def data(name: str) -> dict[str, Any]:
    """A file of the tables."""
    with open(os.path.join(DATA, name), encoding="utf-8") as file:
        found: dict[str, Any] = json.load(file)
    return found


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of a file of facts."""
    with open(os.path.join(FACTS, name), encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def version(text: str) -> Version:
    """A release that there is."""
    found = parse_version(text)
    assert found is not None
    return found


def dify() -> ProductTable:
    """Dify's table."""
    return product_table("dify")
