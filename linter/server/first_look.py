"""Reads the folders for the first time, which takes longest, and has the editor show that it is being done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from .main import Server

PROGRESS = "stackmend-first-look"
PATIENCE = 0.3
"""Seconds to wait for an editor that said that it shows progress; then the look is not put off any longer."""


def look_first(server: Server) -> None:
    """Look, once the editor is ready to show it; at once where it shows no progress."""
    if not server.client.shows_progress:
        server.soon()
        return

    def ready(_: None) -> None:
        if server.live.dirty:
            _shown(server)

    server.soon(PATIENCE)
    server.window_work_done_progress_create(types.WorkDoneProgressCreateParams(PROGRESS), ready)


def _shown(server: Server) -> None:
    server.progress(types.ProgressParams(PROGRESS, types.WorkDoneProgressBegin("stackmend: reading the deployments")))
    server.look()
    count = sum(len(analysis.deployments) for analysis in server.live.analyses.values())
    message = f"{count} deployment{'' if count == 1 else 's'}"
    server.progress(types.ProgressParams(PROGRESS, types.WorkDoneProgressEnd(message=message)))
