"""Settings for developers on a deployment that others can reach."""

from __future__ import annotations

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Fix,
    Place,
    Related,
    Severity,
    change_value,
    rule,
)
from .origins import public_urls

_TRUE = ("true", "1", "yes", "on", "t", "y")
# Each setting, the values that are for developers, and the one for everybody else.
SETTINGS = (
    ("DEBUG", _TRUE, "false"),
    ("FLASK_DEBUG", _TRUE, "false"),
    ("DEPLOY_ENV", ("development", "testing"), "PRODUCTION"),
)


@rule("DFY092", "debug-in-production", Deployment, Severity.WARNING, fix=Applicability.UNSAFE)
def debug_in_production(deployment: Deployment) -> Diagnostics:
    """Debugging is on, and the deployment has an address of its own."""
    seen: set[Place] = set()
    for service in deployment.playing("dify", "api", "worker"):
        for name, developing, right in SETTINGS:
            variable = service.environment.get(name)
            if variable is None or (variable.value.text or "").strip().lower() not in developing:
                continue
            url = next((url for url in public_urls(deployment) if not url.local and "." in url.host), None)
            place = variable.edit_place
            if url is None or place in seen:
                continue
            seen.add(place)
            edit = change_value(deployment, variable.value, right)
            values = (("name", name), ("host", url.host), ("right", right), ("text", variable.value.text or ""))
            yield Diagnostic(
                place,
                "`{name}` is `{text}` on a deployment that people reach as `{host}`: errors show them code and "
                "settings, and everything runs slower; it is for developers only",
                values,
                (Related(url.place, "this address is public"),),
                (Fix("Set `{name}` to `{right}`", (edit,), Applicability.UNSAFE, values),) if edit else (),
            )
