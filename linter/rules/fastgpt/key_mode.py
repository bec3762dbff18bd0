"""A key file of this machine that others may read, as mongo does not take it."""

from __future__ import annotations

from ...kit import Deployment, Diagnostic, Diagnostics, Severity, rule
from .mongo_server import servers_used

# mongo refuses what the group may do as well, but lets the group of root read in some releases.
_OTHERS = 0o007


@rule("FGP024", "mongo-key-mode", Deployment, Severity.ERROR, faq=("F3.9",), host=True)
def mongo_key_mode(deployment: Deployment) -> Diagnostics:
    """A mounted key that everybody on this machine may read."""
    for start, _ in servers_used(deployment, since="").values():
        path = start.flag("keyFile")
        # Its own flag is one mention; a script that copies or changes the file is another.
        if not start.known or not path or start.text.count(path) > 1:
            continue
        for mount in start.service.mounts:
            mode = deployment.host.mode(mount.path) if mount.kind == "bind" and mount.path else None
            if mount.target != path or mode is None or not mode & _OTHERS:
                continue
            values = (
                ("service", start.service.name),
                ("path", path),
                ("source", mount.source or ""),
                ("mode", f"{mode:o}"),
            )
            yield Diagnostic(
                mount.source_place or mount.place,
                "the key of `{service}` has the mode {mode} on this machine, so others may read it, and mongo stops "
                "with `permissions on {path} are too open`: `chmod 400 {source}`, and give it to the user 999",
                values,
            )
