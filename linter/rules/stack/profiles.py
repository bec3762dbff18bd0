"""Services that others call and that no chosen profile starts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    DotenvEntry,
    DotenvTree,
    Edit,
    Endpoint,
    Fix,
    Related,
    SequenceNode,
    Service,
    Severity,
    rule,
)
from .addresses import called, written

CHOICE = "COMPOSE_PROFILES"


@rule("STK009", "inactive-target", Deployment, Severity.ERROR, fix=Applicability.UNSAFE)
def inactive_target(deployment: Deployment) -> Diagnostics:
    """A service that is called by name, and starts only with a profile that is not chosen."""
    if not deployment.project.env_files and not any(deployment.project.profiles):
        # Files as they are shared, before anybody has chosen anything; or the profiles come with the command.
        return
    addresses = list(written(e for e in called(deployment) if _is_off(deployment, e)))
    targets = [_target(deployment, address.endpoint) for address in addresses]
    fixes = _switched_on(deployment, [_profiles(target)[0] for target in targets])
    for address, target in zip(addresses, targets, strict=True):
        names = _profiles(target)
        yield Diagnostic(
            address.place,
            "`{variable}` of {services} names `{target}`, which starts only with the profile {profiles}, and that is "
            "not in `COMPOSE_PROFILES`: nothing answers there",
            (
                ("variable", address.endpoint.variable.name),
                ("services", address.services),
                ("target", target.name),
                ("profiles", " or ".join(f"`{name}`" for name in names)),
            ),
            (*_profile_places(target), *_choice_place(deployment), *address.related),
            fixes,
        )


def _is_off(deployment: Deployment, endpoint: Endpoint) -> bool:
    found = deployment.lookup(endpoint.reader, endpoint.host.text)
    if found.reach != "inactive" or not _profiles(found.services[0]):
        return False
    # Of a product it is known what it calls; elsewhere the profile may well come with the command (`--profile`).
    return endpoint.reader.name in deployment.roles or bool(deployment.project.profiles)


def _target(deployment: Deployment, endpoint: Endpoint) -> Service:
    return deployment.lookup(endpoint.reader, endpoint.host.text).services[0]


def _profiles(service: Service) -> Sequence[str]:
    return [name for name in service.profiles if name]


def _profile_places(target: Service) -> tuple[Related, ...]:
    node = target.get("profiles")
    items = node.items if isinstance(node, SequenceNode) else ()
    return tuple(Related(item.place, "this profile has to be chosen") for item in items[:1])


def _choice_place(deployment: Deployment) -> tuple[Related, ...]:
    found = _choice(deployment)
    if found is None or found[1] is None:
        return ()
    tree, entry = found
    return (Related(tree.document.place(*entry.span), "the profiles are chosen here"),) if entry else ()


def _choice(deployment: Deployment) -> tuple[DotenvTree, DotenvEntry | None] | None:
    """The env file in which profiles are chosen and the statement that does it; None where there is no such file."""
    trees = deployment.project.env_files
    for tree in reversed(trees):
        entry = tree.last(CHOICE)
        if entry is not None:
            return tree, entry
    return (trees[-1], None) if trees else None


def _switched_on(deployment: Deployment, profiles: Iterable[str]) -> tuple[Fix, ...]:
    """One fix for all that is missing: added one by one, the profiles would come in the way of each other."""
    missing = ",".join(dict.fromkeys(profiles))
    found = _choice(deployment)
    variable = deployment.project.variables.get(CHOICE)
    if not missing or found is None or (variable is not None and variable.text is None):
        return ()
    chosen = variable.text if variable is not None and variable.text else ""
    if tuple(part.strip() for part in chosen.split(",") if part.strip()) != deployment.project.profiles:
        # They were given on the command line, which no file changes.
        return ()
    tree, entry = found
    if entry is None:
        from ...kit import dotenv_edits

        edit = dotenv_edits.append(tree, CHOICE, missing)
    elif entry.separator:
        end = entry.value_span.end - len(entry.quote)
        edit = Edit(tree.document.place(end, end), f",{missing}" if chosen.strip() else missing)
    else:
        return ()
    return (Fix("Add `{profiles}` to `COMPOSE_PROFILES`", (edit,), Applicability.UNSAFE, (("profiles", missing),)),)
