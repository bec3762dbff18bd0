"""Where services are named as hosts: in addresses of environments, in URLs of all files, in nginx and squid."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...schemas.models.endpoint import HOST_SUFFIXES, MAX_LENGTH, Endpoint, endpoints
from ...schemas.models.examples import env_examples
from ...schemas.models.mounted import MountedFile
from ...schemas.parsers.document import Document, Place
from ...schemas.parsers.dotenv import DotenvTree
from ...schemas.parsers.squid import SquidTree
from ..reports.trail import fallback_of
from ..rules.nginx.targets import upstreams
from .mention import Mention

if TYPE_CHECKING:
    from ...schemas.models.deployment import Deployment

_IN_URL = re.compile(r"://(?:[^\s/@\"'<>]*@)?([A-Za-z0-9_][A-Za-z0-9_.-]*)(?=[:/\"'\s,;}?&]|$)")
_COMMENT = re.compile(r"(?:^|\s)(?:#|//)")
_LONGEST_LINE = 2000
_BARE = re.compile(r"([A-Za-z_][A-Za-z0-9_.-]*)(?::\d+)?")


def host_names(deployment: Deployment) -> Iterator[Mention]:
    """Every place where a service of a deployment is named as a host."""
    finder = _Finder(deployment)
    yield from finder.in_environments()
    for upstream in upstreams(deployment):
        found = deployment.lookup(upstream.nginx, upstream.host)
        yield from (Mention("service", s.name, upstream.place, "host") for s in found.services)
    for file in deployment.mounted:
        if isinstance(file.tree, SquidTree):
            yield from _peers(deployment, file, file.tree)
    # What was judged by its reader above is not judged again by its looks.
    for document in {tree.document.path: tree.document for tree in deployment.trees}.values():
        yield from finder.in_text(document)
    for tree in env_examples(deployment.workspace, deployment.root):
        yield from finder.in_text(tree.document)
        yield from finder.bare_in(tree)


class _Finder:
    """Knows the services, and the hosts that are somebody else's for those who read them."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._foreign: set[tuple[str, int]] = set()

    def in_environments(self) -> Iterator[Mention]:
        for endpoint in self._deployment.endpoints:
            yield from self._endpoint(endpoint)
        for service in self._deployment.services.values():
            for endpoint in endpoints(service) if not service.active else ():
                yield from self._endpoint(endpoint)

    def _endpoint(self, endpoint: Endpoint) -> Iterator[Mention]:
        host = endpoint.host
        value = endpoint.variable.value
        place = value.place_of(host.start, host.end)
        found = self._deployment.lookup(endpoint.reader, host.text)
        if found.services and place is not None:
            yield from (Mention("service", s.name, place, "host") for s in found.services)
        elif place is not None and found.reach != "inactive":
            self._foreign.add((place.document.path, place.span.start))
        for piece in value.pieces:
            for via in piece.via:
                fallback = fallback_of(via)
                if fallback is not None and (place is None or not fallback.span.covers(place.span)):
                    yield from self._bare(endpoint, fallback)

    def _bare(self, endpoint: Endpoint, fallback: Place) -> Iterator[Mention]:
        """A fallback that was not taken, where the variable holds a bare host. URLs are found by their looks."""
        if endpoint.variable.name.rpartition("_")[2] not in HOST_SUFFIXES or len(fallback.text) > MAX_LENGTH:
            return
        match = _BARE.fullmatch(fallback.text)
        if match is not None and match[1] in self._deployment.services:
            start = fallback.span.start
            yield Mention("service", match[1], fallback.document.place(start, start + match.end(1)), "host")

    def bare_in(self, tree: DotenvTree) -> Iterator[Mention]:
        """The bare hosts in an env file that nobody reads yet."""
        for entry in tree.entries:
            if entry.text and entry.text in self._deployment.services and entry.key.rpartition("_")[2] in HOST_SUFFIXES:
                start, end = entry.value_span
                quotes = len(entry.quote)
                yield Mention("service", entry.text, tree.document.place(start + quotes, end - quotes), "host")

    def in_text(self, document: Document) -> Iterator[Mention]:
        """URLs with a service as their host, comments left out."""
        services, text = self._deployment.services, document.text
        for match in _IN_URL.finditer(text):
            if match[1] in services and (document.path, match.start(1)) not in self._foreign:
                start = max(0, match.start() - _LONGEST_LINE)
                line = text[max(start, text.rfind("\n", start, match.start()) + 1) : match.start()]
                if not _COMMENT.search(line):
                    yield Mention("service", match[1], document.place(*match.span(1)), "host")


def _peers(deployment: Deployment, file: MountedFile, tree: SquidTree) -> Iterator[Mention]:
    """The hosts to which a squid passes requests on."""
    for directive in tree.directives:
        if directive.name.text == "cache_peer" and directive.arguments:
            word = directive.arguments[0]
            host = file.filled(word.text)
            for service in deployment.lookup(file.service, host).services if host else ():
                yield Mention("service", service.name, Place(tree.document, word.span), "host")
