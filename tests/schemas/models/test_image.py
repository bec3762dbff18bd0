"""Image references and releases are read as registries and tags write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackmend.schemas.models.image import Image, in_range, parse_version


@pytest.mark.parametrize(
    ("text", "image"),
    [
        pytest.param("redis", Image("redis", "redis", "", ""), id="name"),
        pytest.param("redis:7-alpine", Image("redis", "redis", "7-alpine", ""), id="tag"),
        pytest.param("localhost:5000/a/b", Image("localhost:5000/a/b", "b", "", ""), id="a-registry-with-a-port"),
        pytest.param("r.io:5000/a/b:1.2", Image("r.io:5000/a/b", "b", "1.2", ""), id="registry-port-and-tag"),
        pytest.param("a/b:1@sha256:00ff", Image("a/b", "b", "1", "sha256:00ff"), id="digest"),
        pytest.param(" a/b ", Image("a/b", "b", "", ""), id="blanks-around"),
    ],
)
def test_a_reference_is_taken_apart(text: str, image: Image) -> None:
    assert Image.parse(text) == image


@given(st.text())
def test_any_text_can_be_taken_apart(text: str) -> None:
    image = Image.parse(text)
    assert "/" not in image.name


@pytest.mark.parametrize(
    ("tag", "version"),
    [
        pytest.param("1.11.4", (1, 11, 4), id="plain"),
        pytest.param("v4.14.6.1", (4, 14, 6, 1), id="four-numbers-and-a-v"),
        pytest.param("0.8.3-fix1", (0, 8, 3), id="a-suffix"),
        pytest.param("1.2.x", (1, 2), id="numbers-end-early"),
        pytest.param("7", None, id="one-number-is-no-release"),
        pytest.param("latest", None, id="a-word"),
        pytest.param("20250318", None, id="a-date"),
        pytest.param("１.２", None, id="digits-of-another-script"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_a_release_is_read_off_a_tag(tag: str, version: tuple[int, ...] | None) -> None:
    assert parse_version(tag) == version


@pytest.mark.parametrize(
    ("version", "since", "until", "inside"),
    [
        pytest.param((1, 0, 0), "1.0.0", "", True, id="the-first"),
        pytest.param((0, 15, 8), "1.0.0", "", False, id="before-it"),
        pytest.param((4, 14, 20), "4.0", "4.14.20", True, id="the-last"),
        pytest.param((4, 14, 20, 1), "4.0", "4.14.20", True, id="a-patch-of-the-last"),
        pytest.param((4, 15, 0), "4.0", "4.14.20", False, id="after-it"),
        pytest.param((4, 6, 5), "", "4.6.5", True, id="open-start"),
        pytest.param(None, "1.0", "", None, id="unknown"),
        pytest.param(None, "", "", True, id="unknown-in-an-open-range"),
    ],
)
def test_ranges_hold_both_ends(version: tuple[int, ...] | None, since: str, until: str, inside: bool | None) -> None:
    assert in_range(version, since, until) is inside
