"""Applies fixes round by round in memory, and withdraws every fix that does not do what it says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from ..fixers.apply import Combined, combine
from ..fixers.edit import Applicability, Fix
from ..schemas.parsers.document import Span
from .diagnostic import Diagnostic, Severity, render
from .engine import examine
from .examination import Examination
from .memory import Memory
from .report import relative
from .rule import Rule
from .settings import Settings
from .verify import unintended

if TYPE_CHECKING:
    from ..schemas.workspace import Workspace

MAX_ROUNDS = 10

Said = tuple[str, str, str, tuple[tuple[str, str], ...]]


class Applied(NamedTuple):
    """A fix that was applied, with the finding that it took away (whose place is in the text before)."""

    diagnostic: Diagnostic
    fix: Fix


@dataclass(slots=True)
class Mended:
    """What fixing gave: the last examination and the workspace it was made on, and every file's new text by path."""

    examination: Examination
    workspace: Workspace
    first: Examination
    texts: dict[str, str] = field(default_factory=dict[str, str])
    applied: list[Applied] = field(default_factory=list[Applied])
    notes: list[str] = field(default_factory=list[str])
    failed: bool = False


def mend(
    paths: Sequence[str],
    settings: Settings,
    workspace: Workspace,
    rules: Sequence[Rule],
    cwd: str,
    *,
    only_named: bool = False,
    spared: Callable[[Examination], list[Diagnostic]] | None = None,
    offering: Callable[[list[Diagnostic]], list[Diagnostic]] | None = None,
) -> Mended:
    """Lint, and apply fixes until none is left, unsafe ones only if the settings say so. Writes nothing.

    `only_named` leaves out the fixes that would change a file which is not one of `paths`. `spared` says which findings
    of the first examination are left as they are; `offering` puts other fixes in the place of the rules' own.
    """

    memory = Memory()

    def look(at: Workspace) -> Examination:
        examination = examine(paths, settings, at, rules, cwd, memory=memory)
        if offering is not None:
            examination.diagnostics = offering(examination.diagnostics)
        return examination

    first = look(workspace)
    order = {r.code: i for i, r in enumerate(rules)}
    run = _Mending(Mended(first, workspace, first), settings.unsafe_fixes, look, order, cwd)
    run.notes = settings.mend_notes
    if only_named:
        run.writable = frozenset(paths)
    if spared is not None:
        run.withdrawn.update(map(said, spared(first)))
    run.rounds()
    if offering is not None:
        # What is left is shown with the fixes of its rules.
        run.out.examination = examine(paths, settings, run.out.workspace, rules, cwd, memory=memory)
    return run.out


def best_fix(diagnostic: Diagnostic, *, unsafe: bool) -> Fix | None:
    """The fix of a diagnostic that may be applied: the first safe one, else, when allowed, the first unsafe one."""
    wanted = (Applicability.SAFE, Applicability.UNSAFE) if unsafe else (Applicability.SAFE,)
    for applicability in wanted:
        for fix in diagnostic.fixes:
            if fix.applicability is applicability and fix.edits:
                return fix
    return None


def said(diagnostic: Diagnostic) -> Said:
    """What a diagnostic says, wherever it stands in its file: a place moves when something above it is mended."""
    assert diagnostic.rule is not None
    return diagnostic.place.document.path, diagnostic.rule.code, diagnostic.message, diagnostic.values


class _Mending:
    def __init__(
        self, out: Mended, unsafe: bool, look: Callable[[Workspace], Examination], order: Mapping[str, int], cwd: str
    ) -> None:
        self.out = out
        self.unsafe = unsafe
        self.look = look
        self.order = order
        self.cwd = cwd
        self.notes = True
        self.writable: frozenset[str] | None = None
        self.withdrawn: set[Said] = set()
        self.original = out.workspace
        self.seen: set[frozenset[tuple[str, str]]] = {frozenset()}

    def rounds(self) -> None:
        """Apply, look again, until nothing is left to do or the bound is reached."""
        for _ in range(MAX_ROUNDS):
            offers = self.offers()
            if not offers or not self.round(offers):
                return
        left = sorted({_code(d) for d, _ in self.offers()})
        if left:
            self.stop(f"fixing did not end after {MAX_ROUNDS} rounds; the fixes of {', '.join(left)} follow each other")

    def offers(self) -> list[tuple[Diagnostic, Fix]]:
        """The fixes that may be applied now, in the order of the rules, then of the files and places."""
        found = [
            (d, fix)
            for d in self.out.examination.diagnostics
            if said(d) not in self.withdrawn
            and (self.notes or _severity(d) is not Severity.INFO)
            and (fix := best_fix(d, unsafe=self.unsafe)) is not None
            and (self.writable is None or all(e.place.document.path in self.writable for e in fix.edits))
        ]
        return sorted(found, key=lambda o: (self.order[_code(o[0])], o[0].place.document.path, o[0].place.span))

    def round(self, offers: list[tuple[Diagnostic, Fix]]) -> bool:
        """One round; whether anything changed or a fix was withdrawn, so that another round makes sense."""
        combined = combine([fix for _, fix in offers])
        if not combined.texts:
            return False
        taken = [offers[i] for i in combined.taken]
        if self.state(combined.texts) in self.seen:
            codes = ", ".join(sorted({_code(d) for d, _ in taken}))
            self.stop(f"the fixes of {codes} undo each other, so the last round was left out")
            return False
        after = self.try_out(combined, taken)
        if isinstance(after, str):
            if len(taken) == 1:
                self.withdraw(taken[0], after)
                return True
            return self.one_by_one(taken)
        self.accept(combined, taken, after)
        return True

    def one_by_one(self, taken: list[tuple[Diagnostic, Fix]]) -> bool:
        """Add the fixes of a round one after the other; withdraw those that fail alone, keep the rest for later."""
        kept: list[tuple[Diagnostic, Fix]] = []
        best: tuple[Combined, tuple[Workspace, Examination]] | None = None
        for offer in taken:
            combined = combine([fix for _, fix in (*kept, offer)])
            after = self.try_out(combined, [*kept, offer])
            if not isinstance(after, str):
                kept.append(offer)
                best = combined, after
                continue
            reason = self.try_out(combine([offer[1]]), [offer]) if kept else after
            if isinstance(reason, str):
                self.withdraw(offer, reason)
        if best is not None:
            self.accept(best[0], kept, best[1])
        return True

    def try_out(self, combined: Combined, taken: list[tuple[Diagnostic, Fix]]) -> tuple[Workspace, Examination] | str:
        """Look at the new texts: the workspace and its examination, or why they will not do."""
        out = self.out
        for path, text in combined.texts.items():
            document = out.workspace.document(path)
            edits = [Span(*e.place.span) for _, fix in taken for e in fix.edits if e.place.document.path == path]
            wrong = unintended(document, text, edits)
            if wrong is not None:
                return wrong
        workspace = out.workspace.changed(combined.texts)
        after = self.look(workspace)
        return self.judge(after, combined, taken) or (workspace, after)

    def judge(self, after: Examination, combined: Combined, taken: list[tuple[Diagnostic, Fix]]) -> str | None:
        """Why the gate stays shut, None when it opens."""
        before = self.out.examination
        cleared = False
        for path in combined.texts:
            old, new = before.syntax.get(path, 0), after.syntax.get(path, 0)
            if new > old:
                return "the new text has a syntax problem that the old one had not"
            cleared |= new < old
        if after.failed and not before.failed:
            return "a rule fails on the new text"
        old_said, new_said = (Counter(map(said, e.diagnostics)) for e in (before, after))
        for key, count in Counter(said(d) for d, _ in taken).items():
            if new_said[key] > old_said[key] - count:
                return "the finding is still there afterwards"
        # A file that can be read again may show mistakes that nobody could see before: they are not the fix's.
        if cleared:
            return None
        old_errors, new_errors = (
            Counter(_place_free(d) for d in e.diagnostics if _severity(d) is Severity.ERROR) for e in (before, after)
        )
        appeared = new_errors - old_errors
        if appeared:
            return f"{min(appeared)[1]} appears afterwards"
        return None

    def accept(
        self, combined: Combined, taken: list[tuple[Diagnostic, Fix]], after: tuple[Workspace, Examination]
    ) -> None:
        """Make the tried texts the ones that hold."""
        self.out.texts.update(combined.texts)
        self.out.workspace, self.out.examination = after
        self.out.applied += [Applied(d, fix) for d, fix in taken]
        self.seen.add(self.state({}))

    def state(self, texts: Mapping[str, str]) -> frozenset[tuple[str, str]]:
        """All texts that differ from the first ones, once `texts` are taken over."""
        merged = {**self.out.texts, **texts}
        return frozenset((p, t) for p, t in merged.items() if self.original.document(p).text != t)

    def withdraw(self, offer: tuple[Diagnostic, Fix], reason: str) -> None:
        """Put a fix aside for good, and say so."""
        diagnostic, fix = offer
        self.withdrawn.add(said(diagnostic))
        place = diagnostic.place
        where = f"{relative(place.document.path, self.cwd)}:{place.line}"
        title = render(fix.title, fix.values)
        self.out.notes.append(f"{where}: the fix of {_code(diagnostic)} ({title}) was withdrawn: {reason}")

    def stop(self, note: str) -> None:
        """End with a note: a mistake of ours."""
        self.out.notes.append(f"internal error: {note}; please report this")
        self.out.failed = True


def _code(diagnostic: Diagnostic) -> str:
    assert diagnostic.rule is not None
    return diagnostic.rule.code


def _severity(diagnostic: Diagnostic) -> Severity:
    assert diagnostic.rule is not None
    return diagnostic.severity or diagnostic.rule.severity


def _place_free(diagnostic: Diagnostic) -> tuple[str, str]:
    """An error as the gate counts it: words may change when a fix changes what they speak of, file and rule may not."""
    return diagnostic.place.document.path, _code(diagnostic)
