"""The deployment as one thing: the Compose project, every file it mounts, hosts, ports, roles, product and release."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from ..files import Files, within
from ..parsers.document import Problem
from .endpoint import Endpoint, endpoints_in
from .image import Image, Version
from .mentions import assigned, given_whole, mentioned
from .mounted import MountedFile, text_at
from .neighbours import neighbour_names
from .product import ProductTable, Role
from .project import Project
from .reach import HostLookup, Reachability, first_port, listening, offered
from .servers import Server, servers
from .service import Service

if TYPE_CHECKING:
    from ..host import Host
    from ..workspace import Tree, Workspace
    from .checkout import Checkout
    from .configured import Configured
    from .variable_fact import VariableFact

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Deployment:
    """What a rule gets. Everything is resolved here; a rule merges, interpolates and reads nothing itself.

    `root` is the project directory, `boundary` the folder outside of which nothing is read.
    """

    root: str
    boundary: str
    project: Project
    workspace: Workspace
    mounted: tuple[MountedFile, ...]
    problems: tuple[Problem, ...]
    trees: tuple[Tree, ...]
    tables: tuple[ProductTable, ...]
    _images: Mapping[str, Image] = field(default_factory=dict[str, Image])
    _checkouts: dict[str, Checkout | None] = field(default_factory=dict[str, "Checkout | None"])
    # Not handed on by `replace`: what was found out rests on files that may be others by then.
    _found: dict[Callable[[Deployment], Any], tuple[Any, ...]] = field(
        init=False, default_factory=dict[Callable[["Deployment"], Any], tuple[Any, ...]]
    )

    def all_of(self, find: Callable[[Deployment], Iterable[T]]) -> tuple[T, ...]:
        """All that a function finds in this deployment, looked for at the first call only."""
        if find not in self._found:
            self._found[find] = tuple(find(self))
        return self._found[find]

    @property
    def services(self) -> Mapping[str, Service]:
        """All services, those of inactive profiles included."""
        return self.project.services

    @cached_property
    def product(self) -> str | None:
        """The name of the product that this deployment runs, None when it is none we know."""
        return self.tables[0].name if self.tables else None

    @cached_property
    def versions(self) -> Mapping[str, Version | None]:
        """The release of each product in the stack, from its image tags."""
        return {table.name: table.version(self._images.values()) for table in self.tables}

    @property
    def version(self) -> Version | None:
        """The release of the deployment's product, None when the tags do not tell."""
        return self.versions.get(self.product) if self.product else None

    def table(self, product: str) -> ProductTable | None:
        """A product's table, if the product is part of this stack."""
        return next((t for t in self.tables if t.name == product), None)

    @cached_property
    def roles(self) -> Mapping[str, tuple[str, Role]]:
        """Service name → (product, role), for the services whose role can be told."""
        found: dict[str, tuple[str, Role]] = {}
        for name, image in self._images.items():
            for table in self.tables:
                role = table.role(self.services[name], image)
                if role is not None:
                    found[name] = (table.name, role)
                    break
        return found

    def checkout(self, product: str) -> Checkout | None:
        """The source checkout of a product beside this deployment."""
        if product not in self._checkouts:
            table = self.table(product)
            found = None
            if table is not None and "checkout" in table.data:
                from .checkout import find_checkout

                found = find_checkout(self.workspace, self.root, self.boundary, table)
            self._checkouts[product] = found
        return self._checkouts[product]

    def read_by_source(self, product: str, role: str) -> Mapping[str, VariableFact] | None:
        """The variables of a role by the checkout beside the deployment, where that is the release which is deployed.

        None where there is no such checkout, it is of another release, or the role reads more than its settings.
        """
        table, checkout = self.table(product), self.checkout(product)
        if table is None or checkout is None or not any(r.name == role and r.settings for r in table.roles):
            return None
        version = self.versions.get(product)
        if version is not None and checkout.version is not None and checkout.version != version:
            return None
        return checkout.settings or None

    def role(self, service: Service) -> str:
        """The service's role in its product ("api", "worker", …), "" when it has none that we know."""
        found = self.roles.get(service.name)
        return found[1].name if found else ""

    def playing(self, product: str, *roles: str, active: bool = True) -> tuple[Service, ...]:
        """The services of a product that play one of the roles; the active ones, unless told otherwise."""
        return tuple(
            service
            for name, (found, role) in self.roles.items()
            if found == product
            and (not roles or role.name in roles)
            and ((service := self.services[name]).active or not active)
        )

    def server(self, service: Service) -> Server | None:
        """The well-known server that the service's image is."""
        image = self._images.get(service.name)
        return servers().get(image.name) if image else None

    def image(self, service: Service) -> Image | None:
        """The service's image reference, None when unknown or built."""
        return self._images.get(service.name)

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Every address in the environment of every active service."""
        return self.project.endpoints

    @cached_property
    def configured(self) -> tuple[Configured, ...]:
        """The texts that services of a product take from a JSON file that they mount."""
        tables = [table for table in self.tables if "config" in table.data]
        if not tables or all(mounted.kind != "json" for mounted in self.mounted):
            return ()
        from .configured import configured

        own = [(t, self.versions.get(t.name), self.playing(t.name, t.data["config"]["role"])) for t in tables]
        return tuple(each for reader in own for each in configured(*reader, self.mounted))

    @cached_property
    def called_by_configuration(self) -> tuple[Endpoint, ...]:
        """The addresses in JSON files that a product's table says its services call themselves."""
        called = (each for each in self.configured if each.called)
        return tuple(endpoint for each in called for endpoint in endpoints_in(each.service, (each.variable,)))

    def contacts(self, service: Service) -> Mapping[str, tuple[str, ...]]:
        """The variables from which a service takes the addresses that it calls itself, by the choices made.

        Each with the roles and servers that may answer there. {} for a service of no product that is no known server.
        """
        found = self.roles.get(service.name)
        table = self.table(found[0]) if found else None
        if found and table:
            return table.contacts(found[1].name, service.environment)
        server = self.server(service)
        return server.contacts(service.environment) if server else {}

    @cached_property
    def _reachability(self) -> Reachability:
        external = frozenset(
            name for name, node in self.project.networks.items() if node is not None and node.get("external")
        )
        return Reachability(self.services, self.project.name, external)

    def lookup(self, reader: Service, host: str) -> HostLookup:
        """What a host name is inside the containers of `reader`."""
        found = self._reachability.lookup(reader, host)
        if self.project.cut_off and found.reach in ("none", "apart"):
            return HostLookup("maybe", found.services)
        if found.reach == "none" and "." not in host and host.lower() in self._neighbours:
            return HostLookup("maybe")
        return found

    @cached_property
    def _neighbours(self) -> frozenset[str]:
        own = frozenset(tree.document.path for tree in self.project.files)
        return neighbour_names(self.workspace, self.root, own, self.services.keys())

    def networks(self, service: Service) -> frozenset[str] | None:
        """The networks on which a service is; None when it uses the host's or cannot be told."""
        return self._reachability.networks(service)

    def listening(self, service: Service) -> frozenset[int] | None:
        """The container ports on which a service listens, None when its image does not tell."""
        found = self.roles.get(service.name)
        return listening(service, found[1] if found else None)

    def first_port(self, service: Service) -> int | None:
        """The container port on which a service answers what others ask it, None when its image does not tell."""
        found = self.roles.get(service.name)
        return first_port(service, found[1] if found else None)

    def offered(self, service: Service) -> frozenset[int]:
        """The container ports that the compose file names for a service."""
        return offered(service)

    def mounted_by(self, service: Service, kind: str) -> tuple[MountedFile, ...]:
        """The files of one kind that a service mounts."""
        return tuple(m for m in self.mounted if m.service is service and m.kind == kind)

    def mounted_text(self, service: Service, target: str) -> str | None:
        """The text of the very file that a service has at a path; None when none is mounted there or it is not read."""
        return text_at(self.workspace, self.mounted, service, target)

    def mentioned(self, names: Collection[str]) -> frozenset[str] | None:
        """Which variable names stand in scripts, templates or code of the project's folder; None when nobody knows."""
        files = self.workspace.files
        own = [tree.document.path for tree in self.project.files]
        own += [tree.document.path for tree in self.project.env_files]
        return mentioned(files, self.root, self.boundary, names, own)

    @cached_property
    def set_by_scripts(self) -> frozenset[str]:
        """The variables that a script or Makefile of the project sets which may start Compose."""
        return assigned(self.workspace.files, self.root, self.boundary)

    def given_whole(self, path: str) -> bool:
        """Whether a service may get a whole file, and with it every variable in it."""
        return given_whole(self.project, path)

    @cached_property
    def host(self) -> Host:
        """The machine that this runs on, for `host` rules only."""
        from ..host import Host

        return Host(self.workspace.files)

    def exists(self, path: str) -> bool:
        """Whether something stands at an absolute path (seen at loading time; rules touch no disk themselves)."""
        return self.workspace.files.kind(path) != "missing"

    def entries(self, path: str) -> tuple[str, ...]:
        """The names in a folder of the project, () when there is no such folder or it lies outside."""
        files = self.workspace.files
        if files.kind(path) != "directory" or not within(files.real(path), files.real(self.boundary)):
            return ()
        return tuple(files.entries(path))


def find_boundary(files: Files, folder: str) -> str:
    """The folder that a deployment's files may be read from: the checkout around it, else the folder itself."""
    current = folder
    while True:
        if files.kind(f"{current}/.git") != "missing":
            return current
        parent = os.path.dirname(current)
        if parent == current:
            return folder
        current = parent
