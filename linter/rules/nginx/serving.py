"""Which location of an nginx server answers a path, and which service of the stack stands behind it."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ...kit import Deployment, LatePattern, MountedFile, NginxDirective, NginxTree, Service
from .targets import FILLED_HOLES, reads_other_files, trees

_MAX_DEPTH = 8
_MOST_REPEATS = 4
# A repeated group may be tried in more ways than anyone can wait for; more than a few repeats, too.
_REPEAT = LatePattern(r"[*+{]")
_REPEATED_GROUP = LatePattern(r"\)[*+{]")
_PASS = LatePattern(r"https?://(?P<host>[A-Za-z0-9_.-]+)(?::(?P<port>\d{1,5}))?(?P<path>/.*)?$")


Mounted = Sequence[tuple[MountedFile | None, NginxTree]]


class Line(NamedTuple):
    """A directive and the file it stands in; `file` is None for a file that no service mounts."""

    file: MountedFile | None
    tree: NginxTree
    directive: NginxDirective

    @property
    def name(self) -> str:
        """The directive's name."""
        return self.directive.name.text

    @property
    def words(self) -> list[str]:
        """Its arguments as written."""
        return [word.text for word in self.directive.arguments]

    def filled(self, text: str) -> str | None:
        """A text as nginx reads it, None when only the running nginx knows it."""
        return self.file.filled(text) if self.file is not None else None if "$" in text else text


class Server(NamedTuple):
    """A `server` block with what it includes, in its file or one of those `mounted` beside it.

    `outer` are the lines of the http level around it, `upstreams` the first address of each `upstream` there.
    """

    mounted: Mounted
    line: Line
    lines: tuple[Line, ...]
    outer: tuple[Line, ...]
    upstreams: Mapping[str, str]

    @property
    def locations(self) -> list[Line]:
        """Its locations."""
        return [line for line in self.lines if line.name == "location" and line.directive.block is not None]


def known_servers(deployment: Deployment) -> Iterator[tuple[Service, Server]]:
    """The servers of every active nginx whose files are all mounted and all understood."""
    for nginx in deployment.project.active:
        mounted = trees(deployment, nginx)
        if mounted and not any(tree.problems for _, tree in mounted) and not reads_other_files(deployment, nginx):
            yield from ((nginx, server) for server in servers_of(mounted))


def servers_of(mounted: Mounted) -> Iterator[Server]:
    """The `server` blocks of the files of one nginx."""
    outer: list[Line] = []
    for file, tree in mounted:
        for directive in tree.directives:
            line = Line(file, tree, directive)
            outer += expanded(line, mounted) if line.name == "http" else [line]
    upstreams: dict[str, str] = {}
    for line in outer:
        members = [d for d in line.directive.block or () if d.name.text == "server" and d.arguments]
        if line.name == "upstream" and line.words and members:
            upstreams[line.words[0]] = members[0].arguments[0].text
    seen: set[int] = set()
    for line in outer:
        if line.name == "server" and line.directive.block is not None and id(line.directive) not in seen:
            seen.add(id(line.directive))
            yield Server(mounted, line, tuple(expanded(line, mounted)), tuple(outer), upstreams)


def expanded(line: Line, mounted: Mounted, depth: int = 0) -> Iterator[Line]:
    """The lines of a block in order, with those of included files that are there in place of the `include`."""
    for directive in line.directive.block or ():
        yield from _included(line._replace(directive=directive), mounted, depth)


def _included(line: Line, mounted: Mounted, depth: int) -> Iterator[Line]:
    text = line.filled(line.words[0]) if line.name == "include" and line.words else None
    path = posixpath.join("/etc/nginx/", text) if text else ""
    found = [
        (file, tree)
        for file, tree in mounted
        if path and file is not None and fnmatch.fnmatchcase(file.served_path, path)
    ]
    if not found or depth > _MAX_DEPTH:
        yield line
    else:
        for file, tree in found:
            for directive in tree.directives:
                yield from _included(Line(file, tree, directive), mounted, depth + 1)


def is_understood(server: Server) -> bool:
    """Whether nothing in a server decides on paths but its plain locations."""
    for line in server.lines:
        if line.directive.placeholder and line.name not in FILLED_HOLES:
            return False
        if line.name in ("rewrite", "if", "try_files"):
            return False
    return not any(d.name.text in ("location", "if") for line in server.locations for d in line.directive.block or ())


def location_of(server: Server, path: str) -> Line | None:
    """The location that answers a path, as nginx chooses it; None for none, or where a pattern cannot be judged."""
    best: Line | None = None
    length, final = -1, False
    for line in server.locations:
        words = line.words
        if words[:1] == ["="] and words[1:] == [path]:
            return line
        if not words or words[0] in ("=", "~", "~*") or words[-1].startswith("@"):
            continue
        if path.startswith(words[-1]) and len(words[-1]) > length:
            best, length, final = line, len(words[-1]), words[0] == "^~"
    return best if final else _by_pattern(server, path, best)


def _by_pattern(server: Server, path: str, best: Line | None) -> Line | None:
    for line in server.locations:
        words = line.words
        if len(words) == 2 and words[0] in ("~", "~*"):
            found = _matches(words[1], path, re.IGNORECASE if words[0] == "~*" else 0)
            if found is None:
                return None
            if found:
                return line
    return best


def _matches(pattern: str, path: str, flags: int) -> bool | None:
    """Whether a pattern of a file matches a path; None for one that is none, or that might take too long."""
    if _REPEATED_GROUP.search(pattern) or len(_REPEAT.findall(pattern)) > _MOST_REPEATS:
        return None
    try:
        return re.search(pattern, path, flags) is not None
    except (re.error, RecursionError, OverflowError):
        return None


def address_of(server: Server, location: Line) -> tuple[str, str] | None:
    """The host and port ("" for the usual one) to which a location passes everything; None when nobody can tell."""
    passing = [line for line in expanded(location, server.mounted) if line.name == "proxy_pass" and line.words]
    if len(passing) != 1:
        return None
    match = _PASS.match(passing[0].filled(passing[0].words[0]) or "")
    if match is None:
        return None
    if match["host"] not in server.upstreams:
        return match["host"], match["port"] or ""
    host, _, port = server.upstreams[match["host"]].partition(":")
    return host, port


def target_of(deployment: Deployment, nginx: Service, server: Server, location: Line) -> Service | None:
    """The service to which a location passes everything; None when nobody can tell."""
    address = address_of(server, location)
    if address is None:
        return None
    found = deployment.lookup(nginx, address[0])
    if found.reach != "reached" or len({deployment.role(service) for service in found.services}) != 1:
        return None
    return found.services[0]


def setting(server: Server, location: Line, name: str) -> Line | None:
    """The directive of this name that counts in a location: its own, the server's or that of the http level."""
    for lines in (expanded(location, server.mounted), server.lines, server.outer):
        found = [line for line in lines if line.name == name and line.words]
        if found:
            return found[-1]
    return None
