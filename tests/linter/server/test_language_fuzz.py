"""Any text in any of the files is survived by everything that an editor may ask, wherever it asks."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackmend.linter.server import completion, hover, navigation, outline
from stackmend.schemas.parsers.document import Span

from .conftest import ROOT, STACK, analysis_of

FILES = {
    **STACK,
    "config.json": '{"systemEnv": {"vectorMaxProcess": 15}, "llmModels": [{"model": "x"}]}',
    "docker-compose.override.yaml": "services:\n  api:\n    volumes: ['./config.json:/app/data/config.json']\n",
}
BITS = st.sampled_from(
    [
        *("${", "$", "{{", "}", "- ", "\n  - ", ": ", ":", "[", "]", '"', "'", "#", "\x00", "\ufeff", "\u2028", "é"),
        *("\U0001f600", "\udcff", "=", "\t", "|\n", "&a ", "*a", "<<: *a", "\r", "\r\n", "!reset ", "acl ", ";", "://"),
        *(
            "http_access deny ",
            "proxy_pass http://",
            "services:\n",
            "  environment:\n",
            "depends_on: [",
            "\\",
            ",",
            "/",
        ),
        *("extends: {file: x", "/"),
    ]
)


def ask_everything(name: str, text: str, offsets: list[int]) -> None:
    """Ask for all that there is; every answer must lie within the text."""
    analysis = analysis_of({**FILES, name: text})
    path = f"{ROOT}/{name}"
    whole = Span(0, len(text))
    for offset in offsets:
        found = hover.hover(analysis, path, offset)
        assert found is None or whole.covers(found.span)
        for each in completion.completions(analysis, path, offset):
            assert whole.covers(each.span)
            assert "\n" not in each.label
        for place in navigation.definitions(analysis, path, offset):
            assert place.text
        navigation.references(analysis, path, offset)
        navigation.prepare_rename(analysis, path, offset)
        edits = navigation.rename(analysis, path, offset, "new_name")
        assert isinstance(edits, navigation.Refusal) or len({e.place for e in edits}) == len(edits)
    assert all(0 <= hint.offset <= len(text) for hint in outline.inlay_hints(analysis, path, whole))
    assert all(whole.covers(link.span) for link in outline.links(analysis, path))
    assert all(whole.covers(fold) for fold in outline.folds(analysis, path))
    assert all(whole.covers(s.span) and s.span.covers(s.selection) for s in outline.symbols(analysis, path))


@pytest.mark.parametrize("name", sorted(FILES))
@settings(max_examples=40)
@given(data=st.data())
def test_a_file_that_is_cut_off_or_torn_is_survived(name: str, data: st.DataObject) -> None:
    text = FILES[name]
    at = data.draw(st.integers(0, len(text)))
    end = data.draw(st.sampled_from([at, at + 1, at + 20, len(text)]))
    middle = "".join(data.draw(st.lists(BITS, max_size=6)))
    torn = text[:at] + middle + text[end:]
    offsets = [at, at + len(middle), data.draw(st.integers(0, len(torn))), len(torn)]
    ask_everything(name, torn, offsets)


@pytest.mark.parametrize("name", sorted(FILES))
@settings(max_examples=20)
@given(bits=st.lists(BITS, max_size=40), data=st.data())
def test_garbage_is_survived(name: str, bits: list[str], data: st.DataObject) -> None:
    text = "".join(bits)
    ask_everything(name, text, [0, data.draw(st.integers(0, len(text))), len(text)])


def test_offsets_outside_of_a_file_and_files_that_are_not_there_are_survived() -> None:
    analysis = analysis_of(STACK)
    for offset in (-5, 10**9):
        assert hover.hover(analysis, f"{ROOT}/compose.yaml", offset) is None
        completion.completions(analysis, f"{ROOT}/compose.yaml", offset)
        assert navigation.definitions(analysis, f"{ROOT}/compose.yaml", offset) == ()
    assert completion.completions(analysis, f"{ROOT}/nothing.yaml", 0) == ()
    assert outline.symbols(analysis, f"{ROOT}/nothing.yaml") == ()
    assert outline.links(analysis, f"{ROOT}/nothing.yaml") == ()


CORPUS = os.path.join(os.path.dirname(__file__), "../../../../shared/corpus/dev/dify/0.6.8/docker")


@pytest.mark.skipif(not os.path.isdir(CORPUS), reason="the corpus is not here")
def test_every_offset_of_a_real_stack_is_answered() -> None:
    files: dict[str, str] = {}
    for folder, _, names in os.walk(CORPUS):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
                files[os.path.relpath(path, CORPUS)] = file.read()
    analysis = analysis_of(files)
    asked = 0
    for name, text in files.items():
        for offset in range(0, len(text), 97):
            path = f"{ROOT}/{name}"
            hover.hover(analysis, path, offset)
            completion.completions(analysis, path, offset)
            navigation.references(analysis, path, offset)
            navigation.rename(analysis, path, offset, "new_name")
            asked += 1
    assert asked > 300
