"""CORS headers that nginx adds to those of the application: a browser accepts neither of two."""

from __future__ import annotations

from collections.abc import Iterator

from ...kit import Deployment, Diagnostic, Diagnostics, NginxDirective, Related, Service, Severity, rule
from .inheritance import Configuration, Line, locations
from .targets import Upstream, upstreams

_HEADER = "access-control-allow-origin"


@rule("NGX022", "doubled-cors-header", Deployment, Severity.WARNING, faq=("D3",))
def doubled_cors_header(deployment: Deployment) -> Diagnostics:
    """The application answers with `Access-Control-Allow-Origin`, and nginx puts a second one behind it."""
    targets = {id(upstream.directive): upstream for upstream in upstreams(deployment)}
    told: set[int] = set()
    for service in deployment.project.active:
        configuration = Configuration(deployment, service)
        for chain in (chain for _, tree in configuration.files for chain in locations(tree)):
            upstream = next((targets[id(d)] for d in chain[-1].block or () if id(d) in targets), None)
            if upstream is None:
                continue
            for line in _added(configuration, upstream, chain):
                variable = _setting(deployment, upstream)
                if variable is not None and id(line.directive) not in told:
                    told.add(id(line.directive))
                    yield _doubled(line, upstream, variable)


def _setting(deployment: Deployment, upstream: Upstream) -> str | None:
    """The variable by which the application behind decides on CORS; None for one that leaves it to others."""
    found = deployment.lookup(upstream.nginx, upstream.host)
    if found.reach != "reached" or len(found.services) != 1:
        return None
    service: Service = found.services[0]
    product, role = deployment.roles.get(service.name, (None, None))
    table = deployment.table(product) if product else None
    if table is None or role is None:
        return None
    names = table.variables(deployment.versions.get(table.name), role.name)
    return next((name for name in sorted(names) if name.endswith("CORS_ALLOW_ORIGINS")), None)


def _added(configuration: Configuration, upstream: Upstream, chain: tuple[NginxDirective, ...]) -> Iterator[Line]:
    """The lines in force that add the header, unless the application's own is taken away."""
    added = configuration.in_force(upstream.file, chain, "add_header")
    hidden = configuration.in_force(upstream.file, chain, "proxy_hide_header")
    if added is None or hidden is None or not configuration.is_whole:
        return
    if any(line.directive.arguments and line.directive.arguments[0].text.lower() == _HEADER for line in hidden[0]):
        return
    for line in added[0]:
        words = line.directive.arguments
        # nginx adds no header with an empty text; what a variable holds nobody knows.
        if len(words) > 1 and words[0].text.lower() == _HEADER and words[1].text and not _is_conditional(words[1].text):
            yield line


def _is_conditional(text: str) -> bool:
    return "$" in text and text.lower() != "$http_origin"


def _doubled(line: Line, upstream: Upstream, variable: str) -> Diagnostic:
    tree = line.file.tree
    assert tree is not None
    values = (("service", upstream.host), ("variable", variable))
    return Diagnostic(
        tree.document.place(*line.directive.span),
        "`{service}` sends `Access-Control-Allow-Origin` itself, so that the browser gets it twice and blocks the "
        "answer: remove it here, and name the origins in `{variable}` and its like",
        values,
        (Related(upstream.read, "answers of `{service}` come through here", values),),
    )
