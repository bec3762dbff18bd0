"""What a reader takes of a text, where that is certain."""

from __future__ import annotations

import pytest

from stackmend.schemas.models.variable_fact import VariableFact, VariableType


@pytest.mark.parametrize("kind", ["url", "str"])
@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("http://api:5001", True),
        ("http://api:5001/a:b", True),
        ("http://api", True),
        ("http://api:", True),
        ("http://[fd00::1]:8080", True),
        ("http://[fd00::1]", True),
        ("http://user:p:w@api:5001", True),
        ("http://one:9200,http://two:9200", True),
        ("http://api:5001}", False),
        ("http://api:port", False),
        ("http://user:word@api:50o1/x", False),
        ("http://[fd00::1]:80a", False),
    ],
)
def test_what_stands_behind_the_host_of_an_address_must_be_a_port(kind: VariableType, text: str, taken: bool) -> None:
    fact = VariableFact("API_URL", kind, form="" if kind == "url" else "web-address")
    assert fact.accepts(text) is taken
    assert fact.refuses_port(text) is not taken
