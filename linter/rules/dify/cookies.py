"""Cookies: from Dify 1.10 on people are signed in by them, so page and API have to be of one site."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...kit import Applicability, Deployment, Diagnostic, Diagnostics, Fix, Place, Related, Severity, rule
from .cookie_names import Fault, unlike_names
from .origins import PublicUrl, public_urls, site
from .settings import empty_place, filled_in, text_of
from .url_set import other_site

COOKIES_SINCE = (1, 10, 0)
PAIRS = (("CONSOLE_WEB_URL", "CONSOLE_API_URL"), ("APP_WEB_URL", "APP_API_URL"))


@rule("DFY014", "cross-site-cookie", Deployment, Severity.WARNING, faq=("D3", "D8"), fix=Applicability.UNSAFE)
def cross_site_cookie(deployment: Deployment) -> Diagnostics:
    """The browser does not send, or does not take, the cookie by which people are signed in."""
    version = deployment.versions.get("dify")
    if version is None or version < COOKIES_SINCE:
        return
    urls = {url.name: url for url in public_urls(deployment)}
    known = {fault.url.name for fault in other_site(urls)}
    seen: set[tuple[Place, str]] = set()
    for fault in (*_foreign(urls), *unlike_names(deployment, urls)):
        seen.add((fault.place, fault.name))
        yield _diagnostic(deployment, fault)
    for web_name, api_name in PAIRS:
        web, api = urls.get(web_name), urls.get(api_name)
        if not web or not api or web.host == api.host or web.local or api.local or api_name in known:
            continue
        for fault in _faults(deployment, web, api):
            if (fault.place, fault.name) not in seen:
                seen.add((fault.place, fault.name))
                yield _diagnostic(deployment, fault)


def _foreign(urls: Mapping[str, PublicUrl]) -> Iterator[Fault]:
    """COOKIE_DOMAIN is a domain under which nothing of this deployment is."""
    named = [urls[name] for pair in PAIRS for name in pair if name in urls and not urls[name].local]
    domain = text_of(named[0].service, "COOKIE_DOMAIN") if named else None
    if not domain or any(_covers(domain, url.host) for url in named):
        return
    sites = {site(url.host) for url in named}
    yield Fault(
        named[0].service.environment["COOKIE_DOMAIN"].edit_place,
        "`COOKIE_DOMAIN` does not cover `{web}`, where this deployment is: browsers refuse a cookie for a foreign "
        "domain, and nobody can sign in; write the domain that page and API are under, or leave it empty where they "
        "have one name",
        named[0],
        named[0],
        "COOKIE_DOMAIN",
        "api",
        sites.pop() if len(sites) == 1 else "",
    )


def _faults(deployment: Deployment, web: PublicUrl, api: PublicUrl) -> Iterator[Fault]:
    if site(web.host) != site(api.host):
        yield Fault(
            api.place,
            "`{api_name}` (`{api}`) is on another site than the page (`{web}`): browsers do not send the sign-in "
            "cookie there, so every call ends in 401; give both a name under one domain",
            api,
            web,
        )
        return
    domain = text_of(api.service, "COOKIE_DOMAIN")
    if domain == "":
        yield Fault(
            empty_place(deployment, api.service, "COOKIE_DOMAIN") or api.place,
            "the page is at `{web}` and its API at `{api}`, but `COOKIE_DOMAIN` is empty: the page cannot read the "
            "API's cookies and sign-in fails; set it to the domain that both are under",
            api,
            web,
            "COOKIE_DOMAIN",
            "api",
            site(web.host),
        )
    elif domain and not all(_covers(domain, url.host) for url in (web, api)):
        variable = api.service.environment["COOKIE_DOMAIN"]
        yield Fault(
            variable.edit_place,
            "`COOKIE_DOMAIN` does not cover both `{web}` and `{api}`: browsers refuse such a cookie, and nobody can "
            "sign in; write the domain that both are under",
            api,
            web,
            "COOKIE_DOMAIN",
            "api",
            site(web.host),
        )
    yield from _page(deployment, web, api)


def _page(deployment: Deployment, web: PublicUrl, api: PublicUrl) -> Iterator[Fault]:
    """The web page has a switch of its own, for the names of the cookies."""
    for service in deployment.playing("dify", "web"):
        if text_of(service, "NEXT_PUBLIC_COOKIE_DOMAIN") == "":
            yield Fault(
                empty_place(deployment, service, "NEXT_PUBLIC_COOKIE_DOMAIN") or api.place,
                "the page is at `{web}` and its API at `{api}`, but `NEXT_PUBLIC_COOKIE_DOMAIN` is empty: the page "
                "looks for cookies under other names and stays signed out; set it to `1`",
                api,
                web,
                "NEXT_PUBLIC_COOKIE_DOMAIN",
                "web",
                "1",
            )


def _covers(domain: str, host: str) -> bool:
    domain = domain.strip().lstrip(".").lower()
    return host == domain or host.endswith(f".{domain}")


def _diagnostic(deployment: Deployment, fault: Fault) -> Diagnostic:
    services = deployment.playing("dify", fault.role) if fault.mended else ()
    edits = dict.fromkeys(filled_in(deployment, service, fault.name, fault.mended) for service in services)
    values = (
        ("api_name", fault.api.name),
        ("api", fault.api.host),
        ("web", fault.web.host),
        ("name", fault.name),
        ("mended", fault.mended),
    )
    done = tuple(edit for edit in edits if edit is not None)
    alone = fault.web is fault.api
    related = Related(fault.web.place, "its address is set here" if alone else "the page's address is set here")
    fixes = (Fix("Set `{name}` to `{mended}`", done, Applicability.UNSAFE, values),) if done else ()
    return Diagnostic(fault.place, fault.message, values, (related,), fixes, fault.severity)
