"""The baseline: findings that were there before, kept in a file so that only new ones are shown.

A finding is known by its rule, its file, its structural path and what stands there, not by its line. What could be a
secret is masked before it is hashed, and only the hash is kept.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..schemas.files import Files, reason_of
from .address import address
from .config import ConfigError
from .diagnostic import Diagnostic
from .masking import Masker
from .report import relative
from .reports.excerpt import Line, masked_line

if TYPE_CHECKING:
    from ..schemas.parsers.document import Document
    from ..schemas.workspace import Tree, Workspace

VERSION = 1
_LINES = 8  # of a place over many lines, these are looked at
_LONGEST = 500


class Key(NamedTuple):
    """What a finding is known by; `file` is relative to the folder of the baseline, `value` a hash."""

    file: str
    path: str
    code: str
    value: str


class Split(NamedTuple):
    """For each finding whether it is known, and the entries of the baseline for which there is no finding any more."""

    known: tuple[bool, ...]
    gone: Counter[Key]


class Baseline(NamedTuple):
    """How often each finding is known. `path` is the absolute path of the file."""

    path: str
    counts: Counter[Key]

    @property
    def folder(self) -> str:
        """The folder that paths in it are relative to."""
        return self.path.rpartition("/")[0] or "/"

    def split(self, keys: Sequence[Key]) -> Split:
        """Tell known findings from new ones; of several with one key as many are known as the baseline counts."""
        left = Counter(self.counts)
        known: list[bool] = []
        for key in keys:
            known.append(left[key] > 0)
            if known[-1]:
                left[key] -= 1
        return Split(tuple(known), +left)

    def text(self) -> str:
        """The content of the file: a line for each entry, sorted, so that changes are readable and merge well."""
        entries = [
            json.dumps(
                {"file": key.file, "path": key.path, "code": key.code, "value": key.value, "count": count},
                ensure_ascii=False,
            )
            for key, count in sorted(self.counts.items())
        ]
        listed = "".join(f"\n    {entry}," for entry in entries).rstrip(",")
        return f'{{\n  "version": {VERSION},\n  "findings": [{listed}{chr(10) + "  " if entries else ""}]\n}}\n'


def read_baseline(files: Files, path: str, *, missing_ok: bool = False) -> Baseline:
    """The baseline in a file; an empty one where there is none and `missing_ok`. Raises ConfigError, OSError."""
    if files.kind(path) == "missing":
        if missing_ok:
            return Baseline(path, Counter())
        raise ConfigError(f"{path}: no such baseline; --write-baseline makes one")
    try:
        data: Any = json.loads(files.read(path))
        if data["version"] == VERSION:
            return Baseline(path, Counter(dict(map(_entry, data["findings"]))))
    except OSError as error:
        raise ConfigError(f"{path}: {reason_of(error)}") from None
    except (ValueError, LookupError, TypeError, RecursionError):
        raise ConfigError(f"{path}: not a baseline") from None
    raise ConfigError(f"{path}: a baseline of another version than {VERSION}")


def _entry(entry: Any) -> tuple[Key, int]:
    """One line of the file. Raises LookupError, TypeError and ValueError."""
    file, path, code, value, count = (entry[name] for name in ("file", "path", "code", "value", "count"))
    if not all(isinstance(text, str) for text in (file, path, code, value)) or type(count) is not int or count < 1:
        raise TypeError("an entry of another shape")
    return Key(file, path, code, value), count


def write_baseline(baseline: Baseline) -> None:
    """Put a baseline into its file, all of it or nothing. Raises OSError."""
    from ..fixers.write import write_file

    data = baseline.text().encode("utf-8", "backslashreplace")
    if not os.path.lexists(baseline.path):
        # Exclusive: what appears in the meantime is somebody else's.
        with open(baseline.path, "xb") as file:
            file.write(data)
        return
    write_file(baseline.path, data, root=baseline.folder)


def keys_of(diagnostics: Iterable[Diagnostic], workspace: Workspace, masker: Masker, folder: str) -> list[Key]:
    """The keys of findings in the files of a workspace. `masker` must mask, whatever the person is shown."""
    keys = _Keys(workspace, masker, folder)
    return [keys.key(diagnostic) for diagnostic in diagnostics]


class _Keys:
    """Makes keys; masks each line once, so that many findings on one long line stay cheap."""

    def __init__(self, workspace: Workspace, masker: Masker, folder: str) -> None:
        self._workspace = workspace
        self._masker = masker
        self._folder = folder
        self._lines: dict[tuple[str, int], Line] = {}
        self._trees: dict[str, list[Tree]] = {}

    def key(self, diagnostic: Diagnostic) -> Key:
        """The key of one finding."""
        assert diagnostic.rule is not None
        place = diagnostic.place
        document = place.document
        trees = self._trees.get(document.path)
        if trees is None:
            trees = self._trees[document.path] = self._workspace.parsed(document.path)
        path = _cut(self._masker.mask(address(trees, place)))
        value = self._value(document, place.span.start, place.span.end)
        if not path:
            value += "\0" + self._line(document, place.line).text
        value = "\0".join([" ".join(value.split()), *self._said(diagnostic)])
        file = self._masker.escape(relative(document.path, self._folder))
        return Key(file, path, diagnostic.rule.code, _hash(value))

    def _said(self, diagnostic: Diagnostic) -> Iterable[str]:
        """What the message names, without numbers of lines and this machine's folders."""
        for name, value in diagnostic.values:
            if not (name == "line" and value.isdecimal()):
                yield self._masker.mask(f"{name} {value.replace(self._folder, '.')}")

    def _value(self, document: Document, start: int, end: int) -> str:
        """The masked text between two offsets."""
        first, last = document.position(start)[0], document.position(max(start, end - 1))[0]
        parts: list[str] = []
        for number in range(first, min(last, first + _LINES) + 1):
            span = document.line_span(number)
            line = self._line(document, number)
            parts.append(line.text[line.at(max(start - span.start, 0)) : line.at(max(end - span.start, 0))])
        return " ".join(parts)

    def _line(self, document: Document, number: int) -> Line:
        found = self._lines.get((document.path, number))
        if found is None:
            span = document.line_span(number)
            found = masked_line(document.text[span.start : span.end], self._masker)
            self._lines[document.path, number] = found
        return found


def _cut(path: str) -> str:
    return path if len(path) <= _LONGEST else f"{path[:_LONGEST]}… {_hash(path)}"


def _hash(text: str) -> str:
    from hashlib import sha256

    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
