"""From a name to where it is defined, and to every other place where it is written; and to another name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...schemas.files import normal
from ...schemas.parsers.document import Place, Span
from .index import concerned
from .mention import DEFINING, Mention
from .renaming import Refusal, prepare_rename, rename
from .scripts import script_mentions
from .subject import named_at

if TYPE_CHECKING:
    from .analysis import Analysis

__all__ = ["Refusal", "definitions", "prepare_rename", "references", "rename"]

# What gives a variable its text comes before the key that asks for it.
_ORDER = ("env", "env_file", "environment", "inherited")


def definitions(analysis: Analysis, path: str, offset: int) -> tuple[Place, ...]:
    """Where what stands at an offset is defined.

    A variable that Compose fills in is defined in env files; one that a container fills in (a template's) by the
    environment of the services that read the template. A key of an environment leads on to the env file that gives its
    text. () where nothing defines it.
    """
    subject = named_at(analysis, path, offset)
    if subject is None:
        return ()
    found: dict[Place, None] = {}
    for index, mention in subject.mentions:
        every = index.of(mention)
        if mention.kind == "variable":
            found.update(dict.fromkeys(_of_variable(mention, every)))
        elif mention.form == "extends":
            files = _extended_files(mention)
            near = [m for m in every if m.form == "definition"]
            there = [m for m in near if m.place.document.path in files]
            found.update(dict.fromkeys(m.place for m in there or near))
        else:
            found.update(dict.fromkeys(m.place for m in every if m.form == "definition"))
    return tuple(found)


def references(analysis: Analysis, path: str, offset: int, *, declaration: bool = True) -> tuple[Place, ...]:
    """Every place where the thing at an offset is named, with or without those that define it.

    Those of variables include scripts near the deployment that name them.
    """
    subject = named_at(analysis, path, offset)
    if subject is None:
        return ()
    found: dict[tuple[str, Span], Place] = {}
    places = [
        mention.place
        for index, each in subject.mentions
        for mention in index.of(each)
        if declaration or mention.form not in DEFINING
    ]
    if subject.mention.kind == "variable":
        for deployment in concerned(analysis, path):
            places += script_mentions(deployment, subject.name)
    for place in places:
        found.setdefault((place.document.path, place.span), place)
    return tuple(found[key] for key in sorted(found))


def _of_variable(mention: Mention, every: tuple[Mention, ...]) -> Iterator[Place]:
    owners = set(mention.owners)
    if mention.form == "template":
        wanted = [m for m in every if m.form in ("environment", "env_file", "inherited") and owners & set(m.owners)]
    else:
        wanted = [m for m in every if m.form == "env"]
        if not wanted or mention.form == "env_file":
            wanted = [m for m in every if m.form in DEFINING and (not owners or not m.owners or owners & set(m.owners))]
    wanted.sort(key=lambda m: (_ORDER.index(m.form), m.place.document.path, m.place.span))
    yield from (m.place for m in wanted)


def _extended_files(mention: Mention) -> frozenset[str]:
    """The files that the lines around an `extends` name, as absolute paths."""
    document, (start, end) = mention.place
    around = document.text[max(0, start - 200) : end + 200]
    folder = document.path.rpartition("/")[0]
    return frozenset(normal(name, folder) for name in re.findall(r"file:\s*[\"']?([^\s\"',}]+)", around))
