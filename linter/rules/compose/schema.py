"""What Compose refuses because its format knows no such key, or no such value there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
    LatePattern,
    Severity,
    rule,
    said,
)
from .refusals import readable, refusals, refused

if TYPE_CHECKING:
    from ....schemas.violation import Violation

# A text that reads the same with and without quotes: nothing is lost when they are added.
_SAME_IN_QUOTES = LatePattern(r"0|-?[1-9][0-9]*|true|false|[0-9]{4}-[0-9]{2}-[0-9]{2}")
# A number of nothing, to which Compose wants the unit.
_DURATIONS = {(key,) for key in ("interval", "start_interval", "start_period", "timeout", "stop_grace_period")}
# What the schema cannot say, or says of a tree from which the model has left it out already.
_KINDS = ("invalid-type", "not-a-mapping", "non-string-key", "invalid-extends", "invalid-include", "invalid-env-file")


# What people give nearly every service, and no service is called.
_SETTINGS = frozenset(
    (
        *("build", "cap_add", "command", "container_name", "depends_on", "deploy", "entrypoint", "env_file"),
        *("environment", "expose", "extra_hosts", "healthcheck", "hostname", "image", "labels", "logging", "networks"),
        *("network_mode", "ports", "privileged", "profiles", "restart", "secrets", "user", "volumes", "working_dir"),
    )
)
_OUTDENTED = (
    "`{key}` is a setting of a service, and stands here directly under `services`, where only services may: indent it "
    "below the one that it belongs to"
)


@rule("CMP003", "schema-violation", Deployment, Severity.ERROR, fix=Applicability.SAFE)
def schema_violation(deployment: Deployment) -> Diagnostics:
    """A key that Compose does not know, or a value of a type that it does not take."""
    empty = {problem.place for problem in readable(deployment, "empty-mapping")}
    for violation in refusals(deployment).violations:
        if not _has_own_rule(violation) and not (violation.kind == "empty" and violation.place in empty):
            if _is_setting_among_services(violation):
                yield Diagnostic(violation.place, _OUTDENTED, (("key", str(violation.path[-1])),))
                continue
            fixes = tuple(_fixes(violation))
            yield Diagnostic(violation.place, violation.message, violation.values, fixes=fixes)
    for problem in refused(deployment, *_KINDS):
        yield said(problem)


def _is_setting_among_services(violation: Violation) -> bool:
    """Whether a setting stands where services do, one step out of its place."""
    path = violation.path
    return len(path) == 2 and path[0] == "services" and path[1] in _SETTINGS and violation.key is None


def _has_own_rule(violation: Violation) -> bool:
    """Whether another rule says it better: CMP009, CMP011, CMP031 and CMP032."""
    if violation.kind in ("empty-mapping", "misplaced-service"):
        return True
    in_environment = "environment" in violation.path[-2:-1]
    is_date = ("found", "a date") in violation.values
    return in_environment and (violation.kind == "mapping-item" or is_date)


def _fixes(violation: Violation) -> Iterator[Fix]:
    """Rename what was nearly right, or quote what must be a text."""
    place = violation.key or violation.place
    written = place.text
    quote = written[:1] if written[:1] in ("'", '"') else ""
    if violation.near is not None:
        values = (("written", written.strip("'\"")), ("near", violation.near))
        edit = Edit(place, f"{quote}{violation.near}{quote}")
        yield Fix("Change `{written}` to `{near}`", (edit,), Applicability.UNSAFE, values)
    elif violation.kind == "unquoted-text" and violation.path[-1:] in _DURATIONS and written.isdigit():
        edit = Edit(place, f"{written}s")
        yield Fix("Write `{text}`, in seconds", (edit,), Applicability.UNSAFE, (("text", f"{written}s"),))
    elif violation.kind == "unquoted-text" and not quote and written.isprintable():
        same = _SAME_IN_QUOTES.fullmatch(written) is not None
        edit = Edit(place, f'"{written}"')
        yield Fix("Put it in quotes", (edit,), Applicability.SAFE if same else Applicability.UNSAFE)
