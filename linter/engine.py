"""Runs the rules: each deployment and each file once, one broken file or rule never stopping the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ..schemas.files import reason_of
from .deployments import Deployments, service_files
from .diagnostic import Diagnostic
from .examination import Examination, Findings
from .loading import compose_shape, parse_loose, secrets_of_deployment, secrets_of_tree, summary_of
from .plan import MANY, Plan, Spread, make_plan, own_env_files
from .relevance import Relevance
from .report import relative
from .rule import Rule
from .selection import selected
from .settings import Settings
from .suppress import MARK, Suppressions

if TYPE_CHECKING:
    from ..schemas.models.deployment import Deployment
    from ..schemas.parsers.document import Document
    from ..schemas.workspace import Tree, Workspace
    from .memory import Memory


def examine(
    paths: Sequence[str],
    settings: Settings,
    workspace: Workspace,
    rules: Sequence[Rule],
    cwd: str,
    *,
    spread: Spread | None = None,
    memory: Memory | None = None,
) -> Examination:
    """Lint absolute paths with those of `rules` that the settings switch on. Raises UnknownSelectorError.

    With `spread` a large plan is worked through in shares, and the workspace knows nothing of the files afterwards.
    `memory` spares what an examination before this one found and what still holds.
    """
    on = selected(rules, settings.select, settings.ignore, host=settings.host)
    if memory is not None:
        memory.open(settings, on)
    run = Run(settings, workspace, on, rules, cwd, memory=memory)
    if settings.files:
        run.compose_files(settings.files[0], settings.files, everything=True)
    if paths or not settings.files:
        files = workspace.files
        run.start(make_plan(paths, settings, files) if memory is None else memory.plan(paths, files), spread)
    return run.finish()


class Run:
    """One pass over a plan."""

    def __init__(
        self,
        settings: Settings,
        workspace: Workspace,
        on: Sequence[Rule],
        rules: Sequence[Rule],
        cwd: str,
        *,
        memory: Memory | None = None,
    ) -> None:
        self.settings = settings
        self.memory = memory
        self.workspace = workspace
        self.on = on
        self.cwd = cwd
        self.out = Examination(cwd)
        self.deployments = Deployments(settings, workspace, self.out, memory)
        self.by_subject: dict[str, list[Rule]] = {}
        for rule in on:
            for subject in rule.checks:
                self.by_subject.setdefault(subject, []).append(rule)
        self.suppressions = Suppressions(rules, frozenset(r.code for r in on))
        self.alone: set[str] = set()
        self.named: set[str] = set()
        self.within: set[str] = set()
        self.done: set[tuple[str, str, str]] = set()
        self.findings = Findings()
        self.relevance = Relevance(settings, self.suppressions)

    def fresh(self, workspace: Workspace) -> Run:
        """Another pass with the same settings and rules that knows of nothing yet."""
        return Run(self.settings, workspace, self.on, self.suppressions.known, self.cwd)

    def start(self, plan: Plan, spread: Spread | None) -> None:
        """Say what the plan leaves out, and work through it, in shares where that pays."""
        for path, reason in plan.missing:
            self.out.error(path, reason)
            self.out.failed = True
        for path, reason in plan.notes:
            self.out.error(path, reason)
        if spread is not None and len(plan.roots) + len(plan.compose) + len(plan.loose) >= MANY:
            from .jobs import in_shares

            if in_shares(self, plan, spread):
                return
        self.plan(plan)

    def plan(self, plan: Plan) -> None:
        """Work through a plan."""
        self.named, self.deployments.tops = plan.named, plan.tops
        self.relevance.named = plan.named
        for path, deployment in self.deployments.with_named(plan.above, plan.named):
            self.deployment(path, deployment, everything=False)
        for path in self.deployments.including_first(plan.roots):
            if path not in self.within:
                self.alone.add(path)
                self.main_file(path, everything=path in plan.searched)
        for path in plan.compose:
            if path not in self.out.read:
                self.lone_compose(path, plan, everything=path in plan.searched)
        for path in plan.spare:
            if path not in self.out.read and plan.named - self.out.read:
                self.lone_compose(path, plan, everything=False)
        for path in plan.loose:
            if path not in self.out.read:
                self.loose(path)

    def compose_files(self, path: str, files: tuple[str, ...], *, everything: bool) -> None:
        """Lint a deployment: the one that Compose finds in the folder of `path`, or the one of `-f files`."""
        deployment = self.deployments.load(path, files)
        if deployment is not None:
            self.deployment(path, deployment, everything=everything)

    def main_file(self, path: str, *, everything: bool) -> None:
        """Lint the deployment that Compose finds in a folder; alone the file that is but a part of others."""
        if not self.deployments.readable(path):
            return
        if path in self.out.read and compose_shape(self.workspace.yaml(path)) == "part":
            # What another file extends needs no image.
            return
        deployment = self.deployments.main(path)
        if deployment is not None:
            self.deployment(path, deployment, everything=everything)
        elif path not in self.out.read:
            self.lone_tree(self.workspace.yaml(path))

    def deployment(self, path: str, deployment: Deployment, *, everything: bool) -> None:
        """Lint a deployment that is loaded."""
        # Names that messages need: a password that is one of them is no better hidden than the name itself.
        self.out.services.update(deployment.services, deployment.project.networks)
        self.within |= service_files(deployment)
        for tree in deployment.trees:
            self.enter(tree)
            self.findings.read(tree.document.path)
            self.suppressions.whole.add(tree.document.path)
        for problem in (*deployment.project.problems, *deployment.problems):
            values = dict(problem.values)
            if problem.kind == "unreadable":
                self.out.error(values["path"], values["reason"])
            elif problem.kind == "outside-project":
                place = problem.place
                named = f"{relative(place.document.path, self.cwd)}:{place.line}"
                self.out.note(f"{named}: {values['path']} lies outside the project, not read")
        self.out.read.add(path)
        for mounted in deployment.mounted:
            self.out.read.add(mounted.path)
        found = [*self.whole(path, deployment), *(d for tree in deployment.trees for d in self.tree(tree))]
        if found or any(MARK in tree.document.text for tree in deployment.trees):
            # What nothing is shown of is not kept in memory for the masker.
            self.out.secrets.append(lambda: secrets_of_deployment(deployment))
        self.keep(found, everything=everything)
        self.out.deployments.append(summary_of(deployment, topology=self.settings.topology))

    def whole(self, path: str, deployment: Deployment) -> Sequence[Diagnostic]:
        """What the rules for whole deployments say: found out, or remembered."""

        def look() -> list[Diagnostic]:
            return self.checked("Deployment", deployment, path)

        if self.memory is None:
            return look()
        crashes = self.out.crashes
        return self.memory.findings(deployment, self.workspace, look, lambda: self.out.crashes == crashes)

    def lone_compose(self, path: str, plan: Plan, *, everything: bool) -> None:
        """Lint a Compose file that no deployment reads: alone, or laid over the folder's main file if it is a part."""
        if not self.deployments.readable(path):
            return
        self.alone.add(path)
        tree = self.workspace.yaml(path)
        shape = compose_shape(tree)
        folder = path.rpartition("/")[0]
        main = next((p for p in plan.roots if p.rpartition("/")[0] == folder), None)
        if shape == "whole":
            own = own_env_files(self.workspace.files, path)
            deployment = self.deployments.whole(path, main, own)
            if deployment is not None:
                self.deployment(path, deployment, everything=everything)
        elif shape == "part" and main is not None:
            self.compose_files(main, (main, path), everything=everything)
        if path not in self.out.read and (shape != "other" or path in plan.searched):
            self.lone_tree(tree)

    def loose(self, path: str) -> None:
        """Lint a file that no deployment reads by the rules for its format."""
        if self.document(path) is None:
            return
        tree = parse_loose(self.workspace, path)
        if tree is not None:
            self.alone.add(path)
            self.lone_tree(tree)

    def lone_tree(self, tree: Tree) -> None:
        """Lint a file that is parsed by the rules for its format."""
        self.enter(tree)
        found = self.tree(tree)
        if found or MARK in tree.document.text:
            self.out.secrets.append(lambda: secrets_of_tree(tree))
        self.keep(found, everything=True)

    def document(self, path: str) -> Document | None:
        """The document of a path; None, with a line in the errors, when it cannot be read."""
        try:
            return self.workspace.document(path)
        except (OSError, ValueError) as error:
            self.out.error(path, reason_of(error))
            self.out.failed |= path in self.named
            return None

    def enter(self, tree: Tree) -> None:
        """Note that a file was read: its syntax problems and the comments in it that silence rules."""
        document = tree.document
        self.out.read.add(document.path)
        self.out.syntax[document.path] = max(len(tree.problems), self.out.syntax.get(document.path, 0))
        if MARK in document.text:
            self.suppressions.read(document, tree.comments)

    def tree(self, tree: Tree) -> list[Diagnostic]:
        """Run the rules for one format over a file, once however many deployments read it."""
        kind = type(tree).__name__
        key = (tree.document.path, kind, getattr(tree, "dialect", ""))
        if key in self.done:
            return []
        self.done.add(key)
        said = self.memory.said.get(id(tree)) if self.memory is not None else None
        if said is not None:
            return said[1]
        crashes = self.out.crashes
        found = self.checked(kind, tree, tree.document.path)
        if self.memory is not None and self.out.crashes == crashes:
            self.memory.said[id(tree)] = tree, found
        return found

    def checked(self, kind: str, subject: Any, path: str) -> list[Diagnostic]:
        """What all rules for subjects of a kind say about one."""
        return [d for rule in self.by_subject.get(kind, ()) for d in self.check(rule, subject, path)]

    def check(self, rule: Rule, subject: Any, path: str) -> list[Diagnostic]:
        """What one rule says about one subject; a crash keeps what it said before and becomes a line in the errors."""
        found: list[Diagnostic] = []
        try:
            for each in rule.checks[type(subject).__name__](subject):
                severity = self.settings.severity_of(rule) or each.severity
                found.append(
                    Diagnostic(each.place, each.message, each.values, each.related, each.fixes, severity, rule)
                )
        except Exception as error:  # noqa: BLE001 - one rule's mistake must not silence the others
            self.out.crash(f"rule {rule.code} ({rule.name})", path, error)
        return found

    def severity(self, rule: Rule) -> Any:
        """The severity that the user gives to a rule, None for its own."""
        overrides = self.settings.severity
        return (overrides.get(rule.code) or overrides.get(rule.name)) if overrides else None

    def keep(self, found: Iterable[Diagnostic], *, everything: bool) -> None:
        """Take in the findings that are not silenced and, unless `everything` counts, concern the named files."""
        self.findings.add(each for each in found if self.relevance.counts(each, everything=everything))

    def finish(self) -> Examination:
        """The findings in order, after the rule that looks at the suppressions themselves."""
        for rule in self.by_subject.get("Suppressions", ()):
            self.keep(self.check(rule, self.suppressions, self.cwd), everything=not self.named)
        self.out.diagnostics = self.findings.in_order()
        return self.out
