"""Ways of handing out FastGPT's files that need an address of the storage for browsers, where none is set."""

from __future__ import annotations

from collections.abc import Iterator

from ...kit import Diagnostic, Related, Service, Variable, Version, in_range

# The release that looks at them together before it starts (packages/service/env.util.ts).
_SINCE = "4.15.2"
_PUBLIC, _VENDOR = "STORAGE_EXTERNAL_ENDPOINT", "STORAGE_VENDOR"
_MODE, _CDN = "STORAGE_DOWNLOAD_URL_MODE", "STORAGE_S3_CDN_ENDPOINT"


def without_public_address(version: Version | None, service: Service) -> Iterator[Diagnostic]:
    """A CDN, or links that lead to minio itself, without the address that they are made from."""
    if in_range(version, _SINCE, "") is not True or not all(file.read for file in service.env_files):
        return
    public = service.environment.get(_PUBLIC)
    if public is not None and (public.value.text is None or public.value.text.strip()):
        return
    cdn, mode = service.environment.get(_CDN), service.environment.get(_MODE)
    if cdn is not None and (cdn.value.text or "").strip():
        yield _said(
            service,
            cdn,
            public,
            "`{variable}` takes the place of the host in `{public}`, and `{service}` is not given that: it does not "
            "start; set `{public}` to the address of the storage for browsers",
        )
    if mode is not None and mode.value.text == "short-redirect" and _is_minio(service):
        yield _said(
            service,
            mode,
            public,
            "`{variable}` is `short-redirect`, which sends browsers to the storage itself, and `{public}` does not say "
            "where that is: `{service}` does not start; set it to the address of the storage for browsers",
        )


def _is_minio(service: Service) -> bool:
    vendor = service.environment.get(_VENDOR)
    return vendor is None or vendor.value.text in ("", "minio")


def _said(service: Service, variable: Variable, public: Variable | None, message: str) -> Diagnostic:
    values = (("variable", variable.name), ("public", _PUBLIC), ("service", service.name))
    related = (Related(public.place, "this is empty"),) if public is not None else ()
    return Diagnostic(variable.edit_place, message, values, related)
