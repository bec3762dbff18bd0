"""A mongo that this machine's processor cannot run."""

from __future__ import annotations

import re

from ...kit import Applicability, Deployment, Diagnostic, Diagnostics, Fix, Severity, change_part, in_range, rule
from .mongo_server import servers_used


@rule("FGP023", "mongo-avx", Deployment, Severity.WARNING, faq=("F3.9",), fix=Applicability.UNSAFE, host=True)
def mongo_avx(deployment: Deployment) -> Diagnostics:
    """From 5.0 on mongo wants AVX; without it the program ends with an illegal instruction."""
    flags = deployment.host.cpu_flags
    if not flags or "avx" in flags:
        return
    for start, _ in servers_used(deployment, since="").values():
        service = start.service
        image = deployment.image(service)
        value = service.image
        if image is None or value is None or value.text is None or in_range(image.version, "5.0", "") is not True:
            continue
        values = (("service", service.name), ("tag", image.tag), ("new", "4.4.29"))
        at = value.text.rfind(image.tag)
        edit = change_part(deployment, value, (image.tag, at, at + len(image.tag)), "4.4.29") if at > 0 else None
        safe = edit is not None and re.fullmatch(r"[0-9.]+", image.tag)
        yield Diagnostic(
            service.image_place or service.place,
            "`{service}` is mongo {tag}, which needs a processor with AVX, and this machine has none: it ends at once; "
            "use {new}, with an empty data folder, since it cannot read the files of a newer one",
            values,
            fixes=(Fix("Use mongo {new}", (edit,), Applicability.UNSAFE, values),) if edit and safe else (),
        )
