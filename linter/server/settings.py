"""The settings that an editor sends, as the overrides of a run."""

from __future__ import annotations

from typing import Any, cast

from ..config import Overrides

SECTION = "stackmend"


def overrides_of(settings: Any) -> Overrides:
    """Read `{"select", "ignore", "profiles", "envSource", "host"}`; what is of another type is as if it were not there.

    Editors send null for what the person did not set, and the whole object is null where there is no section.
    """
    given = members(settings)
    source, host = given.get("envSource"), given.get("host")
    return Overrides(
        select=_texts(given.get("select")) or None,
        ignore=_texts(given.get("ignore")),
        profiles=_texts(given.get("profiles")),
        env_source=source if source in ("shell", "none") else None,
        host=host if isinstance(host, bool) else None,
    )


def members(value: object) -> dict[str, Any]:
    """The members of a JSON object, {} for anything else."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _texts(value: Any) -> tuple[str, ...]:
    items: list[Any] = value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType]
    return tuple(item for item in items if isinstance(item, str) and item)
