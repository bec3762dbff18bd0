"""The URLs that Dify hands to browsers: well-formed, and one consistent set."""

from __future__ import annotations

import re

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Fix,
    Related,
    Service,
    Severity,
    Variable,
    change_value,
    rule,
)
from .origins import PublicUrl, parse_public, public_urls, published, site, url_facts, url_variables

# What Dify itself puts behind the address it is given.
OWN_PATHS = ("/console/api", "/console", "/api", "/v1", "/files", "/signin", "/install", "/apps", "/mcp", "/triggers")


@rule("DFY010", "url-malformed", Deployment, Severity.ERROR, faq=("D3", "D4", "D8"), fix=Applicability.SAFE)
def url_malformed(deployment: Deployment) -> Diagnostics:
    """An address that a browser cannot use as it stands."""
    facts = url_facts(deployment)
    for service, variable in url_variables(deployment):
        fact = facts[variable.name]
        text = variable.value.text or ""
        if fact["shape"] == "template":
            continue
        said = _fault(text, fact["shape"], service)
        if said is None:
            continue
        message, mended, applicability = said
        edit = change_value(deployment, variable.value, mended) if mended else None
        place = variable.value.edit_place or variable.place
        yield Diagnostic(
            place,
            "`{variable}` " + message,
            (("variable", variable.name), ("value", text), ("mended", mended or "")),
            tuple(Related(variable.place, f"`{service.name}` gets it here") for _ in (0,) if variable.place != place),
            (Fix("Write `{mended}`", (edit,), applicability, (("mended", mended or ""),)),) if edit else (),
        )


def _fault(text: str, shape: str, service: Service) -> tuple[str, str | None, Applicability] | None:
    """What is wrong with a URL, the mended text and how far it may be trusted; None for a good one."""
    bare = text.strip().strip("\"'“”‘’").strip()
    if bare != text:
        return "has quotes or blanks around the address, and they become part of it", bare, Applicability.SAFE
    if re.search(r"\s", text):
        return "has a blank inside the address", None, Applicability.SAFE
    if "," in text or text == "*":
        return (
            "must be one address like `https://dify.example.com`, not a list or `*` (that is for the CORS variables)",
            None,
            Applicability.SAFE,
        )
    match = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):/{0,2}", text)
    if not text.lower().startswith(("http://", "https://")):
        return _without_scheme(text, match)
    rest = text.split("://", 1)[1]
    if "://" in rest:
        return "has the scheme twice", rest, Applicability.UNSAFE
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if not authority or not re.fullmatch(r"(?:[^@\s]*@)?(?:\[[0-9A-Fa-f:.]+\]|[^:\s@]+)(?::\d*)?", authority):
        return "has no valid host and port after the scheme", None, Applicability.SAFE
    port = authority.rpartition(":")[2]
    if port.isdigit() and ":" in authority and not 0 < int(port) < 65536:
        return "has a port that does not exist (1 to 65535)", None, Applicability.SAFE
    return _path_fault(text, rest[len(authority) :], shape, service)


def _without_scheme(text: str, match: re.Match[str] | None) -> tuple[str, str | None, Applicability] | None:
    if text.startswith(("/", "$")):
        return None
    if match and match.group(1).lower() in ("http", "https") and "." not in match.group(1):
        return (
            "has a broken scheme; it starts `http://` or `https://`",
            re.sub(r"^(https?)[:/]*", r"\1://", text),
            Applicability.UNSAFE,
        )
    if "://" in text:
        return "starts with another scheme than http:// or https://", None, Applicability.SAFE
    return (
        "lacks `http://` or `https://`, so browsers take it for a path on the same site",
        f"https://{text}",
        Applicability.UNSAFE,
    )


def _path_fault(text: str, path: str, shape: str, service: Service) -> tuple[str, str | None, Applicability] | None:
    if not path:
        return None
    cut = text[: len(text) - len(path)]
    if not path.strip("/"):
        return (
            "ends with `/`, and Dify adds `/…` itself: requests go to `//…` and are not found",
            cut,
            Applicability.SAFE,
        )
    prefix = service.environment.get("NEXT_PUBLIC_BASE_PATH")
    if prefix is not None and prefix.value.text != "":
        return None
    if any(path.rstrip("/") == own for own in OWN_PATHS):
        return (
            "ends with a path that Dify adds itself, so it would be there twice; it takes the bare origin",
            cut,
            Applicability.SAFE,
        )
    if shape == "base" and path.endswith("/"):
        return "ends with `/`, and Dify adds `/…` itself", text.rstrip("/"), Applicability.SAFE
    return None


PAIRS = (("CONSOLE_WEB_URL", "CONSOLE_API_URL"), ("APP_WEB_URL", "APP_API_URL"))
SET = ("CONSOLE_WEB_URL", "CONSOLE_API_URL", "APP_WEB_URL", "APP_API_URL", "SERVICE_API_URL", "FILES_URL")


@rule("DFY011", "urls-disagree", Deployment, Severity.ERROR, faq=("D3", "D4", "D8"), fix=Applicability.UNSAFE)
def urls_disagree(deployment: Deployment) -> Diagnostics:
    """The public URLs do not belong together, so the browser asks where nobody answers or where it may not."""
    urls = public_urls(deployment, *SET)
    said: set[str] = set()
    for url, message, other, mended in (
        *_wrong_service(deployment, urls),
        *_local_beside_name(urls),
        *_scheme_against_server(deployment, urls),
        *_mixed_content(urls),
        *_other_site(deployment, urls),
    ):
        if url.name in said:
            continue
        said.add(url.name)
        edit = change_value(deployment, url.variable.value, mended) if mended else None
        yield Diagnostic(
            url.place,
            "`{variable}` " + message,
            (
                ("variable", url.name),
                ("value", url.text),
                ("other", other.name if other else ""),
                ("origin", other.origin if other else ""),
            ),
            tuple(Related(o.place, f"`{o.name}` stands here") for o in (other,) if o),
            (Fix("Write `{mended}`", (edit,), Applicability.UNSAFE, (("mended", mended or ""),)),) if edit else (),
        )


Fault = tuple[PublicUrl, str, PublicUrl | None, str | None]


def _moved(url: PublicUrl, *, scheme: str = "", host: str = "", port: str | None = None) -> str:
    """The same URL elsewhere; `port` "" for the scheme's own."""
    _, _, tail = url.text.partition("://")
    authority = tail[: len(tail) - len(url.path)] if url.path else tail
    own = authority.rpartition(":")[2] if re.search(r":\d+$", authority) else ""
    number = own if port is None else port
    return f"{scheme or url.scheme}://{host or url.host}" + (f":{number}" if number else "") + url.path


def _wrong_service(deployment: Deployment, urls: list[PublicUrl]) -> list[Fault]:
    """An API URL on the port that the web container publishes, or the reverse (the proxy publishes neither)."""
    ports = published(deployment, "api", "web")
    faults: list[Fault] = []
    for url in urls:
        answers = ports.get(url.port)
        wanted = "web" if url.name.endswith("_WEB_URL") else "api"
        if answers is None or answers == wanted or wanted not in ports.values():
            continue
        right = next(port for port, role in ports.items() if role == wanted)
        if right in (url.port, 80, 443):
            continue
        words = "the {x} is published".replace("{x}", "API" if wanted == "api" else "web page")
        faults.append(
            (
                url,
                f"uses port {url.port}, where {'the web container' if answers == 'web' else 'the API'} answers; {words} on port {right}",
                None,
                _moved(url, port=str(right)),
            )
        )
    return faults


def _local_beside_name(urls: list[PublicUrl]) -> list[Fault]:
    named = next((u for u in urls if not u.local and "." in u.host), None)
    if named is None:
        return []
    return [
        (
            url,
            "says `{value}`, but `{other}` has a name other machines can use: their browsers look on themselves for this one",
            named,
            named.origin + url.path,
        )
        for url in urls
        if url.local and url.variable.value.pieces[0].source.value != "default"
    ]


def _scheme_against_server(deployment: Deployment, urls: list[PublicUrl]) -> list[Fault]:
    """`http://` URLs while the stack's own nginx serves https on the standard port."""
    for service in deployment.project.active:
        switch = service.environment.get("NGINX_HTTPS_ENABLED")
        if switch is None or (switch.value.text or "").lower() != "true":
            continue
        if not any(p.published == (443, 443) for p in service.ports):
            continue
        return [
            (
                url,
                "starts with `http://`, but NGINX_HTTPS_ENABLED=true: the page comes over https and may not call http",
                None,
                _moved(url, scheme="https", port=""),
            )
            for url in urls
            if url.scheme == "http" and url.port == 80 and not url.local and "." in url.host
        ]
    return []


def _by_name(urls: list[PublicUrl]) -> dict[str, PublicUrl]:
    return {url.name: url for url in urls}


def _mixed_content(urls: list[PublicUrl]) -> list[Fault]:
    """A page over https whose API is plain http: browsers block the calls."""
    named = _by_name(urls)
    faults: list[Fault] = []
    for web_name, api_name in PAIRS:
        web, api = named.get(web_name), named.get(api_name)
        if web and api and web.scheme == "https" and api.scheme == "http" and not api.local:
            mended = _moved(api, scheme="https", port="" if api.host == web.host else None)
            faults.append(
                (
                    api,
                    "is `http`, but the page itself comes from `{origin}` over https: browsers block such calls",
                    web,
                    mended,
                )
            )
    return faults


def _other_site(deployment: Deployment, urls: list[PublicUrl]) -> list[Fault]:
    """An API on another site than the page that calls it; since the sign-in uses cookies that cannot work."""
    named = _by_name(urls)
    faults: list[Fault] = []
    for web_name, api_name in PAIRS:
        api = named.get(api_name)
        web = named.get(web_name) or _agreed([u for u in urls if u.name not in (web_name, api_name)])
        if not web or not api or web.local or api.local or site(web.host) == site(api.host):
            continue
        others = [u for u in urls if u is not api]
        # Alone against all the others it is a slip; a console wholly on another domain is a choice.
        if len(others) >= 2 and all(site(u.host) == site(web.host) for u in others):
            faults.append(
                (
                    api,
                    "is on another domain than every other URL of this deployment (`{other}` is `{origin}`): sign-in and calls fail",
                    web,
                    web.origin + api.path,
                )
            )
    return faults


def _agreed(urls: list[PublicUrl]) -> PublicUrl | None:
    return urls[0] if urls and len({u.origin for u in urls}) == 1 else None


@rule("DFY013", "cors-origin-missing", Deployment, Severity.ERROR, faq=("D3", "D4"), fix=Applicability.UNSAFE)
def cors_origin_missing(deployment: Deployment) -> Diagnostics:
    """A list of allowed origins that leaves out the page itself."""
    table = deployment.table("dify")
    if table is None:
        return
    urls = _by_name(public_urls(deployment, *SET))
    for service in deployment.playing("dify", "api"):
        for name, fact in table.data["cors"].items():
            variable = service.environment.get(name)
            if variable is None or not variable.value.text or "*" in variable.value.text:
                continue
            web, api = urls.get(fact["web"]), urls.get(fact["api"])
            yield from _entries_that_are_no_origins(deployment, variable)
            if web is None or api is None or web.origin == api.origin:
                continue
            entries = [e.strip() for e in variable.value.text.split(",") if e.strip()]
            if web.origin in {_normal(e) for e in entries}:
                continue
            yield _missing(deployment, variable, web, entries)


def _normal(entry: str) -> str:
    match = re.match(r"(https?)://([^/:?#\s]+|\[[0-9A-Fa-f:]+\])(?::(\d+))?/*$", entry.strip().lower())
    if match is None:
        return entry
    scheme, host, port = match.groups()
    standard = "443" if scheme == "https" else "80"
    return f"{scheme}://{host}" + (f":{port}" if port and port != standard else "")


def _missing(deployment: Deployment, variable: Variable, web: PublicUrl, entries: list[str]) -> Diagnostic:
    same_host = [i for i, e in enumerate(entries) if re.split(r"[:/]+", e)[1:2] == [web.host]]
    mended = list(entries)
    if same_host:
        mended[same_host[0]] = web.origin
    else:
        mended.append(web.origin)
    edit = change_value(deployment, variable.value, ",".join(mended))
    return Diagnostic(
        variable.value.edit_place or variable.place,
        "`{variable}` does not list `{origin}`, the address of the page (`{url}`): its calls to the API are refused by the browser",
        (("variable", variable.name), ("origin", web.origin), ("url", web.name)),
        (Related(web.place, "the page's address is set here"),),
        (Fix("Allow `{origin}`", (edit,), Applicability.UNSAFE, (("origin", web.origin),)),) if edit else (),
    )


def _entries_that_are_no_origins(deployment: Deployment, variable: Variable) -> Diagnostics:
    text = variable.value.text or ""
    entries = [e.strip() for e in text.split(",") if e.strip()]
    wrong = [e for e in entries if re.match(r"https?://[^/\s]+/", e)]
    if not wrong:
        return
    mended = ",".join(re.sub(r"^(https?://[^/\s]+)/.*$", r"\1", e) for e in entries)
    edit = change_value(deployment, variable.value, mended)
    yield Diagnostic(
        variable.value.edit_place or variable.place,
        "`{variable}` lists `{entry}`, but browsers send the origin only (scheme, host, port; no path, no `/` at the end)",
        (("variable", variable.name), ("entry", wrong[0])),
        (),
        (Fix("Write `{mended}`", (edit,), Applicability.SAFE, (("mended", mended),)),) if edit else (),
    )


__all__ = ["cors_origin_missing", "parse_public", "url_malformed", "urls_disagree"]
