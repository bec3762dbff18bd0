"""The address by which browsers reach FastGPT's storage, against the ports that its container publishes."""

from __future__ import annotations

from collections.abc import Iterator

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Endpoint,
    Fix,
    LatePattern,
    Port,
    Related,
    Service,
    change_part,
)

_ADDRESS = LatePattern(r"(?:\d{1,3}\.){3}\d{1,3}")
API = 9000


def outside(deployment: Deployment, service: Service, outer: str, inner: str) -> Iterator[Diagnostic]:
    """An address of this machine, with a port behind which the storage is not."""
    minio = _storage(deployment, service, inner)
    for endpoint in deployment.endpoints if minio is not None else ():
        if endpoint.reader is service and endpoint.variable.name == outer and minio is not None:
            yield from _judged(deployment, endpoint, minio)


def _storage(deployment: Deployment, service: Service, inner: str) -> Service | None:
    """The minio container that answers the inner address on its usual port."""
    for endpoint in deployment.endpoints:
        if endpoint.reader is service and endpoint.variable.name == inner:
            found = deployment.lookup(service, endpoint.host.text)
            target = found.services[0] if found.reach == "reached" and len(found.services) == 1 else None
            server = deployment.server(target) if target is not None else None
            moved = target is not None and "--address" in target.words("command")
            return target if server is not None and server.name == "minio" and not moved else None
    return None


def _judged(deployment: Deployment, endpoint: Endpoint, minio: Service) -> Iterator[Diagnostic]:
    # Behind a name, or without a port, stands a reverse proxy of which nothing is known here.
    if endpoint.port is None or endpoint.loopback or not _ADDRESS.fullmatch(endpoint.host.text):
        return
    port = int(endpoint.port.text)
    here = [p for service in deployment.project.active for p in service.ports if _publishes(p, port)]
    api = next((p for p in minio.ports if p.target == (API, API) and p.published), None)
    # What another service publishes there may pass on to the storage.
    if not all(p.known for p in minio.ports) or any(p not in minio.ports for p in here):
        return
    values = (
        ("variable", endpoint.variable.name),
        ("service", minio.name),
        ("port", endpoint.port.text),
        ("right", str(api.published[0]) if api and api.published else ""),
    )
    if here and api in here and api is not None:
        if endpoint.rest.partition("?")[0].strip("/"):
            yield _with_path(deployment, endpoint, api, values)
        if api.host_ip.startswith("127."):
            yield _said(
                endpoint,
                "`{variable}` names port {port} of this machine, but `{service}` publishes it for the machine itself "
                "only: nobody else is answered; publish it without `127.0.0.1`",
                values,
                api,
            )
    elif here:
        yield _said(
            endpoint,
            "`{variable}` names port {port} of this machine, where `{service}` has its pages for people; files are "
            "answered on {right}"
            if api
            else "`{variable}` names port {port} of this machine, where `{service}` has its pages for people; its port "
            "for files, 9000, is not published",
            values,
            here[0],
            _corrected(deployment, endpoint, api),
        )
    else:
        yield _said(
            endpoint,
            "`{variable}` names port {port} of this machine, but `{service}` publishes its port for files as {right}: "
            "no picture and no upload gets through"
            if api
            else "`{variable}` names port {port} of this machine, but nothing publishes it: no picture and no upload "
            "gets through; publish port 9000 of `{service}` there",
            values,
            api,
            _corrected(deployment, endpoint, api),
        )


def _with_path(
    deployment: Deployment, endpoint: Endpoint, api: Port, values: tuple[tuple[str, str], ...]
) -> Diagnostic:
    text = endpoint.variable.value.text or ""
    start = len(text.rstrip()) - len(endpoint.rest)
    edit = change_part(deployment, endpoint.variable.value, (endpoint.rest, start, start + len(endpoint.rest)), "")
    return Diagnostic(
        endpoint.variable.place_of(start, start + len(endpoint.rest)),
        "`{variable}` leads to port {port} of `{service}` itself, which takes the path behind it for a bucket: no file "
        "is found; leave the path out, FastGPT adds the bucket",
        values,
        (Related(api.place, "`{service}` publishes this", values),),
        (Fix("Leave the path out", (edit,), Applicability.UNSAFE),) if edit else (),
    )


def _publishes(port: Port, number: int) -> bool:
    return port.published is not None and port.published[0] <= number <= port.published[1]


def _corrected(deployment: Deployment, endpoint: Endpoint, api: Port | None) -> tuple[Fix, ...]:
    if api is None or api.published is None or endpoint.port is None:
        return ()
    text = str(api.published[0])
    edit = change_part(deployment, endpoint.variable.value, endpoint.port, text)
    return (Fix("Use port {port}", (edit,), Applicability.UNSAFE, (("port", text),)),) if edit else ()


def _said(
    endpoint: Endpoint,
    message: str,
    values: tuple[tuple[str, str], ...],
    port: Port | None,
    fixes: tuple[Fix, ...] = (),
) -> Diagnostic:
    variable, part = endpoint.variable, endpoint.port
    place = variable.place_of(part.start, part.end) if part is not None else variable.edit_place
    related = (Related(port.place, "`{service}` publishes this", values),) if port is not None else ()
    return Diagnostic(place, message, values, related, fixes)
