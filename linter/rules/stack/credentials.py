"""Credentials that a service uses against those that the server's container was given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Endpoint,
    Fix,
    Place,
    Related,
    Server,
    Service,
    Severity,
    Value,
    change_part,
    change_value,
    rule,
)
from .addresses import called

WORDS = {"user": ("USER", "USERNAME"), "password": ("PASSWORD", "PASS", "PASSWD", "PSW")}


@dataclass(frozen=True, slots=True)
class Credential:
    """One half of a credential: its text, the value that holds it, and where in it."""

    text: str
    value: Value
    start: int
    end: int
    name: str

    @property
    def place(self) -> Place | None:
        """Where it is written."""
        return self.value.place_of(self.start, self.end) or self.value.edit_place


@rule("STK005", "credentials-disagree", Deployment, Severity.ERROR, faq=("F3.8", "F3.9"), fix=Applicability.UNSAFE)
def credentials_disagree(deployment: Deployment) -> Diagnostics:
    """The user or password in a connection is not the one the server was started with."""
    seen: set[tuple[Place, str]] = set()
    for endpoint in called(deployment):
        found = deployment.lookup(endpoint.reader, endpoint.host.text)
        if found.reach != "reached" or len(found.services) != 1:
            continue
        service = found.services[0]
        server = deployment.server(service)
        if server is None:
            continue
        for what, ours, theirs in _differences(endpoint, service, server):
            place = ours.place or endpoint.variable.place
            if (place, what) in seen:
                continue
            seen.add((place, what))
            yield Diagnostic(
                place,
                "`{reader}` logs in to `{service}` with another {what} than `{service}` was given in `{theirs}`",
                (
                    ("reader", endpoint.reader.name),
                    ("service", service.name),
                    ("what", what),
                    ("theirs", theirs.name),
                ),
                tuple(Related(p, f"`{service.name}` gets its {what} here") for p in (theirs.place,) if p),
                _copied(deployment, ours, theirs, what),
            )


def _copied(deployment: Deployment, ours: Credential, theirs: Credential, what: str) -> tuple[Fix, ...]:
    whole = ours.start == 0 and ours.value.text is not None and ours.end == len(ours.value.text)
    edit = (
        change_value(deployment, ours.value, theirs.text)
        if whole
        else change_part(deployment, ours.value, (ours.text, ours.start, ours.end), theirs.text)
    )
    if edit is None:
        return ()
    return (Fix(f"Use the {what} of `{{name}}`", (edit,), Applicability.UNSAFE, (("name", theirs.name),)),)


def _differences(endpoint: Endpoint, service: Service, server: Server) -> Iterator[tuple[str, Credential, Credential]]:
    user, password = _ours(endpoint, "user"), _ours(endpoint, "password")
    their_user, their_password = _theirs(service, server, user.text if user else "")
    if any("initdb" in (m.target or "") for m in service.mounts):
        # Start-up scripts may create any user.
        same = user is None or their_user is None or user.text == their_user.text
        their_user, their_password = None, their_password if same else None
    if user and their_user and user.text and user.text != their_user.text:
        yield "user", user, their_user
        if password and their_password and password.text != their_password.text:
            yield "password", password, their_password
    elif password and their_password and password.text != their_password.text:
        yield "password", password, their_password


def _ours(endpoint: Endpoint, what: str) -> Credential | None:
    """What the reader uses: in the URL, or in the variables beside the host variable (`DB_HOST`, `DB_PASSWORD`)."""
    part = endpoint.user if what == "user" else endpoint.password
    if endpoint.scheme:
        if part is None:
            return None
        return Credential(_decoded(part.text), endpoint.variable.value, part.start, part.end, endpoint.variable.name)
    prefix = re.sub(r"(HOST|HOSTNAME|SERVER|ADDRESS|ADDR)$", "", endpoint.variable.name)
    for word in WORDS[what]:
        variable = endpoint.reader.environment.get(prefix + word)
        if variable is not None and variable.value.text:
            text = variable.value.text
            return Credential(text, variable.value, 0, len(text), variable.name)
    return None


def _decoded(text: str) -> str:
    if "%" not in text:
        return text
    from urllib.parse import unquote

    return unquote(text)


def _theirs(service: Service, server: Server, user: str) -> tuple[Credential | None, Credential | None]:
    if flag := server.facts.get("password_flag"):
        return None, _from_command(service, str(flag))
    root = server.facts.get("root")
    if root and user == root:
        return None, _given(service, server.variables("root_password"))
    return _given(service, server.variables("user")), _given(service, server.variables("password"))


def _given(service: Service, names: tuple[str, ...]) -> Credential | None:
    for name in names:
        variable = service.environment.get(name)
        if variable is not None and variable.value.text:
            return Credential(variable.value.text, variable.value, 0, len(variable.value.text), name)
    return None


def _from_command(service: Service, flag: str) -> Credential | None:
    """A password given on the command line (`redis-server --requirepass …`), None when a shell computes it."""
    node = service.get("command")
    words = service.words("command")
    if flag not in words or words.index(flag) + 1 >= len(words):
        return None
    text = words[words.index(flag) + 1]
    values = [n.value for n in getattr(node, "items", (node,)) if hasattr(n, "value")]
    for value in values:
        whole = value.text or ""
        match = re.search(rf"{re.escape(flag)}\s+[\"']?({re.escape(text)})", whole) if flag in whole else None
        start = match.start(1) if match else whole.find(text) if whole == text else -1
        if start >= 0 and "$" not in text:
            return Credential(text, value, start, start + len(text), f"{flag} of its command")
    return None
