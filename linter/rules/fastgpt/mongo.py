"""The replica set that FastGPT needs of its mongo: whether there is one, with its key file, and under which name."""

from __future__ import annotations

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Edit,
    Endpoint,
    Fix,
    LatePattern,
    Place,
    Related,
    ScalarNode,
    SequenceNode,
    Severity,
    Value,
    add_keys,
    append_to,
    change_part,
    change_value,
    rule,
)
from .mongo_key import badly_filled, badly_made
from .mongo_script import KEY, SET, make_key, script
from .mongo_server import MEMBER, Start, servers_used

# Transactions, and with them the replica set, came with this release (its docker-compose.yml).
SINCE = "4.6.8"
_INITIATED = LatePattern(r"rs\.initiate\(\s*\{\s*[\"']?_id[\"']?\s*:\s*[\"']([^\"']+)[\"']")


@rule("FGP020", "mongo-no-replica-set", Deployment, Severity.ERROR, faq=("F3.9", "F3.10"), fix=Applicability.UNSAFE)
def mongo_no_replica_set(deployment: Deployment) -> Diagnostics:
    """FastGPT saves in transactions, and mongo has those only in a replica set."""
    for start, endpoint in servers_used(deployment, since=SINCE).values():
        if not start.known:
            continue
        name = start.flag("replSet")
        if name is None:
            yield _without(deployment, start, endpoint)
        elif name:
            yield from _other_name(deployment, start, name)
            yield from _lost_member(deployment, start, endpoint)


def _without(deployment: Deployment, start: Start, endpoint: Endpoint) -> Diagnostic:
    values = (("service", start.service.name), ("reader", endpoint.reader.name), ("flag", "--replSet"))
    edits = _with_replica_set(deployment, start)
    title = "Start `{service}` as the replica set `rs0`, with a key and a member of its own"
    return Diagnostic(
        start.place,
        "`{service}` runs without `{flag}`, so it is no replica set, and `{reader}` cannot save: the user root is "
        "never made, and nobody can log in",
        values,
        (Related(endpoint.variable.place, "`{reader}` saves its data there", values),),
        (Fix(title, edits, Applicability.UNSAFE, values),) if edits else (),
    )


def _with_replica_set(deployment: Deployment, start: Start) -> tuple[Edit, ...]:
    """The edits that make one: flags for the command, and a start script that makes the key and the first member."""
    service = start.service
    if service.get("entrypoint") is not None:
        return ()
    has_key = start.flag("keyFile") is not None
    needs_key = start.has_root and not has_key
    flags = f"{f'--keyFile {KEY} ' if needs_key else ''}--replSet {SET}"
    entrypoint = ["bash", "-c", script(start, key=KEY if needs_key else None), "replica-set"]
    command = service.get("command")
    if command is None:
        edit = add_keys(deployment, service, {"command": f"mongod {flags}", "entrypoint": entrypoint})
        return (edit,) if edit else ()
    first = add_keys(deployment, service, {"entrypoint": entrypoint})
    second = None
    if isinstance(command, ScalarNode) and command.text is not None and command.text.split()[:1] == ["mongod"]:
        second = change_value(deployment, command.value, f"{command.text.strip()} {flags}")
    elif isinstance(command, SequenceNode) and service.words("command")[:1] == ("mongod",) and not needs_key:
        second = append_to(deployment, service, "command", f"--replSet={SET}")
    return (first, second) if first and second else ()


def _other_name(deployment: Deployment, start: Start, name: str) -> Diagnostics:
    made = _INITIATED.search(start.text)
    written = start.written(_INITIATED.compiled)
    if made is not None and made.group(1) != name:
        values = (("service", start.service.name), ("made", made.group(1)), ("name", name))
        yield Diagnostic(
            (written[2] if written else None) or start.place,
            "`{service}` starts as the replica set `{name}`, but its script makes one that is called `{made}`, which "
            "mongo refuses: use one name",
            values,
            (Related(start.place, "`{service}` starts with this", values),) if written else (),
            _rewritten(deployment, written, name),
        )


def _rewritten(
    deployment: Deployment, written: tuple[Value, tuple[str, int, int], Place | None] | None, name: str
) -> tuple[Fix, ...]:
    edit = change_part(deployment, written[0], written[1], name) if written else None
    return (Fix("Write `{name}` in the script", (edit,), Applicability.UNSAFE, (("name", name),)),) if edit else ()


def _lost_member(deployment: Deployment, start: Start, endpoint: Endpoint) -> Diagnostics:
    """A member under a name that the client cannot look up: the driver asks for the members and goes to those."""
    member = start.member
    if member is None or "directConnection=true" in endpoint.rest:
        return
    if deployment.lookup(endpoint.reader, member).reach != "none" or "." in member:
        return
    entry = start.service.node.entries.get("entrypoint") or start.service.node.entries.get("command")
    written = start.written(MEMBER.compiled)
    values = (("service", start.service.name), ("member", member), ("reader", endpoint.reader.name))
    yield Diagnostic(
        (written[2] if written else None) or (entry.key_place if entry is not None else start.place),
        "the replica set of `{service}` names its member `{member}`, and nothing in this stack has that name: "
        "`{reader}` is sent there and never gets an answer; call the member `{service}` (a set that is there keeps "
        "the old name until `rs.reconfig`)",
        values,
        (Related(endpoint.variable.place, "`{reader}` connects here", values),),
        _rewritten(deployment, written, start.service.name),
    )


@rule("FGP021", "mongo-keyfile", Deployment, Severity.ERROR, faq=("F3.9",), fix=Applicability.UNSAFE)
def mongo_keyfile(deployment: Deployment) -> Diagnostics:
    """The key with which members of a replica set trust each other: mongo does not start without it."""
    for start, _ in servers_used(deployment, since="").values():
        if not start.known or start.flag("clusterAuthMode") is not None:
            continue
        path = start.flag("keyFile")
        if path is None and start.flag("replSet") and (start.has_root or start.flag("auth") is not None):
            yield _no_key(deployment, start)
        elif path and path.startswith("/"):
            yield from _nowhere(deployment, start, path)


def _no_key(deployment: Deployment, start: Start) -> Diagnostic:
    values = (("service", start.service.name), ("flag", "--keyFile"))
    return Diagnostic(
        start.place,
        "`{service}` is a replica set that asks for log-ins, and for that mongo wants a key file: without `{flag}` it "
        "stops at once",
        values,
        fixes=_keyed(deployment, start, KEY, flag=True),
    )


def _nowhere(deployment: Deployment, start: Start, path: str) -> Diagnostics:
    service = start.service
    below = [m for m in service.mounts if m.target and (path + "/").startswith(m.target.rstrip("/") + "/")]
    values = (("service", service.name), ("path", path))
    if not below and not any(service.get(key) is not None for key in ("secrets", "configs", "build")):
        # Its own flag is one mention; a script that makes the file is another.
        if start.text.count(path) < 2:
            yield Diagnostic(
                _flag_place(start, path),
                "`{service}` reads its key from `{path}`, but nothing mounts or makes that file, so mongo stops at "
                "once",
                values,
                fixes=_keyed(deployment, start, path, flag=False),
            )
        yield from badly_made(deployment, start, path)
        return
    for mount in below:
        if mount.kind == "bind" and mount.target == path and mount.path and _is_folder(deployment, mount.path):
            yield Diagnostic(
                mount.source_place or mount.place,
                "`{service}` needs a key file at `{path}`, but a folder is mounted there, which Docker made because "
                "the file was missing: remove the folder, make the file (`openssl rand -base64 756`), and give it to "
                "user 999 with mode 400",
                values,
            )
        elif mount.kind == "bind" and mount.target == path and start.text.count(path) < 2:
            yield from badly_filled(deployment, service, mount)


def _is_folder(deployment: Deployment, path: str) -> bool:
    return deployment.workspace.files.kind(path) == "directory"


def _flag_place(start: Start, path: str) -> Place:
    command = start.service.get("command")
    if isinstance(command, ScalarNode) and command.text:
        at = command.text.find(path)
        if at >= 0:
            return command.value.place_of(at, at + len(path)) or start.place
    return start.place


def _keyed(deployment: Deployment, start: Start, path: str, *, flag: bool) -> tuple[Fix, ...]:
    """Let the container make its key before mongo starts, and name the file where that is not done yet."""
    service = start.service
    if service.get("entrypoint") is not None:
        return ()
    entrypoint = ["bash", "-c", make_key(path) + 'exec docker-entrypoint.sh "$$@"\n', "key-file"]
    edits = [add_keys(deployment, service, {"entrypoint": entrypoint})]
    command = service.get("command")
    if flag and isinstance(command, ScalarNode) and command.text is not None:
        edits.append(change_value(deployment, command.value, f"{command.text.strip()} --keyFile {path}"))
    elif flag:
        edits.append(append_to(deployment, service, "command", f"--keyFile={path}"))
    done = tuple(edit for edit in edits if edit is not None)
    title = "Let `{service}` make its key when it starts"
    values = (("service", service.name),)
    return (Fix(title, done, Applicability.UNSAFE, values),) if len(done) == len(edits) else ()
