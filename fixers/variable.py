"""Changing the variables of a service where they are written: their names, and adding one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..schemas.models.deployment import Deployment
from ..schemas.models.service import Service, Variable
from ..schemas.parsers.yaml import YamlMapping, YamlScalar, YamlSequence
from .edit import Edit
from .value import node_at


def rename_variable(variable: Variable, name: str) -> Edit | None:
    """Give a variable another name where it is written; None for one whose value comes from its name (`- KEY`).

    What is written in one place for several services changes for all of them: see that this is right for each.
    """
    place = variable.key_place
    if variable.form == "inherited":
        return None
    written = place.text
    quote = written[:1] if written[:1] in ("'", '"') else ""
    if written != f"{quote}{variable.name}{quote}":
        return None
    return Edit(place, f"{quote}{name}{quote}")


def add_variable(deployment: Deployment, service: Service, name: str, text: str) -> Edit | None:
    """Set one more variable in a service's own `environment`, in the form it has.

    None when it has none, or when it is written outside of the service.
    """
    return _add(deployment, service, name, text.replace("$", "$$"))


def pass_on(deployment: Deployment, service: Service, name: str) -> Edit | None:
    """Hand a variable of `.env` over to a service, empty while it is not set there; None as for adding one."""
    return _add(deployment, service, name, f"${{{name}:-}}")


def copy_variables(deployment: Deployment, service: Service, variables: Sequence[Variable]) -> Edit | None:
    """Give a service variables of another one, written as they are there (`${NAME:-fallback}`), in one edit.

    None as for adding one, and for variables whose values are not written in a compose file.
    """
    return _together([_copied(deployment, service, variable) for variable in variables])


def ask_env_for(deployment: Deployment, service: Service, fallbacks: Mapping[str, str]) -> Edit | None:
    """Hand variables of `.env` over to a service, each with what counts while it is not set there, in one edit.

    None as for adding one.
    """
    return _together([_add(deployment, service, name, f"${{{name}:-{text}}}") for name, text in fallbacks.items()])


def _together(edits: Sequence[Edit | None]) -> Edit | None:
    places = {edit.place for edit in edits if edit is not None}
    if len(places) != 1 or None in edits:
        return None
    if len(edits) > 1 and not all(edit.text.startswith("\n") or edit.text.endswith("\n") for edit in edits if edit):
        # Between the brackets of a flow collection each needs its own comma.
        return None
    return Edit(places.pop(), "".join(edit.text for edit in edits if edit))


def _copied(deployment: Deployment, service: Service, variable: Variable) -> Edit | None:
    if variable.form not in ("map", "list"):
        return None
    _, node = node_at(deployment, variable.place)
    if not isinstance(node, YamlScalar):
        return None
    written = node.text.partition("=")[2] if variable.form == "list" else node.text
    return _add(deployment, service, variable.name, written)


def _add(deployment: Deployment, service: Service, name: str, written: str) -> Edit | None:
    from . import yaml

    entry = service.node.entries.get("environment")
    if entry is None:
        return None
    own = service.node.place
    if entry.key_place.document is not own.document or not own.span.covers(entry.key_place.span):
        return None
    tree, node = node_at(deployment, own)
    if not isinstance(node, YamlMapping):
        return None
    value = next((each.value for each in node.entries if each.key.span == entry.key_place.span), None)
    if isinstance(value, YamlMapping):
        return yaml.insert_key(tree, value, name, written)
    return yaml.append_item(tree, value, f"{name}={written}") if isinstance(value, YamlSequence) else None
