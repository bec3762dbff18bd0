"""All lines that an nginx reads in its order, included ones in their place, with the blocks around them."""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ...kit import Deployment, MountedFile, NginxDirective, NginxTree, NginxWord, Service, Span
from .serving import Line
from .targets import FILLED_HOLES, PREFIX, in_image, is_plain_nginx, reads_other_files

_MAIN = "nginx.conf"
_MAX_DEPTH = 8
_MOST_LINES = 20_000
_NOWHERE = Span(0, 0)
# The `http` block of the image's own main file, which includes the files of `conf.d`.
HTTP_OF_IMAGE = NginxDirective(_NOWHERE, NginxWord(_NOWHERE, "http"), [], _NOWHERE, block=[])


class Read(NamedTuple):
    """A line with the blocks around it, outermost first, those of the files that include its own among them."""

    line: Line
    parents: tuple[NginxDirective, ...]

    @property
    def level(self) -> str:
        """The name of the block it stands in, "" outside of all."""
        return self.parents[-1].name.text if self.parents else ""


Files = Mapping[str, tuple[MountedFile | None, NginxTree]]


class _UnseenError(Exception):
    """There is something to read that nobody can see."""


def readings(deployment: Deployment) -> tuple[Sequence[Read], ...]:
    """What each active nginx reads of which all files are mounted, or come with nginx's image, and can be read."""
    return deployment.all_of(_readings)


def _readings(deployment: Deployment) -> Iterator[Sequence[Read]]:
    for nginx in deployment.project.active:
        files = _files(deployment, nginx)
        if files is not None:
            found = _whole(files, nginx)
            if found is not None:
                yield found


def alone(tree: NginxTree) -> Sequence[Read] | None:
    """What nginx reads of a main file that includes nothing but single files of the image; None for any other."""
    if tree.template or tree.problems or not any(d.name.text == "http" for d in tree.directives):
        return None
    return _gathered({_MAIN: (None, tree)}, None, tree, ())


def _files(deployment: Deployment, nginx: Service) -> Files | None:
    """The files of an nginx by where it finds them below its folder, None where there are others or unclear ones."""
    mounted = deployment.mounted_by(nginx, "nginx")
    if not mounted or "-c" in (*nginx.words("command"), *nginx.words("entrypoint")):
        return None
    if reads_other_files(deployment, nginx):
        return None
    found: dict[str, tuple[MountedFile | None, NginxTree]] = {}
    for file in mounted:
        tree = file.tree
        path = file.served_path.removeprefix(PREFIX)
        if not isinstance(tree, NginxTree) or tree.template or tree.problems or path in found:
            return None
        found[path] = (file, tree)
    return found


def _whole(files: Files, nginx: Service) -> Sequence[Read] | None:
    if _MAIN in files:
        return _gathered(files, *files[_MAIN], ())
    if not is_plain_nginx(nginx):
        return None
    found: list[Read] = []
    for path in _matching(files, "conf.d/*.conf"):
        lines = _gathered(files, *files[path], (HTTP_OF_IMAGE,))
        if lines is None:
            return None
        found += lines
    return found


def _gathered(
    files: Files, file: MountedFile | None, tree: NginxTree, parents: tuple[NginxDirective, ...]
) -> list[Read] | None:
    found: list[Read] = []
    try:
        for read in _lines(files, Read(Line(file, tree, HTTP_OF_IMAGE), parents), tree.directives, 0):
            found.append(read)
            if len(found) > _MOST_LINES:
                return None
    except _UnseenError:
        return None
    return found


def _lines(files: Files, around: Read, block: Sequence[NginxDirective], depth: int) -> Iterator[Read]:
    """The lines of a block or file; `around` has its file and the blocks around it. Raises _UnseenError."""
    for directive in block:
        read = around._replace(line=around.line._replace(directive=directive))
        if directive.placeholder and directive.name.text not in FILLED_HOLES:
            raise _UnseenError
        yield read
        if directive.name.text == "include" and directive.arguments:
            for file, tree in _included(files, read.line, depth):
                inside = Read(Line(file, tree, directive), read.parents)
                yield from _lines(files, inside, tree.directives, depth + 1)
        elif directive.block and not directive.raw:
            yield from _lines(files, read._replace(parents=(*read.parents, directive)), directive.block, depth)


def _included(files: Files, line: Line, depth: int) -> Sequence[tuple[MountedFile | None, NginxTree]]:
    text = line.filled(line.words[0])
    if text is None or depth == _MAX_DEPTH:
        raise _UnseenError
    path = posixpath.normpath(posixpath.join(PREFIX, text)).removeprefix(PREFIX)
    names = _matching(files, path)
    if not names and ((line.file is None and "*" in path) or not in_image(PREFIX + path)):
        # On a machine nobody knows what a folder holds; a pattern in a container may match nothing.
        raise _UnseenError
    return [files[name] for name in names]


def _matching(files: Files, pattern: str) -> list[str]:
    """The paths that a pattern matches, folder by folder as the shell does it."""
    parts = pattern.split("/")
    split = ((path, path.split("/")) for path in files)
    return sorted(p for p, own in split if len(own) == len(parts) and all(map(fnmatch.fnmatchcase, own, parts)))
