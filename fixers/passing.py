"""Passing a variable on to a service: a literal becomes the fallback of an expression that asks for the variable."""

from __future__ import annotations

import re

from ..schemas.models.deployment import Deployment
from ..schemas.models.service import Variable
from ..schemas.parsers.yaml import YamlScalar
from .edit import Edit
from .value import node_at

# What may stand in the fallback of `${NAME:-fallback}` as it is.
_FALLBACK = re.compile(r"[^\n\r${}\\]*")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def ask_for(deployment: Deployment, variable: Variable) -> Edit | None:
    """Turn the literal that a service is given for a variable into `${NAME:-literal}`.

    None for a text that cannot stand in a fallback, a name that no expression can ask for, and a value that is not
    written as one scalar.
    """
    from . import yaml

    text = variable.value.text
    if text is None or not _FALLBACK.fullmatch(text) or not _NAME.fullmatch(variable.name):
        return None
    tree, node = node_at(deployment, variable.place)
    if not isinstance(node, YamlScalar):
        return None
    asked = f"${{{variable.name}:-{text}}}"
    return yaml.set_value(tree, node, f"{variable.name}={asked}" if variable.form == "list" else asked)
