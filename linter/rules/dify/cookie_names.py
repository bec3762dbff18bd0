"""The names of Dify's sign-in cookies, on which the api and the page have to agree without asking each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ...kit import Deployment, Place, Service, Severity
from .origins import PublicUrl, https_port
from .settings import empty_place, text_of

WEB, API, DOMAIN, SWITCH = "CONSOLE_WEB_URL", "CONSOLE_API_URL", "COOKIE_DOMAIN", "NEXT_PUBLIC_COOKIE_DOMAIN"
UNLIKE = (
    ": the page looks for cookies under other names than the api gives them, and every call ends in 401; set it to "
    "`{mended}`, or leave both empty"
)


class Fault(NamedTuple):
    """What is wrong and where; `name` is set to `mended` in the services of `role`, where that helps."""

    place: Place
    message: str
    api: PublicUrl
    web: PublicUrl
    name: str = ""
    role: str = ""
    mended: str = ""
    severity: Severity | None = None


def unlike_names(deployment: Deployment, urls: Mapping[str, PublicUrl]) -> Iterator[Fault]:
    """The api prefixes the names by what it is told, the page by what it is told, and the two differ.

    The api does over https, by both addresses of the console and without a domain for the cookies; the page, by the one
    address that it is given, and without its own switch for that domain.
    """
    apis, webs = deployment.playing("dify", "api"), deployment.playing("dify", "web")
    url = urls.get(API)
    if url is None or url.scheme != "https" or len(webs) != 1 or not apis or not _https(text_of(webs[0], API)):
        return
    api, web = apis[0], webs[0]
    console, domain, switch = text_of(api, WEB), text_of(api, DOMAIN), text_of(web, SWITCH)
    if console is None or domain is None or switch is None or not _https(text_of(api, API)):
        return
    if not domain and not switch and not _https(console):
        app = urls.get("APP_WEB_URL", url)
        # Where the stack's own nginx speaks https, every URL over http is named with the others.
        if not console or https_port(deployment) is None:
            yield _plain(deployment, api, (url, app if app.scheme == "https" else url), console)
    page = urls.get(WEB)
    if page is None or page.host != url.host or not _https(console):
        return  # what two hosts need is said elsewhere
    if domain and not switch:
        yield Fault(
            empty_place(deployment, web, SWITCH) or api.environment[DOMAIN].edit_place,
            "`COOKIE_DOMAIN` is set and `NEXT_PUBLIC_COOKIE_DOMAIN` is not" + UNLIKE,
            *(url, page, SWITCH, "web", "1"),
        )
    elif switch and not domain:
        yield Fault(
            empty_place(deployment, api, DOMAIN) or web.environment[SWITCH].edit_place,
            "`NEXT_PUBLIC_COOKIE_DOMAIN` is set and `COOKIE_DOMAIN` is not" + UNLIKE,
            *(url, page, DOMAIN, "api", page.host),
        )


def _plain(deployment: Deployment, api: Service, urls: tuple[PublicUrl, PublicUrl], console: str) -> Fault:
    url, page = urls
    place = api.environment[WEB].edit_place if console else empty_place(deployment, api, WEB)
    return Fault(
        place or url.place,
        (
            "`CONSOLE_API_URL` is https, but `CONSOLE_WEB_URL` is http: "
            if console
            else "`CONSOLE_API_URL` is https, but `CONSOLE_WEB_URL` is empty: "
        )
        + "the api takes this for a deployment over http and names its cookies so, the page looks for those of https, "
        "and every call after signing in ends in 401 (`CSRF token is missing or invalid`); set `CONSOLE_WEB_URL` to "
        "the https address of the page",
        *(url, url, WEB, "api", f"https{console[4:]}" if console else page.origin, Severity.ERROR),
    )


def _https(text: str | None) -> bool:
    return text is not None and text.startswith("https://")
