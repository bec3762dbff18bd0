"""Programs that a Dify run from its source needs on the machine."""

from __future__ import annotations

from ...kit import Deployment, Diagnostic, Diagnostics, Severity, in_range, rule


@rule("DFY091", "ffmpeg-missing", Deployment, Severity.WARNING, faq=("D15",), host=True)
def ffmpeg_missing(deployment: Deployment) -> Diagnostics:
    """The api is run from its source, and reads text aloud with a program that is not there."""
    table, checkout = deployment.table("dify"), deployment.checkout("dify")
    # In a stack with an api of its own the source beside it is only where the files came from.
    if table is None or checkout is None or deployment.playing("dify", "api", "web", active=False):
        return
    path = checkout.env_file
    for program in table.data["host_programs"] if path is not None else ():
        needed = in_range(checkout.version, program["since"], program["until"]) is True
        if path is None or not needed or deployment.host.has_program(program["name"]):
            continue
        tree = deployment.workspace.dotenv(path, "python-dotenv")
        if tree.entries:
            yield Diagnostic(
                tree.document.place(*tree.entries[0].key_span),
                "the api is run from its source with this file, and this machine has no `{program}`: text to speech "
                "fails with `{program} is not installed`; the images bring it along, here it must be installed",
                (("program", program["name"]),),
            )
