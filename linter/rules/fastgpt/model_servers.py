"""Containers that serve models, beside a FastGPT that cannot reach them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Fix,
    Related,
    Service,
    Severity,
    join_network,
    rule,
)
from .gateway import URL

# Model servers, and what stands between them and FastGPT, by their names in the table of server images.
SERVERS = ("ollama", "xinference", "vllm", "localai", "text-embeddings", "m3e", "reranker")
GATEWAYS = ("oneapi", "newapi", "litellm")


@rule("FGP040", "not-on-network", Deployment, Severity.ERROR, faq=("F3.5", "F3.6"), fix=Applicability.UNSAFE)
def not_on_network(deployment: Deployment) -> Diagnostics:
    """A model container that nothing of FastGPT shares a network with; its address is typed in on a page, not here."""
    callers = tuple(_callers(deployment))
    if not callers or _is_told_elsewhere(deployment):
        return
    for model in _servers(deployment, SERVERS):
        ours = deployment.networks(model)
        # Of an address in a variable STK003 speaks.
        if (
            ours is None
            or model.network_mode
            or _named(deployment, model)
            or _serves_others(deployment, model, callers)
        ):
            continue
        reached = [deployment.networks(caller) for caller in callers]
        if any(networks is None or networks & ours for networks in reached):
            continue
        yield _apart(deployment, model, callers[0])


def _servers(deployment: Deployment, names: Iterable[str]) -> Iterator[Service]:
    for service in deployment.project.active:
        server = deployment.server(service)
        if server is not None and server.name in names:
            yield service


def _callers(deployment: Deployment) -> Iterator[Service]:
    """The services that ask models on behalf of FastGPT, the gateways first."""
    apps = deployment.playing("fastgpt", "app")
    if apps:
        yield from deployment.playing("fastgpt", "aiproxy")
        yield from _servers(deployment, GATEWAYS)
        yield from apps


def _is_told_elsewhere(deployment: Deployment) -> bool:
    """Whether FastGPT asks a gateway outside of this stack, which reaches the models in its own way."""
    for endpoint in deployment.endpoints:
        if endpoint.variable.name == URL and deployment.role(endpoint.reader) == "app":
            reach = deployment.lookup(endpoint.reader, endpoint.host.text).reach
            if reach not in ("reached", "apart", "inactive") and not endpoint.host.text.endswith(".openai.com"):
                return True
    return False


def _named(deployment: Deployment, model: Service) -> bool:
    return any(
        model in deployment.lookup(endpoint.reader, endpoint.host.text).services
        for endpoint in deployment.endpoints
        if endpoint.reader is not model
    )


def _serves_others(deployment: Deployment, model: Service, callers: tuple[Service, ...]) -> bool:
    """Whether a program that is no part of FastGPT shares a network with it, so that it may be there for that one."""
    ours = deployment.networks(model) or frozenset()
    for other in deployment.project.active:
        if other is model or other in callers or deployment.role(other) or deployment.server(other) is not None:
            continue
        if (deployment.networks(other) or frozenset()) & ours:
            return True
    return any(s.name == "open-webui" for service in deployment.project.active if (s := deployment.server(service)))


def _apart(deployment: Deployment, model: Service, caller: Service) -> Diagnostic:
    networks = sorted(deployment.networks(caller) or ())
    listening = sorted(deployment.listening(model) or deployment.offered(model))
    values = (
        ("model", model.name),
        ("caller", caller.name),
        ("address", f"http://{model.name}:{listening[0]}" if listening else f"http://{model.name}"),
        ("ours", _listed(deployment.networks(model) or ())),
        ("theirs", _listed(networks)),
        ("network", networks[0] if networks else ""),
    )
    published = any(port.published for port in model.ports)
    entry = model.node.entries.get("networks")
    edit = join_network(deployment, model, networks[0]) if len(networks) == 1 else None
    return Diagnostic(
        entry.key_place if entry is not None else model.place,
        "`{model}` is on {ours}, and `{caller}`, which asks the models for FastGPT, is on {theirs}: by its name "
        "`{address}` it is never found, only by an address of the host; put the two on one network"
        if published
        else "`{model}` is on {ours}, and `{caller}`, which asks the models for FastGPT, is on {theirs}: a model with "
        "the address `{address}` is never found; put the two on one network",
        values,
        (Related(caller.place, "`{caller}` asks the models", values),),
        (Fix("Put `{model}` on the network `{network}`", (edit,), Applicability.UNSAFE, values),) if edit else (),
        Severity.INFO if published else None,
    )


def _listed(networks: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(networks)) or "none"
