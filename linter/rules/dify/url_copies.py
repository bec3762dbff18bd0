"""One address in two services: the web page and the API must be told the same."""

from __future__ import annotations

from ...kit import Applicability, Deployment, Diagnostic, Diagnostics, Fix, Place, Related, Severity, change_value, rule
from .origins import PublicUrl, parse_public

# What the web container has copies of (CONSOLE_WEB_URL and others only in compose files of one's own).
NAMES = ("CONSOLE_API_URL", "APP_API_URL", "CONSOLE_WEB_URL", "APP_WEB_URL")


@rule("DFY012", "url-not-everywhere", Deployment, Severity.ERROR, faq=("D4", "D8"), fix=Applicability.UNSAFE)
def url_not_everywhere(deployment: Deployment) -> Diagnostics:
    """The web page is told another address than the API; what api and worker differ in is STK024's."""
    for name in NAMES:
        urls = _told(deployment, name)
        right = next((url for url in urls if deployment.role(url.service) == "api"), None)
        seen: set[Place] = set()
        for url in urls:
            if right is None or url.place in seen or (url.origin, url.path) == (right.origin, right.path):
                continue
            seen.add(url.place)
            yield _diagnostic(deployment, url, right)


def _told(deployment: Deployment, name: str) -> list[PublicUrl]:
    """What the services were told, malformed addresses and empty ones left out: those mean the page's own."""
    found: list[PublicUrl] = []
    for service in deployment.playing("dify", "api", "web"):
        variable = service.environment.get(name)
        url = parse_public(service, variable) if variable is not None else None
        if url is not None:
            found.append(url._replace(path=url.path.rstrip("/")))
    return found


def _diagnostic(deployment: Deployment, url: PublicUrl, right: PublicUrl) -> Diagnostic:
    edit = change_value(deployment, url.variable.value, right.text)
    values = (
        ("name", url.name),
        ("service", url.service.name),
        ("other", right.service.name),
        ("here", url.origin + url.path),
        ("right", right.text),
    )
    return Diagnostic(
        url.place,
        "`{name}` is `{here}` in `{service}` and `{right}` in `{other}`: the page calls one address and the API "
        "expects the other, so sign-in fails; every service has to be told of a new address",
        values,
        (Related(right.place, "`{other}` is told `{right}`", values),),
        (Fix("Use `{right}` in `{service}` too", (edit,), Applicability.UNSAFE, values),) if edit else (),
    )
