"""A new name for a thing of a deployment, in all files at once; refused where something would still use the old one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from ...fixers.edit import Edit
from ...schemas.parsers.document import Span
from ...schemas.parsers.squid_directives import BUILT_IN
from .facts import known, of_servers
from .index import concerned
from .mention import Form, Index, Mention
from .scripts import script_mentions
from .subject import Named, named_at
from .words import Shown, code

if TYPE_CHECKING:
    from ...schemas.models.deployment import Deployment
    from .analysis import Analysis

_VALID = {
    "variable": r"[A-Za-z_][A-Za-z0-9_]*",
    "acl": r"[A-Za-z0-9][A-Za-z0-9_.-]{0,30}",
    "service": r"[a-zA-Z0-9][a-zA-Z0-9._-]*",
}
_NAME = r"[a-zA-Z0-9][a-zA-Z0-9._-]*"
_OF_COMPOSE: tuple[Form, ...] = ("env", "interpolation", "example")
_OF_CONTAINERS: tuple[Form, ...] = ("environment", "env_file", "inherited", "template")


class Refusal(NamedTuple):
    """Why a name cannot be changed, in words for a person."""

    words: str


def prepare_rename(analysis: Analysis, path: str, offset: int) -> Span | Refusal:
    """The span of the name at an offset that may be changed, or why it may not."""
    subject = named_at(analysis, path, offset)
    if subject is None:
        return Refusal("Nothing stands here that can be renamed.")
    return next(_reasons(analysis, path, subject), subject.span)


def rename(analysis: Analysis, path: str, offset: int, name: str) -> tuple[Edit, ...] | Refusal:
    """The edits, over all files, that give the thing at an offset another name; or why it must keep the one it has."""
    subject = named_at(analysis, path, offset)
    if subject is None:
        return Refusal("Nothing stands here that can be renamed.")
    kind = subject.mention.kind
    if not re.fullmatch(_VALID.get(kind, _NAME), name):
        return Refusal(f"{code(name)} is no valid name for a {kind}.")
    if name == subject.name:
        return ()
    refusal = next(_reasons(analysis, path, subject), None) or next(_conflicts(subject, name), None)
    if refusal is not None:
        return refusal
    found: dict[tuple[str, Span], Edit] = {}
    for _, mention in _changed(subject):
        if mention.written:
            found[mention.place.document.path, mention.place.span] = Edit(mention.place, name)
    return tuple(found[key] for key in sorted(found))


def _changed(subject: Named) -> Iterator[tuple[Index, Mention]]:
    """What the new name must reach.

    A variable has two sides: the one that Compose fills in, from `.env`, and the one that containers see. They have the
    same name only by habit, so each is renamed for itself.
    """
    for index, mention in subject.mentions:
        every = index.of(mention)
        if mention.kind == "variable":
            forms = _OF_COMPOSE if mention.form in _OF_COMPOSE else _OF_CONTAINERS
            every = tuple(m for m in every if m.form in forms)
        yield from ((index, each) for each in every)


def _reasons(analysis: Analysis, path: str, subject: Named) -> Iterator[Refusal]:
    """What stands against any other name."""
    shown = Shown(analysis)
    mention = subject.mention
    if mention.kind == "profile":
        yield Refusal("Profiles are also named on command lines, which nobody sees from here.")
    elif mention.kind == "variable":
        for deployment in concerned(analysis, path):
            yield from _of_variable(deployment, subject, shown)
    elif mention.kind == "acl":
        if mention.name.lower() in BUILT_IN:
            yield Refusal(f"{code(mention.name)} is an acl of squid's own.")
    else:
        yield from _of_thing(analysis, path, subject, shown)


def _of_variable(deployment: Deployment, subject: Named, shown: Shown) -> Iterator[Refusal]:
    name = subject.name
    every = [m for _, mention in subject.mentions for m in deployment_mentions(subject, mention)]
    if name.startswith("COMPOSE_"):
        yield Refusal(f"Docker Compose itself reads {code(name)}.")
    if subject.mention.form in _OF_COMPOSE:
        for m in every:
            if m.form == "inherited":
                yield Refusal(f"{code(shown.where(m.place))} hands {code(name)} over by this very name.")
            if m.form == "env" and deployment.given_whole(m.place.document.path):
                yield Refusal(f"A service gets {code(shown.where(m.place))} as a whole, and {code(name)} by this name.")
    else:
        owners = tuple(dict.fromkeys(o for m in every for o in m.owners))
        found = known(deployment, name, owners)
        if found is not None and any(owner in deployment.roles for owner in owners):
            yield Refusal(f"{found.table.title} reads {code(name)} by this name.")
        for line in of_servers(deployment, name, owners):
            yield Refusal(line)
        for m in every:
            if m.form == "inherited":
                yield Refusal(f"{code(shown.where(m.place))} takes its value from {code('.env')} by this very name.")
    for place in script_mentions(deployment, name)[:1]:
        yield Refusal(f"{code(shown.where(place))} names {code(name)}, and scripts are not changed.")


def deployment_mentions(subject: Named, mention: Mention) -> tuple[Mention, ...]:
    """All mentions of one of a subject's things, in the index that it stands in."""
    return next(index.of(each) for index, each in subject.mentions if each is mention)


def _of_thing(analysis: Analysis, path: str, subject: Named, shown: Shown) -> Iterator[Refusal]:
    mention = subject.mention
    every = [m for index, each in subject.mentions for m in index.of(each)]
    if not any(m.form == "definition" for m in every):
        yield Refusal(f"No file here defines the {mention.kind} {code(mention.name)}.")
    if len({m.key for _, m in subject.mentions}) > 1:
        yield Refusal(f"{code(subject.mention.place.text)} leads to several services here.")
    if subject.mention.place.text != mention.name:
        yield Refusal(f"This is another name of the service {code(mention.name)}.")
    for m in every:
        if m.form == "extends":
            yield Refusal(f"{code(shown.where(m.place))} extends a service of this name in another file.")
        text = m.place.text
        if not m.written and mention.name in text and "$" not in text and re.fullmatch(r"[\"'].*[\"']", text):
            yield Refusal(f"{code(shown.where(m.place))} names it in a way that cannot be changed from here.")
    for deployment in concerned(analysis, path) if mention.kind in ("network", "volume") else ():
        yield from _known_to_docker(deployment, mention)


def _known_to_docker(deployment: Deployment, mention: Mention) -> Iterator[Refusal]:
    """What Docker would no longer find under another key, where no `name:` says how it is called there."""
    things = deployment.project.volumes if mention.kind == "volume" else deployment.project.networks
    kept = things.get(mention.name)
    if kept is not None and kept.get("name") is not None:
        return
    if kept is not None and kept.get("external") is not None:
        yield Refusal(f"{code(mention.name)} is external, and Docker knows it by this key. Give it a `name:` first.")
    elif mention.kind == "volume":
        yield Refusal(
            f"The data of {code(mention.name)} would stay behind, and services start with a new, empty volume. "
            "Give it a `name:` first."
        )


def _conflicts(subject: Named, name: str) -> Iterator[Refusal]:
    """What already has the new name."""
    kind = subject.mention.kind
    folded = name.lower() if kind == "acl" else name
    if kind == "acl" and folded in BUILT_IN:
        yield Refusal(f"{code(name)} is an acl of squid's own.")
    for index, mention in subject.mentions:
        forms = _OF_COMPOSE if mention.form in _OF_COMPOSE else _OF_CONTAINERS
        for other in index.of(mention._replace(name=name)):
            if kind != "variable" or other.form in forms:
                yield Refusal(f"There is a {kind} {code(name)} already.")
