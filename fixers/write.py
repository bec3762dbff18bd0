"""Writes files so that a crash leaves the old or the new one, and remembers what was there for `undo`."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..schemas.files import RefusedError, within


class Change(NamedTuple):
    """A file's bytes before and after, and the folder out of which no write may lead. The repr hides the bytes."""

    path: str
    root: str
    before: bytes
    after: bytes

    def __repr__(self) -> str:
        return f"<Change {self.path}>"


def write_file(path: str, data: bytes, *, root: str) -> None:
    """Put new bytes into an existing file: written beside it, synced, and moved into its place; mode and owner stay.

    A link within `root` is followed, so that it stays a link. Raises RefusedError for a file outside `root` or
    one that is not regular, OSError for what the system refuses.
    """
    target = os.path.realpath(path)
    if not within(target.replace(os.sep, "/"), os.path.realpath(root).replace(os.sep, "/")):
        raise RefusedError("it lies outside the project, so it is not written")
    status = os.stat(target)
    if not stat.S_ISREG(status.st_mode):
        raise RefusedError("not a regular file")
    if not os.access(target, os.W_OK):
        raise RefusedError("it is write-protected")
    temporary = _write_beside(target, data, status)
    try:
        os.replace(temporary, target)
    except OSError:
        os.unlink(temporary)
        raise
    _sync_folder(os.path.dirname(target))


def _write_beside(target: str, data: bytes, status: os.stat_result) -> str:
    from tempfile import mkstemp

    handle, temporary = mkstemp(prefix=".stackmend-", dir=os.path.dirname(target))
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if hasattr(os, "fchown") and (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(file.fileno(), status.st_uid, status.st_gid)
            # After the owner: a change of owner clears the set-id bits.
            os.chmod(temporary, stat.S_IMODE(status.st_mode))
            os.fsync(file.fileno())
    except BaseException:
        os.unlink(temporary)
        raise
    return temporary


def _sync_folder(folder: str) -> None:
    """Make the move itself durable, where the system lets a folder be synced."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)


def read_regular(path: str) -> bytes:
    """The bytes of a file; a pipe that was put in its place is refused, for reading it would never end."""
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise RefusedError("not a regular file")
    with open(path, "rb") as file:
        return file.read()


def write_changes(changes: Sequence[Change]) -> None:
    """Write all files or none: when one fails, those already written get their old bytes back.

    Raises OSError (RefusedError among them) with the `filename` of the file that failed, and RefusedError when a file
    on disk is no longer the one that was read.
    """
    done: list[Change] = []
    try:
        for change in changes:
            if read_regular(change.path) != change.before:
                raise RefusedError("it was changed by somebody else in the meantime")
            write_file(change.path, change.after, root=change.root)
            done.append(change)
    except OSError as error:
        _put_back(done)
        error.filename = changes[len(done)].path  # not that of the temporary file
        raise


def _put_back(done: Iterable[Change]) -> None:
    for change in done:
        write_file(change.path, change.before, root=change.root)
