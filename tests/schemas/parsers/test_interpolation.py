"""The template grammar, case by case as Compose 2.40.3 answered, by property, and with Compose itself as the judge."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackmend.schemas.parsers.document import Span
from stackmend.schemas.parsers.interpolation import (
    InvalidTemplateError,
    MissingVariableError,
    Reference,
    Template,
    Text,
    expand,
    has_references,
    invalid_spans,
    moved,
    names,
    parse_template,
)

Linear = Callable[[Callable[[int], Callable[[], object]]], None]

NOTHING: dict[str, str] = {}
VARIABLES = {"B": "b", "EMPTY": "", "S": "s"}

# What `docker-compose config` (2.40.3) made of each text with the variables above.
ANSWERS = [
    ("plain", "plain"),
    ("${U:-}}", "}"),
    ("${U:-{}}", "{}"),
    ("${U:-{}} and }", "{}} and "),
    ("${U:-{{x}}}", "{{x}}"),
    ("${S:-{{x}}}", "s}"),
    ('${U:-{"a":{"b":{}}}}', '{"a":{"b":{}}}'),
    ('${U:-"}"}', '""}'),
    ("${U:-{${B}}}", "{b}"),
    ("${U:-$B}", "b"),
    ("${U:-${B:-${EMPTY}}}", "b"),
    ("${U:-${V:-${W:-z}}}", "z"),
    ("${U:-x} ${U:-y}}", "x y}"),
    ("$$$B", "$b"),
    ("$B$$", "b$"),
    ("$${B}", "${B}"),
    ("${U:-$$B}", "$B"),
    ("${U:-$}", "$"),
    ("${EMPTY?m}", ""),
    ("${U-:x}", ":x"),
    ("${U-b:-c}", "b:-c"),
    ("${U:--}", "-"),
    ("${U:-?}", "?"),
    ("${U-}", ""),
    ("${b}", ""),
    ("${\u017f}", ""),
    ("$\u212a", ""),
    ("$ä", "$ä"),
    ("$", "$"),
    ("$1", "$1"),
    ("$ B", "$ B"),
    ("$(B)", "$(B)"),
    ("a\n${B}\nc", "a\nb\nc"),
    ("${U:+x}", ""),
    ("${B:+x}", "x"),
    ("${EMPTY:+x}", ""),
    ("${U+x}", ""),
    ("${B+x}", "x"),
    ("${EMPTY+x}", "x"),
    ("${EMPTY-x}", ""),
    ("${EMPTY:-x}", "x"),
    ("${B}-x}", "b-x}"),
    ("${B:-x:-y}", "b"),
    ("$B_", ""),
    ("$B-x", "b-x"),
]
REFUSED = [
    "${}",
    "${1X}",
    "${A.B}",
    "${A/x/y}",
    "${A :-x}",
    "${ä}",
    "${A",
    "x ${A:-",
    "${A:-x",
    "${A:-a\nb}",
    "${A:=x}",
    "${A:x}",
    "${A:}",
    "${!B}",
    "${#B}",
    "${B:0:1}",
    "${B^^}",
    "${U:-${1}}",
    "${S:-${1}}",
    "${U:-${B}",
    "${U:-{}} ${B}",
    "${U:-{x} ${B}",
]


@pytest.mark.parametrize(("text", "answer"), [pytest.param(*case, id=repr(case[0])) for case in ANSWERS])
def test_text_becomes_what_compose_made_of_it(text: str, answer: str) -> None:
    template = parse_template(text)
    assert expand(template, VARIABLES.get) == answer
    assert list(invalid_spans(template)) == []


@pytest.mark.parametrize("text", [pytest.param(text, id=repr(text)) for text in REFUSED])
def test_text_that_compose_refuses_has_an_invalid_span(text: str) -> None:
    template = parse_template(text)
    spans = list(invalid_spans(template))
    assert spans
    assert all(text[span.start : span.end].startswith("${") for span in spans)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        pytest.param("a ${1X} b", "${1X}", id="up to its brace"),
        pytest.param("a ${X b\nc", "${X b", id="up to the line end when no brace closes it"),
        pytest.param("${U:-${.}}", "${.}", id="inside an argument"),
    ],
)
def test_invalid_span_covers_the_expression(text: str, where: str) -> None:
    start = text.index(where)
    assert list(invalid_spans(parse_template(text))) == [Span(start, start + len(where))]


def test_reading_goes_on_after_an_invalid_expression() -> None:
    template = parse_template("${1} $B ${S}")
    assert [r.name for r in names(template)] == ["B", "S"]
    with pytest.raises(InvalidTemplateError):
        expand(template, VARIABLES.get)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("${U:?set it}", "set it", id="unset"),
        pytest.param("${EMPTY:?set it}", "set it", id="empty with a colon"),
        pytest.param("${U?see $B}", "see b", id="reason is a template"),
        pytest.param("${U:?a } }", "a ", id="reason ends at the first brace"),
    ],
)
def test_required_variable_that_is_missing_is_told_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(MissingVariableError) as caught:
        expand(parse_template(text), VARIABLES.get)
    assert caught.value.reason == reason
    assert caught.value.reference.name in {"U", "EMPTY"}


def test_argument_that_is_not_needed_is_not_evaluated() -> None:
    assert expand(parse_template("${S:-${U:?x}}"), VARIABLES.get) == "s"


def test_references_come_depth_first_with_shifted_spans() -> None:
    text = "x${A:-${B?m$C}}$D"
    found = [
        (r.name, r.operator, text[r.span.start - 7 : r.span.end - 7], r.name_span)
        for r in names(parse_template(text, 7))
    ]
    assert found == [
        ("A", ":-", "${A:-${B?m$C}}", Span(10, 11)),
        ("B", "?", "${B?m$C}", Span(15, 16)),
        ("C", "", "$C", Span(19, 20)),
        ("D", "", "$D", Span(23, 24)),
    ]


def test_moved_maps_every_offset() -> None:
    text = "x$$${A:-y$B}${1}"
    assert moved(parse_template(text), lambda offset: offset + 100) == parse_template(text, 100)


def test_fifty_nested_levels_are_read_and_more_are_invalid() -> None:
    def nested(levels: int) -> Template:
        return parse_template("${A:-" * levels + "x" + "}" * levels)

    assert expand(nested(51), NOTHING.get) == "x"
    assert not list(invalid_spans(nested(51)))
    assert len(list(invalid_spans(nested(60)))) == 1


@pytest.mark.parametrize(
    "piece",
    ["$", "${", "${A", "${A:-", "${A:-{}", "${A:-x}", "${A:-}}", "${1", "${1}", "{", "$A", "${A:-{", "$$", "${A:-x\n"],
)
def test_hostile_repetition_takes_linear_time(piece: str, linear: Linear) -> None:
    def make(times: int) -> Callable[[], object]:
        text = piece * times + "}"
        return lambda: parse_template(text)

    linear(make)


PIECES = [
    *"${}:-?+BUSx .1é\n",
    "${",
    "$$",
    "${B",
    "${U:-",
    "${EMPTY-",
    "${S:+",
    "${U?",
    "${U:?",
    "${B+",
    "$B",
    "${S}",
    "{}",
    "{{",
]
texts = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


def _pieces(template: Template, text: str) -> None:
    """Check that parts and invalid spans lie one after the other over the whole text, in arguments too."""
    spans = sorted([*(p.span for p in template.parts), *template.invalid])
    assert "".join(text[s.start : s.end] for s in spans) == text
    assert all(a.end == b.start for a, b in pairwise(spans))
    for part in template.parts:
        if isinstance(part, Text):
            assert part.text in {text[part.span.start : part.span.end], "$"}
        else:
            assert part.name == text[part.name_span.start : part.name_span.end]


@given(texts)
def test_parts_and_invalid_spans_cover_any_text(text: str) -> None:
    template = parse_template(text)
    _pieces(template, text)
    for reference in names(template):
        assert isinstance(reference, Reference)
        whole = text[reference.span.start : reference.span.end]
        head = "${" + reference.name + reference.operator
        if reference.argument is not None:
            argument = parse_template(whole[len(head) : -1], reference.span.start + len(head))
            assert argument == reference.argument


@given(st.text(st.characters(exclude_characters="$")), st.integers(0, 99))
def test_text_without_dollar_stays_as_it_is(text: str, start: int) -> None:
    assert not has_references(text)
    assert expand(parse_template(text, start), NOTHING.get) == text


@pytest.mark.oracle
@settings(max_examples=60, deadline=None)
@given(generated=st.lists(texts, min_size=1, max_size=12, unique=True))
def test_compose_evaluates_generated_templates_alike(
    generated: list[str], compose_config: Callable[..., dict[str, Any] | None]
) -> None:
    def labels(values: list[str]) -> list[str] | None:
        document = {"services": {"s": {"image": "i", "labels": {f"k{i:02}": v for i, v in enumerate(values)}}}}
        answer = compose_config(document, VARIABLES, {})
        if answer is None:
            return None
        got = answer["services"]["s"].get("labels", {})
        return [got[f"k{i:02}"].replace("$$", "$") for i in range(len(values))]

    def refused(text: str) -> bool:
        template = parse_template(text)
        # Compose 2.40 evaluates every argument, needed or not.
        missing = any(
            r.operator[-1:] == "?" and not (VARIABLES.get(r.name) if r.operator == ":?" else r.name in VARIABLES)
            for r in names(template)
        )
        return missing or any(True for _ in invalid_spans(template))

    fine = [text for text in generated if not refused(text)]
    assert labels(fine) == [expand(parse_template(text), VARIABLES.get) for text in fine]
    for text in [text for text in generated if refused(text)][:2]:
        assert labels([text]) is None, text
