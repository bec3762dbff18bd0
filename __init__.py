"""Stackmend reads a self-hosted deployment's configuration as one thing, points at the mistake and mends it."""

__version__ = "0.1.0"
