"""Users, passwords and databases with the place where each is written, as clients use them and servers get them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ...kit import Endpoint, Node, Place, ScalarNode, SequenceNode, Service, Value

WORDS = {
    "user": ("USER", "USERNAME"),
    "password": ("PASSWORD", "PASS", "PASSWD", "PSW"),
    "database": ("DATABASE", "DB_NAME", "NAME", "DB"),
}


class Credential(NamedTuple):
    """One part of a credential: its text, the value that holds it and where in it; `name` is for people.

    `in_url` says that it is written percent-encoded. The repr shows no text.
    """

    text: str
    value: Value
    start: int
    end: int
    name: str
    in_url: bool = False

    @property
    def written(self) -> str:
        """The text as it stands in the value."""
        return (self.value.text or "")[self.start : self.end]

    @property
    def place(self) -> Place | None:
        """Where it is written."""
        return self.value.place_of(self.start, self.end) or self.value.edit_place

    def __repr__(self) -> str:
        return f"<Credential {self.name}>"


def used(endpoint: Endpoint, what: str) -> Credential | None:
    """What a client uses: in the URL, or in the variables beside the host variable (`DB_HOST`, `DB_PASSWORD`)."""
    variable = endpoint.variable
    if endpoint.scheme:
        part = endpoint.user if what == "user" else endpoint.password
        if part is None:
            return None
        text = _decoded(part.text) if endpoint.encoded else part.text
        return Credential(text, variable.value, part.start, part.end, variable.name, in_url=endpoint.encoded)
    return given(endpoint.reader, [_prefix(endpoint) + word for word in WORDS[what]])


def _prefix(endpoint: Endpoint) -> str:
    """What a host variable shares with those beside it: `DB_HOST` → `DB_`."""
    return re.sub(r"(HOST|HOSTNAME|SERVER|ADDRESS|ADDR)$", "", endpoint.variable.name)


def database_of(endpoint: Endpoint) -> Credential | None:
    """The database that a client asks for, None when it names none."""
    if not endpoint.scheme:
        return given(endpoint.reader, [_prefix(endpoint) + word for word in WORDS["database"]])
    name = endpoint.rest.partition("?")[0].strip("/")
    if not name or "/" in name:
        return None
    start = (endpoint.variable.value.text or "").index(name, (endpoint.port or endpoint.host).end)
    return Credential(
        _decoded(name), endpoint.variable.value, start, start + len(name), endpoint.variable.name, in_url=True
    )


def given(service: Service, names: Sequence[str], flag: str = "") -> Credential | None:
    """What a container is given in the first of these variables that has a text, or behind a flag of its command."""
    for name in names:
        variable = service.environment.get(name)
        if variable is not None:
            text = variable.value.text
            return Credential(text, variable.value, 0, len(text), name) if text else None
    return _flagged(service.get("command"), flag) if flag else None


def _flagged(command: Node | None, flag: str) -> Credential | None:
    """The word behind a flag (`redis-server --requirepass …`), None when there is none or a shell computes it."""
    items = command.items if isinstance(command, SequenceNode) else (command,)
    scalars = [item for item in items if isinstance(item, ScalarNode)]
    for index, scalar in enumerate(scalars):
        text = scalar.text or ""
        if text == flag and index + 1 < len(scalars):
            word = scalars[index + 1].value
            return _credential(word, 0, len(word.text or ""), flag)
        match = re.search(rf"(?:^|\s){re.escape(flag)}[=\s]+(\"[^\"]*\"|'[^']*'|[^\s\"']+)", text)
        if match:
            quotes = 1 if match.group(1)[0] in "\"'" else 0
            return _credential(scalar.value, match.start(1) + quotes, match.end(1) - quotes, flag)
    return None


def _credential(value: Value, start: int, end: int, name: str) -> Credential | None:
    text = (value.text or "")[start:end]
    return Credential(text, value, start, end, name) if text and "$" not in text else None


def _decoded(text: str) -> str:
    if "%" not in text:
        return text
    from urllib.parse import unquote

    return unquote(text)
