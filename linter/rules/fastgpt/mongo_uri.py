"""FastGPT's address of its mongo: where the user lives, which replica set, which database."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    DotenvEntry,
    DotenvTree,
    Edit,
    Endpoint,
    Fix,
    LatePattern,
    Place,
    Related,
    Service,
    Severity,
    change_part,
    in_range,
    rule,
    within,
)
from .mongo_server import URI, USER, Start, clients, mongo_of, start_of

# The env file of a program that is run from a checkout's source (projects/app/.env.template says so).
SOURCE_FILES = ("projects/app/.env.local", "projects/app/.env")
_LOCAL = LatePattern(r"mongodb://(?:[^@/\s]*@)?(localhost|127\.0\.0\.1|0\.0\.0\.0):(\d+)(?:/[^?\s]*)?(?:\?(\S*))?")
# Before this release the name of the database was a variable of its own.
_NAME_IN_URI = "4.2"


@rule("FGP022", "mongo-uri", Deployment, Severity.ERROR, faq=("F3.9",), fix=Applicability.UNSAFE)
def mongo_uri(deployment: Deployment) -> Diagnostics:
    """An address with which mongo lets nobody in, or that leads the driver astray."""
    seen: set[Place] = set()
    for endpoint in clients(deployment):
        place = endpoint.variable.edit_place
        if place in seen:
            continue
        seen.add(place)
        muddled = list(_muddled(deployment, endpoint))
        yield from muddled
        if muddled:
            continue
        service = mongo_of(deployment, endpoint)
        if service is not None:
            yield from _log_in(deployment, endpoint, start_of(service))
            yield from _set_name(deployment, endpoint, start_of(service))
        yield from _no_database(deployment, endpoint)
    yield from _from_the_source(deployment)


def _options(endpoint: Endpoint) -> dict[str, str]:
    query = endpoint.rest.partition("?")[2]
    return {name.lower(): value for name, _, value in (part.partition("=") for part in query.split("&")) if name}


def _database(endpoint: Endpoint) -> str:
    return endpoint.rest.partition("?")[0].strip("/")


def _muddled(deployment: Deployment, endpoint: Endpoint) -> Iterator[Diagnostic]:
    """Options behind each other's mark: to the driver they are part of the database's name, or of another option."""
    path, _, query = endpoint.rest.partition("?")
    if not re.search(r"&[A-Za-z]+=", path) and not re.search(r"\?[A-Za-z]+=", query):
        return
    # All marks are made `&`, then the first one `?`.
    new = re.sub(r"&(?=[A-Za-z]+=)", "?", re.sub(r"\?(?=[A-Za-z]+=)", "&", endpoint.rest), count=1)
    edit = _behind_host(deployment, endpoint, new) if new.count("?") == 1 else None
    values = _values(endpoint)
    yield Diagnostic(
        endpoint.variable.edit_place,
        "the options of `{variable}` of `{reader}` are told apart wrongly: the first wants `?` before it, each other "
        "one `&`",
        values,
        fixes=(Fix("Put `?` before the first option and `&` before the others", (edit,), Applicability.UNSAFE),)
        if edit
        else (),
    )


def _behind_host(deployment: Deployment, endpoint: Endpoint, new: str) -> Edit | None:
    """Another text for what stands behind host and port, where one place gives all of it."""
    start = (endpoint.port or endpoint.host).end
    rest = endpoint.rest
    return change_part(deployment, endpoint.variable.value, (rest, start, start + len(rest)), new) if rest else None


def _values(endpoint: Endpoint, service: Service | None = None) -> tuple[tuple[str, str], ...]:
    named = (("service", service.name),) if service is not None else ()
    return (("variable", endpoint.variable.name), ("reader", endpoint.reader.name), *named)


# ---- who logs in where


def _log_in(deployment: Deployment, endpoint: Endpoint, start: Start) -> Iterator[Diagnostic]:
    user = start.given(USER)
    # Scripts of the first start may make users of their own.
    if not start.has_root or any("initdb.d" in (mount.target or "") for mount in start.service.mounts):
        return
    values = _values(endpoint, start.service)
    made = start.service.environment[USER].place
    if endpoint.user is None:
        yield Diagnostic(
            endpoint.variable.edit_place,
            "`{variable}` of `{reader}` names no user, but `{service}` lets nobody in without one: write "
            "`mongodb://user:password@…` with the user that `{service}` was given",
            values,
            (Related(made, "`{service}` gets its user here", values),),
        )
        return
    source = _options(endpoint).get("authsource")
    if endpoint.user.text != user or source == "admin" or (source is None and _database(endpoint) in ("", "admin")):
        return
    where = source or _database(endpoint)
    yield Diagnostic(
        endpoint.variable.edit_place,
        "`{variable}` of `{reader}` looks for its user in the database `{where}`, but `{service}` made it in `admin`, "
        "so the log-in fails: add `authSource=admin`"
        if source is None
        else "`{variable}` of `{reader}` looks for its user in the database `{where}`, but `{service}` made it in "
        "`admin`, so the log-in fails: `authSource` must be `admin`",
        (*values, ("where", where)),
        (Related(made, "`{service}` makes its user from this, in `admin`", values),),
        _with_option(deployment, endpoint, "authSource", "admin"),
    )


def _set_name(deployment: Deployment, endpoint: Endpoint, start: Start) -> Iterator[Diagnostic]:
    asked, name = _options(endpoint).get("replicaset"), start.flag("replSet")
    if asked and name and start.known and asked != name:
        values = (*_values(endpoint, start.service), ("asked", asked), ("name", name))
        yield Diagnostic(
            endpoint.variable.edit_place,
            "`{variable}` of `{reader}` asks for the replica set `{asked}`, but `{service}` is `{name}`: the driver "
            "waits until it gives up",
            values,
            (Related(start.place, "`{service}` gets its name here", values),),
            _with_option(deployment, endpoint, "replicaSet", name),
        )


def _with_option(deployment: Deployment, endpoint: Endpoint, option: str, text: str) -> tuple[Fix, ...]:
    """Set an option of the address."""
    rest = endpoint.rest
    old = re.search(rf"(?i)([?&]{option}=)[^&#]*", rest)
    if old is not None:
        new = rest[: old.start()] + old.group(1) + text + rest[old.end() :]
    else:
        new = f"{rest or '/'}{'&' if '?' in rest else '?'}{option}={text}"
    edit = _behind_host(deployment, endpoint, new)
    values = (("option", f"{option}={text}"),)
    return (Fix("Write `{option}`", (edit,), Applicability.UNSAFE, values),) if edit else ()


def _no_database(deployment: Deployment, endpoint: Endpoint) -> Iterator[Diagnostic]:
    version = deployment.versions.get("fastgpt")
    if in_range(version, _NAME_IN_URI, "") is True and not _database(endpoint) and "," not in endpoint.rest:
        yield Diagnostic(
            endpoint.variable.edit_place,
            "`{variable}` of `{reader}` names no database, so everything is saved in `test`: write its name behind the "
            "host, as in `mongo:27017/fastgpt`",
            _values(endpoint),
            severity=Severity.WARNING,
        )


# ---- run from the source, with its mongo in a container


def _from_the_source(deployment: Deployment) -> Iterator[Diagnostic]:
    """A program on the host that is sent on to a member whose name only containers know."""
    sets = [start for start in _starts(deployment) if start.flag("replSet") and start.member]
    if not sets:
        return
    files = deployment.workspace.files
    folders = dict.fromkeys((deployment.root, deployment.boundary))
    for path in (f"{folder}/{name}" for folder in folders for name in SOURCE_FILES):
        if files.kind(path) != "file" or not within(files.real(path), files.real(deployment.boundary)):
            continue
        tree = deployment.workspace.dotenv(path, "python-dotenv")
        for entry in tree.entries:
            yield from _indirect(tree, entry, sets)


def _starts(deployment: Deployment) -> Iterator[Start]:
    for service in deployment.project.active:
        image = deployment.image(service)
        if image is not None and image.name == "mongo":
            yield start_of(service)


def _indirect(tree: DotenvTree, entry: DotenvEntry, sets: list[Start]) -> Iterator[Diagnostic]:
    if entry.key not in (URI, "MONGODB_LOG_URI") or tree.last(entry.key) is not entry or not entry.text:
        return
    match = _LOCAL.fullmatch(entry.text.strip())
    if match is None or "directconnection=" in (match.group(3) or "").lower():
        return
    port = int(match.group(2))
    for start in sets:
        mapping = next(
            (p for p in start.service.ports if p.published and p.published[0] <= port <= p.published[1]), None
        )
        if mapping is None:
            continue
        values = (
            ("variable", entry.key),
            ("service", start.service.name),
            ("member", start.member or ""),
            ("option", "directConnection=true"),
        )
        place = tree.document.place(*entry.value_span)
        yield Diagnostic(
            place,
            "`{variable}` leads to `{service}`, a replica set that calls its member `{member}`: the driver goes on to "
            "that name, which the host does not know; add `{option}`",
            values,
            (Related(mapping.place, "`{service}` is reached from the host through this", values),),
            (Fix("Add `{option}`", (_direct(tree, entry),), Applicability.UNSAFE, values),),
        )
        return


def _direct(tree: DotenvTree, entry: DotenvEntry) -> Edit:
    from ...kit import dotenv_edits

    text = (entry.text or "").strip()
    path = text.partition("://")[2].partition("?")[0]
    joined = "&" if "?" in text else "?" if "/" in path else "/?"
    return dotenv_edits.set_value(tree, entry, f"{text}{joined}directConnection=true")
