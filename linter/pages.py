"""Reads a rule's page: its documentation for people, and its examples for the tests.

A page stands beside its rule as `<rule-name>.md` (`.zh.md`, `.ja.md` in other languages):

    # Title
    What it is, in a paragraph.
    ## Found            examples with the mistake
    ## Fine             examples without it
    ## Why              what goes wrong
    ## How to mend
    ## Sources

An example is what stands under a `### title`, or all of the section where it has no `###`. Its fences are the files of
one deployment; the info string is the language and the path. A fence in the language `folder` is an empty folder, and
`yaml compose.yaml after fix` is the exact text of a file after all fixes of the rule, unsafe ones too. The file of
`dotenv .env in gb18030` is written in that encoding, and `text a.key with mode 644` has that mode. A path that starts
with `/` (`text /proc/net/tcp`) is a file of the machine, for the rules that look at it.

    ```yaml compose.yaml
    services:
      web:
        ports: [22:22]
    #           ^^^^^ CMP008: words of the message
    ```

A line of carets in a comment (`#` or `//`) marks a finding on the line above it: the columns of the carets are the
columns of the finding, in code points. `#@3-7 CMP008: words` does the same by numbers (first and last column, from 1),
for findings too far left for carets; `#@3 CMP008: words` marks an empty place before column 3. Marks under one another
mark the same line. A finding over several lines is marked on its first line, up to its end. Mark lines are no part of
the file.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from .rule import Rule


class PageError(ValueError):
    """A page that does not follow the grammar; the text says at which line of the page."""


class Mark(NamedTuple):
    """A finding that an example promises: 1-based line and columns (end exclusive), words of the message."""

    line: int
    start: int
    end: int
    code: str
    words: str


class ExampleFile(NamedTuple):
    """A file of an example without its mark lines.

    `after` is its text after the fixes, None for no change; `mode` who may read it, None for untold.
    """

    language: str
    path: str
    text: str
    marks: tuple[Mark, ...]
    after: str | None = None
    mode: int | None = None


class Example(NamedTuple):
    """The files of one small deployment. `line` is where it starts in the page; `machine` are files outside of it."""

    title: str
    line: int
    files: tuple[ExampleFile, ...]
    folders: tuple[str, ...]
    machine: tuple[ExampleFile, ...] = ()


class Page(NamedTuple):
    """A rule's page. Texts are Markdown, "" where the page has none."""

    title: str
    summary: str
    found: tuple[Example, ...]
    fine: tuple[Example, ...]
    why: str
    mend: str
    sources: str


class _Fence(NamedTuple):
    line: int
    info: str
    body: tuple[str, ...]


_SECTIONS = ("Found", "Fine", "Why", "How to mend", "Sources")


def page_path(rule: Rule, language: str = "en") -> str:
    """Where a rule's page lies, whether or not it exists."""
    module = sys.modules[rule.check.__module__].__file__
    assert module is not None
    suffix = "" if language == "en" else f".{language}"
    return f"{os.path.dirname(module)}/{rule.name}{suffix}.md"


@lru_cache(maxsize=64)
def page_text(rule: Rule, language: str = "en") -> str | None:
    """The Markdown of a rule's page, in English where the language has none; None when there is no page at all."""
    for path in (page_path(rule, language), page_path(rule)):
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                return file.read()
    return None


@lru_cache(maxsize=256)
def read_page(rule: Rule, language: str = "en") -> Page:
    """A rule's page. Raises PageError, and FileNotFoundError when there is none."""
    text = page_text(rule, language)
    if text is None:
        raise FileNotFoundError(2, "No such page", page_path(rule))
    return parse_page(text)


def parse_page(text: str) -> Page:
    """Read a page. Raises PageError."""
    lines = text.split("\n")
    if not lines[0].startswith("# "):
        raise PageError("line 1: a page starts with `# Title`")
    sections = dict(_sections(lines))
    unknown = [name for name in sections if name and name not in _SECTIONS]
    if unknown:
        raise PageError(f"line {sections[unknown[0]][0]}: no section is called {unknown[0]!r}")

    def words(name: str) -> str:
        start, end = sections.get(name, (0, 0))
        return "\n".join(lines[start:end]).strip()

    def examples(name: str) -> tuple[Example, ...]:
        start, end = sections.get(name, (0, 0))
        return tuple(_examples(lines, start, end))

    return Page(
        lines[0][2:].strip(),
        words(""),
        examples("Found"),
        examples("Fine"),
        words("Why"),
        words("How to mend"),
        words("Sources"),
    )


def _sections(lines: Sequence[str]) -> Iterator[tuple[str, tuple[int, int]]]:
    """Each section's name with its first line (0-based, after the heading) and the line after its last one."""
    name, start, fence = "", 1, ""
    for index, line in enumerate(lines):
        fence = _fence_after(line, fence)
        if not fence and line.startswith("## "):
            yield name, (start, index)
            name, start = line[3:].strip(), index + 1
    yield name, (start, len(lines))


def _fence_after(line: str, fence: str) -> str:
    """The run of backticks that is open after a line, "" for none."""
    ticks = line[: len(line) - len(line.lstrip("`"))]
    if fence:
        return "" if len(ticks) >= len(fence) and not line.strip("`").strip() else fence
    return ticks if len(ticks) >= 3 else ""


def _examples(lines: Sequence[str], start: int, end: int) -> Iterator[Example]:
    title, first, fences = "", start, list[_Fence]()
    index = start
    while index < end:
        line = lines[index]
        fence = _fence_after(line, "")
        if fence:
            close = index + 1
            while close < end and _fence_after(lines[close], fence):
                close += 1
            if close == end:
                raise PageError(f"line {index + 1}: this fence is never closed")
            fences.append(_Fence(index + 1, line.strip("`").strip(), tuple(lines[index + 1 : close])))
            index = close
        elif line.startswith("### "):
            if fences:
                yield _example(title, first, fences)
            title, first, fences = line[4:].strip(), index + 1, []
        index += 1
    if fences:
        yield _example(title, first, fences)


def _example(title: str, line: int, fences: Sequence[_Fence]) -> Example:
    after: dict[str, str] = {}
    folders: list[str] = []
    plain: list[tuple[str, str, _Fence]] = []
    for fence in fences:
        language, _, rest = fence.info.partition(" ")
        path = rest.strip()
        if not path:
            raise PageError(f"line {fence.line}: a fence is headed by a language and a path")
        if language == "folder":
            folders.append(path)
        elif path.endswith(" after fix"):
            after[path.removesuffix(" after fix").strip()] = _joined(fence.body)
        else:
            plain.append((language, path, fence))
    files: list[ExampleFile] = []
    for language, path, fence in plain:
        kept, marks = _without_marks(fence)
        written, _, mode = path.partition(" with mode ")
        name, _, encoding = written.partition(" in ")
        text = _joined(kept)
        if encoding:
            # As a document holds it: bytes that are not UTF-8 stand for themselves.
            text = text.encode(encoding).decode("utf-8", "surrogateescape")
        files.append(ExampleFile(language, name, text, marks, after.pop(name, None), int(mode, 8) if mode else None))
    if after:
        raise PageError(f"line {line}: {next(iter(after))} has a text after the fix and none before")
    own = tuple(file for file in files if not file.path.startswith("/"))
    machine = tuple(file for file in files if file.path.startswith("/"))
    return Example(title, line, own, tuple(folders), machine)


def _joined(lines: Sequence[str]) -> str:
    return "".join(line + "\n" for line in lines)


_MARK = re.compile(r"\s*(?:#|//)\s*(?:(\^+)|@(\d+)(?:-(\d+))?)\s+([A-Z]{3}\d{3}): (\S.*)")


def _without_marks(fence: _Fence) -> tuple[list[str], tuple[Mark, ...]]:
    kept: list[str] = []
    marks: list[Mark] = []
    for number, line in enumerate(fence.body, fence.line + 1):
        match = _MARK.fullmatch(line)
        if match is None:
            kept.append(line)
            continue
        if not kept:
            raise PageError(f"line {number}: a mark stands under the line that it marks")
        if match[1]:
            start, end = match.start(1) + 1, match.end(1) + 1
        else:
            start = int(match[2])
            end = int(match[3]) + 1 if match[3] else start
        marks.append(Mark(len(kept), start, end, match[4], match[5].strip()))
    return kept, tuple(marks)
