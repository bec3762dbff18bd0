"""Answers take time in proportion to the files, however hostile these are."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stackmend.linter.server import completion, hover, navigation, outline
from stackmend.linter.server.index import mentions_of
from stackmend.linter.server.mention import Index
from stackmend.schemas.parsers.document import Span

from .conftest import ROOT, STACK, analysis_of

Linear = Callable[[Callable[[int], Callable[[], object]]], None]


_URLS = "http://s:1 #"


def _services(size: int) -> str:
    return "services:\n" + "".join(
        f"  s{i}:\n    image: x\n    depends_on: [s0]\n    environment:\n      URL: http://s{i}:80\n      A: ${{B}}\n"
        for i in range(size // 100)
    )


TEXTS: dict[str, Callable[[int], str]] = {
    "many services": _services,
    "one long line of addresses": lambda size: "services:\n  s:\n    image: x\n    command: " + _URLS * (size // 9),
    "many keys above": lambda size: "services:\n" + "  a: b\n" * (size // 7) + "  x:\n    - ",
    "many dashes": lambda size: "services:\n  a:\n    command:\n" + "    - b\n" * (size // 8) + "    - ",
    "an open quote": lambda size: 'services:\n  a: "' + "x\n" * (size // 2),
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(TEXTS))
def test_a_compose_file_is_answered_in_linear_time(kind: str, linear: Linear) -> None:
    def make(size: int) -> Callable[[], object]:
        text = TEXTS[kind](size)
        analysis = analysis_of({**STACK, "compose.yaml": text})
        path = f"{ROOT}/compose.yaml"

        def ask() -> None:
            for deployment in analysis.deployments:
                Index(mentions_of(deployment))
            for offset in (len(text) // 2, len(text)):
                hover.hover(analysis, path, offset)
                completion.completions(analysis, path, offset)
                navigation.references(analysis, path, offset)
            outline.inlay_hints(analysis, path, Span(0, len(text)))
            outline.symbols(analysis, path)
            outline.folds(analysis, path)

        return ask

    linear(make)


@pytest.mark.parametrize(
    ("name", "unit"),
    [(".env", "A={x}${B}\n"), (".env", "A #"), ("nginx.conf.template", "a { "), ("nginx.conf.template", "a b; "),
     ("squid.conf.template", "acl a src 1.1.1.1\n"), ("squid.conf.template", "http_access allow a a a\n")],
)  # fmt: skip
def test_other_files_are_answered_in_linear_time(name: str, unit: str, linear: Linear) -> None:
    def make(size: int) -> Callable[[], object]:
        text = unit * (size // len(unit))
        analysis = analysis_of({**STACK, name: text})

        def ask() -> None:
            completion.completions(analysis, f"{ROOT}/{name}", len(text))
            hover.hover(analysis, f"{ROOT}/{name}", len(text) // 2)
            outline.symbols(analysis, f"{ROOT}/{name}")
            outline.folds(analysis, f"{ROOT}/{name}")

        return ask

    linear(make)
