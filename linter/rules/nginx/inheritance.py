"""What is in force in an nginx location: its own directives, those of files that it includes, and inherited ones."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from ...kit import Deployment, MountedFile, NginxDirective, NginxTree, Service
from .targets import FILLED_HOLES, in_image, reads_other_files, trees

_DEPTH = 5


class Line(NamedTuple):
    """A directive of a block. `origin` is what stands in the block itself: it, or the include of its file."""

    file: MountedFile
    directive: NginxDirective
    origin: NginxDirective


class Configuration:
    """The nginx files of one service, as its nginx joins them."""

    def __init__(self, deployment: Deployment, service: Service) -> None:
        self._deployment = deployment
        self.service = service
        self.files = trees(deployment, service)
        self._lines: dict[int, list[Line] | None] = {}
        self._paths = {f.served_path: (f, tree) for f, tree in self.files}

    def lines(self, file: MountedFile, block: Sequence[NginxDirective]) -> list[Line] | None:
        """The simple directives of a block, included ones in their place; None when some of them cannot be known."""
        found: list[Line] = []
        for directive in block:
            if directive.placeholder and directive.name.text not in FILLED_HOLES:
                return None
            if directive.name.text == "include":
                inside = self._included(file, directive, directive, 0)
                if inside is None:
                    return None
                found += inside
            elif directive.block is None:
                found.append(Line(file, directive, directive))
        return found

    def _included(
        self, file: MountedFile, directive: NginxDirective, origin: NginxDirective, depth: int
    ) -> list[Line] | None:
        text = file.filled(directive.arguments[0].text) if directive.arguments else None
        if text is None or depth == _DEPTH:
            return None
        path = posixpath.normpath(posixpath.join("/etc/nginx", text))
        if path not in self._paths:
            return [] if in_image(path) else None
        other, tree = self._paths[path]
        found: list[Line] = []
        for each in tree.directives:
            if each.placeholder:
                return None
            if each.name.text == "include":
                inside = self._included(other, each, origin, depth + 1)
                if inside is None:
                    return None
                found += inside
            elif each.block is None:
                found.append(Line(other, each, origin))
        return found

    @cached_property
    def is_whole(self) -> bool:
        """Whether nginx reads no other files than these and those of its image."""
        return not reads_other_files(self._deployment, self.service)

    @cached_property
    def outermost(self) -> list[Line] | None:
        """What stands outside of every `server` and is no part of one: the settings for all of http."""
        found: list[Line] = []
        for file, tree in self.files:
            for directive, parents in tree.walk():
                if directive.placeholder and not parents:
                    return None
                if directive.block is None and all(p.name.text == "http" for p in parents):
                    found.append(Line(file, directive, directive))
        return found

    def in_force(
        self, file: MountedFile, chain: Sequence[NginxDirective], name: str
    ) -> tuple[list[Line], NginxDirective | None] | None:
        """The directives called `name` that count in the last block of a chain, with the block that has them.

        nginx inherits them from the block around only where a block has none of its own. The block is None for those
        of http, the answer None when nobody can know.
        """
        for block in reversed(chain):
            if block.name.text == "http":
                break
            if id(block) not in self._lines:
                self._lines[id(block)] = self.lines(file, block.block or ())
            lines = self._lines[id(block)]
            if lines is None:
                return None
            own = [line for line in lines if line.directive.name.text == name]
            if own:
                return own, block
        outer = self.outermost
        return None if outer is None else ([line for line in outer if line.directive.name.text == name], None)


def locations(tree: NginxTree) -> Iterator[tuple[NginxDirective, ...]]:
    """Every location with the blocks around it, outermost first."""
    for directive, parents in tree.walk():
        if directive.name.text == "location" and directive.block is not None and directive.arguments:
            yield (*parents, directive)
