"""A structural path names a place by what it is in, whatever stands above it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackmend.linter.address import address
from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.workspace import Workspace

COMPOSE = """\
services:
  api:
    image: example/api:1
    environment:
      - MODE=fast
      - DEBUG
    ports:
      - "80:80"
      - target: 443
        published: 8443
    command: {run: [a, b]}
---
other: here
"""
JSON = '{"llmModels": [{"model": "gpt", "price": 1}, {"price": 2}], "a": {"b": [3]}}'
NGINX = "http {\n  server {\n    location /api {\n      proxy_pass http://api;\n    }\n  }\n}\n"
SQUID = "acl local src 10.0.0.0/8\nhttp_access  allow local\n"
DOTENV = "# comment\nA=1\nexport B='two'\n"
TEXTS = {"c.yaml": COMPOSE, "c.json": JSON, "n.conf": NGINX, "s.conf": SQUID, ".env": DOTENV}
PARSERS = {"c.yaml": "yaml", "c.json": "json", "n.conf": "nginx", "s.conf": "squid", ".env": "dotenv"}


def found(name: str, words: str, above: str = "") -> str:
    """The path of the first place of some words in one of the texts."""
    path = f"/r/{name}"
    text = above + TEXTS[name]
    workspace = Workspace(MemoryFiles({path: text.encode()}))
    getattr(workspace, PARSERS[name])(path)
    start = text.index(words, len(above))
    return address(workspace.parsed(path), workspace.document(path).place(start, start + len(words)))


CASES = [
    pytest.param("c.yaml", "api:", "services.api", id="a key"),
    pytest.param("c.yaml", "example/api", "services.api.image", id="a part of a value"),
    pytest.param("c.yaml", "fast", "services.api.environment[MODE]", id="an item with a name"),
    pytest.param("c.yaml", "- DEBUG", "services.api.environment[]", id="an item from its dash"),
    pytest.param("c.yaml", '"80:80"', "services.api.ports[]", id="an item without a name"),
    pytest.param("c.yaml", "8443", "services.api.ports[target=443].published", id="an item named by a key"),
    pytest.param("c.yaml", "b]", "services.api.command.run[]", id="flow style"),
    pytest.param("c.yaml", "      - target", "services.api.ports[target=443].target", id="from the indentation on"),
    pytest.param("c.yaml", "here", "other", id="the second document"),
    pytest.param("c.json", "1}", "llmModels[model=gpt].price", id="JSON, a named item"),
    pytest.param("c.json", "2}", "llmModels[].price", id="JSON, an item without a name"),
    pytest.param("c.json", "3]", "a.b[]", id="JSON, an array of numbers"),
    pytest.param("n.conf", "api;", "http/server/location /api/proxy_pass", id="nginx"),
    pytest.param("n.conf", "/api {", "http/server/location /api", id="an nginx block"),
    pytest.param("s.conf", "allow", "http_access allow local", id="squid"),
    pytest.param(".env", "two", "B", id="dotenv"),
    pytest.param(".env", "# comment", "", id="a comment is in nothing"),
]


@pytest.mark.parametrize(("name", "words", "path"), CASES)
def test_a_place_is_named_by_what_it_is_in(name: str, words: str, path: str) -> None:
    assert found(name, words) == path


@pytest.mark.parametrize(("name", "words", "path"), [c for c in CASES if c.values[0] != "c.json"])
def test_lines_above_do_not_change_the_name(name: str, words: str, path: str) -> None:
    assert found(name, words, "\n# one more line\n\n") == path


@given(st.sampled_from(sorted(TEXTS)), st.integers(0, 200), st.integers(0, 50))
@settings(max_examples=150, deadline=None)
def test_every_place_has_a_name_or_none_and_never_fails(name: str, start: int, size: int) -> None:
    path = f"/r/{name}"
    text = TEXTS[name]
    workspace = Workspace(MemoryFiles({path: text.encode()}))
    tree = getattr(workspace, PARSERS[name])(path)
    start = min(start, len(text))
    place = tree.document.place(start, min(start + size, len(text)))
    steps = address(workspace.parsed(path), place).replace("[", ".").replace("]", "").split(".")
    assert all(step.rpartition("=")[2].split("/")[0] in text.replace("  ", " ") for step in steps)
