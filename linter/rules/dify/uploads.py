"""Upload limits that cannot be meant: in the wrong unit, none at all, or more than nginx lets through."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Fix,
    Place,
    Service,
    Severity,
    Variable,
    change_value,
    rule,
)

MEGABYTE = 1 << 20
# Nobody lets people upload files of a terabyte: such a number is in bytes.
IN_BYTES = 1 << 20
# No request is as small as that: such a number is in megabytes.
IN_MEGABYTES = 1 << 12
BODY_SIZE = "NGINX_CLIENT_MAX_BODY_SIZE"


class Fault(NamedTuple):
    """A limit that cannot be meant, why, and the text that is ("" where nobody can tell)."""

    variable: Variable
    message: str
    mended: str = ""


@rule("DFY050", "upload-limits", Deployment, Severity.WARNING, faq=("D11",), fix=Applicability.UNSAFE)
def upload_limits(deployment: Deployment) -> Diagnostics:
    """A limit in another unit than the program counts in, or one that lets nothing through."""
    table = deployment.table("dify")
    if table is None:
        return
    seen: set[Place] = set()
    services = deployment.playing("dify", "api", "worker", "plugin_daemon")
    faults = [fault for service in services for fault in _faults(service, table.data)]
    faults += [fault for service in deployment.project.active for fault in _of_nginx(deployment, service)]
    for fault in faults:
        place = fault.variable.edit_place
        if place not in seen:
            seen.add(place)
            yield _said(deployment, fault, place)


def _said(deployment: Deployment, fault: Fault, place: Place) -> Diagnostic:
    variable = fault.variable
    edit = change_value(deployment, variable.value, fault.mended) if fault.mended else None
    values = (
        ("variable", variable.name),
        ("text", (variable.value.text or "").strip()),
        ("mended", fault.mended),
    )
    fixes = (Fix("Write `{mended}`", (edit,), Applicability.UNSAFE, values),) if edit else ()
    return Diagnostic(place, fault.message, values, (), fixes)


def _faults(service: Service, facts: Mapping[str, Any]) -> Iterator[Fault]:
    for name, shipped in facts["uploads"].items():
        variable, number = _number(service, name)
        if variable is None or number is None:
            continue
        if number == 0:
            yield Fault(
                variable,
                "`{variable}` is 0, which is no way to lift the limit: every such file is refused as too large; write "
                "a number of megabytes",
            )
        elif number >= max(IN_BYTES, shipped):
            yield Fault(
                variable,
                "`{variable}` counts megabytes, and {text} of them is more than any disk holds: bytes were meant; "
                "write {mended}",
                str(max(1, number // MEGABYTE)),
            )
    for name in facts["counts"]:
        variable, number = _number(service, name)
        if variable is not None and number == 0:
            yield Fault(
                variable,
                "`{variable}` is 0, which is no way to lift the limit: no file can be uploaded; write a number",
            )
    for name, shipped in facts["byte_limits"].items():
        variable, number = _number(service, name)
        if variable is not None and number is not None and 0 < number < min(IN_MEGABYTES, shipped):
            yield Fault(
                variable,
                "`{variable}` counts bytes, and {text} of them is less than any request has: megabytes were meant; "
                "write {mended}",
                str(number * MEGABYTE),
            )


def _number(service: Service, name: str) -> tuple[Variable | None, int | None]:
    variable = service.environment.get(name)
    text = (variable.value.text or "").strip() if variable is not None else ""
    return variable, int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None


def _of_nginx(deployment: Deployment, service: Service) -> Iterator[Fault]:
    """The size that the templates of Dify's nginx take from a variable, without its letter."""
    variable = service.environment.get(BODY_SIZE)
    server = deployment.server(service)
    if variable is None or server is None or server.name != "nginx":
        return
    text = (variable.value.text or "").strip()
    bare = re.fullmatch(r"[0-9]{1,9}", text)
    if bare and 0 < int(text) < IN_MEGABYTES:
        yield Fault(
            variable,
            "`{variable}` is {text} bytes, so nginx refuses almost everything with 413: without a letter it counts "
            "bytes; write `{mended}`",
            f"{text}M",
        )
