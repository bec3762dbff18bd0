"""YAML events from ruamel's C parser, or from its Python parser where the C one is not built."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .document import Document, Problem

# What libyaml's reader and go-yaml refuse: everything but tab, line ends and the printable characters of YAML 1.1.
_INVALID = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+"
# A word of a flow collection with a `:` inside: libyaml 0.1 refuses `[http://x]`, go-yaml and newer libyaml read it.
_COLON_WORD = r"(?<=[\s,\[{])[^\s,\[\]{}\"'!&*#|>%@`:?-][^\s,\[\]{}]*:[^\s,\[\]{}]+"
_COLON = r":(?=[^\s,\[\]{}])"
_MAX_REPORTED = 20
_MAX_ROUNDS = 20


def open_parser(text: str) -> Callable[[], Any]:
    """A function that gives the next event of `text` and at last None. Marks count code points of `text`.

    The function raises ruamel's ReaderError, ScannerError or ParserError, or UnicodeEncodeError for lone surrogates.
    """
    try:
        import _ruamel_yaml as compiled  # pyright: ignore[reportMissingImports] - it has no stubs
    except ImportError:
        return _open_pure(text)
    module: Any = compiled
    get: Callable[[], Any] = module.CParser(text).get_event
    return get


def _open_pure(text: str) -> Callable[[], Any]:
    from types import SimpleNamespace

    from ruamel.yaml.parser import Parser
    from ruamel.yaml.reader import Reader
    from ruamel.yaml.scanner import Scanner

    # The parts find each other through the loader; these are all the attributes that they ask it for.
    loader = SimpleNamespace(
        comment_handling=None,
        doc_infos=[SimpleNamespace(doc_version=None, directives=[])],
        processing_version=(1, 2),
        _resolver=SimpleNamespace(processing_version=(1, 2), add_version_implicit_resolver=_ignore),
    )
    Reader(text, loader)
    Scanner(loader)
    parser: Any = Parser(loader)

    def get() -> Any:
        return parser.get_event() if parser.check_event() else None

    return get


def _ignore(*_: object) -> None:
    """The Python parser tells its resolver about `%YAML`, which decides nothing here."""


def clean(document: Document, text: str, shift: int) -> tuple[str, list[Problem]]:
    """The text with every character that YAML refuses replaced by U+FFFD, and a problem for each run of them."""
    problems: list[Problem] = []
    if document.utf16_codec:
        message = "the file is written in UTF-16, which Compose reads and hardly anything else does: save it in UTF-8"
        return "", [Problem("invalid-character", document.place(0, 2), message)]
    for match in re.finditer(_INVALID, text):
        if len(problems) == _MAX_REPORTED:
            break
        place = document.place(match.start() + shift, match.end() + shift)
        code = ord(match.group()[0])
        if 0xDC80 <= code <= 0xDCFF:
            problems.append(
                Problem("invalid-character", place, "these bytes are not UTF-8; YAML readers refuse the whole file")
            )
        else:
            message = "the character U+{code} is not allowed in YAML; readers refuse the whole file"
            problems.append(Problem("invalid-character", place, message, (("code", f"{code:04X}"),)))
    return re.sub(_INVALID, lambda match: "\ufffd" * len(match.group()), text), problems


class FlowColons:
    """Hides `:` inside flow words behind a stand-in that libyaml 0.1 reads as a letter, and puts them back.

    The stand-in is a private-use character that the text does not have, so lengths and places stay the same.
    """

    def __init__(self, text: str) -> None:
        self.stand_in = next((c for c in map(chr, range(0xE000, 0xF8FF)) if c not in text), "")
        self.rounds = 0

    def hide(self, text: str, at: int) -> str | None:
        """The text to parse next after the `:` at `at` was refused, None when there is nothing more to try.

        The first time all such words from that line on are changed at once, later only the one `:`.
        """
        self.rounds += 1
        if not self.stand_in or self.rounds > _MAX_ROUNDS or text[at : at + 1] != ":":
            return None
        if self.rounds == 1 and "!<" not in text and "%TAG" not in text:
            start = text.rfind("\n", 0, at) + 1
            return text[:start] + re.sub(_COLON_WORD, self._hide_word, text[start:])
        return text[:at] + self.stand_in + text[at + 1 :]

    def _hide_word(self, match: re.Match[str]) -> str:
        return re.sub(_COLON, self.stand_in, match.group())

    def restore(self, text: str) -> str:
        """A scalar's text with its `:`."""
        return text.replace(self.stand_in, ":") if self.rounds else text
