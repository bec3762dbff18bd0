"""Services that others call and that no chosen profile starts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

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
    ProductTable,
    Related,
    SequenceNode,
    Service,
    Severity,
    change_part,
    change_value,
    in_range,
    rule,
)
from .addresses import Address, called, candidates, written

CHOICE = "COMPOSE_PROFILES"


@rule("STK009", "inactive-target", Deployment, Severity.ERROR, fix=Applicability.UNSAFE)
def inactive_target(deployment: Deployment) -> Diagnostics:
    """A service that is called by name, and starts only with a profile that is not chosen."""
    if not deployment.project.env_files and not any(deployment.project.profiles):
        # Files as they are shared, before anybody has chosen anything; or the profiles come with the command.
        return
    addresses = list(written(e for e in called(deployment) if _is_off(deployment, e)))
    targets = [_target(deployment, address.endpoint) for address in addresses]
    instead = [_running_instead(deployment, address.endpoint) for address in addresses]
    off = [target for target, other in zip(targets, instead, strict=True) if other is None]
    fixes = _switched_on(deployment, [_profiles(target)[0] for target in off])
    for address, target, other in zip(addresses, targets, instead, strict=True):
        yield _said(deployment, address, target, other, fixes)
    for table in deployment.tables:
        for fact in table.data.get("profiles", ()):
            yield from _asked_for(deployment, table, fact)


def _asked_for(deployment: Deployment, table: ProductTable, fact: Mapping[str, Any]) -> Iterator[Diagnostic]:
    """A service that a setting switches on, and that its profile leaves out."""
    profile = fact["profile"]
    off = next((s for s in deployment.services.values() if profile in s.profiles and not s.active), None)
    version = deployment.versions.get(table.name)
    if off is None or in_range(version, fact["since"], fact.get("until", "")) is not True:
        return
    services = deployment.playing(table.name, *fact["roles"])
    done_by_itself = fact.get("unless", {}).items()
    if any(_is_set(service, name, texts) for service in services for name, texts in done_by_itself):
        return
    for service in services:
        name = next((name for name, texts in fact["when"].items() if _is_set(service, name, texts)), None)
        if name is None:
            continue
        values = (("name", name), ("target", off.name), ("profile", profile))
        yield Diagnostic(
            service.environment[name].edit_place,
            "`{name}` is on, but `{target}`, which does that work, starts only with the profile `{profile}`, and that "
            "is not in `COMPOSE_PROFILES`",
            values,
            (*_profile_places(off), *_choice_place(deployment)),
            _switched_on(deployment, [profile]),
            Severity.WARNING,
        )
        return


def _is_set(service: Service, name: str, texts: Sequence[str]) -> bool:
    variable = service.environment.get(name)
    return variable is not None and (variable.value.text or "").strip().lower() in texts


def _said(
    deployment: Deployment, address: Address, target: Service, other: Service | None, fixes: tuple[Fix, ...]
) -> Diagnostic:
    values = (
        ("variable", address.endpoint.variable.name),
        ("services", address.services),
        ("target", target.name),
        ("profiles", " or ".join(f"`{name}`" for name in _profiles(target))),
        ("other", other.name if other else ""),
    )
    message = (
        "`{variable}` of {services} names `{target}`, which starts only with the profile {profiles}, and that is not "
        "in `COMPOSE_PROFILES`: nothing answers there"
    )
    related = (*_profile_places(target), *_choice_place(deployment), *address.related)
    if other is None:
        return Diagnostic(address.place, message, values, related, fixes)
    edits = _named(deployment, address.endpoint, other)
    named = (Fix("Use `{other}`, which runs", edits, Applicability.UNSAFE, values),) if edits else ()
    return Diagnostic(address.place, message + ", and `{other}` runs in its place", values, related, named)


def _named(deployment: Deployment, endpoint: Endpoint, other: Service) -> tuple[Edit, ...]:
    """Another service in the place of a host, and its port in the variable beside that one (`DB_HOST`, `DB_PORT`)."""
    edits = [change_part(deployment, endpoint.variable.value, endpoint.host, other.name)]
    beside = endpoint.reader.environment.get(f"{endpoint.variable.name.removesuffix('_HOST')}_PORT")
    port = deployment.first_port(other)
    if beside is not None and beside.value.text and port is not None and beside.value.text != str(port):
        edits.append(change_value(deployment, beside.value, str(port)))
    done = tuple(edit for edit in edits if edit is not None)
    return done if len(done) == len(edits) else ()


def _running_instead(deployment: Deployment, endpoint: Endpoint) -> Service | None:
    """The one active service of a kind that the product's table knows to answer there, too."""
    if not deployment.contacts(endpoint.reader).get(endpoint.variable.name, ()):
        return None
    running = candidates(deployment, endpoint)
    return running[0] if len(running) == 1 else None


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
