"""The URLs that Dify hands to browsers, taken together: they must be one set."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...kit import Applicability, Deployment, Diagnostic, Diagnostics, Fix, Related, Severity, change_value, rule
from .handed_out import LEFT, left_behind
from .origins import SECURE, PublicUrl, answering, https_port, public_urls, published, site
from .url_fault import Fault

PAIRS = (("CONSOLE_WEB_URL", "CONSOLE_API_URL"), ("APP_WEB_URL", "APP_API_URL"))
SET = ("CONSOLE_WEB_URL", "CONSOLE_API_URL", "APP_WEB_URL", "APP_API_URL", "SERVICE_API_URL", "FILES_URL")


@rule("DFY011", "urls-disagree", Deployment, Severity.ERROR, faq=("D3", "D4", "D8"), fix=Applicability.UNSAFE)
def urls_disagree(deployment: Deployment) -> Diagnostics:
    """The public URLs do not belong together, so the browser asks where nobody answers or where it may not."""
    urls = {url.name: url for url in public_urls(deployment, *SET)}
    said: set[str] = set()
    for fault in (
        *_wrong_service(deployment, urls),
        *_nobody_answers(deployment, urls),
        *_local_beside_name(urls),
        *_scheme_against_server(deployment, urls),
        *_mixed_content(urls),
        *other_site(urls),
        *left_behind(deployment, urls, {url.name: url for url in public_urls(deployment, *LEFT)}),
    ):
        if fault.url.name not in said:
            said.add(fault.url.name)
            yield _diagnostic(deployment, fault)


def _diagnostic(deployment: Deployment, fault: Fault) -> Diagnostic:
    url, other = fault.url, fault.other
    mending = [(url, fault.mended), *fault.alike] if fault.mended else []
    edits = [change_value(deployment, each.variable.value, text) for each, text in mending]
    done = tuple(edit for edit in edits if edit is not None)
    values = (
        ("variable", url.name),
        ("host", url.host),
        ("port", str(url.port)),
        ("other", other.name if other else ""),
        ("origin", other.origin if other else ""),
        ("right", str(fault.port)),
        ("mended", fault.mended),
    )
    return Diagnostic(
        url.place,
        fault.message,
        values,
        (
            *((Related(other.place, "`{other}` stands here", values),) if other else ()),
            *(Related(each.place, "the same here") for each, _ in fault.alike),
        ),
        (Fix("Write `{mended}`", done, Applicability.UNSAFE, values),) if done and len(done) == len(edits) else (),
        fault.severity,
    )


def _moved(url: PublicUrl, *, scheme: str = "", port: int | None = None) -> str:
    """The same URL with another scheme or port; the scheme's own port is not written."""
    scheme = scheme or url.scheme
    number = url.port if port is None else port
    standard = 443 if scheme in SECURE else 80
    return f"{scheme}://{url.host}" + ("" if number == standard else f":{number}") + url.path


def _wrong_service(deployment: Deployment, urls: dict[str, PublicUrl]) -> Iterator[Fault]:
    """An API URL on the port that the web container publishes, or the reverse (a proxy publishes neither)."""
    ports = published(deployment, "api", "web")
    for url in urls.values():
        answers = ports.get(url.port)
        wanted = "web" if url.name.endswith("_WEB_URL") else "api"
        right = next((port for port, role in ports.items() if role == wanted), None)
        if answers in (None, wanted) or right in (None, 80, 443):
            continue
        message = (
            "`{variable}` uses port {port}, where the web page answers; the API is published on port {right}"
            if wanted == "api"
            else "`{variable}` uses port {port}, where the API answers; the web page is published on port {right}"
        )
        yield Fault(url, message, None, _moved(url, port=right), right or 0)


def _nobody_answers(deployment: Deployment, urls: dict[str, PublicUrl]) -> Iterator[Fault]:
    """A machine's own address with a port or a scheme that nothing of this stack publishes.

    Behind a name may be another proxy, behind an address hardly ever.
    """
    ports = answering(deployment) if any(_is_address(url) for url in urls.values()) else None
    if not ports or "http" not in ports:
        return
    taken = published(deployment)
    by_origin: dict[str, list[PublicUrl]] = {}
    for url in filter(_is_address, urls.values()):
        by_origin.setdefault(url.origin, []).append(url)
    for url, *others in by_origin.values():
        if url.scheme == "https" and "https" not in ports and url.port in (443, ports["http"]):
            yield Fault(
                url,
                "`{variable}` starts with `https://`, but the nginx of this stack speaks http only as long as "
                "`NGINX_HTTPS_ENABLED` is not true; the console is on port {right}",
                None,
                _moved(url, scheme="http", port=ports["http"]),
                ports["http"],
                Severity.WARNING,
                tuple((each, _moved(each, scheme="http", port=ports["http"])) for each in others),
            )
        elif url.port not in taken and url.scheme in ports:
            right = ports[url.scheme]
            yield Fault(
                url,
                "`{variable}` leads to port {port} of `{host}`, and this stack publishes nothing there: its nginx "
                "answers on port {right}",
                None,
                _moved(url, port=right),
                right,
                Severity.WARNING,
                tuple((each, _moved(each, port=right)) for each in others),
            )


def _is_address(url: PublicUrl) -> bool:
    return url.local or re.fullmatch(r"\d+\.\d+\.\d+\.\d+|\[.*\]", url.host) is not None


def _local_beside_name(urls: dict[str, PublicUrl]) -> Iterator[Fault]:
    """`localhost` beside a URL with a name: other machines would look for that part on themselves.

    A console that is wholly on `localhost` may be meant for a tunnel, and so may an app.
    """
    named = next((u for u in urls.values() if u.named and u.name != "FILES_URL"), None)
    if named is None:
        return
    partners = dict((*PAIRS, *((api, web) for web, api in PAIRS)))
    for url in urls.values():
        partner = urls.get(partners.get(url.name, ""))
        if url.local and not (partner and partner.local) and not _is_fallback(url):
            yield Fault(
                url,
                "`{variable}` says `{host}`, but `{other}` has a name that other machines use: their browsers look for "
                "this part on themselves",
                named,
                named.origin + url.path,
            )


def _is_fallback(url: PublicUrl) -> bool:
    return url.variable.value.pieces[0].source.value == "default"


def _scheme_against_server(deployment: Deployment, urls: dict[str, PublicUrl]) -> Iterator[Fault]:
    """`http://` URLs while the stack's own nginx serves https."""
    port = https_port(deployment)
    if port is None:
        return
    for url in urls.values():
        if url.scheme == "http" and url.port == 80 and not url.local and "." in url.host:
            yield Fault(
                url,
                "`{variable}` starts with `http://`, but `NGINX_HTTPS_ENABLED` is true: the page comes over https, and "
                "browsers do not let it call http",
                None,
                _moved(url, scheme="https", port=port),
            )


def _mixed_content(urls: dict[str, PublicUrl]) -> Iterator[Fault]:
    """A page over https whose API is plain http: browsers block the calls."""
    for web_name, api_name in PAIRS:
        web, api = urls.get(web_name), urls.get(api_name)
        if web and api and web.scheme == "https" and api.scheme == "http" and not api.local:
            port = web.port if api.host == web.host else None if api.port != 80 else 443
            yield Fault(
                api,
                "`{variable}` is `http`, but the page itself comes from `{origin}` over https, and browsers block such "
                "calls",
                web,
                _moved(api, scheme="https", port=port),
            )


def other_site(urls: dict[str, PublicUrl]) -> Iterator[Fault]:
    """An API on another site than every other URL: it is a slip; a console wholly on another domain is a choice."""
    for web_name, api_name in PAIRS:
        api = urls.get(api_name)
        others = [url for url in urls.values() if url is not api and not url.local]
        web = urls.get(web_name) or (others[0] if len({u.origin for u in others}) == 1 else None)
        if not web or not api or web.local or api.local or len(others) < 2 or site(web.host) == site(api.host):
            continue
        if all(site(url.host) == site(web.host) for url in others):
            yield Fault(
                api,
                "`{variable}` is on another domain than every other URL of this deployment (`{other}` is `{origin}`): "
                "sign-in and calls from the page fail",
                web,
                web.origin + re.sub(r"/+$", "", api.path),
            )
