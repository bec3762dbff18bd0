"""Words of squid's files, and where a person writes them: in the file, or in the variable that fills a template."""

from __future__ import annotations

from typing import NamedTuple

from ...kit import Deployment, Edit, LatePattern, MountedFile, Place, SquidTree, SquidWord, Variable, change_value

_HOLE = LatePattern(r"\$\{(\w+)\}")


class Written(NamedTuple):
    """A word of a mounted file."""

    file: MountedFile
    tree: SquidTree
    word: SquidWord

    @property
    def place(self) -> Place:
        """Where it is written: the variable that gives all of it, else squid's file."""
        variable = self.variable
        own = self.tree.document.place(*self.word.span)
        return variable.edit_place if variable else own

    @property
    def variable(self) -> Variable | None:
        """The variable of the squid service that gives all of it."""
        match = _HOLE.fullmatch(self.word.text)
        return self.file.service.environment.get(match[1]) if match else None

    def changed(self, deployment: Deployment, text: str) -> Edit | None:
        """Write something else there; None where that cannot be done at one place."""
        variable = self.variable
        if variable is not None:
            return change_value(deployment, variable.value, text)
        if "$" in self.word.text or self.word.quote:
            return None
        return Edit(self.place, text)
