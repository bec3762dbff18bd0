"""dotenv files as an exact list of statements, split as each of their readers splits them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from .document import Document, Problem, Span
from .interpolation import Template, Text, parse_template

if TYPE_CHECKING:
    from .dotenv_compose import ComposeReader
    from .dotenv_python import PythonReader
    from .dotenv_raw import RawReader

Dialect = Literal["compose", "raw", "python-dotenv"]

# Kinds of problem for which the reader refuses the file, or, as python-dotenv does, the line.
REFUSALS = frozenset(
    {"bad-key", "blank-in-key", "bad-line", "full-width", "invalid-template", "line-too-long", "unterminated-quote"}
)

# What stands for an ASCII character to the eye, and the character that was meant.
LOOK_ALIKES = {
    "＝": "=",
    "：": ":",
    "＃": "#",
    "＿": "_",
    "“": '"',
    "”": '"',
    "＂": '"',
    "‘": "'",
    "’": "'",
    "＇": "'",
    "\u3000": " ",
}


@dataclass(slots=True, eq=False)
class DotenvEntry:
    """One statement `KEY=value`.

    `span` runs from `export` or the key to the end of the value (comments left out). `separator` is "=", ":" or "" for
    an inherited key (`value_span` is then empty, `text` None). `value_span` has the quotes; that of an empty value
    stands right after the separator. `text` is the value with quotes and escapes taken away and `${…}` not yet
    expanded; `template` is the same parsed, None when nothing in it expands; its offsets count in the document, and an
    escape counts as it is written. `comment` is the trailing comment's span, if any.

    Compose takes statements without a name, and a last line that is a name without a line end as a value without a
    name: both have the key "".
    """

    span: Span
    key_span: Span
    key: str
    separator: str
    value_span: Span
    quote: Literal["", "'", '"']
    text: str | None
    template: Template | None = None
    export: bool = False
    comment: Span | None = None

    def __repr__(self) -> str:
        return f"<DotenvEntry {self.key!r} at {self.span.start}>"


@dataclass(frozen=True, eq=False)
class DotenvTree:
    """A dotenv file: its statements in order, its comments, and what its reader would refuse."""

    document: Document
    dialect: Dialect
    entries: tuple[DotenvEntry, ...]
    problems: tuple[Problem, ...]
    comments: tuple[Span, ...]

    @property
    def refusals(self) -> tuple[Problem, ...]:
        """The problems for which the reader refuses the file (python-dotenv: the line)."""
        strict = self.dialect != "compose" or self.document.utf16_codec
        return tuple(p for p in self.problems if p.kind in REFUSALS or (strict and p.kind == "not-utf8"))

    def last(self, key: str) -> DotenvEntry | None:
        """The statement that wins for a key."""
        return next((e for e in reversed(self.entries) if e.key == key), None)


def parse_dotenv(document: Document, dialect: Dialect = "compose") -> DotenvTree:
    """Split a document into statements as the reader named by `dialect` does.

    `compose`: Docker Compose's `.env` and `env_file`; `raw`: Compose's `format: raw` and `docker run --env-file`;
    `python-dotenv`: that library, which reads a Dify checkout's `api/.env`. Never raises: `refusals` are the problems
    for which the reader stops, the others tell what it takes otherwise than it looks. Reading goes on at the next line.
    """
    problems: list[Problem] = []
    if document.undecodable is not None:
        at = document.undecodable
        problems.append(Problem("not-utf8", document.place(at, at + 1), "the file is not encoded in UTF-8"))
        if document.utf16_codec:
            # UTF-16: to tell every line that its characters are wrong would help nobody.
            return DotenvTree(document, dialect, (), tuple(problems), ())
    reader = _reader(document, dialect)
    reader.read()
    problems += reader.problems
    return DotenvTree(document, dialect, tuple(reader.entries), tuple(problems), tuple(reader.comments))


def _reader(document: Document, dialect: Dialect) -> ComposeReader | RawReader | PythonReader:
    if dialect == "compose":
        from .dotenv_compose import ComposeReader

        return ComposeReader(document)
    if dialect == "raw":
        from .dotenv_raw import RawReader

        return RawReader(document)
    from .dotenv_python import PythonReader

    return PythonReader(document)


def expanding(text: str, start: int) -> Template | None:
    """The template of a value that stands at `start`, or None when expansion gives back the same text."""
    if "$" not in text:
        return None
    template = parse_template(text, start)
    parts = template.parts
    if not template.invalid and len(parts) == 1 and isinstance(parts[0], Text) and parts[0].text == text:
        return None
    return template
