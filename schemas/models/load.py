"""Compose files become one effective tree: read, converted, included, extended, laid over each other."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from ..files import reason_of, within
from ..parsers.yaml import YamlNode, YamlTree
from .convert import Converter
from .extends import Bases, Origin, apply_extends
from .include import apply_include
from .merge import is_null, merge
from .node import MappingNode, Node, ScalarNode
from .project import Options
from .record import Record, top
from .setting import Named, Setting
from .tags import tagged_paths, without
from .value import Source

if TYPE_CHECKING:
    from ..parsers.dotenv import Dialect, DotenvTree
    from ..workspace import Workspace

MAX_FILES = 500


class Loader:
    """Reads and merges the files of one project; what Compose refuses goes to `record`.

    `trees` are the compose files read so far; `partial` says that one of them could not be read to its end, so that
    what seems missing may stand there.
    """

    def __init__(self, workspace: Workspace, options: Options, record: Record) -> None:
        self.record = record
        self.trees: dict[int, YamlTree] = {}
        self.partial = False
        self.bases = Bases()
        self._workspace = workspace
        self._boundary = options.boundary
        self._reads = 0

    def kind(self, path: str) -> str:
        """What stands at a path."""
        return self._workspace.files.kind(path)

    def yaml(self, named: Named) -> YamlTree | None:
        """The tree of a compose file; None, with a problem, when it cannot be read."""
        self._reads += 1
        if self._reads > MAX_FILES:
            self.record.problem("too-much", named.place or top(named.path), "the project has too many files to follow")
        if self._reads > MAX_FILES or not self._allowed(named):
            self.partial = True
            return None
        try:
            tree = self._workspace.yaml(named.path)
        except OSError as error:
            self._unreadable(named, error)
            self.partial = True
            return None
        if id(tree) not in self.trees:
            self.trees[id(tree)] = tree
            for problem in tree.problems:
                if problem.kind == "merge-of-non-map":
                    self.record.add(problem)
        if tree.stopped_at is not None or any(p.kind in _BROKEN for p in tree.problems):
            self.partial = True
        return tree

    def dotenv(self, named: Named, dialect: Dialect = "compose") -> DotenvTree | None:
        """The tree of a dotenv file; None, with a problem, when it cannot be read."""
        if not self._allowed(named):
            return None
        try:
            return self._workspace.dotenv(named.path, dialect)
        except OSError as error:
            self._unreadable(named, error)
            return None

    def model(self, files: Sequence[Named], setting: Setting) -> MappingNode | None:
        """The files as one tree, each laid over the one before; None when none of them holds anything."""
        model: MappingNode | None = None
        source = setting.source
        for named in files:
            tree = self.yaml(named)
            for root in tree.roots if tree is not None else ():
                node = Converter(tree, setting.scope, source, setting.base, self.record).convert(root)  # type: ignore[arg-type]
                if is_null(node):
                    continue
                if not isinstance(node, MappingNode):
                    self._no_mapping(node, "the file")
                    continue
                assert tree is not None
                model = self._laid_over(model, node, root, tree, setting)
                source = Source.OVERRIDE if setting.source is Source.LITERAL else setting.source
            source = Source.OVERRIDE if setting.source is Source.LITERAL else setting.source
        return model

    def services_of(self, node: MappingNode) -> MappingNode | None:
        """The `services` of a tree, None with a problem when they are no mapping."""
        services = node.get("services")
        if services is None or isinstance(services, MappingNode):
            return services
        self._no_mapping(services, "`services`")
        return None

    def _laid_over(
        self, model: MappingNode | None, node: MappingNode, root: YamlNode, tree: YamlTree, setting: Setting
    ) -> MappingNode:
        """One document of a file laid over what is there (compose-go, loader/loader.go: loadYamlFile)."""
        text = tree.document.text
        tagged = tagged_paths(root) if "!reset" in text or "!override" in text else ()
        path = tree.document.path
        if "include" in node.entries:
            node = apply_include(self, node, setting._replace(chain=(*setting.chain, path)), tagged)
        if model is not None and tagged:
            taken = without(model, tagged)
            assert isinstance(taken, MappingNode)
            model = taken
        services = self.services_of(node)
        if services is not None:
            node = apply_extends(self, node, services, Origin(path, setting.scope, setting.base, tagged))
        if model is None:
            return node
        merged = merge(model, node, (), self.record)
        assert isinstance(merged, MappingNode)
        return merged

    def _allowed(self, named: Named) -> bool:
        """Whether a file lies within the project's boundary, links resolved."""
        if not _nameable(named.path):
            self._unreadable(named, FileNotFoundError(2, "No such file or directory"))
            return False
        boundary = self._boundary
        if boundary is None or named.place is None:
            return True
        files = self._workspace.files
        if within(named.path, boundary) and within(files.real(named.path), files.real(boundary)):
            return True
        self.record.problem(
            "outside-project",
            named.place,
            "{path} lies outside the project and is not read",
            path=named.path,
        )
        return False

    def _unreadable(self, named: Named, error: OSError) -> None:
        place = named.place or top(named.path)
        missing: Literal["file-missing", "unreadable"] = "unreadable"
        if isinstance(error, (FileNotFoundError, NotADirectoryError)):
            missing = "file-missing"
        reason = reason_of(error)
        message = "{path} is not there" if missing == "file-missing" else "{path} is not read: {reason}"
        values = {"path": named.path} if missing == "file-missing" else {"path": named.path, "reason": reason}
        self.record.problem(missing, place, message, **values)

    def _no_mapping(self, node: Node, what: str) -> None:
        if isinstance(node, ScalarNode) and not node.value.known:
            return
        kind = "empty-mapping" if is_null(node) else "not-a-mapping"
        self.record.problem(kind, node.place, "{what} must be a mapping (`key: value` lines)", what=what)


def _nameable(path: str) -> bool:
    """Whether a file system can have this path at all."""
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        return False
    return "\0" not in path


_BROKEN = frozenset({"syntax", "tab-indent", "invalid-character", "too-deep", "too-large"})
