"""Fixtures of the linter's tests: real releases of Dify from the optional test data."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

RELEASES = os.path.realpath(
    os.path.join(os.path.dirname(__file__), *[os.pardir] * 3, "shared", "corpus", "dev", "dify")
)
READ = (".yaml", ".template", ".conf", ".sh", ".example", ".pem")


@pytest.fixture
def release() -> Callable[[str], dict[str, str]]:
    """Gives the deployment files of a release, with `.env` as a person copies it; skips where they are absent."""
    if not os.path.isdir(RELEASES):
        pytest.skip("the test-data folder is not there")
    return _files


def _files(version: str) -> dict[str, str]:
    top, files = os.path.join(RELEASES, version, "docker"), dict[str, str]()
    for folder, _, names in os.walk(top):
        for name in names:
            if name.endswith(READ):
                path = os.path.join(folder, name)
                with open(path, encoding="utf-8", newline="") as file:
                    files[os.path.relpath(path, top)] = file.read()
    files[".env"] = files.get(".env.example", "")
    return files
