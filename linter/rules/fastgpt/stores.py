"""Where FastGPT keeps its vectors: one store is chosen, and it can hold vectors."""

from __future__ import annotations

import re

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Fix,
    LatePattern,
    Place,
    Related,
    Service,
    Severity,
    change_part,
    in_range,
    rule,
)
from ..misspelt import is_misspelt

# The first release that reads each, in the order in which FastGPT asks (projects/app/.env.template of 4.9).
STORES = {
    "PG_URL": "4.2",
    "OCEANBASE_URL": "4.9.2",
    "MILVUS_ADDRESS": "4.8.3",
    "SEEKDB_URL": "4.14.6",
    "OPENGAUSS_URL": "4.14.10",
}
_RANKED = ("PG_URL", "OCEANBASE_URL", "MILVUS_ADDRESS")
_ENOUGH = 4
_OFFICIAL = LatePattern(r"(?:.*/library/|docker\.io/)?postgres")


@rule("FGP030", "pg-without-vector", Deployment, Severity.ERROR, faq=("F3.8",), fix=Applicability.UNSAFE)
def pg_without_vector(deployment: Deployment) -> Diagnostics:
    """The official postgres image lacks the extension that FastGPT's first start wants."""
    told: set[str] = set()
    app = {service.name for service in deployment.playing("fastgpt", "app")}
    for endpoint in deployment.endpoints:
        if endpoint.variable.name not in ("PG_URL", "PG_HOST") or endpoint.reader.name not in app:
            continue
        found = deployment.lookup(endpoint.reader, endpoint.host.text)
        if found.reach != "reached" or len(found.services) != 1 or found.services[0].name in told:
            continue
        service = found.services[0]
        image = deployment.image(service)
        if image is None or not _OFFICIAL.fullmatch(image.repository):
            continue
        told.add(service.name)
        values = (("service", service.name), ("reader", endpoint.reader.name))
        yield Diagnostic(
            service.image_place or service.place,
            "the image of `{service}` has no extension `vector`, so `{reader}` cannot make its table `modeldata`, and "
            "nothing is ever indexed: use the image `pgvector/pgvector`",
            values,
            (Related(endpoint.variable.place, "`{reader}` keeps its vectors there", values),),
            _with_vector(deployment, service, image.tag),
        )


def _with_vector(deployment: Deployment, service: Service, tag: str) -> tuple[Fix, ...]:
    """The image of the same major release, which alone can read the data that is there."""
    major = re.match(r"1[2-9](?![0-9])", tag)
    value = service.image
    if major is None or value is None or value.text is None:
        return ()
    new = f"pgvector/pgvector:pg{major.group()}"
    edit = change_part(deployment, value, (value.text, 0, len(value.text)), new)
    return (Fix("Use `{image}`", (edit,), Applicability.UNSAFE, (("image", new),)),) if edit else ()


@rule("FGP031", "vector-database-choice", Deployment, Severity.ERROR, faq=("F3.8",))
def vector_database_choice(deployment: Deployment) -> Diagnostics:
    """No vector store is set, or several of which one counts."""
    table, version = deployment.table("fastgpt"), deployment.versions.get("fastgpt")
    if table is None or version is None or not in_range(version, STORES["PG_URL"], ""):
        return
    for service in deployment.playing("fastgpt", "app"):
        chosen = [name for name, since in STORES.items() if in_range(version, since, "") and _text(service, name)]
        if len(chosen) > 1 and chosen[0] in _RANKED and chosen[1] in _RANKED:
            yield _several(service, chosen[0], chosen[1])
        if any(_text(service, name) != "" for name in STORES) or not _seen_whole(service):
            continue
        if is_misspelt(deployment, service, *STORES):
            continue
        if len(service.environment.keys() & table.names("app")) >= _ENOUGH:
            yield Diagnostic(
                _environment(service),
                "`{service}` is told of no vector store, and looks for one in its own container, where there is none: "
                "set one of {names}",
                (("service", service.name), ("names", _known(version))),
            )


def _text(service: Service, name: str) -> str | None:
    """What is set, "" for nothing, None for a value that only the running system knows."""
    variable = service.environment.get(name)
    return variable.value.text if variable is not None else ""


def _seen_whole(service: Service) -> bool:
    changed = service.get("entrypoint") is not None or service.get("command") is not None
    return not changed and all(file.read for file in service.env_files)


def _known(version: tuple[int, ...]) -> str:
    return ", ".join(f"`{name}`" for name, since in STORES.items() if in_range(version, since, ""))


def _environment(service: Service) -> Place:
    entry = service.node.entries.get("environment")
    own = service.node.place
    inside = entry is not None and entry.key_place.document is own.document and own.span.covers(entry.key_place.span)
    return entry.key_place if entry is not None and inside else service.place


def _several(service: Service, kept: str, lost: str) -> Diagnostic:
    values = (("service", service.name), ("kept", kept), ("lost", lost))
    variable = service.environment[lost]
    return Diagnostic(
        variable.edit_place,
        "`{service}` has `{kept}` too, and keeps its vectors there: `{lost}` does nothing; leave one of the two out",
        values,
        (Related(service.environment[kept].place, "this one counts"),),
        severity=Severity.WARNING,
    )
