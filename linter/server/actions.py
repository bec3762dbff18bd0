"""Code actions: fixes of what is found here, all safe ones at once, a comment, its page; setting an unset variable."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from lsprotocol import types

from ...fixers.edit import Applicability, Fix
from ...schemas.parsers.document import Span
from ..diagnostic import Diagnostic
from ..report import Report, Reported
from ..reports.portable import unicode_text
from ..silence import with_comments
from .adding import Addition
from .client import Client
from .diagnostics import Writer
from .edits import EditWriter
from .settings import members

FIX_ALL = "source.fixAll.stackmend"
EXPLAIN = "stackmend.explain"


class Here(NamedTuple):
    """What actions are asked for: a stretch of a file, of the kinds in `only` (None for all of them)."""

    report: Report
    path: str
    span: Span
    only: Sequence[str] | None = None


class ActionMaker:
    """Makes code actions for one client.

    `mended` gives the edit that mends all of a file that is safe to mend, `holds` whether a fix does what it says.
    """

    def __init__(
        self,
        client: Client,
        writer: Writer,
        edits: EditWriter,
        mended: Callable[[str], types.WorkspaceEdit | None],
        holds: Callable[[str, Fix, Diagnostic], bool],
    ) -> None:
        self._client = client
        self._writer = writer
        self._edits = edits
        self._mended = mended
        self._holds = holds

    def actions(self, here: Here) -> list[types.CodeAction]:
        """The actions: safe fixes, then those that make a choice, then what else can be done."""
        found = [reported for reported in here.report.diagnostics if _touches(here, reported)]
        made = [action for reported in found for action in self._fixes(here, reported)]
        made.sort(key=lambda action: action.kind != types.CodeActionKind.QuickFix.value)
        made += [action for reported in found for action in self._about(here, reported)]
        if _wanted(here, FIX_ALL) and any(_safe(here, reported) for reported in here.report.diagnostics):
            made += self._fix_all(here)
        return made

    def adding(self, here: Here, found: Iterable[Addition]) -> Iterator[types.CodeAction]:
        """Actions that set one variable each, but for those that a fix of what is found here does as well."""
        kind = types.CodeActionKind.RefactorRewrite.value
        if not _wanted(here, kind):
            return
        fixes = {fix.edits for r in here.report.diagnostics if _touches(here, r) for fix in r.diagnostic.fixes}
        for addition in found:
            if (addition.edit,) not in fixes:
                edit = self._edits.workspace_edit((addition.edit,))
                if edit is not None:
                    yield types.CodeAction(f"Set `{addition.name}` in `{addition.file}`", kind=kind, edit=edit)

    def resolve(self, action: types.CodeAction, report: Report) -> types.CodeAction:
        """Add the edit to an action that was chosen; one whose finding is gone, or would not go, stays without."""
        data = members(action.data)
        path, wanted, index = data.get("path"), data.get("fingerprint"), data.get("index")
        if wanted is None:
            action.edit = self._mended(path) if isinstance(path, str) else None
            return action
        reported = next((r for r in report.diagnostics if r.fingerprint == wanted), None)
        fixes = _fixes(reported) if reported is not None else ()
        if reported is None or not isinstance(index, int) or not 0 <= index < len(fixes):
            return action
        if self._holds(reported.place.document.path, fixes[index], reported.diagnostic):
            action.edit = self._edit(report, fixes[index])
        return action

    def _fixes(self, here: Here, reported: Reported) -> Iterator[types.CodeAction]:
        preferred = True
        for index, fix in enumerate(reported.diagnostic.fixes):
            kind = _kind(fix)
            if not fix.edits or fix.applicability is Applicability.DISPLAY or not _wanted(here, kind):
                continue
            action = self._action(here, reported, fix, kind)
            if fix.applicability is Applicability.SAFE and preferred and self._client.preferred_actions:
                action.is_preferred = True
                preferred = False
            if self._complete(action, here, reported, index):
                yield action

    def _about(self, here: Here, reported: Reported) -> Iterator[types.CodeAction]:
        """What can be done about a finding besides mending it."""
        rule = reported.rule
        if not _wanted(here, types.CodeActionKind.QuickFix.value):
            return
        for fix in _comment(reported):
            action = self._action(here, reported, fix, types.CodeActionKind.QuickFix.value)
            action.title = f"Ignore {rule.code} on this line"
            if self._complete(action, here, reported, len(reported.diagnostic.fixes)):
                yield action
        if self._client.shows_documents:
            command = types.Command(f"Explain {rule.code} {rule.name}", EXPLAIN, arguments=[rule.code])
            yield types.CodeAction(
                command.title,
                kind=types.CodeActionKind.QuickFix,
                command=command,
                diagnostics=[self._writer.diagnostic(here.report, reported)],
            )

    def _fix_all(self, here: Here) -> Iterator[types.CodeAction]:
        action = types.CodeAction("Fix all that is safe to fix in this file", kind=FIX_ALL, data={"path": here.path})
        if not self._client.resolves_edits:
            # Mending takes longer than a key stroke, so it waits until somebody asks for just that.
            if here.only is None:
                return
            action.edit = self._mended(here.path)
            if action.edit is None:
                return
        yield action

    def _action(self, here: Here, reported: Reported, fix: Fix, kind: str) -> types.CodeAction:
        title = unicode_text(here.report.text(fix.title, fix.values))
        return types.CodeAction(title, kind=kind, diagnostics=[self._writer.diagnostic(here.report, reported)])

    def _complete(self, action: types.CodeAction, here: Here, reported: Reported, index: int) -> bool:
        """Add the edit, or what `resolve` finds it by; whether there is an edit."""
        fix = _fixes(reported)[index]
        edit = self._edit(here.report, fix)
        if self._client.resolves_edits:
            action.data = {"path": here.path, "fingerprint": reported.fingerprint, "index": index}
        elif edit is not None and self._holds(here.path, fix, reported.diagnostic):
            action.edit = edit
        else:
            return False
        return edit is not None

    def _edit(self, report: Report, fix: Fix) -> types.WorkspaceEdit | None:
        title = unicode_text(report.text(fix.title, fix.values))
        return self._edits.workspace_edit(fix.edits, title, fix.applicability)


def _fixes(reported: Reported) -> tuple[Fix, ...]:
    """The fixes of a finding, and after them the comment that silences it."""
    return (*reported.diagnostic.fixes, *_comment(reported))


def _comment(reported: Reported) -> tuple[Fix, ...]:
    return with_comments([reported.diagnostic])[0].fixes


def _kind(fix: Fix) -> str:
    if fix.applicability is Applicability.SAFE:
        return types.CodeActionKind.QuickFix.value
    return types.CodeActionKind.RefactorRewrite.value


def _safe(here: Here, reported: Reported) -> bool:
    """Whether a finding has a safe fix that changes this file and no other."""
    return any(
        fix.applicability is Applicability.SAFE
        and fix.edits
        and all(edit.place.document.path == here.path for edit in fix.edits)
        for fix in reported.diagnostic.fixes
    )


def _touches(here: Here, reported: Reported) -> bool:
    document, span = reported.place
    return document.path == here.path and span.start <= here.span.end and here.span.start <= span.end


def _wanted(here: Here, kind: str) -> bool:
    """Whether a kind is asked for: by its own name, or by one that it lies below."""
    if here.only is None:
        return True
    return any(kind == only or kind.startswith(f"{only}.") or only == "" for only in here.only)
