"""The folders and open texts of an editor, read anew as far as a change reaches."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ...fixers.apply import combine
from ...fixers.edit import Fix
from ...schemas.files import DiskFiles, normal, within
from ...schemas.parsers.document import Document
from ...schemas.traced import TracedFiles
from ...schemas.workspace import Workspace
from ..config import ConfigError, Overrides
from ..diagnostic import Diagnostic
from ..discovery import folders_above, search
from ..fixing import said
from ..memory import Memories
from ..plan import main_of
from ..report import Report
from ..reports.portable import unicode_text
from ..rules import all_rules
from ..selection import UnknownSelectorError
from ..session import Outcome, Request, run
from ..settings import Settings
from .analysis import Analysis

MANY = 60
"""With more deployments than this in a folder only those of open files are read."""


class Trouble(NamedTuple):
    """Why a folder could not be read as asked: words for the person at the editor."""

    folder: str
    text: str


class Live:
    """What the editor has open, over what the disk holds.

    `folders` are the editor's, as absolute paths; a file outside of them is read with the folder of its deployment.
    `refresh` makes `analyses` and `troubles` anew; all else only notes what changed.
    """

    def __init__(self) -> None:
        self.folders: tuple[str, ...] = ()
        self.over = Overrides()
        self.analyses: dict[str, Analysis] = {}
        self.troubles: list[Trouble] = []
        self.dirty = True
        self._texts: dict[str, str] = {}
        self._memories: dict[str, Memories] = {}
        self._large: dict[str, bool] = {}
        self._homes: dict[str, str] = {}
        self._rules = all_rules()
        self._workspace = Workspace(TracedFiles(DiskFiles(), known={}))
        self._past: dict[str, Analysis] = {}

    def put(self, path: str, text: str) -> None:
        """Take the text of an open file; half a surrogate pair, which no file can hold, counts as U+FFFD."""
        text = unicode_text(text)
        if path not in self._texts:
            self.disk_changed()
        if self._texts.get(path) != text:
            self._texts[path] = text
            self._lay_over((path,))

    def drop(self, path: str) -> None:
        """A file was closed: what counts is on the disk again."""
        if self._texts.pop(path, None) is not None:
            self._lay_over((path,))
            self.disk_changed()

    def text(self, path: str) -> str | None:
        """The text of an open file, None for one that is not open."""
        return self._texts.get(path)

    def configure(self, folders: Sequence[str], over: Overrides) -> None:
        """Take the folders and the settings of the editor."""
        self.folders, self.over = tuple(dict.fromkeys(map(normal, folders))), over
        self.disk_changed()

    def disk_changed(self) -> None:
        """Something else may have written: what was read from the disk is compared with it."""
        files = self._workspace.files
        assert isinstance(files, TracedFiles)
        files.forget()
        stale = [path for path in files.stale() if path not in self._texts]
        if stale:
            self._lay_over(stale)
        for memories in self._memories.values():
            memories.disk_changed()
        self._large.clear()
        self._homes.clear()
        self.dirty = True

    def refresh(self) -> bool:
        """Read and lint again what changed; whether there was anything to do.

        Afterwards, when the answer is given, `tidy` is to be called.
        """
        if not self.dirty:
            return False
        self.dirty = False
        self.troubles = []
        # To take the old trees apart, or to look for garbage, would each take longer than many rules.
        gc.disable()
        self._past = self.analyses
        wanted = self._wanted()
        self.analyses = {folder: a for folder in wanted if (a := self._analysis(folder)) is not None}
        for folder in self._memories.keys() - set(wanted):
            del self._memories[folder]
        return True

    def tidy(self) -> None:
        """Let go of what the last change has replaced, when it is answered."""
        self._past = {}
        gc.enable()

    def idle(self) -> None:
        """Tidy up for longer, when nobody waits."""
        self.tidy()
        for memories in self._memories.values():
            memories.forget_trees(self._workspace)
        gc.collect()

    def analysis(self, path: str) -> Analysis | None:
        """The reading of the folder in which a file lies, None for a file of no folder."""
        return self.analyses.get(self._folder(path))

    def document(self, path: str) -> Document:
        """The document that was read at a path. Raises OSError."""
        return self._workspace.document(path)

    def mended(self, path: str, *, whole: bool) -> Outcome:
        """The texts after all safe fixes: of one file, or of all files of the deployments that read it if `whole`.

        Raises what `run` raises.
        """
        paths = [path]
        analysis = self.analysis(path)
        if whole and analysis is not None:
            paths += [tree.document.path for deployment in analysis.readers(path) for tree in deployment.trees]
        named = tuple(dict.fromkeys(paths))
        request = Request(named, self._folder(path), self.over, shell={}, mending=True, only_named=True)
        return run(request, self._workspace, self._rules)

    def holds(self, path: str, fix: Fix, finding: Diagnostic) -> bool:
        """Whether a fix of a finding in a file does what it says: the finding goes, and no syntax problem comes."""
        texts = combine([fix]).texts
        workspace = self._workspace.changed(texts)
        folder = self._folder(path)
        before, after = self.analyses.get(folder), self._report(folder, workspace)
        if before is None or after is None or _problems(workspace, texts) > _problems(self._workspace, texts):
            return False
        count = [
            sum(said(r.diagnostic) == said(finding) for r in report.diagnostics) for report in (before.report, after)
        ]
        return count[1] < count[0]

    def _lay_over(self, changed: Sequence[str]) -> None:
        files = self._workspace.files
        assert isinstance(files, TracedFiles)
        for memories in self._memories.values():
            for path in changed:
                memories.text_changed(path)
        overlay = {p: t.encode("utf-8") for p, t in self._texts.items()}
        self._workspace = self._workspace.over(files.over(DiskFiles(overlay)), changed)
        self.dirty = True

    def _wanted(self) -> list[str]:
        return list(dict.fromkeys((*self.folders, *map(self._folder, self._texts))))

    def _folder(self, path: str) -> str:
        holding = [folder for folder in self.folders if within(path, folder)]
        return max(holding, key=len) if holding else self._alone(path)

    def _alone(self, path: str) -> str:
        """The folder of a file outside of the editor's folders: of the deployment above it, else its own."""
        if path not in self._homes:
            files = self._workspace.files
            above = (folder for folder in folders_above(files, path) if main_of(files, folder) is not None)
            self._homes[path] = next(above, path.rpartition("/")[0] or "/")
        return self._homes[path]

    def _analysis(self, folder: str) -> Analysis | None:
        try:
            report = self._report(folder, self._workspace)
        except (ConfigError, UnknownSelectorError) as error:
            self.troubles.append(Trouble(folder, str(error)))
        except OSError as error:
            self.troubles.append(Trouble(folder, f"{error.filename or folder}: {error.strerror or 'cannot be read'}"))
        else:
            deployments = tuple(self._memories[folder].deployments)
            return Analysis(self._workspace, deployments, report) if report is not None else None
        return None

    def _report(self, folder: str, workspace: Workspace) -> Report | None:
        """Lint a folder, or of a large one the open files; None where none is open. Raises what `run` raises."""
        paths: tuple[str, ...] = (folder,)
        if self._is_large(folder):
            paths = tuple(path for path in self._texts if self._folder(path) == folder)
        memories = self._memories.setdefault(folder, Memories())
        request = Request(paths, folder, self.over, shell={})
        return run(request, workspace, self._rules, memories).report if paths else None

    def _is_large(self, folder: str) -> bool:
        if folder not in self._large:
            found = search(self._workspace.files, folder, Settings())
            self._large[folder] = len(found.roots) + len(found.compose) > MANY
        return self._large[folder]


def _problems(workspace: Workspace, paths: Iterable[str]) -> int:
    return sum(len(tree.problems) for path in paths for tree in workspace.parsed(path))
