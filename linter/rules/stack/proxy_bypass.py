"""Proxies for the way out that also get the calls to services of the stack."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import NamedTuple

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    DotenvTree,
    Edit,
    Endpoint,
    Fix,
    LatePattern,
    Place,
    Related,
    Service,
    Severity,
    Variable,
    YamlMapping,
    YamlSequence,
    change_value,
    rule,
)
from .addresses import called, listed

# As requests, httpx, axios and Go read them: a proxy for each scheme, or one for all.
PROXIES = {"http": ("http_proxy", "HTTP_PROXY"), "https": ("https_proxy", "HTTPS_PROXY")}
FOR_ALL = ("all_proxy", "ALL_PROXY")
BYPASS = ("no_proxy", "NO_PROXY")
_NAMES = frozenset(name for names in (*PROXIES.values(), FOR_ALL) for name in names)

_PROXY_HOST = LatePattern(r"(?:[a-z][a-z0-9]*://)?(?:\S*@)?(\[[0-9a-f:.]+\]|[\w.-]+)(?::\d+)?/?", re.IGNORECASE)


class Caught(NamedTuple):
    """A call to a service of the stack that goes to a proxy outside of it."""

    proxy: Variable
    endpoint: Endpoint


@rule("STK016", "proxy-bypass-missing", Deployment, Severity.WARNING, fix=Applicability.UNSAFE)
def proxy_bypass_missing(deployment: Deployment) -> Diagnostics:
    """A container with a proxy that is asked for services of the stack, whose names it cannot know."""
    given = [s for s in deployment.project.active if _NAMES & s.environment.keys() and deployment.server(s) is None]
    if not given:
        return
    names = {service.name for service in given}
    addresses = _by_reader(deployment, (e for e in deployment.endpoints if e.reader.name in names))
    fixed = {a.ipv4 for service in deployment.services.values() for a in service.networks if a.ipv4}
    found: dict[Place, list[Caught]] = {}
    for service in given:
        caught = list(_caught(deployment, service, addresses.get(service.name, ()), fixed))
        if caught:
            found.setdefault(_place(caught[0]), []).extend(caught)
    everything = _by_reader(deployment, called(deployment)) if found else {}
    for place, group in found.items():
        yield _finding(deployment, place, group, everything)


def _by_reader(deployment: Deployment, endpoints: Iterable[Endpoint]) -> dict[str, list[Endpoint]]:
    """The addresses of other services of the stack that each service is given."""
    grouped: dict[str, list[Endpoint]] = {}
    for endpoint in endpoints:
        found = deployment.lookup(endpoint.reader, endpoint.host.text)
        if found.reach == "reached" and endpoint.reader not in found.services:
            grouped.setdefault(endpoint.reader.name, []).append(endpoint)
    return grouped


def _finding(
    deployment: Deployment, place: Place, group: list[Caught], everything: Mapping[str, list[Endpoint]]
) -> Diagnostic:
    proxy, bypass = group[0].proxy, _bypass(group[0].endpoint.reader)
    hosts = list(dict.fromkeys(each.endpoint.host.text for each in group))
    readers = list({each.endpoint.reader.name: each.endpoint.reader for each in group}.values())
    values = (
        ("proxy", proxy.name),
        ("services", listed(readers)),
        ("hosts", ", ".join(f"`{host}`" for host in hosts)),
        ("bypass", bypass.name if bypass else "NO_PROXY"),
    )
    message = (
        "`{proxy}` sends what {services} asks of {hosts} to a proxy outside of the stack, which does not know these "
        "names, so the calls fail; name them in `{bypass}`"
    )
    if bypass is not None:
        related = [Related(proxy.place, "the proxy is set here")]
        edits = [_longer(deployment, bypass, hosts)]
    else:
        passed = proxy.place
        related = [Related(passed, "it is passed on here")] if passed.document is not place.document else []
        # Those of databases, too: a longer list does no harm.
        more = [endpoint.host.text for reader in readers for endpoint in everything.get(reader.name, ())]
        text = ",".join(dict.fromkeys(["localhost", "127.0.0.1", *hosts, *more]))
        set_at = {each.proxy.place: each.proxy for each in group}
        edits = [_added(deployment, each, text) for each in set_at.values()]
    done = tuple(edit for edit in edits if edit is not None)
    fix = Fix("Name the services in `{bypass}`", done, Applicability.UNSAFE, values)
    return Diagnostic(
        place,
        message,
        values,
        (*related, Related(group[0].endpoint.variable.place, "this is called")),
        (fix,) if len(done) == len(edits) else (),
    )


def _place(caught: Caught) -> Place:
    shown = _bypass(caught.endpoint.reader) or caught.proxy
    return shown.edit_place


def _caught(
    deployment: Deployment, service: Service, addresses: Iterable[Endpoint], fixed: Container[str]
) -> Iterator[Caught]:
    bypass = [service.environment[name].value.text for name in BYPASS if name in service.environment]
    if None in bypass:
        return
    entries = [entry for text in bypass for entry in re.split(r"[,\s]+", text or "") if entry]
    for endpoint in _calls(deployment, service, addresses):
        proxy = _proxy(service, endpoint.scheme)
        if proxy is not None and _is_outside(deployment, service, proxy, fixed) and not _covers(entries, endpoint):
            yield Caught(proxy, endpoint)


def _calls(deployment: Deployment, service: Service, addresses: Iterable[Endpoint]) -> Iterator[Endpoint]:
    """The http addresses of other services that a container calls; their names are of no use to a browser."""
    contacts = deployment.contacts(service) if service.name in deployment.roles else None
    for endpoint in addresses:
        name = endpoint.variable.name
        if endpoint.scheme in PROXIES and "PROXY" not in name.upper() and (contacts is None or name in contacts):
            yield endpoint


def _proxy(service: Service, scheme: str) -> Variable | None:
    for name in (*PROXIES[scheme], *FOR_ALL):
        variable = service.environment.get(name)
        if variable is not None and variable.value.text != "":
            return variable
    return None


def _is_outside(deployment: Deployment, service: Service, proxy: Variable, fixed: Container[str]) -> bool:
    """Whether a proxy surely is no container that could look up the names of the stack itself."""
    match = _PROXY_HOST.fullmatch((proxy.value.text or "").strip())
    if match is None:
        return False
    host = match[1].lower()
    found = deployment.lookup(service, host)
    return not found.services and host not in fixed and ("." in host or found.reach == "none")


def _covers(entries: Iterable[str], endpoint: Endpoint) -> bool:
    """Whether an entry names the host or a domain above it, with or without its port; address ranges name no names."""
    host = endpoint.host.text.lower()
    for entry in entries:
        name, _, port = entry.lower().removeprefix("*").lstrip(".").partition(":")
        if entry == "*":
            return True
        if port and endpoint.port and port != endpoint.port.text:
            continue
        if name and (host == name or host.endswith(f".{name}")):
            return True
    return False


def _bypass(service: Service) -> Variable | None:
    return next((service.environment[name] for name in BYPASS if name in service.environment), None)


def _longer(deployment: Deployment, bypass: Variable, hosts: Iterable[str]) -> Edit | None:
    text = (bypass.value.text or "").strip().rstrip(",")
    return change_value(deployment, bypass.value, ",".join([*([text] if text else ["localhost", "127.0.0.1"]), *hosts]))


def _added(deployment: Deployment, proxy: Variable, text: str) -> Edit | None:
    """`NO_PROXY` beside the variable that sets the proxy."""
    from ...kit import dotenv_edits, yaml_edits

    place = proxy.place
    if proxy.form == "env_file":
        tree = _env_file(deployment, place)
        above = next((e for e in reversed(tree.entries) if e.key in _NAMES), None) if tree else None
        return dotenv_edits.append(tree, "NO_PROXY", text, after=above) if tree else None
    yaml = deployment.workspace.yaml(place.document.path)
    around = [node for node in yaml.at(place.span) if isinstance(node, (YamlMapping, YamlSequence))]
    if yaml.document is not place.document or not around:
        return None
    within = around[-1]
    if isinstance(within, YamlSequence):
        return yaml_edits.append_item(yaml, within, f"NO_PROXY={text}")
    last = next((e for e in reversed(within.entries) if getattr(e.key, "text", "") in _NAMES), None)
    return yaml_edits.insert_key(yaml, within, "NO_PROXY", text, after=last)


def _env_file(deployment: Deployment, place: Place) -> DotenvTree | None:
    trees = (*deployment.project.env_files, *deployment.project.service_env_files)
    return next((tree for tree in trees if tree.document is place.document), None)
