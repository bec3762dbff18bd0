"""Docker Compose as a judge for the parsers' tests."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

_PLACES = ("/usr/local/lib/judges/docker-compose", "docker-compose")


def _compose_binary() -> str | None:
    for name in (os.environ.get("STACKMEND_COMPOSE"), *_PLACES):
        path = shutil.which(name) if name else None
        if path is None:
            continue
        answer = subprocess.run([path, "version", "--short"], capture_output=True, text=True, check=False)
        if answer.returncode == 0 and int(answer.stdout.strip().lstrip("v").split(".")[0]) >= 2:
            return path
    return None


@pytest.fixture(scope="session")
def compose_config(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., dict[str, Any] | None]:
    """`compose_config(document, environment, files)`: what `docker-compose config` prints, None when it refuses."""
    binary = _compose_binary()
    if binary is None:
        if os.environ.get("ORACLES") == "required":
            pytest.fail("docker-compose 2 was not found, and ORACLES=required")
        pytest.skip("docker-compose 2 was not found")
    folder: Path = tmp_path_factory.mktemp("compose")

    def config(
        document: dict[str, object], environment: Mapping[str, str], files: Mapping[str, bytes]
    ) -> dict[str, Any] | None:
        (folder / "compose.yaml").write_text(json.dumps(document))
        for name, data in files.items():
            (folder / name).write_bytes(data)
        command = [binary, "--project-name", "p", "-f", "compose.yaml", "config", "--format", "json"]
        variables = {"PATH": os.environ["PATH"], "HOME": str(folder), **environment}
        answer = subprocess.run(command, capture_output=True, cwd=folder, env=variables, check=False)
        return json.loads(answer.stdout) if answer.returncode == 0 else None

    return config
