"""Adding to a service where it is written: items of its lists, networks, extra hosts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..schemas.models.deployment import Deployment
from ..schemas.models.service import Service
from ..schemas.parsers.document import Place
from ..schemas.parsers.yaml import YamlMapping, YamlNode, YamlScalar, YamlSequence, YamlTree
from .edit import Edit
from .value import node_at

if TYPE_CHECKING:
    from .yaml_writing import Data


def append_to(
    deployment: Deployment, service: Service, key: str, item: str, *, first: Sequence[str] = ()
) -> Edit | None:
    """Add an item to a list of a service (`volumes`, …), making the list, `first` before it, when there is none.

    None when what stands there is no list, or is shared with other services by an anchor or `extends`.
    """
    from . import yaml
    from .yaml_writing import flow_data

    found = _own(deployment, service, key)
    if found is None:
        return None
    tree, node = found
    if node is None:
        return _insert(deployment, service, key, [*first, item])
    if isinstance(node, YamlScalar) and not node.text and not node.style:
        # A key with nothing behind it: what was there has gone.
        blank = " " if tree.document.text[node.span.start - 1 : node.span.start] == ":" else ""
        return Edit(tree.document.place(*node.span), blank + flow_data([*first, item], ""))
    return yaml.append_item(tree, node, item) if isinstance(node, YamlSequence) else None


def add_keys(deployment: Deployment, service: Service, keys: Mapping[str, Data]) -> Edit | None:
    """Add keys with their values at the end of a service, in one edit; None where the service is no mapping there."""
    from . import yaml

    tree, node = node_at(deployment, service.node.place)
    if not isinstance(node, YamlMapping):
        return None
    edits = [yaml.insert_key(tree, node, key, value) for key, value in keys.items()]
    if node.flow and len(edits) > 1:
        return None
    return Edit(edits[0].place, "".join(edit.text for edit in edits)) if edits else None


def join_network(deployment: Deployment, service: Service, network: str) -> Edit | None:
    """Put a service on one more network; None when its networks are shared with other services."""
    from . import yaml

    found = _own(deployment, service, "networks")
    if found is None:
        return None
    tree, node = found
    if isinstance(node, YamlMapping):
        return yaml.insert_key(tree, node, network, {})
    # A list of its own takes a service off the default network, so that has to be named, too.
    return append_to(deployment, service, "networks", network, first=("default",))


def add_extra_host(deployment: Deployment, service: Service, host: str, address: str) -> Edit | None:
    """Give a service a line of `/etc/hosts`; None when its extra hosts are shared with other services."""
    from . import yaml

    found = _own(deployment, service, "extra_hosts")
    if found is None:
        return None
    tree, node = found
    if isinstance(node, YamlMapping):
        return yaml.insert_key(tree, node, host, address)
    return append_to(deployment, service, "extra_hosts", f"{host}:{address}")


def _own(deployment: Deployment, service: Service, key: str) -> tuple[YamlTree, YamlNode | None] | None:
    """The node of a service's key, None for no such key; nothing when it is written outside of the service."""
    entry = service.node.entries.get(key)
    if entry is None:
        return node_at(deployment, service.node.place)[0], None
    if not _within(entry.key_place, service.node.place) or not _within(entry.node.place, service.node.place):
        return None
    tree, node = node_at(deployment, entry.node.place)
    return (tree, node) if node is not None else None


def _within(inner: Place, outer: Place) -> bool:
    return (
        inner.document is outer.document and outer.span.start <= inner.span.start and inner.span.end <= outer.span.end
    )


def _insert(deployment: Deployment, service: Service, key: str, items: Sequence[str]) -> Edit | None:
    from . import yaml

    tree, node = node_at(deployment, service.node.place)
    return yaml.insert_key(tree, node, key, items) if isinstance(node, YamlMapping) else None
