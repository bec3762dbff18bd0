"""Credentials that a service uses against those that the server's container was given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

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
    change_part,
    change_value,
    rule,
)
from .connections import account_of, connections, has_its_own_account, is_as_given, root_of
from .logins import Credential, database_of, given, used
from .made_users import unmade_user
from .needless_password import needless_password
from .own_logins import left_behind

MESSAGES = {
    "user": (
        "`{reader}` logs in to `{service}` as another user (in `{ours}`) than `{service}` was given (in `{theirs}`), "
        "so it is turned away"
    ),
    "password": (
        "`{reader}` logs in to `{service}` with another password (in `{ours}`) than `{service}` was given (in "
        "`{theirs}`), so it is turned away"
    ),
    "database": (
        "`{reader}` asks `{service}` for another database (in `{ours}`) than `{service}` was given (in `{theirs}`), "
        "so there is none"
    ),
}
GIVEN = {
    "user": "`{service}` gets its user here",
    "password": "`{service}` gets its password here",
    "database": "`{service}` gets its database here",
}
USED = {
    "user": "`{reader}` gets the user here",
    "password": "`{reader}` gets the password here",
    "database": "`{reader}` gets the database here",
}
TITLES = {
    "user": "Use the user of `{source}`",
    "password": "Use the password of `{source}`",
    "database": "Use the database of `{source}`",
}

# The databases that every server of a kind has.
MADE_AT_START: dict[str, tuple[str, ...]] = {"postgres": ("postgres", "template1"), "mysql": (), "mariadb": ()}


class Difference(NamedTuple):
    """A part of a log-in ("user", "password", "database") as the client has it and as the server was given it."""

    what: str
    ours: Credential
    theirs: Credential


@rule("STK005", "credentials-disagree", Deployment, Severity.ERROR, faq=("F3.8", "F3.9"), fix=Applicability.UNSAFE)
def credentials_disagree(deployment: Deployment) -> Diagnostics:
    """The user, password or database of a connection is not the one that the server was started with."""
    seen: set[tuple[Place, str]] = set()
    every = tuple(connections(deployment))
    as_given = {(c.service.name, c.endpoint.reader.name) for c in every if is_as_given(deployment, c)}
    for connection in every:
        if has_its_own_account(deployment, connection, as_given):
            continue
        endpoint, service, server = connection
        for what, check in (("password", _lacking), ("user", unmade_user), ("password", needless_password)):
            found = check(deployment, endpoint, service, server)
            if found is not None and (found.place, what) not in seen:
                seen.add((found.place, what))
                yield found
        for difference in _differences(deployment, endpoint, service, server):
            place = difference.ours.place or endpoint.variable.place
            if (place, difference.what) not in seen:
                seen.add((place, difference.what))
                yield _disagreement(deployment, endpoint, service, difference)
    for service in deployment.project.active:
        yield from left_behind(deployment, service)


def _disagreement(deployment: Deployment, endpoint: Endpoint, service: Service, difference: Difference) -> Diagnostic:
    what, ours, theirs = difference
    values = (
        ("reader", endpoint.reader.name),
        ("service", service.name),
        ("ours", ours.name),
        ("theirs", theirs.name),
    )
    here = ours.place or endpoint.variable.place
    passed = endpoint.reader.environment.get(ours.name)
    related: list[Related] = []
    if passed is not None and passed.place.document is not here.document:
        related.append(Related(passed.place, "it is passed on here"))
    if theirs.place is not None and _left_behind(theirs, ours):
        place, fixes = theirs.place, _copied(deployment, what, ours, theirs)
        related.insert(0, Related(here, USED[what], values))
    else:
        place, fixes = here, _copied(deployment, what, theirs, ours)
        if theirs.place is not None:
            related.insert(0, Related(theirs.place, GIVEN[what], values))
    return Diagnostic(place, MESSAGES[what], values, tuple(related), fixes)


def _lacking(deployment: Deployment, endpoint: Endpoint, service: Service, server: Server) -> Diagnostic | None:
    """A server that wants a password from everybody (`--requirepass`), asked without one."""
    flag = str(server.facts.get("password_flag", ""))
    theirs = given(service, (), flag) if flag else None
    if theirs is None or (endpoint.scheme and endpoint.protocol not in server.facts["schemes"]):
        return None
    variable, edit = endpoint.variable, None
    if endpoint.scheme:
        if endpoint.password is not None and endpoint.password.text:
            return None
        from urllib.parse import quote

        text = f":{quote(theirs.text, safe='')}@{endpoint.host.text}"
        if endpoint.user is None:
            edit = change_part(deployment, variable.value, endpoint.host, text)
    else:
        beside = endpoint.reader.environment.get(variable.name.removesuffix("HOST") + "PASSWORD")
        if not variable.name.endswith("_HOST") or beside is None or beside.value.text != "":
            return None
        variable, edit = beside, change_value(deployment, beside.value, theirs.text)
    values = (
        ("reader", endpoint.reader.name),
        ("service", service.name),
        ("ours", variable.name),
        ("theirs", theirs.name),
        ("source", theirs.name),
    )
    return Diagnostic(
        variable.edit_place,
        "`{reader}` asks `{service}` without a password (`{ours}` has none), but `{service}` was given one (in "
        "`{theirs}`) and turns it away",
        values,
        (Related(theirs.place, GIVEN["password"], values),) if theirs.place is not None else (),
        (Fix(TITLES["password"], (edit,), Applicability.UNSAFE, values),) if edit else (),
    )


def _left_behind(one: Credential, other: Credential) -> bool:
    """Whether one still is what the file falls back to, and the other was changed."""
    return _is_fallback(one) and not _is_fallback(other)


def _is_fallback(credential: Credential) -> bool:
    asked = [via for piece in credential.value.pieces for via in piece.via]
    return len(credential.text) > 3 and any(credential.text in via.text for via in asked)


def _copied(deployment: Deployment, what: str, source: Credential, target: Credential) -> tuple[Fix, ...]:
    text = source.text
    if target.in_url:
        from urllib.parse import quote

        text = quote(text, safe="")
    part = (target.written, target.start, target.end)
    whole = part[0] == target.value.text
    value = target.value
    edit = change_value(deployment, value, text) if whole else change_part(deployment, value, part, text)
    if edit is None:
        return ()
    return (Fix(TITLES[what], (edit,), Applicability.UNSAFE, (("source", source.name),)),)


def _differences(deployment: Deployment, endpoint: Endpoint, service: Service, server: Server) -> Iterator[Difference]:
    user, password = used(endpoint, "user"), used(endpoint, "password")
    tenant = given(service, server.variables("tenant"))
    if user and tenant and _is_root_elsewhere(service, server, user, password, tenant):
        yield Difference("user", user, tenant._replace(text=f"root@{tenant.text}"))
        return
    their_user, their_password = account_of(service, server, user.text if user else "")
    if user and user.text and their_user and user.text != their_user.text:
        # A start-up script, or another database of the same server, may have users of its own.
        if _starts_scripts(service) or not _authenticates_as_given(endpoint):
            return
        yield Difference("user", user, their_user)
    elif user and user.text and not their_user and user.text not in _known_users(service, server):
        return
    if password and their_password and password.text != their_password.text:
        yield Difference("password", password, their_password)
    database, their_database = _databases(deployment, endpoint, service, server)
    if database and their_database and database.text != their_database.text:
        yield Difference("database", database, their_database)


def _is_root_elsewhere(
    service: Service, server: Server, user: Credential, password: Credential | None, tenant: Credential
) -> bool:
    """Whether the root user of another tenant than the one that the image makes is asked for.

    The name of the cluster may stand behind a tenant's; without a tenant it is `sys`, with a password of its own.
    """
    name, _, theirs = user.text.partition("#")[0].partition("@")
    if name != "root" or theirs == tenant.text:
        return False
    system = given(service, server.variables("system_password"))
    # Two tenants that differ in case only are for a person to tell apart.
    if theirs not in ("", "sys"):
        return theirs.lower() != tenant.text.lower()
    return system is not None and password is not None and password.text != system.text


def _known_users(service: Service, server: Server) -> tuple[str, ...]:
    """The users that a server has without being given any."""
    return str(server.facts.get("default_user", "")), root_of(service, server)


def _starts_scripts(service: Service) -> bool:
    return any("initdb" in (mount.target or "") for mount in service.mounts)


def _authenticates_as_given(endpoint: Endpoint) -> bool:
    """Whether a log-in is looked up where the image puts the user it is given: for mongo, the database `admin`."""
    if endpoint.protocol != "mongodb":
        return True
    path, _, query = endpoint.rest.partition("?")
    return "authSource=admin" in query or ("authSource=" not in query and path.strip("/") in ("", "admin"))


def _databases(
    deployment: Deployment, endpoint: Endpoint, service: Service, server: Server
) -> tuple[Credential | None, Credential | None]:
    """The database asked for and the only one there is; nothing where more may have been made.

    A product's main service never makes its database, and MySQL lets a plain user into the given one only.
    """
    role = deployment.roles.get(endpoint.reader.name)
    user = used(endpoint, "user")
    plain = server.name in ("mysql", "mariadb") and user is not None and user.text != server.facts.get("root")
    if server.name not in MADE_AT_START or _starts_scripts(service) or not (plain or (role and role[1].settings)):
        return None, None
    ours = database_of(endpoint)
    if ours is None or ours.text in MADE_AT_START[server.name]:
        return None, None
    return ours, given(service, server.variables("database"))
