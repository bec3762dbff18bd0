"""All that a rule may import."""

from __future__ import annotations

from ..fixers import nginx as nginx_edits
from ..fixers import squid as squid_edits
from ..fixers import dotenv as dotenv_edits
from ..fixers import yaml as yaml_edits
from ..fixers.edit import Applicability, Edit, Fix
from ..fixers.service import add_extra_host, append_to, join_network
from ..fixers.value import change_part, change_parts, change_value
from ..schemas.models.deployment import Deployment
from ..schemas.models.endpoint import DATASTORE_SCHEMES, Endpoint, endpoints
from ..schemas.models.image import Image, Version, in_range
from ..schemas.models.mounted import MountedFile
from ..schemas.models.node import Entry, MappingNode, Node, ScalarNode, SequenceNode
from ..schemas.models.product import ProductTable, Role, Server
from ..schemas.models.project import Project, VariableUse
from ..schemas.models.reach import HostLookup
from ..schemas.models.service import Attachment, Dependency, EnvFile, Mount, Port, Service, Variable
from ..schemas.models.value import Piece, Source, Value
from ..schemas.parsers import nginx_directives
from ..schemas.parsers.document import Document, Place, Problem, Span
from ..schemas.parsers.dotenv import DotenvEntry, DotenvTree
from ..schemas.parsers.json import JsonArray, JsonMember, JsonNode, JsonObject, JsonScalar, JsonTree
from ..schemas.parsers.nginx import NginxDirective, NginxTree, NginxWord
from ..schemas.parsers.squid import SquidDirective, SquidTree, SquidWord
from ..schemas.parsers.yaml import (
    YamlAlias,
    YamlEntry,
    YamlMapping,
    YamlNode,
    YamlScalar,
    YamlSequence,
    YamlTree,
    parse_yaml,
)
from ..schemas.parsers.yaml import children as yaml_children
from ..schemas.validation import conforms, load_schema, violations
from .diagnostic import Diagnostic, Related, Severity
from .near import near
from .problems import said
from .rule import Diagnostics, Rule, rule
from .secrets import secret_name
from .suppress import Suppression, Suppressions

__all__ = [
    "DATASTORE_SCHEMES",
    "Applicability",
    "Attachment",
    "Dependency",
    "Deployment",
    "Diagnostic",
    "Diagnostics",
    "Document",
    "DotenvEntry",
    "DotenvTree",
    "Edit",
    "Endpoint",
    "Entry",
    "EnvFile",
    "Fix",
    "HostLookup",
    "Image",
    "JsonArray",
    "JsonMember",
    "JsonNode",
    "JsonObject",
    "JsonScalar",
    "JsonTree",
    "MappingNode",
    "Mount",
    "MountedFile",
    "NginxDirective",
    "NginxTree",
    "NginxWord",
    "Node",
    "Piece",
    "Place",
    "Port",
    "Problem",
    "ProductTable",
    "Project",
    "Related",
    "Role",
    "Rule",
    "ScalarNode",
    "SequenceNode",
    "Server",
    "Service",
    "Severity",
    "Source",
    "Span",
    "SquidDirective",
    "SquidTree",
    "SquidWord",
    "Suppression",
    "Suppressions",
    "Value",
    "Variable",
    "VariableUse",
    "Version",
    "YamlAlias",
    "YamlEntry",
    "YamlMapping",
    "YamlNode",
    "YamlScalar",
    "YamlSequence",
    "YamlTree",
    "add_extra_host",
    "append_to",
    "change_part",
    "change_parts",
    "change_value",
    "conforms",
    "dotenv_edits",
    "endpoints",
    "in_range",
    "join_network",
    "load_schema",
    "near",
    "nginx_directives",
    "nginx_edits",
    "rule",
    "said",
    "secret_name",
    "squid_edits",
    "violations",
    "yaml_children",
    "yaml_edits",
]
