"""Variables for which the templates of a product's server ask, and which its container is not given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ..kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Fix,
    Place,
    ProductTable,
    Related,
    Service,
    ask_env_for,
)

MOST_SHOWN = 4


def ungiven(
    deployment: Deployment, service: Service, kind: str, asked: Iterable[tuple[str, Place]], message: str
) -> Iterator[Diagnostic]:
    """One finding for a server of a kind ("nginx", "squid") whose templates ask for what it does not get.

    Only for variables that the product's own files give such a server: a start script of somebody's own may set others.
    `asked` are the names in the templates and where they stand; `message` has the holes `names`, `service`, `title`.
    """
    table = next((table for table in deployment.tables if table.names(kind)), None)
    if table is None or not all(file.read for file in service.env_files):
        return
    known = table.names(kind) - service.environment.keys()
    found = {name: place for name, place in reversed([*asked]) if name in known}
    lacking = {name: place for name, place in sorted(found.items()) if not _is_set_by_script(deployment, service, name)}
    if lacking:
        yield _said(deployment, table, service, lacking, message)


def _is_set_by_script(deployment: Deployment, service: Service, name: str) -> bool:
    """Whether a start script that is written here, or mounted, sets a variable."""
    scripts = (mount.target for mount in service.mounts if mount.target is not None and mount.target.endswith(".sh"))
    texts = [*service.words("entrypoint"), *service.words("command")]
    texts += [deployment.mounted_text(service, script) or "" for script in scripts]
    return any(f"{name}=" in text for text in texts)


def _said(
    deployment: Deployment, table: ProductTable, service: Service, lacking: Mapping[str, Place], message: str
) -> Diagnostic:
    shown = ", ".join(f"`{name}`" for name in list(lacking)[:MOST_SHOWN]) + (", …" if len(lacking) > MOST_SHOWN else "")
    values = (("names", shown), ("service", service.name), ("title", table.title))
    fallbacks = {name: next(iter(table.data["shipped_fallbacks"].get(name, ())), None) for name in lacking}
    given = {name: text for name, text in fallbacks.items() if text}
    edit = ask_env_for(deployment, service, given) if len(given) == len(lacking) else None
    return Diagnostic(
        service.environment_place,
        message,
        values,
        tuple(Related(place, "it is asked for here") for place in list(lacking.values())[:MOST_SHOWN]),
        (Fix("Give them to `{service}`, as {title} does", (edit,), Applicability.UNSAFE, values),) if edit else (),
    )
