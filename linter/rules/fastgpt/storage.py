"""FastGPT's object storage: an address of its interface and not of its console, and buckets that differ."""

from __future__ import annotations

import re
from collections.abc import Iterator

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
    change_value,
    in_range,
    rule,
)
from .storage_outside import outside
from .storage_public import without_public_address
from .storage_vendor import may_be_elsewhere, of_another_vendor

# Amazon's and MinIO's rules for names of buckets; the stores of clouds have the same.
_BUCKET = LatePattern(r"[a-z0-9](?:[a-z0-9.-]{1,61})[a-z0-9]")
_CONSOLE = LatePattern(r"--console-address[=\s]+[\"']?[\w.]*:(\d+)")
_API = LatePattern(r"--address[=\s]+[\"']?[\w.]*:(\d+)")
# The client's port where S3_PORT names none.
_PORT = "9000"
# The variables of each kind before and after 4.14.5.
_OLD, _NEW = ("4.13.1", "4.14.4"), ("4.14.5", "")


@rule("FGP032", "object-storage", Deployment, Severity.ERROR, fix=Applicability.UNSAFE)
def object_storage(deployment: Deployment) -> Diagnostics:
    """Settings of the storage that cannot work together."""
    told: set[Place] = set()
    version = deployment.versions.get("fastgpt")
    for service in deployment.playing("fastgpt", "app", "plugin"):
        found: list[Diagnostic] = []
        if in_range(version, *_NEW) is True:
            if not may_be_elsewhere(service):
                found += _console(deployment, service)
                found += _form(deployment, service, "STORAGE_S3_ENDPOINT", url=True)
                found += outside(deployment, service, "STORAGE_EXTERNAL_ENDPOINT", "STORAGE_S3_ENDPOINT")
            found += _one_bucket(service, "STORAGE_PUBLIC_BUCKET", "STORAGE_PRIVATE_BUCKET")
            found += _misnamed(service, "STORAGE_PUBLIC_BUCKET", "STORAGE_PRIVATE_BUCKET")
            found += of_another_vendor(deployment, service)
            found += without_public_address(version, service)
        elif in_range(version, *_OLD) is True:
            found += _form(deployment, service, "S3_ENDPOINT", url=False)
            found += _one_bucket(service, "S3_PUBLIC_BUCKET", "S3_PRIVATE_BUCKET")
            found += _misnamed(service, "S3_PUBLIC_BUCKET", "S3_PRIVATE_BUCKET")
            found += outside(deployment, service, "S3_EXTERNAL_BASE_URL", "S3_ENDPOINT")
        for diagnostic in found:
            if diagnostic.place not in told:
                told.add(diagnostic.place)
                yield diagnostic


def _console(deployment: Deployment, service: Service) -> Iterator[Diagnostic]:
    """An endpoint that leads to the pages of minio."""
    for endpoint in deployment.endpoints:
        if endpoint.reader is not service or endpoint.variable.name != "STORAGE_S3_ENDPOINT" or endpoint.port is None:
            continue
        found = deployment.lookup(service, endpoint.host.text)
        target = found.services[0] if found.reach == "reached" and len(found.services) == 1 else None
        server = deployment.server(target) if target is not None else None
        if target is None or server is None or server.name != "minio":
            continue
        words = " ".join(target.words("command"))
        console, api = _CONSOLE.search(words), _API.search(words)
        port = api.group(1) if api else "9000"
        if console is None or endpoint.port.text != console.group(1) or port == console.group(1):
            continue
        values = (
            ("variable", endpoint.variable.name),
            ("service", target.name),
            ("port", port),
            ("wrong", endpoint.port.text),
        )
        edit = change_part(deployment, endpoint.variable.value, endpoint.port, port)
        yield Diagnostic(
            endpoint.variable.place_of(endpoint.port.start, endpoint.port.end),
            "`{variable}` leads to port {wrong} of `{service}`, its pages for people; programs are answered on {port}",
            values,
            (Related(target.place, "this is the service"),),
            (Fix("Use port {port}", (edit,), Applicability.UNSAFE, values),) if edit else (),
        )


def _form(deployment: Deployment, service: Service, name: str, *, url: bool) -> Iterator[Diagnostic]:
    """A bare host where a URL is wanted, or the reverse."""
    variable = service.environment.get(name)
    text = (variable.value.text or "").strip() if variable is not None else ""
    if variable is None or not text:
        return
    bare = re.fullmatch(r"[\w.-]+(:\d+)?", text)
    values = (("variable", name), ("service", service.name))
    if url and bare is not None:
        edit = change_value(deployment, variable.value, f"http://{text}")
        yield Diagnostic(
            variable.edit_place,
            "`{variable}` of `{service}` has no scheme, and the storage client wants a whole address: write `http://` "
            "before it",
            values,
            fixes=(Fix("Write `http://` before it", (edit,), Applicability.UNSAFE, values),) if edit else (),
        )
    elif not url and ("://" in text or (bare is not None and bare.group(1))):
        host = _host_alone(service, text)
        edit = change_value(deployment, variable.value, host) if host is not None else None
        yield Diagnostic(
            variable.edit_place,
            "`{variable}` of `{service}` is an address, and the storage client wants the host alone: scheme and port "
            "have variables of their own, S3_USE_SSL and S3_PORT",
            values,
            fixes=(Fix("Leave only the host", (edit,), Applicability.UNSAFE, values),) if edit else (),
        )


def _host_alone(service: Service, text: str) -> str | None:
    """The host of an address whose scheme and port other variables give as well; None when they say otherwise."""
    address = re.fullmatch(r"(?:(https?)://)?([\w.-]+)(?::(\d+))?/?", text)
    if address is None:
        return None
    scheme, host, port = address.groups()
    secure, number = service.environment.get("S3_USE_SSL"), service.environment.get("S3_PORT")
    encrypted = secure is not None and secure.value.text == "true"
    told = (number.value.text or _PORT) if number is not None else _PORT
    return host if scheme in (None, "https" if encrypted else "http") and port in (None, told) else None


def _one_bucket(service: Service, public: str, private: str) -> Iterator[Diagnostic]:
    first, second = service.environment.get(public), service.environment.get(private)
    if first is None or second is None or not first.value.text or first.value != second.value:
        return
    values = (("public", public), ("private", private), ("service", service.name))
    yield Diagnostic(
        second.edit_place,
        "`{public}` and `{private}` of `{service}` are one bucket, which everybody may read: private files are open, "
        "use two buckets",
        values,
        (Related(first.edit_place, "this is the public one"),),
    )


def _misnamed(service: Service, *names: str) -> Iterator[Diagnostic]:
    for name in names:
        variable = service.environment.get(name)
        if variable is not None and variable.value.text and not _BUCKET.fullmatch(variable.value.text):
            yield Diagnostic(
                variable.edit_place,
                "`{variable}` of `{service}` is no name that a bucket can have, so it cannot be made: 3 to 63 small "
                "letters, digits, `-` and `.`, with a letter or digit at both ends",
                (("variable", name), ("service", service.name)),
            )
