"""How much nginx lets through, against what the product lets people upload."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
    MountedFile,
    NginxDirective,
    NginxTree,
    Place,
    Related,
    Service,
    Severity,
    Variable,
    change_value,
    rule,
)

MEGABYTE = 1_000_000
# nginx counts in powers of two: 1m is 1,048,576 bytes (http://nginx.org/en/docs/syntax.html).
UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


@dataclass(frozen=True, slots=True)
class BodySize:
    """A `client_max_body_size` in force, in bytes; `bytes` 0 is "no limit"."""

    file: MountedFile
    directive: NginxDirective
    bytes: int
    text: str

    @property
    def place(self) -> Place:
        """Where the directive stands."""
        tree = self.file.tree
        assert isinstance(tree, NginxTree)
        return Place(tree.document, self.directive.span)


@rule("NGX014", "body-size-below-upload-limit", Deployment, Severity.WARNING, faq=("D11",), fix=Applicability.UNSAFE)
def body_size_below_upload_limit(deployment: Deployment) -> Diagnostics:
    """nginx answers 413 before the application sees an upload that it would accept."""
    table = deployment.table("dify")
    if table is None:
        return
    limits: dict[str, int] = table.data["uploads"]
    for nginx in deployment.project.active:
        sizes = list(_sizes(deployment, nginx))
        if not sizes or any(size.bytes == 0 for size in sizes):
            continue
        largest = max(sizes, key=lambda size: size.bytes)
        for service, variable, megabytes in _raised(deployment, limits):
            if megabytes * MEGABYTE <= largest.bytes:
                continue
            yield _too_small(deployment, nginx, largest, service, variable, megabytes)


def _raised(deployment: Deployment, limits: dict[str, int]) -> Iterator[tuple[Service, Variable, int]]:
    """The upload limits that somebody set above what is shipped; shipped ones are the product's own business."""
    for service in deployment.playing("dify", "api"):
        for name, shipped in limits.items():
            variable = service.environment.get(name)
            text = (variable.value.text or "").strip() if variable else ""
            if variable is not None and text.isascii() and text.isdigit() and int(text) > shipped:
                yield service, variable, int(text)


def _sizes(deployment: Deployment, nginx: Service) -> Iterator[BodySize]:
    for file in deployment.mounted_by(nginx, "nginx"):
        if not isinstance(file.tree, NginxTree):
            continue
        for directive, _ in file.tree.walk():
            if directive.name.text == "client_max_body_size" and directive.arguments:
                text = file.filled(directive.arguments[0].text)
                match = re.fullmatch(r"(\d+)([kmg]?)", text.lower()) if text else None
                # A size nobody can know may be large enough.
                size = int(match.group(1)) * UNITS[match.group(2)] if match else 0
                yield BodySize(file, directive, size, text or "")


def _too_small(
    deployment: Deployment, nginx: Service, size: BodySize, service: Service, variable: Variable, megabytes: int
) -> Diagnostic:
    word = size.directive.arguments[0]
    name = re.fullmatch(r"\$\{(\w+)\}", word.text)
    wanted = f"{megabytes}M" if megabytes * MEGABYTE <= megabytes << 20 else f"{megabytes + 1}M"
    edit: Edit | None
    if name and name.group(1) in nginx.environment:
        edit = change_value(deployment, nginx.environment[name.group(1)].value, wanted)
    else:
        edit = Edit(Place(size.place.document, word.span), wanted)
    return Diagnostic(
        variable.value.edit_place or variable.place,
        "`{variable}` allows {limit} MB, but nginx lets only {size} through (`{setting}`): larger uploads end in 413",
        (
            ("variable", variable.name),
            ("limit", str(megabytes)),
            ("size", size.text),
            ("setting", name.group(1) if name else "client_max_body_size"),
        ),
        (Related(size.place, f"`{nginx.name}` limits the body here"),),
        (Fix("Let {wanted} through", (edit,), Applicability.UNSAFE, (("wanted", wanted),)),) if edit else (),
    )
