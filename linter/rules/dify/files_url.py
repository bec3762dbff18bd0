"""The address from which plugins download what users upload."""

from __future__ import annotations

from ...kit import Applicability, Deployment, Diagnostic, Diagnostics, Fix, Related, Service, Severity, rule
from .origins import agreed_origin, parse_public, public_urls
from .settings import empty_place, filled_in, text_of

PUBLIC = ("CONSOLE_API_URL", "CONSOLE_WEB_URL", "SERVICE_API_URL", "APP_API_URL", "APP_WEB_URL")
# The first release in which plugins have an address of their own for files.
INTERNAL_SINCE = (1, 7, 0)


@rule("DFY015", "files-url", Deployment, Severity.WARNING, faq=("D8",), fix=Applicability.UNSAFE)
def files_url(deployment: Deployment) -> Diagnostics:
    """Plugins get the addresses of uploaded files from FILES_URL, and it is empty or leads into their own container."""
    if not deployment.playing("dify", "plugin_daemon"):
        return
    seen: set[object] = set()
    for service in deployment.playing("dify", "api", "worker"):
        if text_of(service, "INTERNAL_FILES_URL") != "":
            continue
        for diagnostic in (*_empty(deployment, service), *_loopback(deployment, service)):
            if diagnostic.place not in seen:
                seen.add(diagnostic.place)
                yield diagnostic


def _empty(deployment: Deployment, service: Service) -> Diagnostics:
    """Nothing before `/files/…`. A deployment whose other URLs are empty as well is as it came, for a trial."""
    variable = service.environment.get("FILES_URL")
    if variable is None or variable.value.text != "":
        # Where FILES_URL is not there at all CONSOLE_API_URL stands in for it (Dify's settings, since 0.6.12).
        return
    urls = [url for url in public_urls(deployment, *PUBLIC) if not url.local]
    if not urls:
        return
    origin = agreed_origin(urls, "FILES_URL")
    edit = filled_in(deployment, service, "FILES_URL", origin) if origin else None
    values = (("service", service.name), ("origin", origin), ("other", urls[0].name))
    yield Diagnostic(
        empty_place(deployment, service, "FILES_URL") or variable.place,
        "`FILES_URL` is empty, so plugins are told to fetch uploaded files from `/files/…` without a host, and fail; "
        "write the address by which the plugin daemon reaches this deployment",
        values,
        (Related(urls[0].place, "`{other}` has an address", values),),
        (Fix("Set `FILES_URL` to `{origin}`", (edit,), Applicability.UNSAFE, values),) if edit else (),
    )


def _loopback(deployment: Deployment, service: Service) -> Diagnostics:
    """`localhost` in FILES_URL is the plugin daemon's own container for the plugins."""
    variable = service.environment.get("FILES_URL")
    url = parse_public(service, variable) if variable is not None and variable.value.text else None
    if variable is None or url is None or not url.local:
        return
    version = deployment.versions.get("dify")
    inner = f"http://{service.name}:5001"
    known = version is not None and version >= INTERNAL_SINCE and deployment.role(service) == "api"
    edit = filled_in(deployment, service, "INTERNAL_FILES_URL", inner) if known else None
    values = (("host", url.host), ("inner", inner))
    yield Diagnostic(
        url.place,
        "`FILES_URL` says `{host}`, and plugins fetch uploaded files from it: in their container that is the container "
        "itself, where nothing answers; write an address that both browsers and containers reach"
        if not known
        else "`FILES_URL` says `{host}`, and plugins fetch uploaded files from it: in their container that is the "
        "container itself, where nothing answers; give them an address of their own with `INTERNAL_FILES_URL`",
        values,
        (),
        (Fix("Set `INTERNAL_FILES_URL` to `{inner}`", (edit,), Applicability.UNSAFE, values),) if edit else (),
    )
