"""Addresses of hooks and of the web socket that were left at `localhost`, or at plain text, beside the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...kit import Deployment, Severity
from .origins import SECURE, PublicUrl
from .settings import text_of
from .url_fault import Fault

CONSOLE = ("CONSOLE_WEB_URL", "CONSOLE_API_URL")
SOCKET = "NEXT_PUBLIC_SOCKET_URL"
# Each with what is asked for there: the release comes with `localhost` in them.
LEFT = {
    "TRIGGER_URL": "the webhooks of triggers",
    "ENDPOINT_URL_TEMPLATE": "the endpoints of plugins",
    SOCKET: "the web socket of the editor",
}


def left_behind(
    deployment: Deployment, urls: Mapping[str, PublicUrl], handed: Mapping[str, PublicUrl]
) -> Iterator[Fault]:
    """Those of `handed` that do not fit to the addresses by which people open Dify.

    Whoever has no use for triggers or endpoints never sees their addresses; the editor opens its socket by itself.
    """
    # FILES_URL is for containers, too, and may be a machine's address where people open Dify on that very machine.
    pages = [url for url in urls.values() if url.named and url.name != "FILES_URL"]
    if not pages:
        return
    named = pages[0]
    agreed = named if len({url.origin for url in pages}) == 1 else None
    for url in handed.values():
        if url.name == SOCKET and not (any(page.name in CONSOLE for page in pages) and _is_used(deployment)):
            continue
        if url.local:
            yield Fault(
                url,
                f"`{{variable}}` says `{{host}}`, but `{{other}}` has a name that other machines use: for "
                f"{LEFT[url.name]} they are sent to themselves",
                named,
                _on(agreed, url) if agreed is not None else "",
                severity=Severity.WARNING if url.name == SOCKET else Severity.INFO,
            )
        elif url.scheme == "ws" and named.scheme in SECURE and url.host == named.host:
            yield Fault(
                url,
                "`{variable}` is `ws`, but the page itself comes from `{origin}` over https, and browsers do not let "
                "it open such a socket: write `wss`",
                named,
                _on(named, url),
                severity=Severity.WARNING,
            )


def _on(page: PublicUrl, url: PublicUrl) -> str:
    """The same path at the origin of a page; a socket has schemes of its own."""
    origin = page.origin.replace("http", "ws", 1) if url.name == SOCKET and page.scheme[:2] != "ws" else page.origin
    return origin + url.path


def _is_used(deployment: Deployment) -> bool:
    """Whether people edit workflows together, which is what the socket is for."""
    table, version = deployment.table("dify"), deployment.versions.get("dify")
    for service in deployment.playing("dify", "api"):
        given = text_of(service, "ENABLE_COLLABORATION_MODE")
        fact = table.variables(version, "api").get("ENABLE_COLLABORATION_MODE") if table and version else None
        text = given or (fact.default if fact is not None and given == "" else "") or ""
        return text.strip().lower() in ("true", "1", "yes", "on", "t", "y")
    return False
