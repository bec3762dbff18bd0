"""One parse for each file: documents and trees by path, shared between the deployments of a run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, TypeVar

from .files import Files, RefusedError
from .parsers.document import Document

if TYPE_CHECKING:
    from .parsers.dotenv import Dialect as DotenvDialect
    from .parsers.dotenv import DotenvTree
    from .parsers.json import Dialect as JsonDialect
    from .parsers.json import JsonTree
    from .parsers.nginx import NginxTree
    from .parsers.squid import SquidTree
    from .parsers.yaml import YamlTree
    from .traced import Trace

    Tree = YamlTree | DotenvTree | JsonTree | NginxTree | SquidTree

T = TypeVar("T")


class Workspace:
    """Reads and parses each file once. Every method raises OSError when the file cannot be read."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self._documents: dict[str, Document] = {}
        self._trees: dict[tuple[str, str], Tree] = {}
        self.trace: Trace | None = None

    def document(self, path: str) -> Document:
        """The document at an absolute path."""
        found = self._documents.get(path)
        if found is None:
            data = self.files.read(path)
            # UTF-16 has NULs, too, but it is a text of the user's: the rules about encodings speak of it.
            if b"\0" in data[:8192] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
                raise RefusedError("a binary file, not read")
            found = self._documents[path] = Document.decode(path, data)
        if self.trace is not None:
            self.trace.documents[path] = found
        return found

    def yaml(self, path: str) -> YamlTree:
        """The YAML tree of a file."""
        from .parsers.yaml import parse_yaml

        return self._parse(path, "yaml", parse_yaml)

    def dotenv(self, path: str, dialect: DotenvDialect = "compose") -> DotenvTree:
        """The dotenv tree of a file, as the reader named by `dialect` splits it."""
        from .parsers.dotenv import parse_dotenv

        return self._parse(path, f"dotenv-{dialect}", lambda document: parse_dotenv(document, dialect))

    def json(self, path: str, dialect: JsonDialect = "strict") -> JsonTree:
        """The JSON tree of a file."""
        from .parsers.json import parse_json

        return self._parse(path, f"json-{dialect}", lambda document: parse_json(document, dialect))

    def nginx(self, path: str) -> NginxTree:
        """The nginx tree of a file or template."""
        from .parsers.nginx import parse_nginx

        return self._parse(path, "nginx", parse_nginx)

    def squid(self, path: str) -> SquidTree:
        """The squid tree of a file or template."""
        from .parsers.squid import parse_squid

        return self._parse(path, "squid", parse_squid)

    def parsed(self, path: str) -> list[Tree]:
        """The trees that were made of a file so far, always in the same order."""
        order = {"yaml": 0, "json": 1, "nginx": 2, "squid": 3, "dotenv": 4}
        made = [(kind, tree) for (of, kind), tree in self._trees.items() if of == path]
        return [tree for _, tree in sorted(made, key=lambda m: (order[m[0].partition("-")[0]], m[0]))]

    def changed(self, texts: Mapping[str, str]) -> Workspace:
        """A workspace in which these files have other texts; what was parsed of the others is kept."""
        data = {path: text.encode("utf-8", "surrogateescape") for path, text in texts.items()}
        return self.over(self.files.changed(data), texts)

    def over(self, files: Files, stale: Collection[str]) -> Workspace:
        """A workspace over other files; what was read and parsed is kept, but for the paths that are `stale`."""
        other = Workspace(files)
        other._documents = {p: d for p, d in self._documents.items() if p not in stale}
        other._trees = {k: t for k, t in self._trees.items() if k[0] not in stale}
        return other

    @property
    def documents(self) -> Mapping[str, Document]:
        """The documents read so far, by path."""
        return self._documents

    def _parse(self, path: str, kind: str, parse: Callable[[Document], T]) -> T:
        found = self._trees.get((path, kind))
        if found is None:
            found = parse(self.document(path))  # type: ignore[assignment]
            self._trees[path, kind] = found  # type: ignore[assignment]
        elif self.trace is not None:
            self.trace.documents[path] = found.document
        return found  # type: ignore[return-value]
