"""The lists of origins that may call Dify's APIs from a browser."""

from __future__ import annotations

import re

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Fix,
    LatePattern,
    Related,
    Severity,
    Variable,
    change_value,
    rule,
)
from .origins import PublicUrl, agreed_scheme, public_urls

# The API takes an entry with one of these for a pattern (flask-cors).
_PATTERN = LatePattern(r"[*\\?$^()\[\]]")
_WITH_PATH = LatePattern(r"(https?://[^/\s]+)/\S*$")
_BARE = LatePattern(r"(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9-]+(?::\d+)?/?|localhost(?::\d+)?/?")
_ENTRY = LatePattern(r"(https?)://([^/:?#\s]+|\[[0-9a-f:]+\])(?::(\d+))?/*$")


@rule("DFY013", "cors-origin-missing", Deployment, Severity.ERROR, faq=("D3", "D4"), fix=Applicability.SAFE)
def cors_origin_missing(deployment: Deployment) -> Diagnostics:
    """A list of allowed origins that leaves out the page itself, or whose entries are no origins."""
    table = deployment.table("dify")
    if table is None:
        return
    urls = {url.name: url for url in public_urls(deployment)}
    said: set[tuple[str, object]] = set()
    for service in deployment.playing("dify", "api"):
        for name, fact in table.data["cors"].items():
            variable = service.environment.get(name)
            if variable is None or not variable.value.text or _PATTERN.search(variable.value.text):
                continue
            key = (name, variable.value.edit_place)
            if key not in said:
                said.add(key)
                web, api = urls.get(fact["web"]), urls.get(fact["api"])
                needless = web is not None and api is not None and web.origin == api.origin
                severity = Severity.WARNING if needless else None
                bare = _bare(deployment, variable, severity)
                if bare is not None:
                    yield bare
                    continue
                yield from _paths(deployment, variable, severity)
                yield from _missing(deployment, variable, web, api)


def _entries(variable: Variable) -> list[str]:
    return [entry.strip() for entry in (variable.value.text or "").split(",") if entry.strip()]


def _bare(deployment: Deployment, variable: Variable, severity: Severity | None) -> Diagnostic | None:
    """Entries without a scheme, which are compared with whole origins letter by letter."""
    entries = _entries(variable)
    wrong = next((entry for entry in entries if _BARE.fullmatch(entry)), None)
    if wrong is None:
        return None
    scheme = agreed_scheme(deployment)
    mended = ",".join(f"{scheme}://{entry}" if _BARE.fullmatch(entry) else entry for entry in entries)
    edit = change_value(deployment, variable.value, mended)
    values = (("variable", variable.name), ("entry", wrong), ("mended", mended))
    return Diagnostic(
        variable.edit_place,
        "`{variable}` lists `{entry}`, but what browsers send begins with `http://` or `https://`: this entry allows "
        "nothing",
        values,
        fixes=(Fix("Write `{mended}`", (edit,), Applicability.UNSAFE, values),) if edit else (),
        severity=severity,
    )


def _paths(deployment: Deployment, variable: Variable, severity: Severity | None) -> Diagnostics:
    """An entry with a path; page and API on one origin need no entry, so there it is only a warning."""
    entries = _entries(variable)
    wrong = next((entry for entry in entries if _WITH_PATH.match(entry)), None)
    if wrong is None:
        return
    mended = ",".join(_WITH_PATH.sub(r"\1", entry) for entry in entries)
    edit = change_value(deployment, variable.value, mended)
    values = (("variable", variable.name), ("entry", wrong), ("mended", mended))
    yield Diagnostic(
        variable.edit_place,
        "`{variable}` lists `{entry}`, but what browsers send is only scheme, host and port, with no path and no `/` "
        "at the end: this entry allows nothing",
        values,
        (),
        (Fix("Write `{mended}`", (edit,), Applicability.SAFE, values),) if edit else (),
        severity,
    )


def _missing(deployment: Deployment, variable: Variable, web: PublicUrl | None, api: PublicUrl | None) -> Diagnostics:
    """The page is on another origin than its API, and the list does not allow it."""
    entries = _entries(variable)
    if web is None or api is None or web.origin == api.origin or web.origin in {_normal(e) for e in entries}:
        return
    same_host = next((i for i, e in enumerate(entries) if re.split(r"[:/]+", e)[1:2] == [web.host]), None)
    if same_host is None:
        entries.append(web.origin)
    else:
        entries[same_host] = web.origin
    edit = change_value(deployment, variable.value, ",".join(entries))
    values = (("variable", variable.name), ("origin", web.origin), ("url", web.name))
    yield Diagnostic(
        variable.edit_place,
        "`{variable}` does not list `{origin}`, the address of the page (`{url}`), so browsers refuse its calls to the "
        "API",
        values,
        (Related(web.place, "the page's address is set here"),),
        (Fix("Allow `{origin}`", (edit,), Applicability.UNSAFE, values),) if edit else (),
    )


def _normal(entry: str) -> str:
    match = _ENTRY.match(entry.lower())
    if match is None:
        return entry
    scheme, host, port = match.groups()
    standard = "443" if scheme == "https" else "80"
    return f"{scheme}://{host}" + (f":{port}" if port and port != standard else "")
