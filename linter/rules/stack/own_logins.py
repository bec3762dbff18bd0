"""Log-ins with which a database's own container asks it: in its start script and its health check."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Edit,
    Fix,
    LatePattern,
    Node,
    Related,
    ScalarNode,
    SequenceNode,
    Service,
    Value,
    change_part,
)
from .logins import Credential, given

_ASKED_IN = (("entrypoint",), ("command",), ("healthcheck", "test"))
# One call of mongo's shell, up to the end of the command; shells join lines that end with a backslash.
_CALL = LatePattern(r"(?<![\w./-])mongo(?:sh)?(?=\s)(?:\\\n|[^\n;&|])*")
_WORD = r"(?:=|\s+|(?<=-[up]))(?P<quote>[\"']?)(?P<text>[^\s\"']+)(?P=quote)(?=\s|$)"
_FLAGS = {
    "user": LatePattern(r"(?<!\S)(?:-u|--username)" + _WORD),
    "password": LatePattern(r"(?<!\S)(?:-p|--password)" + _WORD),
}
_WORDS = {"user": ("-u", "--username"), "password": ("-p", "--password")}


MESSAGE = {
    "user": (
        "`{service}` asks itself as another user (in {where}) than it was given (in `{theirs}`): the log-in fails, "
        "{end}"
    ),
    "password": (
        "`{service}` asks itself with another password (in {where}) than it was given (in `{theirs}`): the log-in "
        "fails, {end}"
    ),
}
_ENDS = {
    "healthcheck": "so it never counts as healthy, and what waits for that never starts",
    "its start script": "so its script waits for ever, and never makes the replica set",
}


def left_behind(deployment: Deployment, service: Service) -> Iterator[Diagnostic]:
    """What a mongo container's own script and health check still use after the log-in was changed."""
    server = deployment.server(service)
    if server is None or any("initdb" in (mount.target or "") for mount in service.mounts):
        return
    for what in ("user", "password"):
        theirs = given(service, server.variables(what))
        if theirs is None:
            continue
        wrong = [each for each in own_logins(deployment, service, what) if each.text != theirs.text]
        if wrong:
            yield _left_behind(deployment, service, what, theirs, wrong)


def _left_behind(
    deployment: Deployment, service: Service, what: str, theirs: Credential, wrong: list[Credential]
) -> Diagnostic:
    first, *others = wrong
    values = (
        ("service", service.name),
        ("where", "its health check" if first.name == "healthcheck" else first.name),
        ("theirs", theirs.name),
        ("end", _ENDS[first.name]),
        ("what", what),
    )
    related = [Related(place, "and here") for each in others if (place := each.place) is not None]
    if theirs.place is not None:
        related.append(Related(theirs.place, "`{service}` gets it here", values))
    edits = [_copied(deployment, theirs.text, each) for each in wrong]
    done = tuple(edit for edit in edits if edit is not None)
    title = "Write the {what} of `{theirs}` there"
    fixes = (Fix(title, done, Applicability.UNSAFE, values),) if len(done) == len(wrong) else ()
    return Diagnostic(first.place or service.place, MESSAGE[what], values, tuple(related), fixes)


def _copied(deployment: Deployment, text: str, target: Credential) -> Edit | None:
    # What a shell would read otherwise needs quotes that fit where it stands.
    if not re.fullmatch(r"[\w.@%+-]+", text):
        return None
    return change_part(deployment, target.value, (target.written, target.start, target.end), text)


def own_logins(deployment: Deployment, service: Service, what: str) -> Iterator[Credential]:
    """The users or passwords that a mongo container writes out when it calls its own shell."""
    server = deployment.server(service)
    for path in _ASKED_IN if server is not None and server.name == "mongo" else ():
        node = service.get(*path)
        name = "healthcheck" if path[0] == "healthcheck" else "its start script"
        if node is not None:
            yield from _in_words(node, what, name)
            yield from _in_scripts(node, what, name)


def _in_words(node: Node, what: str, name: str) -> Iterator[Credential]:
    """In a list of words, as of a health check: the word behind the flag."""
    items = [item for item in node.items if isinstance(item, ScalarNode)] if isinstance(node, SequenceNode) else []
    words = [item.text or "" for item in items]
    if not any(word in ("mongo", "mongosh") for word in words):
        return
    for flag, item in zip(words, items[1:], strict=False):
        if flag in _WORDS[what]:
            yield from _credential(item.value, 0, len(item.text or ""), name)


def _in_scripts(node: Node, what: str, name: str) -> Iterator[Credential]:
    scalars = node.items if isinstance(node, SequenceNode) else (node,)
    for scalar in scalars:
        if not isinstance(scalar, ScalarNode) or not scalar.text:
            continue
        for call in _CALL.finditer(scalar.text):
            for match in _FLAGS[what].compiled.finditer(scalar.text, call.start(), call.end()):
                yield from _credential(scalar.value, *match.span("text"), name)


def _credential(value: Value, start: int, end: int, name: str) -> Iterator[Credential]:
    text = (value.text or "")[start:end]
    # What a shell fills in comes from the environment, and is what the server was given.
    if text and "$" not in text and "`" not in text:
        yield Credential(text, value, start, end, name)
