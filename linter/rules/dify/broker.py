"""The queue between api and worker: its address against the settings for Redis beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
    LatePattern,
    Place,
    Related,
    Service,
    Severity,
    Variable,
    change_value,
    rule,
)
from .settings import empty_place, filled_in, text_of

URL = "CELERY_BROKER_URL"
_BROKER = LatePattern(
    r"(?P<scheme>rediss?|sentinel)://(?:[^:@/\s]*(?::(?P<password>[^@/\s]*))?@)?(?P<host>[^:/@\s;,]+)(?::(?P<port>\d+))?"
)
_TRUE = ("true", "1", "yes", "on", "t", "y")


class Fault(NamedTuple):
    """What does not fit, where, the setting that it does not fit to, and the mended text ("" for none) of `name`."""

    message: str
    place: Place
    other: Place | None = None
    mended: str = ""
    name: str = URL


@rule("DFY080", "broker-disagrees", Deployment, Severity.ERROR, fix=Applicability.UNSAFE)
def broker_disagrees(deployment: Deployment) -> Diagnostics:
    """CELERY_BROKER_URL and the REDIS_* settings describe one server in two ways that cannot both be right."""
    seen: set[Place] = set()
    for service in deployment.playing("dify", "api", "worker", "beat"):
        variable = service.environment.get(URL)
        match = _BROKER.match((variable.value.text or "").strip()) if variable is not None else None
        if variable is None or match is None:
            continue
        for fault in _faults(deployment, service, variable, match):
            if fault.place not in seen:
                seen.add(fault.place)
                yield _diagnostic(deployment, service, variable, fault)


def _diagnostic(deployment: Deployment, service: Service, variable: Variable, fault: Fault) -> Diagnostic:
    edit: Edit | None = None
    if fault.mended and fault.name != URL:
        edit = filled_in(deployment, service, fault.name, fault.mended)
    elif fault.mended:
        edit = change_value(deployment, variable.value, fault.mended)
    title = "Write the address to match" if fault.name == URL else "Set `{name}` as for Redis itself"
    return Diagnostic(
        fault.place,
        fault.message,
        (("service", service.name),),
        (Related(fault.other, "this setting says otherwise"),) if fault.other else (),
        (Fix(title, (edit,), Applicability.UNSAFE, (("name", fault.name),)),) if edit else (),
    )


def _faults(deployment: Deployment, service: Service, variable: Variable, match: re.Match[str]) -> Iterator[Fault]:
    place = variable.edit_place
    yield from _members(deployment, service)
    if match["scheme"] == "sentinel" or _is_on(service, "CELERY_USE_SENTINEL"):
        yield from _sentinel(deployment, service, place, match["scheme"])
        return
    if not _is_same_server(service, match):
        return
    secure = text_of(service, "REDIS_USE_SSL")
    text = variable.value.text or ""
    if secure is not None and (match["scheme"] == "rediss") != _is_on(service, "REDIS_USE_SSL"):
        other = _place(service, "REDIS_USE_SSL")
        if match["scheme"] == "redis":
            yield Fault(
                "`REDIS_USE_SSL` is true, but `CELERY_BROKER_URL` is `redis://` to the same server: `{service}` speaks "
                "plain text to a port that expects TLS, so no task is ever queued; write `rediss://`",
                place,
                other,
                text.replace("redis://", "rediss://", 1),
            )
        elif other is not None:
            yield Fault(
                "`CELERY_BROKER_URL` is `rediss://`, but `REDIS_USE_SSL` is not true for the same server: one of the "
                "two connections of `{service}` fails",
                place,
                other,
            )
    yield from _password(deployment, service, place, match)


def _members(deployment: Deployment, service: Service) -> Iterator[Fault]:
    """Sentinels or a cluster of redis that are switched on, and named nowhere."""
    for switch, name in (("REDIS_USE_SENTINEL", "REDIS_SENTINELS"), ("REDIS_USE_CLUSTERS", "REDIS_CLUSTERS")):
        place = _place(service, switch)
        if place is not None and _is_on(service, switch) and text_of(service, name) == "":
            yield Fault(
                f"`{switch}` is true, but `{name}` is empty: `{{service}}` does not start without their addresses, "
                "`host:port` with commas between",
                empty_place(deployment, service, name) or place,
                place,
            )


def _sentinel(deployment: Deployment, service: Service, place: Place, scheme: str) -> Iterator[Fault]:
    switch = text_of(service, "CELERY_USE_SENTINEL")
    if scheme != "sentinel":
        yield Fault(
            "`CELERY_USE_SENTINEL` is true, but `CELERY_BROKER_URL` leads to one server; with sentinels it starts with "
            "`sentinel://`",
            place,
            _place(service, "CELERY_USE_SENTINEL"),
            _at_sentinels(service),
        )
    elif switch is not None and not _is_on(service, "CELERY_USE_SENTINEL"):
        yield Fault(
            "`CELERY_BROKER_URL` is `sentinel://`, but `CELERY_USE_SENTINEL` is not true, so `{service}` does not know "
            "the name of the master and refuses to queue anything",
            place,
            _place(service, "CELERY_USE_SENTINEL"),
        )
    elif text_of(service, "CELERY_SENTINEL_MASTER_NAME") == "":
        yield Fault(
            "`CELERY_USE_SENTINEL` is true, but `CELERY_SENTINEL_MASTER_NAME` is empty: `{service}` cannot ask the "
            "sentinels for the master",
            empty_place(deployment, service, "CELERY_SENTINEL_MASTER_NAME") or place,
            place,
            text_of(service, "REDIS_SENTINEL_SERVICE_NAME") or "",
            "CELERY_SENTINEL_MASTER_NAME",
        )


def _at_sentinels(service: Service) -> str:
    """The broker's address with the sentinels of REDIS_SENTINELS in the place of its one server."""
    text, sentinels = (text_of(service, URL) or "").strip(), text_of(service, "REDIS_SENTINELS") or ""
    match = re.fullmatch(r"rediss?://([^@/\s]*@)?[^@/\s]+(/\d*)?", text)
    servers = [each.strip() for each in sentinels.split(",") if each.strip()]
    if match is None or not servers:
        return ""
    return ";".join(f"sentinel://{match[1] or ''}{server}{match[2] or ''}" for server in servers)


def _password(deployment: Deployment, service: Service, place: Place, match: re.Match[str]) -> Iterator[Fault]:
    """A server outside of the stack; for one inside, its own password says which of the two is wrong."""
    if deployment.lookup(service, match["host"]).reach == "reached" or text_of(service, "REDIS_USERNAME") != "":
        return
    password = text_of(service, "REDIS_PASSWORD")
    if password is not None and unquote(match["password"] or "") != password:
        yield Fault(
            "the password in `CELERY_BROKER_URL` is not `REDIS_PASSWORD`, though both are for the same server: one of "
            "the two connections of `{service}` is refused",
            place,
            _place(service, "REDIS_PASSWORD"),
        )


def _is_same_server(service: Service, match: re.Match[str]) -> bool:
    """Whether host and port of the address are those of the REDIS_* settings, without sentinels or a cluster."""
    if _is_on(service, "REDIS_USE_SENTINEL") or _is_on(service, "REDIS_USE_CLUSTERS"):
        return False
    host, port = text_of(service, "REDIS_HOST"), text_of(service, "REDIS_PORT")
    return bool(host) and port is not None and (host, port or "6379") == (match["host"], match["port"] or "6379")


def _is_on(service: Service, name: str) -> bool:
    return (text_of(service, name) or "").strip().lower() in _TRUE


def _place(service: Service, name: str) -> Place | None:
    variable = service.environment.get(name)
    return None if variable is None else variable.edit_place
