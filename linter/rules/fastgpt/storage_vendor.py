"""A cloud that is chosen for FastGPT's files, with the keys or the address of the minio that FastGPT ships."""

from __future__ import annotations

from collections.abc import Iterator

from ...kit import Deployment, Diagnostic, Related, Service, left_out

_CLOUDS = {"STORAGE_VENDOR": ("cos", "oss")}
_SECRET, _ADDRESS = "STORAGE_SECRET_ACCESS_KEY", "STORAGE_OSS_ENDPOINT"


def may_be_elsewhere(service: Service) -> bool:
    """Whether the files lie, or may lie, in a cloud to which the settings of minio say nothing."""
    return left_out(service.environment, _CLOUDS)


def of_another_vendor(deployment: Deployment, service: Service) -> Iterator[Diagnostic]:
    """What a cloud cannot have given out."""
    vendor = service.environment.get("STORAGE_VENDOR")
    table = deployment.table("fastgpt")
    if vendor is None or table is None or vendor.value.text not in _CLOUDS["STORAGE_VENDOR"]:
        return
    values = (("vendor", vendor.value.text), ("service", service.name))
    related = (Related(vendor.edit_place, "the storage is chosen here"),)
    secret = service.environment.get(_SECRET)
    if secret is not None and table.default_secret(secret.value.text or "", _SECRET):
        yield Diagnostic(
            secret.edit_place,
            "`STORAGE_VENDOR` of `{service}` is `{vendor}`, and `{variable}` still is what FastGPT ships for its own "
            "minio: the cloud turns every call away; write the key that it gave you, with its region and buckets",
            (*values, ("variable", _SECRET)),
            related,
        )
    for endpoint in deployment.endpoints:
        if endpoint.reader is not service or endpoint.variable.name != _ADDRESS:
            continue
        found = deployment.lookup(service, endpoint.host.text)
        if found.reach == "reached":
            yield Diagnostic(
                endpoint.variable.edit_place,
                "`{variable}` of `{service}` leads to `{target}`, which is a container here and no cloud: for minio "
                "`STORAGE_VENDOR` is `minio`, and its address belongs into `STORAGE_S3_ENDPOINT`",
                (*values, ("variable", _ADDRESS), ("target", found.services[0].name)),
                related,
            )
