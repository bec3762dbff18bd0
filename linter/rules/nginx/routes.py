"""What becomes of a path on its way through nginx."""

from __future__ import annotations

from ...kit import Applicability, Deployment, Diagnostic, Diagnostics, Edit, Fix, Place, Severity, rule
from .targets import Upstream, upstreams

# Dify's api answers under these; it has nothing at the paths that are left when they are cut off.
_OF_API = ("/console/api", "/api", "/v1", "/files", "/mcp", "/triggers", "/openapi")


@rule("NGX016", "prefix-stripped", Deployment, Severity.WARNING, faq=("D20",), fix=Applicability.UNSAFE)
def prefix_stripped(deployment: Deployment) -> Diagnostics:
    """A `/` after the address of `proxy_pass` takes the path of the location away."""
    apis = {service.name for service in deployment.playing("dify", "api")}
    if not apis:
        return
    for upstream in upstreams(deployment):
        path = _prefix(upstream)
        if upstream.late or not upstream.path or path.rstrip("/") not in _OF_API:
            continue
        found = deployment.lookup(upstream.nginx, upstream.host)
        if found.reach == "reached" and {service.name for service in found.services} <= apis:
            if upstream.path == "/":
                yield _stripped(upstream, path)
            elif upstream.path.rstrip("/") == path.rstrip("/") and upstream.path != path:
                yield _glued(upstream, path)


def _prefix(upstream: Upstream) -> str:
    """The path of a location that goes by the start of the path, "" for any other."""
    location = upstream.location
    # After a `rewrite … break` nginx passes on what that wrote and not this path (documentation of proxy_pass).
    if location is None or any(d.name.text == "rewrite" for d in location.block or ()):
        return ""
    words = [word.text for word in location.arguments]
    if len(words) == 1 or words[:1] == ["^~"]:
        return words[-1] if words[-1].startswith("/") else ""
    return ""


def _stripped(upstream: Upstream, path: str) -> Diagnostic:
    word = upstream.directive.arguments[0]
    document = upstream.read.document
    end = word.span.end - len(word.quote)
    place = document.place(end - 1, end)
    fixes: tuple[Fix, ...] = ()
    if place.text == "/" and upstream.directive.name.text == "proxy_pass":
        fixes = (Fix("Drop the `/`, so that the path stays", (Edit(place, ""),), Applicability.UNSAFE),)
    return Diagnostic(
        Place(document, word.span),
        "the `/` at the end takes `{path}` away from the path, and `{host}` knows nothing under what is left: it "
        "answers 404",
        (("path", path), ("host", upstream.host)),
        fixes=fixes,
    )


def _glued(upstream: Upstream, path: str) -> Diagnostic:
    """The same path on both sides, with its last `/` on one of them: that is then there twice, or lacks."""
    word = upstream.directive.arguments[0]
    document = upstream.read.document
    end = word.span.end - len(word.quote)
    place = document.place(end - len(upstream.path), end)
    fixes: tuple[Fix, ...] = ()
    if place.text == upstream.path and upstream.directive.name.text == "proxy_pass":
        fixes = (Fix("Leave the path out, so that it stays", (Edit(place, ""),), Applicability.UNSAFE),)
    return Diagnostic(
        Place(document, word.span),
        "`{path}` is exchanged for `{other}`, so that `{path}x` becomes `{other}x`, and `{host}` answers 404: end both "
        "with `/` or none, or leave the path out here"
        if path.endswith("/")
        else "`{path}` is exchanged for `{other}`, so that `{path}/x` becomes `{other}/x`, and `{host}` has nothing "
        "there: end both with `/` or none, or leave the path out here",
        (("path", path), ("other", upstream.path), ("host", upstream.host)),
        fixes=fixes,
    )
