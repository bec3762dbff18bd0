"""Near names are found for slips, and not invented for other words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackmend.linter.near import edit_distance, near


@pytest.mark.parametrize(
    ("name", "candidates", "found"),
    [
        pytest.param("VECTOR_STROE", ("VECTOR_STORE", "STORE"), "VECTOR_STORE", id="swapped"),
        pytest.param("depends-on", ("depends_on", "deploy"), "depends_on", id="dash for underscore"),
        pytest.param("Weaviate", ("weaviat", "weaviate"), "weaviate", id="case before slips"),
        pytest.param("postgress", ("redis", "postgres"), "postgres", id="one too many"),
        pytest.param("api", ("app", "web"), None, id="short names have no near ones"),
        pytest.param("API", ("api",), "api", id="short name in another case"),
        pytest.param("redis", ("qdrant", "milvus"), None, id="another word"),
        pytest.param("redis", ("redis",), None, id="never itself"),
        pytest.param("worker", ("worked", "walker"), "worked", id="the first of equals"),
        pytest.param("x" * 101, ("x" * 100,), None, id="too long to be a name"),
    ],
)
def test_the_near_name(name: str, candidates: tuple[str, ...], found: str | None) -> None:
    assert near(name, candidates) == found


words = st.text("abc", max_size=7)


@settings(max_examples=150, deadline=None)
@given(words, words)
def test_the_distance_is_symmetric_zero_for_equals_only_and_bounded(left: str, right: str) -> None:
    distance = edit_distance(left, right, 9)
    assert distance == edit_distance(right, left, 9)
    assert (distance == 0) == (left == right)
    assert abs(len(left) - len(right)) <= distance <= max(len(left), len(right))
    assert edit_distance(left, right, 1) == min(distance, 2)


@settings(max_examples=100, deadline=None)
@given(st.text("abcdef", min_size=2, max_size=8), st.data())
def test_a_swap_of_neighbours_is_one_step(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 2))
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    assert edit_distance(word, swapped, 3) == (word != swapped)
