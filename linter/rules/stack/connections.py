"""Which servers of the stack a service logs in to, and with what account they were started."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from ...kit import Deployment, Endpoint, LatePattern, Server, Service
from .addresses import called
from .logins import Credential, given, used

# What makes an account in SQL, in PostgreSQL's program for it, and in the shell of MongoDB; and what stands behind it.
_ACCOUNT = LatePattern(r"(?i)\b(?:create\s+(?:user|role)|createuser)\b[^;]{0,200}")


class Connection(NamedTuple):
    """An address that a service calls, and the server that answers there."""

    endpoint: Endpoint
    service: Service
    server: Server


def connections(deployment: Deployment) -> Iterator[Connection]:
    """The addresses that services call and at which one server of the stack answers."""
    for endpoint in called(deployment):
        found = deployment.lookup(endpoint.reader, endpoint.host.text)
        if found.reach == "reached" and len(found.services) == 1:
            server = deployment.server(found.services[0])
            if server is not None:
                yield Connection(endpoint, found.services[0], server)


def is_as_given(deployment: Deployment, connection: Connection) -> bool:
    """Whether a client logs in as the user that the server was given, or is a job that does so as its first user."""
    endpoint, service, server = connection
    user = used(endpoint, "user")
    if user is None:
        return False
    if user.text == root_of(service, server):
        return _is_waited_for(deployment, endpoint.reader)
    their_user = account_of(service, server, user.text)[0]
    return their_user is not None and user.text == their_user.text


def _is_waited_for(deployment: Deployment, job: Service) -> bool:
    """Whether a service does its work and ends before another is started."""
    return any(
        dependency.service == job.name and dependency.condition == "service_completed_successfully"
        for service in deployment.project.active
        for dependency in service.depends_on
    )


def has_its_own_account(deployment: Deployment, connection: Connection, as_given: Collection[tuple[str, str]]) -> bool:
    """Whether a server has one client that logs in as it was given, and this is another with all of its own.

    Who runs one database for several programs makes the accounts of the others by hand, or in what a container is
    started with. `as_given` names the servers, each with a client that uses what it was given.
    """
    endpoint, service, server = connection
    user, password = used(endpoint, "user"), used(endpoint, "password")
    if user is None or password is None or endpoint.reader.name in deployment.roles:
        return False
    their_user, their_password = account_of(service, server, user.text)
    differs = their_user is not None and user.text != their_user.text
    differs = differs and their_password is not None and password.text != their_password.text
    if not differs:
        return False
    shared = any(name == service.name and reader != endpoint.reader.name for name, reader in as_given)
    return shared or any(_makes(one, user.text) for one in deployment.project.active)


def _makes(service: Service, user: str) -> bool:
    """Whether a service is started with a command that makes an account of this name, or of one from a variable."""
    text = " ".join((*service.words("entrypoint"), *service.words("command")))
    return any(user in line or "$" in line for line in _ACCOUNT.compiled.findall(text))


def account_of(service: Service, server: Server, user: str) -> tuple[Credential | None, Credential | None]:
    """User and password that a server was given; None for what is not known or does not concern that user."""
    flag = server.facts.get("password_flag")
    if flag:
        return None, given(service, (), str(flag))
    root = root_of(service, server)
    if root and user == root:
        return None, given(service, server.variables("root_password"))
    return given(service, server.variables("user")), given(service, server.variables("password"))


def root_of(service: Service, server: Server) -> str:
    """The name of a server's first user; OceanBase has one in each tenant, and the image makes one tenant."""
    tenant = given(service, server.variables("tenant"))
    return f"root@{tenant.text}" if tenant is not None else str(server.facts.get("root", ""))
