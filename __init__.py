"""Stackmend reads a self-hosted deployment's configuration as one thing, points at the mistake and mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .linter.api import Fixed, fix, lint
    from .schemas.models.deployment import Deployment

__version__ = "0.1.0"

__all__ = ["Deployment", "Fixed", "__version__", "fix", "lint"]

_HOMES = {"lint": "linter.api", "fix": "linter.api", "Fixed": "linter.api", "Deployment": "schemas.models.deployment"}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: the command line starts faster without it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
