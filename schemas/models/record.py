"""What is noticed while a project is loaded: problems and the use of variables, each once."""

from __future__ import annotations

from ..parsers.document import Document, Place, Problem, Span
from .project import VariableUse

MAX_WORK = 5_000_000


class Record:
    """Collects problems and variable uses; a file that is read for several reasons reports each mistake once.

    `cut` says that something was not followed to its end, so that what seems missing may be there.
    """

    def __init__(self) -> None:
        self.cut = False
        self._left = MAX_WORK
        self._problems: dict[tuple[object, ...], Problem] = {}
        self._uses: dict[tuple[int, Span], VariableUse] = {}

    def problem(self, kind: str, place: Place, message: str, /, *related: tuple[Place, str], **values: str) -> None:
        """Note a problem; `values` fill the holes of `message`."""
        pairs = tuple(values.items())
        key = (kind, id(place.document), place.span, pairs)
        if key not in self._problems:
            self._problems[key] = Problem(kind, place, message, pairs, related)

    def add(self, problem: Problem) -> None:
        """Note a problem that was found elsewhere."""
        key = (problem.kind, id(problem.place.document), problem.place.span, problem.values)
        self._problems.setdefault(key, problem)

    def use(self, use: VariableUse) -> None:
        """Note that a variable is asked for; of one place the reading that reached it counts."""
        key = (id(use.place.document), use.place.span)
        known = self._uses.get(key)
        if known is None or (use.reached and not known.reached):
            self._uses[key] = use

    def spend(self, work: int) -> bool:
        """Take work (characters expanded, values copied) from the project's allowance; False when it is used up.

        Only hostile files come near it: what multiplies without end is cut off, and stays unknown.
        """
        self._left -= work
        self.cut = self.cut or self._left < 0
        return self._left >= 0

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems in the order of their discovery."""
        return tuple(self._problems.values())

    @property
    def uses(self) -> tuple[VariableUse, ...]:
        """The uses in the order of their discovery."""
        return tuple(self._uses.values())


def top(path: str) -> Place:
    """The place for what concerns a file that could not be read: the start of an empty document."""
    return Place(Document(path, ""), Span(0, 0))
