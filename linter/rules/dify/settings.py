"""Dify's settings as its containers get them: what is set, what is empty, and where a person fills it in."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Edit,
    Fix,
    Place,
    Service,
    Source,
    Value,
    Variable,
    add_variable,
    change_value,
    near,
)

# What the example files say where a secret or an address is to be filled in.
_BLANKS = ("your-", "you-", "your_", "YOUR ", "<", "xxx")
_BLANK_HOSTS = ("//your-", "//<", "//xxx-")


class Missing(NamedTuple):
    """A setting that is empty, absent or the `example`'s. `place` is its own line, None where it has none."""

    service: Service
    name: str
    place: Place | None
    example: bool = False


def text_of(service: Service, name: str) -> str | None:
    """The text of a setting, "" for one that is absent or empty, None for one that nobody can know from the files."""
    variable = service.environment.get(name)
    if variable is not None:
        return variable.value.text
    return None if any(not file.read and file.required for file in service.env_files) else ""


def is_filled(text: str | None) -> bool:
    """Whether a setting has a value of the owner's own: not empty, and not what the example file came with."""
    return bool(text and text.strip() and not is_example(text))


def is_example(text: str | None) -> bool:
    """Whether a text is what the example file came with, to be filled in."""
    return text is not None and (
        text.startswith(_BLANKS) or any(f"//{blank}" in text for blank in ("your-", "<", "xxx-"))
    )


def missing(deployment: Deployment, service: Service, name: str) -> Missing | None:
    """A setting that a service surely does not have."""
    if text_of(service, name) != "":
        return None
    return Missing(service, name, empty_place(deployment, service, name))


def unfilled(deployment: Deployment, service: Service, name: str) -> Missing | None:
    """A setting that a service surely does not have, or has only as the example's text."""
    variable = service.environment.get(name)
    if variable is None or not is_example(variable.value.text):
        return missing(deployment, service, name)
    fallback = variable.value.pieces[0].source is Source.DEFAULT
    return Missing(service, name, None if fallback else variable.edit_place, example=True)


def empty_place(deployment: Deployment, service: Service, name: str) -> Place | None:
    """Where an empty setting is written: the line of the env file that is asked for it, else its own."""
    variable = service.environment.get(name)
    if variable is None:
        return None
    # A name can be underlined, and nothing between two quotes cannot.
    return _asked(deployment, variable.value) or (variable.place if variable.form == "map" else variable.key_place)


def _asked(deployment: Deployment, value: Value) -> Place | None:
    """The line `NAME=` that `${NAME:-}` asks."""
    names = {piece.variable for piece in value.pieces if piece.variable}
    for tree in reversed(deployment.project.env_files):
        for name in names:
            entry = tree.last(name)
            if entry is not None:
                return tree.document.place(*entry.key_span) if entry.separator else None
    return None


def filled_in(deployment: Deployment, service: Service, name: str, text: str) -> Edit | None:
    """Give a setting that is empty or absent a value, where it is written or in the service's own `environment`."""
    variable = service.environment.get(name)
    if variable is not None:
        return change_value(deployment, variable.value, text)
    return add_variable(deployment, service, name, text)


def asked_name(service: Service, name: str) -> str:
    """The name under which a person knows a setting: that of the variable in `.env` which gives it, else its own."""
    variable = service.environment.get(name)
    pieces = variable.value.pieces if variable is not None else ()
    asked = {piece.variable for piece in pieces}
    return asked.pop() if len(pieces) == 1 and asked != {""} else name


def nearest_choice(text: str, known: Collection[str]) -> str | None:
    """The choice that a text stands for: the same letters, one part of its name (`s3` in `aws_s3`), or a slip."""
    plain = _plain(text)
    same = [each for each in known if _plain(each) == plain]
    parts = [each for each in known if plain in _plain(each).split("-") or _plain(each) in plain.split("-")]
    for found in (same, parts):
        if len(found) == 1:
            return found[0]
    return near(text, known)


def _plain(text: str) -> str:
    return text.strip().lower().replace("_", "-")


def known_choices(deployment: Deployment, name: str) -> Collection[str] | None:
    """The values that a setting may have in the release that runs here, None where the table does not know that one."""
    table, version = deployment.table("dify"), deployment.versions["dify"]
    if table is None or version is None or version > table.newest:
        return None
    return table.settings_of(name, version)


def no_such_choice(
    deployment: Deployment,
    service: Service,
    choice: Variable,
    message: str,
    *,
    known: Collection[str],
    meant: str | None,
) -> Diagnostic:
    """What is said of a value that is none of the known; `message` has holes `selector`, `kind`, `service`, `known`."""
    edit = change_value(deployment, choice.value, meant) if meant else None
    values = (
        ("selector", asked_name(service, choice.name)),
        ("kind", choice.value.text or ""),
        ("service", service.name),
        ("known", ", ".join(f"`{each}`" for each in sorted(known))),
        ("meant", meant or ""),
    )
    return Diagnostic(
        choice.edit_place,
        message,
        values,
        fixes=(Fix("Write `{meant}`", (edit,), Applicability.UNSAFE, values),) if edit else (),
    )
