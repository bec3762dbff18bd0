"""What a file leads to: the files that it mounts, reads or includes, and the pages of its images."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from ...schemas.files import normal
from ...schemas.parsers.document import Place, Span
from ...schemas.parsers.nginx import NginxTree, NginxWord
from ...schemas.parsers.squid import SquidTree, SquidWord
from ...schemas.parsers.yaml import YamlMapping, YamlNode, YamlScalar, YamlSequence, YamlTree, source_span

if TYPE_CHECKING:
    from ...schemas.models.deployment import Deployment
    from ...schemas.models.mounted import MountedFile
    from .analysis import Analysis

_IMAGE = re.compile(r"([a-z0-9][a-z0-9._/-]*)(?::[\w.-]+)?(?:@sha256:[0-9a-f]+)?")
_FOLDERS = {"nginx": "/etc/nginx/", "squid": "/etc/squid/"}


class Link(NamedTuple):
    """A span that leads to a file (its absolute `path`) or to a page (`url`); the other is ""."""

    span: Span
    path: str
    url: str
    tooltip: str


def links(analysis: Analysis, path: str) -> tuple[Link, ...]:
    """The links of a file, in order, one for each span. Only files that are there are linked."""
    found: dict[Span, Link] = {}
    for deployment in analysis.readers(path):
        for place, target, words in _targets(deployment, path):
            if place.document.path == path and deployment.workspace.files.kind(target) == "file":
                found.setdefault(place.span, Link(place.span, target, "", words))
        for place, url in _images(deployment):
            if place.document.path == path:
                found.setdefault(place.span, Link(place.span, "", url, "The page of this image"))
    return tuple(found[span] for span in sorted(found))


def _targets(deployment: Deployment, path: str) -> Iterator[tuple[Place, str, str]]:
    for service in deployment.services.values():
        for mount in service.mounts:
            if mount.path is not None and mount.source_place is not None:
                yield mount.source_place, mount.path, "The file that is mounted"
        for file in service.env_files:
            if file.path is not None:
                yield file.place, file.path, "The env file"
    for tree in deployment.project.files:
        if tree.document.path == path:
            yield from _named_files(tree)
    for mounted in deployment.mounted:
        if mounted.path == path:
            yield from _included(deployment, mounted)


def _named_files(tree: YamlTree) -> Iterator[tuple[Place, str, str]]:
    """The files that `include`, `extends`, `secrets` and `configs` name."""
    folder = tree.document.path.rpartition("/")[0]
    for scalar, words in _file_scalars(tree):
        if scalar.text and "$" not in scalar.text and "://" not in scalar.text:
            place = Place(tree.document, source_span(tree, scalar, 0, len(scalar.text)))
            yield place, normal(scalar.text, folder), words


def _file_scalars(tree: YamlTree) -> Iterator[tuple[YamlScalar, str]]:
    for root in tree.roots:
        include = _value(root, "include")
        for item in include.items if isinstance(include, YamlSequence) else ():
            paths = _value(item, "path") if isinstance(item, YamlMapping) else item
            for each in paths.items if isinstance(paths, YamlSequence) else (paths,):
                if isinstance(each, YamlScalar):
                    yield each, "The included file"
        for section, key, words in (("secrets", "file", "The secret"), ("configs", "file", "The config")):
            for body in _values(_value(root, section)):
                if isinstance(file := _value(body, key), YamlScalar):
                    yield file, words
        for body in _values(_value(root, "services")):
            if isinstance(file := _value(_value(body, "extends"), "file"), YamlScalar):
                yield file, "The file of the extended service"


def _value(node: YamlNode | None, key: str) -> YamlNode | None:
    entry = node.entry(key) if isinstance(node, YamlMapping) else None
    return entry.value if entry is not None else None


def _values(node: YamlNode | None) -> Iterator[YamlNode]:
    for entry in node.entries if isinstance(node, YamlMapping) else ():
        yield entry.value


def _included(deployment: Deployment, file: MountedFile) -> Iterator[tuple[Place, str, str]]:
    """The mounted files that an `include` of nginx or squid names; a pattern leads to the first that it fits."""
    tree = file.tree
    words: list[NginxWord | SquidWord] = []
    if isinstance(tree, NginxTree):
        words += [d.arguments[0] for d, _ in tree.walk() if d.name.text == "include" and d.arguments]
    elif isinstance(tree, SquidTree):
        words += [d.arguments[0] for d in tree.directives if d.name.text == "include" and d.arguments]
    if not isinstance(tree, (NginxTree, SquidTree)):
        return
    beside = [m for m in deployment.mounted if m.service is file.service]
    for word in words:
        wanted = posixpath.join(_FOLDERS[file.kind], word.text)
        for other in beside:
            if _fits(other.served_path, wanted):
                yield Place(tree.document, word.span), other.path, "The included file"
                break


def _fits(path: str, pattern: str) -> bool:
    from fnmatch import fnmatchcase

    return path == pattern or ("*" in pattern and path.count("/") == pattern.count("/") and fnmatchcase(path, pattern))


def _images(deployment: Deployment) -> Iterator[tuple[Place, str]]:
    for service in deployment.services.values():
        text = service.image.text if service.image is not None else None
        place = service.image_place
        if text and place is not None and place.text.strip("\"'") == text and (url := image_page(text)):
            yield place, url


def image_page(reference: str) -> str:
    """The page of an image in its registry, "" for a registry whose pages we do not know."""
    match = _IMAGE.fullmatch(reference)
    if match is None:
        return ""
    first, _, rest = match[1].partition("/")
    if not rest:
        return f"https://hub.docker.com/_/{first}"
    if "." not in first and first != "localhost":
        return f"https://hub.docker.com/r/{match[1]}" if first != "library" else f"https://hub.docker.com/_/{rest}"
    if first == "docker.io":
        return image_page(reference.removeprefix("docker.io/"))
    return {"ghcr.io": f"https://ghcr.io/{rest}", "quay.io": f"https://quay.io/repository/{rest}"}.get(first, "")
