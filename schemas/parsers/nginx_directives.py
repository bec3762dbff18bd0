"""What nginx's own modules know: every directive with the contexts and the argument counts it is allowed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

ANY = "any"

# Blocks whose content is a table of values; what stands first on a line there is no directive.
VALUE_BLOCKS = frozenset(("map", "geo", "split_clients", "charset_map", "types"))

_CHILDREN = {
    "events": ("events",),
    "http": ("http",),
    "stream": ("stream",),
    "mail": ("mail",),
    "server": ("server", "stream-server", "mail-server"),
    "location": ("location",),
    "upstream": ("upstream", "stream-upstream"),
    "limit_except": ("limit_except",),
    "if": ("server-if", "location-if"),
}


class Form(NamedTuple):
    """One way to write a directive. `most` is None where there is no upper bound; `flag` takes `on` or `off`."""

    contexts: frozenset[str]
    least: int
    most: int | None
    block: bool
    flag: bool

    def takes(self, count: int) -> bool:
        """Whether so many arguments are allowed."""
        return self.least <= count and (self.most is None or count <= self.most)


@cache
def table() -> dict[str, Any]:
    """The facts about nginx, as `schemas/data/nginx.json` has them."""
    import json
    import os

    path = os.path.join(os.path.dirname(os.path.dirname(__file__)), "data", "nginx.json")
    with open(path, encoding="utf-8") as file:
        found: dict[str, Any] = json.load(file)
    return found


def names() -> Sequence[str]:
    """The directives of nginx's own modules, sorted."""
    return list(table()["directives"])


@cache
def forms(name: str) -> tuple[Form, ...]:
    """The ways in which a directive of nginx's own modules may be written, () for any other name."""
    text: str | None = table()["directives"].get(name)
    return () if text is None else tuple(_form(part) for part in text.split("|"))


@cache
def _kinds() -> Mapping[str, str]:
    kinds: dict[str, list[str]] = table()["kinds"]
    return {name: kind for kind, names in kinds.items() for name in names}


def kind(name: str) -> str:
    """What a directive of one argument takes: `flag`, `number`, `size`, `offset` or `time`; "" for anything else."""
    found = forms(name)
    if found and all(form.flag for form in found):
        return "flag"
    return _kinds().get(name, "")


def choices(name: str) -> Sequence[str]:
    """The words, in small letters, of which a directive takes some and no others; () where it takes more than those."""
    found: dict[str, str] = table()["choices"]
    return found.get(name, "").split()


def is_single(name: str) -> bool:
    """Whether nginx refuses a directive a second time in one block."""
    return name in table()["single"] or kind(name) != ""


def is_foreign(name: str) -> bool:
    """Whether the name is, or by its prefix may be, a directive of the commercial edition or of another's module."""
    known = table()
    return name in known["other"] or name.startswith(tuple(known["other_prefixes"])) or "_by_lua" in name


def _form(text: str) -> Form:
    contexts, count = text.split(" ")
    block = count.endswith("{}")
    count = count.removesuffix("{}")
    if count == "flag":
        return Form(frozenset(contexts.split(",")), 1, 1, block, flag=True)
    least, dash, most = count.rstrip("+").partition("-")
    last = None if count.endswith("+") else int(most) if dash else int(least)
    return Form(frozenset(contexts.split(",")), int(least), last, block, flag=False)


def contexts(parents: Sequence[str]) -> frozenset[str] | None:
    """The contexts that a block may be, given the names of the blocks around it, outermost first; None if unknown.

    A file that is included somewhere does not say where: the top level of a file is unknown, a `server` at the top
    level may be one of http, stream or mail.
    """
    if not parents:
        return None
    found = _CHILDREN.get(parents[-1])
    if found is None:
        return frozenset() if parents[-1] in VALUE_BLOCKS else None
    outer = parents[0]
    if outer in ("stream", "mail") and len(parents) > 1:
        return frozenset(c for c in found if c.startswith(outer)) or frozenset(found)
    if outer == "http":
        return frozenset(c for c in found if not c.startswith(("stream-", "mail-")))
    if parents[-1] == "if" and len(parents) > 1 and parents[-2] in ("server", "location"):
        return frozenset((f"{parents[-2]}-if",))
    return frozenset(found)


def accepts(name: str, count: int, *, block: bool, where: frozenset[str] | None = None) -> bool:
    """Whether the directive may stand in (one of) these contexts with so many arguments, with or without a block."""
    return any(
        form.block == block
        and form.takes(count)
        and (where is None or ANY in form.contexts or not where.isdisjoint(form.contexts))
        for form in forms(name)
    )
