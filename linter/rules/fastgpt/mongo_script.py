"""The start script of a mongo container that makes its own key and its own replica set of one."""

from __future__ import annotations

from .mongo_server import PASSWORD, USER, Start

SET = "rs0"
KEY = "/data/mongodb.key"


def make_key(path: str) -> str:
    """The lines that make a key as mongo takes it: base64, owned by its user, readable by nobody else."""
    return f"openssl rand -base64 512 > {path}\nchmod 400 {path}\nchown 999:999 {path}\n"


def script(start: Start, *, key: str | None) -> str:
    """The whole script, with `$$` for each dollar sign as Compose wants it.

    A loop beside the server asks it to make the replica set, until it says that it is part of one: the first start of
    the image runs a server without replica set for a while. `mongosh` is the shell of 5.0 and later, `mongo` the older.
    """
    login = f' -u "$${USER}" -p "$${PASSWORD}" --authenticationDatabase admin' if start.has_root else ""
    ask = (
        "let s; try { s = rs.status() } catch (e) { s = e } "
        f'if (!s.ok) rs.initiate({{_id: "{SET}", members: [{{_id: 0, host: "{start.service.name}:27017"}}]}}); '
        "quit(db.isMaster().setName ? 0 : 1)"
    )
    return (
        (make_key(key) if key else "")
        + "shell=$$(command -v mongosh || command -v mongo)\n"
        + "(\n"
        + f"  until $$shell --quiet{login} --eval '{ask}'; do sleep 2; done\n"
        + ") &\n"
        + 'exec docker-entrypoint.sh "$$@"\n'
    )
