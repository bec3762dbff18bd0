"""All that a rule may import."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..fixers import nginx as nginx_edits
from ..fixers import squid as squid_edits
from ..fixers.edit import Applicability, Edit, Fix
from ..fixers.passing import ask_for
from ..fixers.service import add_extra_host, add_keys, append_to, join_network
from ..fixers.value import change_part, change_parts, change_value
from ..fixers.variable import add_variable, ask_env_for, copy_variables, pass_on, rename_variable
from ..schemas.files import within
from ..schemas.models.acl import Acl, Literal, covers, implies, matches_everything
from ..schemas.models.address_set import parse_range
from ..schemas.models.deployment import Deployment
from ..schemas.models.discovery import COMPOSE_NAMES
from ..schemas.models.endpoint import DATASTORE_SCHEMES, Endpoint, endpoints
from ..schemas.models.examples import env_examples, example_beside, example_documents
from ..schemas.models.image import Image, Version, in_range, parse_version
from ..schemas.models.mounted import MountedFile
from ..schemas.models.nginx_faults import Fault as NginxFault
from ..schemas.models.nginx_forms import choices as nginx_choices
from ..schemas.models.nginx_forms import form_faults as nginx_form_faults
from ..schemas.models.nginx_values import LISTEN_OPTIONS as NGINX_LISTEN_OPTIONS
from ..schemas.models.nginx_values import address_faults as nginx_address_faults
from ..schemas.models.nginx_values import value_fault as nginx_value_fault
from ..schemas.models.node import Entry, MappingNode, Node, ScalarNode, SequenceNode
from ..schemas.models.product import PRODUCTS, ProductTable, Role, product_table
from ..schemas.models.project import Project, VariableUse
from ..schemas.models.reach import HostLookup, names_of
from ..schemas.models.server_details import ServerDetails, known_servers, server_details
from ..schemas.models.servers import Server, left_out
from ..schemas.models.service import Attachment, Dependency, EnvFile, Mount, Port, Service, Variable
from ..schemas.models.squid_values import faults as squid_faults
from ..schemas.models.squid_words import Fault as SquidFault
from ..schemas.models.value import Piece, Source, Value
from ..schemas.parsers import nginx_directives, nginx_variables, squid_directives
from ..schemas.parsers.document import UTF16, Document, Place, Problem, Span
from ..schemas.parsers.dotenv import DotenvEntry, DotenvTree
from ..schemas.parsers.interpolation import Reference, Template, Text, names
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
from ..schemas.patterns import LatePattern
from ..schemas.validation import conforms, load_schema, violations
from .diagnostic import Diagnostic, Related, Severity
from .near import edit_distance, near
from .problems import said
from .rule import Diagnostics, Rule, rule
from .secrets import secret_name
from .suppress import Suppression, Suppressions

if TYPE_CHECKING:
    from types import ModuleType

    from ..fixers import dotenv as dotenv_edits
    from ..fixers import encoding as encoding_edits
    from ..fixers import json as json_edits
    from ..fixers import yaml as yaml_edits
    from ..schemas.models.product_facts import Group, Member, Suited
    from ..schemas.models.variable_fact import VariableFact

__all__ = [
    "COMPOSE_NAMES",
    "DATASTORE_SCHEMES",
    "NGINX_LISTEN_OPTIONS",
    "PRODUCTS",
    "UTF16",
    "Acl",
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
    "Group",
    "HostLookup",
    "Image",
    "JsonArray",
    "JsonMember",
    "JsonNode",
    "JsonObject",
    "JsonScalar",
    "JsonTree",
    "LatePattern",
    "Literal",
    "MappingNode",
    "Member",
    "Mount",
    "MountedFile",
    "NginxDirective",
    "NginxFault",
    "NginxTree",
    "NginxWord",
    "Node",
    "Piece",
    "Place",
    "Port",
    "Problem",
    "ProductTable",
    "Project",
    "Reference",
    "Related",
    "Role",
    "Rule",
    "ScalarNode",
    "SequenceNode",
    "Server",
    "ServerDetails",
    "Service",
    "Severity",
    "Source",
    "Span",
    "SquidDirective",
    "SquidFault",
    "SquidTree",
    "SquidWord",
    "Suited",
    "Suppression",
    "Suppressions",
    "Template",
    "Text",
    "Value",
    "Variable",
    "VariableFact",
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
    "add_keys",
    "add_variable",
    "append_to",
    "ask_env_for",
    "ask_for",
    "change_part",
    "change_parts",
    "change_value",
    "conforms",
    "copy_variables",
    "covers",
    "dotenv_edits",
    "edit_distance",
    "encoding_edits",
    "endpoints",
    "env_examples",
    "example_beside",
    "example_documents",
    "implies",
    "in_range",
    "join_network",
    "json_edits",
    "known_servers",
    "left_out",
    "load_schema",
    "matches_everything",
    "names",
    "names_of",
    "near",
    "nginx_address_faults",
    "nginx_choices",
    "nginx_directives",
    "nginx_edits",
    "nginx_form_faults",
    "nginx_value_fault",
    "nginx_variables",
    "parse_range",
    "parse_version",
    "parse_yaml",
    "pass_on",
    "product_table",
    "rename_variable",
    "rule",
    "said",
    "secret_name",
    "server_details",
    "squid_directives",
    "squid_edits",
    "squid_faults",
    "violations",
    "within",
    "yaml_children",
    "yaml_edits",
]


def __getattr__(name: str) -> ModuleType:
    """Modules that only a finding needs: a rule imports them where it makes its fix, so a clean lint does without."""
    if name in ("dotenv_edits", "encoding_edits", "json_edits", "yaml_edits"):
        from importlib import import_module

        return import_module(f"..fixers.{name.removesuffix('_edits')}", __package__)
    raise AttributeError(name)
