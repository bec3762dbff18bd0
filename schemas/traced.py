"""Remembers what a reading of files rested on, so that it need be done again only when an answer would differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

if TYPE_CHECKING:
    from .files import FileKind, Files, Listed
    from .parsers.document import Document
    from .workspace import Workspace

T = TypeVar("T")

Question = Literal["kind", "entries", "listing", "real", "stamp", "mode"]


@dataclass(slots=True)
class Trace:
    """The documents that were used, and what else was asked of the files with the answers, None for a refusal."""

    documents: dict[str, Document] = field(default_factory=dict[str, "Document"])
    asked: dict[tuple[Question, str], object] = field(default_factory=dict[tuple[Question, str], object])

    def include(self, other: Trace) -> None:
        """Take in what another reading rested on, which is a part of this one."""
        self.documents.update(other.documents)
        self.asked.update(other.asked)

    def documents_hold(self, workspace: Workspace) -> bool:
        """Whether the documents are still those of a workspace; one that was read before must not be read again."""
        now = workspace.documents
        return all(now.get(path) is document for path, document in self.documents.items())

    def answers_hold(self, files: Files, own: str | None = None) -> bool:
        """Whether the files would answer all questions as before.

        `own` is a file that the program writes itself: it does not count, nor that it comes into its folder.
        """
        return all(
            _holds(files, question, path, answer, own) for (question, path), answer in self.asked.items() if path != own
        )


def _holds(files: Files, question: Question, path: str, answer: object, own: str | None) -> bool:
    try:
        now: Any = getattr(files, question)(path)
    except OSError:
        now = None
    if now == answer or own is None or question not in ("entries", "listing"):
        return bool(now == answer)
    folder, _, name = own.rpartition("/")
    return path == folder and _without(now, name) == _without(answer, name)


def _without(names: Any, name: str) -> list[Any]:
    """What stands in a folder, but for one name."""
    return [each for each in names or () if name not in (each, getattr(each, "name", None))]


class TracedFiles:
    """Files that write down what they are asked while a trace is set, and what they have read since they are.

    With `known` they ask the files below once and then answer from memory, until `forget`.
    """

    def __init__(
        self,
        files: Files,
        stamps: dict[str, object] | None = None,
        known: dict[tuple[Question, str], Any] | None = None,
    ) -> None:
        self.files = files
        self.trace: Trace | None = None
        self._stamps: dict[str, object] = {} if stamps is None else stamps
        self._known = known

    def read(self, path: str) -> bytes:
        """The bytes of a file; what counts for the trace is whether the file stays as it is."""
        self._stamps[path] = self.stamp(path)
        return self.files.read(path)

    def stale(self) -> list[str]:
        """The paths that were read and have changed since."""
        return [path for path, stamp in self._stamps.items() if self.files.stamp(path) != stamp]

    def forget(self) -> None:
        """Answer nothing from memory that was asked so far."""
        if self._known is not None:
            self._known.clear()

    def kind(self, path: str) -> FileKind:
        """What stands at the path."""
        return self._answer("kind", path, self.files.kind)

    def entries(self, path: str) -> list[str]:
        """The names in a folder."""
        return self._answer("entries", path, self.files.entries)

    def listing(self, path: str) -> list[Listed]:
        """What stands in a folder. Raises OSError."""
        return self._answer("listing", path, self.files.listing)

    def real(self, path: str) -> str:
        """The path with links resolved."""
        return self._answer("real", path, self.files.real)

    def mode(self, path: str) -> int | None:
        """Who may read and write a file."""
        return self._answer("mode", path, self.files.mode)

    def stamp(self, path: str) -> object:
        """What is equal as long as the file stays as it is; always asked anew, for open files change with each key."""
        answer = self.files.stamp(path)
        self._note("stamp", path, answer)
        return answer

    def _answer(self, question: Question, path: str, ask: Callable[[str], T]) -> T:
        known = self._known
        key: tuple[Question, str] = question, path
        try:
            answer = known[key] if known is not None and key in known else ask(path)
        except OSError:
            self._note(question, path, None)
            raise
        if known is not None:
            known[key] = answer
        self._note(question, path, answer)
        return answer

    def _note(self, question: Question, path: str, answer: object) -> None:
        if self.trace is not None:
            self.trace.asked[question, path] = answer

    def changed(self, data: Mapping[str, bytes]) -> TracedFiles:
        """The same files with other contents; neither the trace nor what is known is handed on."""
        return TracedFiles(self.files.changed(data), self._stamps)

    def over(self, files: Files) -> TracedFiles:
        """Other files below, of which most is as it was, and nothing comes or goes."""
        return TracedFiles(files, self._stamps, self._known)
