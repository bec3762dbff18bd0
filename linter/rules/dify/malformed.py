"""The URLs that Dify hands to browsers, one by one: each must be an address that a browser can use."""

from __future__ import annotations

import re
from typing import NamedTuple

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Fix,
    LatePattern,
    Related,
    Severity,
    change_value,
    rule,
)
from .origins import agreed_origin, agreed_scheme, public_urls, url_facts, url_variables

# The part of a plugin endpoint's address that Dify fills in.
HOOK = "{hook_id}"

# The image whose page was built to live at the root of its host.
WEB_IMAGE = "langgenius/dify-web"

# What Dify itself puts behind the address it is given.
OWN_PATHS = ("/console/api", "/console", "/api", "/v1", "/files", "/signin", "/install", "/apps", "/mcp", "/triggers")

_AUTHORITY = LatePattern(r"(?:[^@\s]*@)?(?:\[[0-9A-Fa-f:.]+\]|[^:\s@]+)(?::\d*)?")
_HOOK_SLIP = LatePattern(r"\$?[{<]+\s*hook[ _-]?id\s*[}>]+|:hook_id", re.IGNORECASE)
_BROKEN_SCHEME = LatePattern(r"(https?)(?::/{0,1}|//)(?=[^/])", re.IGNORECASE)


class Fault(NamedTuple):
    """What is wrong with a URL, the mended text ("" when nobody can tell it), and how far that may be trusted."""

    message: str
    mended: str = ""
    applicability: Applicability = Applicability.SAFE
    severity: Severity | None = None


@rule("DFY010", "url-malformed", Deployment, Severity.ERROR, faq=("D3", "D4", "D8"), fix=Applicability.SAFE)
def url_malformed(deployment: Deployment) -> Diagnostics:
    """An address that a browser cannot use as it stands."""
    facts = url_facts(deployment)
    for service, variable in url_variables(deployment):
        text = variable.value.text or ""
        shape = facts[variable.name]["shape"]
        if shape == "socket" or (variable.form == "list" and text[:1] in ("'", '"')):
            continue  # straight quotes in a list item are a mistake of the list, whatever the variable
        fault = _hook_fault(text) if shape == "template" else _fault(deployment, variable.name, text, shape)
        if fault is None:
            continue
        edit = change_value(deployment, variable.value, fault.mended) if fault.mended else None
        place = variable.edit_place
        elsewhere = variable.place.document is not place.document
        values = (("variable", variable.name), ("mended", fault.mended), ("service", service.name), ("hook", HOOK))
        yield Diagnostic(
            place,
            fault.message,
            values,
            (Related(variable.place, "`{service}` gets it here", values),) if elsewhere else (),
            (Fix("Write `{mended}`", (edit,), fault.applicability, values),) if edit else (),
            fault.severity,
        )


def _hook_fault(text: str) -> Fault | None:
    if HOOK in text:
        return None
    slip = _HOOK_SLIP.search(text)
    if slip is not None:
        mended = text[: slip.start()] + HOOK + text[slip.end() :]
    else:
        mended = f"{text.rstrip('/')}/{HOOK}" if text.rstrip("/").endswith("/e") else ""
    return Fault(
        "`{variable}` lacks `{hook}`, which stands for the endpoint: every plugin's endpoint gets the same address, "
        "and none is found there",
        mended,
        Applicability.UNSAFE,
    )


def _fault(deployment: Deployment, name: str, text: str, shape: str) -> Fault | None:
    bare = text.strip().strip("\"'“”‘’").strip()
    if bare != text:
        return Fault("`{variable}` has quotes or blanks around the address, and they become part of it", bare)
    if re.search(r"\s", text):
        return Fault("`{variable}` has a blank inside the address")
    if "," in text or text == "*":
        return Fault(
            "`{variable}` must be one address like `https://dify.example.com`; a list or `*` is for the CORS variables",
            agreed_origin(public_urls(deployment), name),
            Applicability.UNSAFE,
        )
    if not text.lower().startswith(("http://", "https://")):
        return _without_scheme(deployment, text)
    rest = text.split("://", 1)[1]
    if "://" in rest:
        return Fault("`{variable}` has the scheme twice", rest, Applicability.UNSAFE)
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if not authority or not _AUTHORITY.fullmatch(authority):
        return Fault("`{variable}` has no valid host and port after the scheme")
    port = authority.rpartition(":")[2]
    if port.isdigit() and ":" in authority and not 0 < int(port) < 65536:
        return Fault("`{variable}` has a port that does not exist; ports are 1 to 65535")
    path = rest[len(authority) :]
    return _path_fault(deployment, text, path, shape) or _below_a_path(deployment, name, path)


def _without_scheme(deployment: Deployment, text: str) -> Fault | None:
    if text.startswith(("/", "$")):
        return None
    broken = _BROKEN_SCHEME.match(text)
    if broken:
        return Fault(
            "`{variable}` has a broken scheme; an address starts with `http://` or `https://`",
            f"{broken.group(1).lower()}://{text[broken.end() :]}",
            Applicability.UNSAFE,
        )
    if "://" in text:
        return Fault("`{variable}` starts with another scheme than `http://` or `https://`, so browsers cannot use it")
    return Fault(
        "`{variable}` lacks `http://` or `https://`, so browsers take it for a path on the same site",
        f"{agreed_scheme(deployment)}://{text}",
        Applicability.UNSAFE,
    )


def _path_fault(deployment: Deployment, text: str, path: str, shape: str) -> Fault | None:
    if not path:
        return None
    origin = text[: len(text) - len(path)]
    if not path.strip("/"):
        return Fault(
            "`{variable}` ends with `/`, and Dify adds `/…` itself: requests go to `//…` and are not found", origin
        )
    if _has_base_path(deployment):
        return None
    if path.rstrip("/") in OWN_PATHS:
        return Fault(
            "`{variable}` ends with a path that Dify adds itself, so it is there twice; write scheme and host only",
            origin,
        )
    if shape == "base" and path.endswith("/"):
        return Fault(
            "`{variable}` ends with `/`, and Dify adds `/…` itself: requests go to `//…` and are not found",
            text.rstrip("/"),
        )
    return None


def _below_a_path(deployment: Deployment, name: str, path: str) -> Fault | None:
    """The page at a path of its host: the images that Dify publishes have it at the root, whatever they are told."""
    if not name.endswith("_WEB_URL") or not path.startswith("/") or not path.strip("/") or _has_base_path(deployment):
        return None
    images = [deployment.image(service) for service in deployment.playing("dify", "web")]
    if not images or not all(image is not None and image.repository.endswith(WEB_IMAGE) for image in images):
        return None
    return Fault(
        "`{variable}` has the page below a path, and the published image of `dify-web` is built for the root of a "
        "host: its scripts and calls leave out the path; give Dify a name or a port of its own, or build the image "
        "with `NEXT_PUBLIC_BASE_PATH`",
        severity=Severity.WARNING,
    )


def _has_base_path(deployment: Deployment) -> bool:
    """Whether the web page may live below a path of its own."""
    prefixes = (s.environment.get("NEXT_PUBLIC_BASE_PATH") for s in deployment.playing("dify"))
    return any(prefix is not None and prefix.value.text != "" for prefix in prefixes)
