"""Switches of a product's start script for nginx, which takes one word for `on` and no other."""

from __future__ import annotations

from collections.abc import Iterator

from ...kit import Applicability, Deployment, Diagnostic, Fix, Severity, change_value

_MEANT = frozenset(("true", "1", "yes", "on", "y", "enabled"))


def misspelt_switches(deployment: Deployment) -> Iterator[Diagnostic]:
    """Variables that somebody wanted to switch on, and that the script compares with `true`, letter by letter."""
    for table in deployment.tables:
        facts = table.data.get("certificates", {})
        names = (facts["switch"], *facts["unless"]) if facts else ()
        for service in deployment.project.active if names else ():
            if not any(mount.target and "docker-entrypoint" in mount.target for mount in service.mounts):
                continue
            for name in names:
                variable = service.environment.get(name)
                text = variable.value.text if variable else None
                if variable is None or text is None or text == "true" or text.strip().lower() not in _MEANT:
                    continue
                edit = change_value(deployment, variable.value, "true")
                values = (("variable", name), ("nginx", service.name), ("value", text))
                yield Diagnostic(
                    variable.edit_place,
                    "the start script of `{nginx}` switches this on for `true` only, and not for `{value}`: "
                    "`{variable}` does nothing so; write `true`",
                    values,
                    fixes=(Fix("Write `true`", (edit,), Applicability.UNSAFE, values),) if edit else (),
                    severity=Severity.WARNING,
                )
