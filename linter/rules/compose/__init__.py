"""Rules for Compose files (CMP)."""

from __future__ import annotations

from ...rule import Rule
from .contradictions import (
    endless_reference,
    invalid_mount,
    invalid_port,
    network_mode_conflict,
    override_conflict,
    refused_definition,
)
from .dollars import unescaped_dollar
from .environment import environment_list_form, environment_value_type, quotes_in_list_item
from .exposure import exposed_datastore, privileged
from .files import compose_file_missing, env_file_missing
from .health import healthy_without_healthcheck
from .host_ports import duplicate_host_port
from .mounts import bare_name_mount, duplicate_mount_target, mount_kind_mismatch, mount_source_missing
from .outdated import base60_port, obsolete_version
from .references import (
    dependency_cycle,
    duplicate_container_name,
    inactive_dependency,
    unknown_service_reference,
)
from .resources import undefined_resource
from .schema import schema_violation
from .shadowed import environment_shadows_env_file
from .structure import empty_mapping, service_misplaced
from .syntax import duplicate_key, merge_of_non_map, yaml_syntax
from .tags import floating_tag
from .taken_ports import host_port_in_use
from .variables import invalid_interpolation, required_variable, undefined_variable

RULES: tuple[Rule, ...] = (
    yaml_syntax,
    duplicate_key,
    schema_violation,
    invalid_interpolation,
    undefined_variable,
    unescaped_dollar,
    obsolete_version,
    base60_port,
    environment_value_type,
    quotes_in_list_item,
    environment_list_form,
    unknown_service_reference,
    undefined_resource,
    inactive_dependency,
    dependency_cycle,
    healthy_without_healthcheck,
    duplicate_container_name,
    duplicate_host_port,
    host_port_in_use,
    env_file_missing,
    mount_source_missing,
    mount_kind_mismatch,
    bare_name_mount,
    duplicate_mount_target,
    network_mode_conflict,
    merge_of_non_map,
    floating_tag,
    exposed_datastore,
    privileged,
    environment_shadows_env_file,
    empty_mapping,
    service_misplaced,
    compose_file_missing,
    required_variable,
    invalid_port,
    invalid_mount,
    endless_reference,
    refused_definition,
    override_conflict,
)
