"""The table of nginx's directives is well formed and answers about contexts and argument counts."""

from __future__ import annotations

import pytest

from stackmend.schemas.parsers.nginx_directives import accepts, contexts, forms, is_foreign, names


@pytest.mark.parametrize(
    ("parents", "expected"),
    [
        pytest.param([], None, id="the-top-level-of-a-part-is-unknown"),
        pytest.param(["http", "server"], {"server"}, id="http-server"),
        pytest.param(["stream", "server"], {"stream-server"}, id="stream-server"),
        pytest.param(["mail", "server"], {"mail-server"}, id="mail-server"),
        pytest.param(["server"], {"server", "stream-server", "mail-server"}, id="server-of-a-part"),
        pytest.param(["server", "location", "if"], {"location-if"}, id="if-in-location"),
        pytest.param(["http", "map"], set[str](), id="values"),
        pytest.param(["rtmp"], None, id="module-of-others"),
    ],
)
def test_the_context_of_a_block_is_known_by_the_blocks_around_it(parents: list[str], expected: set[str] | None) -> None:
    assert contexts(parents) == expected


@pytest.mark.parametrize(
    ("name", "count", "block", "where", "answer"),
    [
        pytest.param("listen", 1, False, "server", True, id="listen-in-server"),
        pytest.param("listen", 1, False, "location", False, id="listen-in-location"),
        pytest.param("listen", 0, False, "server", False, id="listen-without-argument"),
        pytest.param("server", 1, False, "upstream", True, id="server-in-upstream"),
        pytest.param("server", 0, True, "http", True, id="server-block"),
        pytest.param("location", 2, True, "server", True, id="location-with-modifier"),
        pytest.param("location", 3, True, "server", False, id="location-with-too-many"),
        pytest.param("include", 1, False, "upstream", True, id="include-anywhere"),
        pytest.param("ssl_preread", 1, False, "stream-server", True, id="stream"),
        pytest.param("no_such_directive", 1, False, "server", False, id="unknown"),
    ],
)
def test_the_table_of_directives_knows_contexts_and_counts(
    name: str, count: int, block: bool, where: str, answer: bool
) -> None:
    assert accepts(name, count, block=block, where=frozenset((where,))) is answer


def test_every_entry_of_the_table_is_well_formed() -> None:
    known = {
        "any",
        "main",
        "events",
        "http",
        "server",
        "location",
        "upstream",
        "server-if",
        "location-if",
        "limit_except",
        "stream",
        "stream-server",
        "stream-upstream",
        "mail",
        "mail-server",
    }
    assert len(names()) > 600
    for name in names():
        for form in forms(name):
            assert form.contexts <= known, name
            assert form.most is None or form.least <= form.most, name
        assert forms(name), name
    assert is_foreign("more_set_headers")
    assert not is_foreign("lisen")
