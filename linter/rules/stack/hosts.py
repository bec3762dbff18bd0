"""Addresses between services that lead nowhere: unknown names, and names that are on no common network."""

from __future__ import annotations

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Endpoint,
    Fix,
    LatePattern,
    Related,
    Service,
    Severity,
    change_part,
    near,
    rule,
)
from .addresses import Address, called, candidates, joined, written, wrong_ones

# Words of a host name that stands for one to be filled in.
PLACEHOLDER = LatePattern(r"your|example|address|placeholder|change|xxx")


@rule("STK002", "unresolvable-host", Deployment, Severity.ERROR, fix=Applicability.UNSAFE)
def unresolvable_host(deployment: Deployment) -> Diagnostics:
    """A bare host name that no service, alias, container name or extra host of the stack has."""
    for address in written(e for e in called(deployment) if _is_nobody(deployment, e)):
        meant = _meant(deployment, address.endpoint)
        values = (*_values(address), ("near", meant or ""))
        if meant is None:
            yield Diagnostic(
                address.place,
                "`{variable}` of {services} names the host `{host}`, and nothing in this stack has that name; a "
                "container of another project is found only on a network that both are on",
                values,
                address.related,
            )
            continue
        edit = change_part(deployment, address.endpoint.variable.value, address.endpoint.host, meant)
        yield Diagnostic(
            address.place,
            "`{variable}` of {services} names the host `{host}`, and nothing in this stack has that name; did you "
            "mean `{near}`?",
            values,
            address.related,
            (Fix("Use the service name `{name}`", (edit,), Applicability.UNSAFE, (("name", meant),)),) if edit else (),
        )


def _is_nobody(deployment: Deployment, endpoint: Endpoint) -> bool:
    """Whether a bare name is given to nothing that could answer, and is no blank that is still to be filled in."""
    if not endpoint.single_label or endpoint.loopback or PLACEHOLDER.search(endpoint.host.text.lower()):
        return False
    if deployment.lookup(endpoint.reader, endpoint.host.text).reach != "none":
        return False
    found = deployment.roles.get(endpoint.reader.name)
    # Parts of a product without its main service are there for one that is run by hand, on the host.
    return found is None or any(role.settings for product, role in deployment.roles.values() if product == found[0])


def _values(address: Address) -> tuple[tuple[str, str], ...]:
    return (
        ("variable", address.endpoint.variable.name),
        ("services", address.services),
        ("host", address.endpoint.host.text),
    )


def _meant(deployment: Deployment, endpoint: Endpoint) -> str | None:
    """The service that a wrong name stands for: the only one that can be meant, else one with a similar name."""
    possible = candidates(deployment, endpoint)
    if len(possible) == 1:
        return possible[0].name
    return near(endpoint.host.text, [s.name for s in possible or deployment.project.active if s is not endpoint.reader])


@rule("STK003", "no-shared-network", Deployment, Severity.ERROR, faq=("F3.6",), fix=Applicability.UNSAFE)
def no_shared_network(deployment: Deployment) -> Diagnostics:
    """A service that exists, on networks where the one that calls it is not."""

    def reach(endpoint: Endpoint) -> str:
        return deployment.lookup(endpoint.reader, endpoint.host.text).reach

    wrong = wrong_ones(deployment, lambda e: reach(e) == "apart", lambda e: reach(e) == "reached")
    for address in written(wrong):
        endpoint = address.endpoint
        target = deployment.lookup(endpoint.reader, endpoint.host.text).services[0]
        yield Diagnostic(
            address.place,
            "`{variable}` of {services} names `{host}`, but the two share no network: `{reader}` is on {ours}, "
            "`{target}` on {theirs}",
            (
                *_values(address),
                ("reader", endpoint.reader.name),
                ("ours", _networks(deployment, endpoint.reader)),
                ("target", target.name),
                ("theirs", _networks(deployment, target)),
            ),
            (*address.related, Related(target.place, "this is the service that is named")),
            _joined(deployment, address, target),
        )


def _networks(deployment: Deployment, service: Service) -> str:
    return ", ".join(f"`{name}`" for name in sorted(deployment.networks(service) or ())) or "-"


def _joined(deployment: Deployment, address: Address, target: Service) -> tuple[Fix, ...]:
    edits = joined(deployment, address.readers, target)
    values = (("services", address.services), ("name", "".join(deployment.networks(target) or ())))
    return (Fix("Put {services} on the network `{name}`", edits, Applicability.UNSAFE, values),) if edits else ()
