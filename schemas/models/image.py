"""Image references and release numbers, read as registries and release tags write them."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

Version = tuple[int, ...]


class Image(NamedTuple):
    """The parts of an image reference; `name` is the last path component, the same in every mirror."""

    repository: str
    name: str
    tag: str
    digest: str

    @classmethod
    def parse(cls, text: str) -> Image:
        """Split `[registry[:port]/]path/name[:tag][@digest]`."""
        rest, _, digest = text.strip().partition("@")
        head, slash, tail = rest.rpartition("/")
        name, _, tag = tail.partition(":")
        return cls(head + slash + name, name, tag, digest)

    @property
    def hub_name(self) -> str:
        """The repository without Docker Hub's own prefixes."""
        return self.repository.removeprefix("docker.io/").removeprefix("library/")

    @property
    def version(self) -> Version | None:
        """The release that the tag names, None for `latest`, a branch or nothing."""
        return parse_version(self.tag)


@lru_cache(maxsize=1024)
def parse_version(text: str) -> Version | None:
    """The numbers of a release tag (`v4.14.6.1` → (4, 14, 6, 1), `0.8.3-fix1` → (0, 8, 3)); None when it has no dot."""
    numbers: list[int] = []
    for part in text.strip().lstrip("vV").split("-")[0].split("."):
        if not part.isascii() or not part.isdigit():
            break
        numbers.append(int(part))
    return tuple(numbers) if len(numbers) > 1 else None


def in_range(version: Version | None, since: str, until: str) -> bool | None:
    """Whether a release lies from `since` to `until`, both included, "" for open; None when it is unknown."""
    if version is None:
        return True if not since and not until else None
    first, last = parse_version(since), parse_version(until)
    return (first is None or version >= first) and (last is None or version[: len(last)] <= last)
