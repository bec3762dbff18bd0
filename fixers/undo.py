"""The journal of the last change: what `undo` puts back, kept outside of the user's checkout."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from ..schemas.files import RefusedError, reason_of
from .write import Change, read_regular, write_changes

_VERSION = 1


class Undone(NamedTuple):
    """What an undo did: the files that got their old bytes back, and those left alone with the reason."""

    restored: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]


def journal_folder(cwd: str) -> str:
    """Where the journal for a working directory lies: below `$XDG_STATE_HOME`, else `~/.local/state`."""
    from hashlib import sha256

    state = os.environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(state):  # the XDG base directory specification tells to ignore relative ones
        state = os.path.join(os.path.expanduser("~"), ".local", "state")
    name = sha256(cwd.encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return os.path.join(state, "stackmend", "undo", name)


def record(changes: Sequence[Change], *, cwd: str) -> None:
    """Remember changes before they are written; an older journal of this working directory is replaced. Raises OSError.

    The journal holds whole files, so it may hold secrets: its folder is 0700 and its file 0600.
    """
    import json
    from base64 import b64encode
    from hashlib import sha256

    folder = journal_folder(cwd)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    os.chmod(folder, 0o700)
    entries = [
        {
            "path": os.fsencode(change.path).hex(),
            "root": os.fsencode(change.root).hex(),
            "before": b64encode(change.before).decode("ascii"),
            "after_sha256": sha256(change.after).hexdigest(),
        }
        for change in changes
    ]
    data = json.dumps({"version": _VERSION, "files": entries}).encode("ascii")
    temporary = os.path.join(folder, "journal.new")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, os.path.join(folder, "journal"))


def forget(cwd: str) -> None:
    """Drop the journal of a working directory, if there is one."""
    try:
        os.unlink(os.path.join(journal_folder(cwd), "journal"))
    except FileNotFoundError:
        return


def undo(cwd: str) -> Undone | None:
    """Put back what the last change in a working directory replaced, byte for byte; None when there is nothing to undo.

    A file that was changed or removed since is left alone and named. The journal goes when every file is back. Raises
    OSError.
    """
    import json
    from base64 import b64decode
    from hashlib import sha256

    try:
        with open(os.path.join(journal_folder(cwd), "journal"), "rb") as file:
            journal = json.loads(file.read())
    except FileNotFoundError:
        return None
    except ValueError:
        raise RefusedError("it cannot be read") from None
    if journal.get("version") != _VERSION:
        raise RefusedError("it was written by another version of stackmend")
    restored: list[str] = []
    refused: list[tuple[str, str]] = []
    for entry in journal["files"]:
        path = os.fsdecode(bytes.fromhex(entry["path"]))
        try:
            now = read_regular(path)
            before = b64decode(entry["before"])
            if now == before:
                continue
            if sha256(now).hexdigest() != entry["after_sha256"]:
                refused.append((path, "it was changed since, so it stays as it is"))
                continue
            write_changes((Change(path, os.fsdecode(bytes.fromhex(entry["root"])), now, before),))
            restored.append(path)
        except FileNotFoundError:
            refused.append((path, "it is gone"))
        except OSError as error:
            refused.append((path, reason_of(error)))
    if not refused:
        forget(cwd)
    return Undone(tuple(restored), tuple(refused))
