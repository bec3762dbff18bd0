"""Reads `.stackmend.toml` or `[tool.stackmend]` of pyproject.toml, and says exactly what is wrong in it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ..schemas.files import Files, normal
from .diagnostic import Severity
from .settings import Settings

NAMES = (".stackmend.toml", "pyproject.toml")


class ConfigError(ValueError):
    """A configuration that cannot be used; the text is `file:line: what is wrong`."""


class Config(NamedTuple):
    """A configuration file: its absolute path and its table."""

    path: str
    table: Mapping[str, Any]


def find_config(files: Files, folder: str) -> Config | None:
    """The configuration nearest above a folder, up to the checkout that it lies in. Raises ConfigError, OSError."""
    while folder:
        for name in NAMES:
            path = f"{folder}/{name}"
            if files.kind(path) == "file":
                config = read_config(files, path)
                if config is not None:
                    return config
        if files.kind(f"{folder}/.git") != "missing":
            return None
        folder = folder.rpartition("/")[0]
    return None


def read_config(files: Files, path: str) -> Config | None:
    """The configuration in a file, None for a pyproject.toml that has none. Raises ConfigError, OSError."""
    data = files.read(path)
    of_project = path.endswith("pyproject.toml")
    if of_project and b"stackmend" not in data:
        return None
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        text = data.decode("utf-8")
        table: Any = tomllib.loads(text)
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from None
    if of_project:
        tool: Any = table.get("tool")
        table = tool.get("stackmend") if hasattr(tool, "get") else None
        if table is None:
            return None
    _check(path, text, table)
    return Config(path, table)


def _check(path: str, text: str, table: Any) -> None:
    import json

    from jsonschema import Draft202012Validator

    schema_path = os.path.join(os.path.dirname(os.path.dirname(__file__)), "schemas", "data", "config.schema.json")
    with open(schema_path, encoding="utf-8") as file:
        schema: dict[str, Any] = json.load(file)
    validator: Any = Draft202012Validator(schema)
    for error in sorted(validator.iter_errors(table), key=lambda e: [str(p) for p in e.absolute_path]):
        keys = [str(part) for part in error.absolute_path if not isinstance(part, int)]
        if error.validator == "additionalProperties":
            unknown = next(key for key in table if key not in schema["properties"])
            raise ConfigError(f"{path}:{_line_of(text, unknown)}: {_unknown(unknown, schema['properties'])}")
        raise ConfigError(
            f"{path}:{_line_of(text, *keys)}: {'.'.join(keys) or 'the table'}: {_wanted(error.validator, error)}"
        )


def _unknown(key: str, known: Mapping[str, Any]) -> str:
    from .near import near

    meant = near(key, known)
    return f"unknown key {key!r}" + (f"; did you mean {meant!r}?" if meant else "")


def _wanted(validator: object, error: Any) -> str:
    """What should stand there, in plain words."""
    words = {"array": "a list", "object": "a table", "string": "a text", "boolean": "true or false"}
    if validator == "type":
        return f"{words.get(error.validator_value, error.validator_value)} is wanted here"
    if validator == "enum":
        return f"one of {', '.join(error.validator_value)} is wanted here"
    return "an empty text is no value here"


def _line_of(text: str, *keys: str) -> int:
    """The 1-based line on which a key is written, as well as lines can tell: each of the keys after the one before."""
    at = 0
    for key in keys:
        quoted = re.escape(key)
        match = re.compile(rf"^[^#\n]*?(?<![\w-])[\"']?{quoted}[\"']?\s*[=\].]", re.MULTILINE).search(text, at)
        if match:
            at = match.start()
    return text.count("\n", 0, at) + 1


class Overrides(NamedTuple):
    """What the command line or a caller says, over what the configuration says. None and () leave it alone."""

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    fail_on: Severity | None = None
    unsafe_fixes: bool | None = None
    host: bool | None = None
    files: tuple[str, ...] = ()
    env_files: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    env_source: str | None = None
    show_secrets: bool = False
    force_exclude: bool = False
    mend_notes: bool = True
    baseline: str | None = None
    topology: bool = False


def make_settings(config: Config | None, over: Overrides, shell: Mapping[str, str], base: str) -> Settings:
    """The settings in force: defaults, then the configuration, then the overrides.

    `shell` is the process environment, used only with `env-source = "shell"`. `base` is the folder of patterns where
    there is no configuration file.
    """
    table: Mapping[str, Any] = config.table if config else {}
    if config:
        base = config.path.rpartition("/")[0] or "/"
    select = (
        over.select if over.select is not None else (*table.get("select", ("ALL",)), *table.get("extend-select", ()))
    )
    fail_on = over.fail_on or Severity(table.get("fail-on", "error"))
    source = over.env_source or table.get("env-source", "none")
    return Settings(
        base=base,
        select=tuple(select),
        ignore=(*_unless_selected(table.get("ignore", ()), over.select), *over.ignore),
        per_file_ignores=tuple((p, tuple(s)) for p, s in table.get("per-file-ignores", {}).items()),
        severity={name: Severity(value) for name, value in table.get("severity", {}).items()},
        exclude=tuple(table.get("exclude", ())),
        force_exclude=over.force_exclude,
        fail_on=fail_on,
        mend_notes=over.mend_notes or fail_on is Severity.INFO,
        unsafe_fixes=over.unsafe_fixes if over.unsafe_fixes is not None else table.get("unsafe-fixes", False),
        host=over.host if over.host is not None else table.get("host", False),
        show_secrets=over.show_secrets,
        files=over.files,
        env_files=over.env_files or tuple(normal(p, base) for p in table.get("env-file", ())),
        profiles=over.profiles or tuple(table.get("profiles", ())),
        baseline=over.baseline or (normal(table["baseline"], base) if "baseline" in table else None),
        shell=shell if source == "shell" else None,
        topology=over.topology,
    )


def _unless_selected(ignore: Sequence[str], select: Sequence[str] | None) -> tuple[str, ...]:
    """The configured `ignore` without what the command line selects by the same words."""
    return tuple(i for i in ignore if not select or i not in select)
