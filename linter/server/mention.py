"""One place where a name of a deployment is written: a variable, a service, a network, a volume, an acl."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from ...schemas.parsers.document import Place, Span

Kind = Literal["variable", "service", "network", "volume", "secret", "config", "profile", "acl"]
Form = Literal[
    "definition", "use", "host", "extends", "env", "env_file", "example", "interpolation", "environment", "inherited",
    "template",
]  # fmt: skip
"""How a name is written.

Things: `definition` (its key, an `acl` line), `use`, `host` (in an address), `extends` (from another file). Variables:
a key of `env` (a project's `.env`), of a service's `env_file` or of an `example`; `interpolation` (`${NAME}` that
Compose fills in), a key of `environment`, `inherited` (such a key without a value), `template` (`${NAME}` that a
container fills in).
"""

DEFINING: frozenset[Form] = frozenset(("definition", "env", "env_file", "environment", "inherited"))


class Mention(NamedTuple):
    """A name and where it is written.

    `name` is that of the thing: where a host is an alias of a service, the service's. `owners` are the services whose
    environment or whose file it stands in, () for what belongs to the whole project.
    """

    kind: Kind
    name: str
    place: Place
    form: Form
    owners: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """What two mentions of one thing have in common; squid does not tell capitals in names of acls."""
        return self.kind, self.name.lower() if self.kind == "acl" else self.name

    @property
    def written(self) -> bool:
        """Whether the place holds the name as it is, so that another name can be put there."""
        return self.place.text == self.name


class Index:
    """The mentions of one deployment, or of one file that no deployment reads."""

    def __init__(self, mentions: Iterable[Mention]) -> None:
        self._by_key: dict[tuple[str, str], list[Mention]] = {}
        self._by_path: dict[str, list[Mention]] = {}
        by_key, by_path = self._by_key, self._by_path
        for mention in _each_once(mentions):
            by_key.setdefault(mention.key, []).append(mention)
            by_path.setdefault(mention.place.document.path, []).append(mention)

    def at(self, path: str, offset: int) -> tuple[Mention, ...]:
        """What is named at an offset, the end of a name included; the narrowest places."""
        found = [m for m in self._by_path.get(path, ()) if m.place.span.start <= offset <= m.place.span.end]
        if not found:
            return ()
        narrowest = min((m.place.span.end == offset, m.place.span.end - m.place.span.start) for m in found)
        return tuple(m for m in found if (m.place.span.end == offset, len(m.place.text)) == narrowest)

    def within(self, path: str, span: Span) -> Iterator[Mention]:
        """The mentions of a file that touch a span."""
        for mention in self._by_path.get(path, ()):
            if mention.place.span.start <= span.end and span.start <= mention.place.span.end:
                yield mention

    def reads(self, path: str) -> bool:
        """Whether something is named in a file."""
        return path in self._by_path

    def of(self, mention: Mention) -> tuple[Mention, ...]:
        """All mentions of the thing; acls are those of the squids that read the file."""
        found = self._by_key.get(mention.key, ())
        if mention.kind != "acl":
            return tuple(found)
        return tuple(m for m in found if m.owners == mention.owners or set(m.owners) & set(mention.owners))

    def called(self, kind: Kind, name: str) -> tuple[Mention, ...]:
        """All mentions of a kind with a name."""
        return tuple(self._by_key.get((kind, name.lower() if kind == "acl" else name), ()))

    def named(self, kind: Kind) -> tuple[str, ...]:
        """The names of a kind that are defined, each once."""
        return tuple(dict.fromkeys(
            m.name for (found, _), all_of in self._by_key.items() if found == kind for m in all_of if m.form in DEFINING
        ))  # fmt: skip

    def profiles(self) -> tuple[str, ...]:
        """The profiles that services are in."""
        return tuple(dict.fromkeys(m.name for (kind, _), all_of in self._by_key.items() for m in all_of
                                   if kind == "profile"))  # fmt: skip


def _each_once(mentions: Iterable[Mention]) -> list[Mention]:
    """One mention for each name and place, with the owners of all."""
    found: dict[tuple[int, int, int, str], Mention] = {}
    for mention in mentions:
        document, (start, end) = mention.place
        key = (id(document), start, end, mention.name)
        other = found.setdefault(key, mention)
        if other is not mention and mention.owners and mention.owners != other.owners:
            form = other.form if other.form == "env" else mention.form
            owners = dict.fromkeys((*other.owners, *mention.owners))
            found[key] = other._replace(form=form, owners=tuple(owners))
    return list(found.values())
