"""The proxy that keeps requests of workflows and of code away from the network inside."""

from __future__ import annotations

from ...kit import Applicability, Deployment, Diagnostic, Diagnostics, Fix, Place, Related, Service, Severity, rule
from .settings import empty_place, filled_in, text_of

NAMES = ("SSRF_PROXY_HTTP_URL", "SSRF_PROXY_HTTPS_URL")


@rule("DFY070", "ssrf-proxy-bypassed", Deployment, Severity.WARNING, faq=("D18",), fix=Applicability.UNSAFE)
def ssrf_proxy_bypassed(deployment: Deployment) -> Diagnostics:
    """The stack has the proxy, and the services that should go through it are not told of it."""
    proxies = [s for s in deployment.project.active if (server := deployment.server(s)) and server.name == "squid"]
    if len(proxies) != 1:
        return
    seen: set[tuple[str, Place]] = set()
    for service in deployment.playing("dify", "api", "worker"):
        for name in NAMES:
            variable = service.environment.get(name)
            place = empty_place(deployment, service, name)
            if variable is None or place is None or text_of(service, name) != "" or (name, place) in seen:
                continue
            seen.add((name, place))
            yield _bypassed(deployment, service, name, place, proxies[0])


def _bypassed(deployment: Deployment, service: Service, name: str, place: Place, proxy: Service) -> Diagnostic:
    ports = deployment.listening(proxy) or frozenset()
    url = f"http://{proxy.name}:{next(iter(ports)) if len(ports) == 1 else 3128}"
    edit = filled_in(deployment, service, name, url)
    values = (("name", name), ("service", service.name), ("proxy", proxy.name), ("url", url))
    return Diagnostic(
        place,
        "`{name}` is empty, so what a workflow of `{service}` asks for does not go through `{proxy}`: it reaches the "
        "database and every other service inside",
        values,
        (Related(proxy.place, "this is the proxy"),),
        (Fix("Set `{name}` to `{url}`", (edit,), Applicability.UNSAFE, values),) if edit else (),
    )
