"""Images of one product that come from different releases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Fix,
    Image,
    Place,
    ProductTable,
    Related,
    Service,
    Severity,
    Version,
    change_part,
    in_range,
    parse_version,
    rule,
)


class Part(NamedTuple):
    """A service of the product with its image and the release that the tag names."""

    service: Service
    image: Image
    version: Version

    @property
    def place(self) -> Place:
        """Where a person edits the tag."""
        value = self.service.image
        assert value is not None
        text = value.text or ""
        start = text.rindex(self.image.tag)
        return value.place_of(start, start + len(self.image.tag)) or value.edit_place or self.service.place


@rule("STK011", "image-skew", Deployment, Severity.ERROR, faq=("D5",), fix=Applicability.UNSAFE)
def image_skew(deployment: Deployment) -> Diagnostics:
    """A part of the product that was left behind, or went ahead, in an upgrade."""
    for table in deployment.tables:
        yield from _left_behind(deployment, table)
        for parts in _by_registry(deployment, table):
            right = _agreed(deployment, parts)
            said: set[Place] = set()
            for part in parts:
                if right is not None and part.version != right.version and part.place not in said:
                    said.add(part.place)
                    yield _skewed(deployment, table, part, right)


def _left_behind(deployment: Deployment, table: ProductTable) -> Iterator[Diagnostic]:
    """Parts with numbers of their own that are of an older line than the one which the release came with."""
    version = deployment.versions[table.name]
    pairs = table.data.get("companions", {}).get("images", {})
    for service in deployment.project.active if version is not None else ():
        image = deployment.image(service)
        shipped = [text for since, text in pairs.get(image.name, ()) if in_range(version, since, "")] if image else []
        ours = image.version if image else None
        wanted = parse_version(shipped[-1]) if shipped else None
        if image is None or ours is None or wanted is None or len(ours) < 3 or ours[:2] >= wanted[:2]:
            continue
        part = Part(service, image, ours)
        number = ".".join(map(str, ours))
        tag = image.tag.replace(number, shipped[-1], 1)
        values = (
            ("service", service.name),
            ("title", table.title),
            ("version", ".".join(map(str, version or ()))),
            ("tag", image.tag),
            ("right", tag),
        )
        yield Diagnostic(
            part.place,
            "`{service}` is `{tag}`, of an older line than the `{right}` that {title} {version} came with: an upgrade "
            "has left it behind, and the two may not understand each other",
            values,
            fixes=_changed(deployment, part, tag, "Use `{right}`", values),
            severity=Severity.WARNING,
        )


def _by_registry(deployment: Deployment, table: ProductTable) -> Iterator[list[Part]]:
    """The parts that must be of one release, those of each registry and owner together: a fork has its own numbers."""
    found: dict[str, list[Part]] = {}
    for service in deployment.project.active:
        image = deployment.image(service)
        if image is None or image.name not in table.data["version_of"]:
            continue
        version = image.version
        # Two numbers, or a word behind them, are somebody's own tag.
        if version is not None and len(version) > 2 and image.tag.lstrip("v").replace(".", "").isdigit():
            owner = image.repository.removesuffix(image.name)
            found.setdefault(owner, []).append(Part(service, image, version))
    yield from found.values()


def _agreed(deployment: Deployment, parts: Sequence[Part]) -> Part | None:
    """One of the parts that are right: of the release that most have, and among equals that of the api.

    None where all agree, and where several stacks stand side by side, each with an api of its own.
    """
    counts: dict[Version, int] = {}
    for part in parts:
        counts[part.version] = counts.get(part.version, 0) + 1
    leaders = [part for part in parts if deployment.role(part.service) == "api"]
    if len(counts) < 2 or len({part.version for part in leaders}) > 1:
        return None
    most = max(counts.values())
    best = [part for part in (*leaders, *parts) if counts[part.version] == most]
    return best[0]


def _skewed(deployment: Deployment, table: ProductTable, part: Part, right: Part) -> Diagnostic:
    values = (
        ("service", part.service.name),
        ("title", table.title),
        ("tag", part.image.tag),
        ("other", right.service.name),
        ("right", right.image.tag),
    )
    older = part.version < right.version
    message = (
        "`{service}` is {title} {tag}, but `{other}` is {right}: they ask each other for what only one of them has, "
        "and share a database whose tables only the newer one knows; give both the same tag"
    )
    return Diagnostic(
        part.place,
        message,
        values,
        (Related(right.place, "`{other}` is newer" if older else "`{other}` is older", values),),
        _same(deployment, part, right),
    )


def _same(deployment: Deployment, part: Part, right: Part) -> tuple[Fix, ...]:
    values = (("right", right.image.tag), ("other", right.service.name))
    return _changed(deployment, part, right.image.tag, "Use `{right}` as `{other}` does", values)


def _changed(
    deployment: Deployment, part: Part, tag: str, title: str, values: tuple[tuple[str, str], ...]
) -> tuple[Fix, ...]:
    value = part.service.image
    if value is None or not value.text:
        return ()
    start = value.text.rindex(part.image.tag)
    edit = change_part(deployment, value, (part.image.tag, start, start + len(part.image.tag)), tag)
    return (Fix(title, (edit,), Applicability.UNSAFE, values),) if edit is not None else ()
