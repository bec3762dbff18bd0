"""Server images that cannot do what is asked of them: too old, without an extension, or without a program."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Fix,
    Image,
    Node,
    Place,
    ProductTable,
    ScalarNode,
    SequenceNode,
    Service,
    Severity,
    change_part,
    change_value,
    parse_version,
    rule,
)
from .agreement import chosen
from .first_start import mounted_where_data_was

if TYPE_CHECKING:
    from ...kit import Suited

# The old shell where a command stands (not a host of that name), with an option, an address or a script behind it.
_OLD_SHELL = (
    r"(?:^|[;&|(`]|(?<![\w-])(?:until|while|if|do|then|else|CMD|CMD-SHELL|-c)(?![\w-])|!)\s*[\"']?"
    r"mongo\s+(?:-|[\"']?mongodb://|localhost|127\.|/|\$|<<|\w+\s+-)"
)
# Images of MongoDB have `mongosh` only from here on (documentation of the legacy mongo shell).
NO_OLD_SHELL = 6
LAST_WITH_SHELL = "5.0"


@rule("STK020", "image-unsuitable", Deployment, Severity.ERROR, fix=Applicability.UNSAFE)
def image_unsuitable(deployment: Deployment) -> Diagnostics:
    """A server whose image cannot serve this stack, whatever its settings are."""
    for table in deployment.tables:
        seen: set[Place] = set()
        for reader, service, need in _asked(deployment, table):
            image = deployment.image(service)
            place = _place(service)
            if image is not None and place not in seen:
                seen.add(place)
                yield from _judged(deployment, table, (reader, service, need), image)
    for service in deployment.project.active:
        server = deployment.server(service)
        if server is not None and server.name == "mongo":
            yield from _without_shell(deployment, service)
    yield from mounted_where_data_was(deployment)


def _place(service: Service) -> Place:
    value = service.image
    return (value.edit_place if value is not None else None) or service.image_place or service.place


def _asked(deployment: Deployment, table: ProductTable) -> Iterator[tuple[Service, Service, Suited]]:
    """Who asks which server for what, by the addresses and choices of the asking services."""
    needs = table.suited_images(deployment.versions.get(table.name))
    for need in needs:
        for reader in deployment.playing(table.name, *need.roles):
            if not chosen(reader, need.when):
                continue
            for endpoint in deployment.endpoints:
                if endpoint.reader is not reader or endpoint.variable.name != need.asked_in:
                    continue
                found = deployment.lookup(reader, endpoint.host.text)
                server = deployment.server(found.services[0]) if len(found.services) == 1 else None
                if found.reach == "reached" and server is not None and server.name == need.server:
                    yield reader, found.services[0], need


def _judged(
    deployment: Deployment, table: ProductTable, asked: tuple[Service, Service, Suited], image: Image
) -> Diagnostics:
    reader, service, need = asked
    version = deployment.versions.get(table.name) or ()
    values = (
        ("service", service.name),
        ("reader", reader.name),
        ("title", table.title),
        ("version", ".".join(map(str, version))),
        ("tag", image.tag),
        ("image", image.repository),
        ("server", need.server),
        ("wanted", need.at_least),
        ("extension", need.extension),
    )
    oldest, mine = parse_version(need.at_least), image.version
    if oldest is not None and mine is not None and mine < oldest:
        yield Diagnostic(
            _place(service),
            "`{service}` is {server} {tag}, and {title} {version} can only talk to {wanted} or newer, so every search "
            "and every new document fails; save the data, then use a newer image",
            values,
            (),
            _tagged(deployment, service, image, need.at_least),
        )
    elif need.without and _official(image) in need.without:
        yield Diagnostic(
            _place(service),
            "the image `{image}` has no extension `{extension}`, which `{reader}` of {title} creates its tables with, "
            "so nothing can be indexed; use an image that has it",
            values,
        )


def _official(image: Image) -> str:
    """The repository without Docker Hub's own prefixes; "" for a tag that promises more than the image has."""
    return "" if "vector" in image.tag else image.hub_name


def _without_shell(deployment: Deployment, service: Service) -> Diagnostics:
    image = deployment.image(service)
    major = re.match(r"v?(\d+)", image.tag) if image is not None else None
    # FastGPT's mirror has copies of the official image under the same tags.
    mirrored = image is not None and image.repository.endswith("/fastgpt/mongo")
    if image is None or not (mirrored or _official(image) == "mongo") or image.digest:
        return
    if major is None and image.tag not in ("", "latest"):
        return
    if major is not None and int(major[1]) < NO_OLD_SHELL:
        return
    nodes = (service.get("entrypoint"), service.get("command"), service.get("healthcheck", "test"))
    if not any(re.search(_OLD_SHELL, text, re.MULTILINE) for node in nodes for text in _texts(node)):
        return
    values = (("service", service.name), ("image", f"mongo:{image.tag}" if image.tag else "mongo"))
    yield Diagnostic(
        _place(service),
        "`{image}` has no program `mongo` any more, and what `{service}` is started with calls it, so it waits for "
        "ever; use `mongo:5.0`, the last that has it, or call `mongosh`",
        values,
        (),
        () if mirrored else _tagged(deployment, service, image, LAST_WITH_SHELL),
    )


def _texts(node: Node | None) -> Iterator[str]:
    if isinstance(node, SequenceNode):
        words = [item.text or "" for item in node.items if isinstance(item, ScalarNode)]
        yield from words
        yield " ".join(words)
    elif isinstance(node, ScalarNode):
        yield node.text or ""


def _tagged(deployment: Deployment, service: Service, image: Image, tag: str) -> tuple[Fix, ...]:
    value = service.image
    if value is None or not value.text or image.digest:
        return ()
    if image.tag:
        start = value.text.rindex(image.tag)
        edit = change_part(deployment, value, (image.tag, start, start + len(image.tag)), tag)
    else:
        edit = change_value(deployment, value, f"{image.repository}:{tag}")
    if edit is None:
        return ()
    return (Fix("Use `{image}`", (edit,), Applicability.UNSAFE, (("image", f"{image.repository}:{tag}"),)),)
