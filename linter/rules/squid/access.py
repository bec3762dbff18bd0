"""The acls of a squid file and its `http_access` lines, in the order in which squid asks them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from ...kit import (
    Acl,
    Literal,
    SquidDirective,
    SquidTree,
    covers,
    matches_everything,
    squid_directives,
)

CONDITIONALS = frozenset(("if", "elif", "else", "endif"))


class Line(NamedTuple):
    """An `http_access` line. `at` is its place among the file's directives; `literals` None: some acl is unknown.

    `conditional` lines stand within `if`, so they are not always there.
    """

    at: int
    directive: SquidDirective
    allows: bool
    literals: tuple[Literal, ...] | None
    conditional: bool

    @property
    def matches_everything(self) -> bool:
        """Whether it decides every request that comes to it."""
        return self.literals is not None and not self.conditional and matches_everything(self.literals)

    def covers(self, later: Line) -> bool:
        """Whether it leaves no request for a later line."""
        if self.literals is None or self.conditional:
            return False
        return self.matches_everything or (later.literals is not None and covers(self.literals, later.literals))


class AccessList:
    """What a file says of access. Files that it includes may add to it."""

    def __init__(self, tree: SquidTree) -> None:
        self.tree = tree

    @cached_property
    def acls(self) -> dict[str, Acl]:
        """The acls that squid brings and those that the file defines, by their name in lower case."""
        types = dict(squid_directives.BUILT_IN)
        values: dict[str, list[str]] = {
            "all": ["all"],
            "localhost": ["127.0.0.1/32", "::1"],
            "connect": ["CONNECT"],
            "to_localhost": ["127.0.0.0/8", "0.0.0.0/32", "::1/128", "::/128"],
            "to_linklocal": ["169.254.0.0/16", "fe80::/10"],
        }
        files: set[str] = {"manager"}
        for directive in definitions(self.tree):
            name, kind, *words = directive.arguments
            key = name.text.lower()
            types.setdefault(key, kind.text)
            # A quoted value is the name of a file with more values.
            if any(word.quote for word in words) or kind.text != types[key]:
                files.add(key)
            values.setdefault(key, []).extend(word.text for word in words if not word.quote)
        return {key: Acl(key, kind, tuple(values.get(key, ())), open_ended=key in files) for key, kind in types.items()}

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The `http_access` lines that squid takes."""
        found: list[Line] = []
        depth = 0
        for index, directive in enumerate(self.tree.directives):
            name = directive.name.text
            if name == "if":
                depth += 1
            elif name == "endif":
                depth -= 1
            elif name == "http_access" and len(directive.arguments) > 1:
                action = directive.arguments[0].text
                if action in ("allow", "deny"):
                    found.append(Line(index, directive, action == "allow", self._literals(directive), depth > 0))
        return tuple(found)

    def _literals(self, directive: SquidDirective) -> tuple[Literal, ...] | None:
        found: list[Literal] = []
        for word in directive.arguments[1:]:
            acl = self.acls.get(word.text.removeprefix("!").lower())
            if acl is None:
                return None
            found.append(Literal(acl, word.text.startswith("!")))
        return tuple(found)


def definitions(tree: SquidTree) -> Iterator[SquidDirective]:
    """The `acl` lines that have a name and a type, both written out."""
    return filter(is_definition, tree.directives)


def is_definition(directive: SquidDirective) -> bool:
    """Whether a line is an `acl` line that has a name and a type, both written out."""
    if directive.name.text != "acl" or len(directive.arguments) < 2:
        return False
    name, kind = directive.arguments[:2]
    return "$" not in name.text + kind.text


def is_main(tree: SquidTree) -> bool:
    """Whether a file is read as a whole configuration, not as a part that another file includes."""
    name = tree.document.path.rpartition("/")[2].removesuffix(".template")
    return name == "squid.conf" or any(d.name.text in ("http_port", "https_port") for d in tree.directives)


def reads_more(directive: SquidDirective) -> bool:
    """Whether a directive stands for lines that nobody can see in this file."""
    return directive.placeholder or directive.name.text == "include"
