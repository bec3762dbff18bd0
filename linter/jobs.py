"""Lints many deployments one after the other or side by side, and lets go of each before the next.

A plan is split into shares, each with the deployments of one folder. A share is linted as if there were no other, and
what came of it is put together in the order of the plan, so the outcome does not depend on who did the work. Where one
share reads a file that another linted alone, the two are one and are linted again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from ..schemas.workspace import Workspace
from .crash import internal_error
from .engine import Run
from .examination import Examination, Findings
from .plan import MANY, Plan, Spread
from .processes import Lost, can_fork, in_processes, processors
from .report import relative
from .suppress import Suppression


@dataclass(slots=True)
class Part:
    """What came of one share, ready to be sent from one process to another."""

    out: Examination
    findings: Findings = field(default_factory=Findings)
    alone: set[str] = field(default_factory=set[str])
    whole: set[str] = field(default_factory=set[str])
    comments: dict[str, list[Suppression]] = field(default_factory=dict[str, list[Suppression]])


def in_shares(run: Run, plan: Plan, how: Spread) -> bool:
    """Work through a plan in shares and put into `run` what came of it; False for one that is better done whole."""
    shares = split(plan)
    if len(shares) < MANY or plan.named:
        return False
    parts: dict[str, Part] = {}
    while left := [home for home in shares if home not in parts]:
        for index, part in _worked(run, [shares[home] for home in left], how):
            parts[left[index]] = part
        shares = joined(plan, shares, parts)
        parts = {home: part for home, part in parts.items() if home in shares}
    for home in shares:
        _absorb(run, parts[home])
    return True


def split(plan: Plan, groups: dict[str, str] | None = None) -> dict[str, Plan]:
    """The shares of a plan by the folder that heads them: the nearest one above a file that has a Compose file.

    `groups` maps the folders of some shares to one that they are a part of.
    """
    homes = {path.rpartition("/")[0] for path in (*plan.roots, *plan.compose)}
    shares: dict[str, Plan] = {}
    for name in ("roots", "compose", "loose"):
        for path in getattr(plan, name):
            home = _home(path, homes)
            home = (groups or {}).get(home, home)
            share = shares.setdefault(home, Plan(searched=plan.searched, tops=plan.tops))
            getattr(share, name).append(path)
    return shares


def _home(path: str, homes: set[str]) -> str:
    own = folder = path.rpartition("/")[0]
    while folder and folder not in homes:
        folder = folder.rpartition("/")[0]
    return folder or own


def joined(plan: Plan, shares: dict[str, Plan], parts: dict[str, Part]) -> dict[str, Plan]:
    """The shares with those put together of which one reads what another linted alone; new ones under new names."""
    alone = {path: home for home, part in parts.items() for path in part.alone}
    heads = {home: home for home in shares}

    def head(home: str) -> str:
        while heads[home] != home:
            home = heads[home]
        return home

    for home, part in parts.items():
        for path in part.out.read & alone.keys():
            heads[head(alone[path])] = head(home)
    members: dict[str, list[str]] = {}
    for home in shares:
        members.setdefault(head(home), []).append(home)
    # A share that grows gets a name that no folder has, so that nobody takes the old part for it.
    names = {home: found if len(group) == 1 else f"{found}\n" for found, group in members.items() for home in group}
    if all(name == home for home, name in names.items()):
        return shares
    groups = {folder: names[home] for home, share in shares.items() for folder in _folders(share, home)}
    return split(plan, groups)


def _folders(share: Plan, home: str) -> set[str]:
    """The folders that a share was made of."""
    return {home} | {path.rpartition("/")[0] for path in (*share.roots, *share.compose, *share.loose)}


def _worked(run: Run, plans: Sequence[Plan], how: Spread) -> Iterator[tuple[int, Part]]:
    """Each plan's number with what came of it, in any order."""
    jobs = min(how.jobs or processors(), len(plans)) if can_fork() else 1
    work = partial(part_of, run, plans)
    results: Iterator[tuple[int, Part | Lost]] = (
        in_processes(len(plans), work, jobs) if jobs > 1 else ((index, work(index)) for index in range(len(plans)))
    )
    for done, (index, result) in enumerate(results, 1):
        if how.progress is not None:
            how.progress(done, len(plans))
        part = result if isinstance(result, Part) else _lost(run, plans[index], result)
        yield index, part


def part_of(run: Run, plans: Sequence[Plan], index: int) -> Part:
    """Lint one share. Its deployments are let go; what must be masked of them is worked out before."""
    plan = plans[index]
    own = run.fresh(Workspace(run.workspace.files))
    try:
        own.plan(plan)
        secrets = tuple({text for source in own.out.secrets for text in source()})
    except Exception as error:  # noqa: BLE001 - a mistake of ours in one folder must not hide the others
        return _failed(run, plan, internal_error("the linter", error))
    own.out.secrets = [partial(iter, secrets)] if secrets else []
    found = own.suppressions
    return Part(own.out, own.findings, own.alone, found.whole, found.by_path)


def _lost(run: Run, plan: Plan, lost: Lost) -> Part:
    how = f"signal {-lost.code}" if lost.code is not None and lost.code < 0 else f"exit code {lost.code}"
    return _failed(run, plan, f"internal error: the process that linted it ended with {how}")


def _failed(run: Run, plan: Plan, reason: str) -> Part:
    first = (*plan.roots, *plan.compose, *plan.loose)[0]
    return Part(Examination(run.cwd, errors=[f"{relative(first.rpartition('/')[0], run.cwd)}: {reason}"], failed=True))


def _absorb(run: Run, part: Part) -> None:
    """Add what came of a share."""
    out = run.out
    out.deployments += part.out.deployments
    out.failed |= part.out.failed
    out.read |= part.out.read
    out.secrets += part.out.secrets
    out.services |= part.out.services
    for line in part.out.errors:
        run.out.note(line)
    for path, count in part.out.syntax.items():
        out.syntax[path] = max(count, out.syntax.get(path, 0))
    run.findings.absorb(part.findings)
    run.suppressions.whole |= part.whole
    run.suppressions.take(part.comments)
