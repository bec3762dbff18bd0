"""The judges: fixtures that ask the real tools, and compare what they say with what we say."""

from __future__ import annotations

import json
import os
import posixpath
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stackmend.schemas.files import DiskFiles
from stackmend.schemas.models.compose import load_project
from stackmend.schemas.models.ports import expanded
from stackmend.schemas.models.project import REFUSALS, Options, Project
from stackmend.schemas.models.service import Service
from stackmend.schemas.workspace import Workspace

Judge = Callable[[str], str]

SBIN = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"
SHELL = {"PATH": "/usr/bin:/bin", "HOME": "/home/somebody"}

# What Compose refuses by its JSON Schema, or while casting or decoding its values: the work of the schema rule.
BY_SCHEMA = re.compile(r"^validating |decoding failed|unexpected type|failed to cast", re.MULTILINE)


def _compose() -> str | None:
    """A docker-compose of version 2 or later."""
    known = os.environ.get("STACKMEND_COMPOSE"), "/usr/local/lib/judges/docker-compose", shutil.which("docker-compose")
    for path in known:
        if path and Path(path).exists():
            done = subprocess.run([path, "version", "--short"], capture_output=True, text=True, check=False)
            if re.match(r"v?([2-9]|[1-9][0-9])\.", done.stdout):
                return path
    return None


def _below(service: dict[str, Any], key: str) -> dict[str, Any]:
    """A mapping of the output, {} for null."""
    found: Any = service.get(key)
    return found or {}


def _aliases(attachment: Any) -> list[str]:
    return sorted(attachment["aliases"]) if attachment and "aliases" in attachment else []


def _exposed(text: str) -> range:
    low, _, high = text.partition("/")[0].partition("-")
    return range(int(low), int(high or low) + 1)


def _their_mount(volume: dict[str, Any]) -> tuple[str, str, str, bool]:
    source: str = volume.get("source", "")
    if volume["type"] == "bind" and source.startswith("/"):
        source = posixpath.normpath(source)
    return volume["type"], source, volume.get("target", ""), volume.get("read_only", False)


def _theirs(service: dict[str, Any]) -> dict[str, Any]:
    return {
        "environment": {name: value for name, value in _below(service, "environment").items() if value is not None},
        "ports": sorted(
            (p.get("host_ip", ""), p.get("published", ""), p["target"], p["protocol"]) for p in service.get("ports", ())
        ),
        "volumes": sorted(_their_mount(volume) for volume in service.get("volumes", ())),
        "networks": {n: _aliases(v) for n, v in _below(service, "networks").items()},
        "profiles": sorted(service.get("profiles", ())),
        "depends_on": {n: (d["condition"], d["required"]) for n, d in _below(service, "depends_on").items()},
        "image": service.get("image"),
        "container_name": service.get("container_name"),
        "extra_hosts": sorted(service.get("extra_hosts", ())),
        "hostname": service.get("hostname"),
        "network_mode": service.get("network_mode"),
        "expose": sorted(port for text in service.get("expose", ()) for port in _exposed(text)),
    }


def _ours(service: Service) -> dict[str, Any]:
    return {
        "environment": {n: v.value.text for n, v in service.environment.items() if v.value.text is not None},
        "ports": sorted(key for port in service.ports for key in expanded(port)),
        "volumes": sorted((m.kind, m.path or m.source or "", m.target or "", m.read_only) for m in service.mounts),
        "networks": {a.network: sorted(a.aliases) for a in service.networks},
        "profiles": sorted(service.profiles),
        "depends_on": {d.service: (d.condition, d.required) for d in service.depends_on},
        "image": service.image.text if service.image else None,
        "container_name": service.container_name.text if service.container_name else None,
        "extra_hosts": sorted(f"{h}={ip}" for h, ips in service.extra_hosts.items() for ip in ips.split(",")),
        "hostname": service.hostname,
        "network_mode": service.network_mode,
        "expose": sorted(service.expose),
    }


def _refusals(project: Project) -> list[str]:
    """Why we think that Compose does not load a project: in the model, in the YAML, in the dotenv files."""
    found = [p for p in project.problems if p.kind in REFUSALS]
    found += [p for tree in project.files for p in tree.problems]
    found += [p for trees in (project.env_files, project.service_env_files) for tree in trees for p in tree.problems]
    return [f"{p.kind} {p.place!r} {p.values}" for p in found]


class ComposeJudge:
    """Asks `docker-compose config` about a folder, in a clean environment, and compares."""

    def __init__(self, binary: str) -> None:
        self._binary = binary

    def load(
        self, folder: Path, *arguments: str, shell: dict[str, str] | None = None, options: tuple[str, ...] = ()
    ) -> tuple[Any, str]:
        """The effective project (None when it is refused), and what Compose says; `options` are those of `config`."""
        done = subprocess.run(
            [self._binary, *arguments, "config", "--format", "json", *options],
            cwd=folder,
            env={**SHELL, **(shell or {})},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        # `config` doubles every dollar, so that its output can be read again.
        return (None if done.returncode else json.loads(done.stdout.replace("$$", "$"))), done.stderr

    def project(
        self,
        folder: Path,
        files: tuple[str, ...] = (),
        profiles: tuple[str, ...] = (),
        shell: dict[str, str] | None = None,
    ) -> Project:
        """The project as we load it, in the same environment."""
        paths = tuple(f"{folder}/{file}" for file in files)
        options = Options(files=paths, profiles=profiles, shell={**SHELL, **(shell or {})})
        return load_project(Workspace(DiskFiles()), str(folder), options)

    def refusals(self, folder: Path) -> list[str]:
        """Why we think that Compose does not load the project of a folder."""
        return _refusals(self.project(folder))

    def compare(
        self,
        folder: Path,
        files: tuple[str, ...] = (),
        profiles: tuple[str, ...] = (),
        shell: dict[str, str] | None = None,
    ) -> Project:
        """Fails unless both refuse the project or both give the same active services; gives ours."""
        arguments = [*(f"--file={file}" for file in files), *(f"--profile={profile}" for profile in profiles)]
        model, message = self.load(folder, *arguments, shell=shell)
        project = self.project(folder, files, profiles, shell)
        mine = _refusals(project)
        if model is None:
            assert mine or BY_SCHEMA.search(message), f"Compose refuses and we do not: {message}"
        else:
            assert not mine, f"we refuse and Compose does not: {mine}"
            expected = {name: _theirs(service) for name, service in model["services"].items()}
            assert {service.name: _ours(service) for service in project.active} == expected
        return project


def server(name: str) -> str:
    """The program of a server; without it the test fails or is skipped."""
    found = shutil.which(name, path=SBIN)
    if found is None:
        if os.environ.get("ORACLES") == "required":
            pytest.fail(f"{name} is not installed")
        pytest.skip(f"{name} is not installed")
    return found


@pytest.fixture(scope="session")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    """A function that gives a text to `nginx -t` and returns what it refuses with, "" when it is content."""
    binary, folder = server("nginx"), tmp_path_factory.mktemp("nginx")
    path = folder / "nginx.conf"

    def ask(text: str) -> str:
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        command = [binary, "-t", "-q", "-p", str(folder), "-e", "stderr", "-c", str(path)]
        done = subprocess.run(command, capture_output=True, check=False, timeout=60)
        said = done.stderr.decode("utf-8", "surrogateescape")
        return said[said.index("[emerg]") :] if "[emerg]" in said else ""

    return ask


@pytest.fixture(scope="session")
def squid(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    """A function that gives a text to `squid -k parse` and returns all that it says."""
    binary, path = server("squid"), tmp_path_factory.mktemp("squid") / "squid.conf"

    def ask(text: str) -> str:
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        done = subprocess.run([binary, "-k", "parse", "-f", str(path)], capture_output=True, check=False, timeout=60)
        return done.stderr.decode("utf-8", "surrogateescape")

    return ask


@pytest.fixture(scope="session")
def compose_judge() -> ComposeJudge:
    """Docker Compose; the test is skipped where there is none, unless ORACLES=required."""
    found = _compose()
    if found is None:
        assert os.environ.get("ORACLES") != "required", "ORACLES=required, but there is no docker-compose"
        pytest.skip("no docker-compose")
    return ComposeJudge(found)


@pytest.fixture
def written(tmp_path: Path) -> Callable[[dict[str, str]], Path]:
    """Writes files by name into a fresh folder and gives the folder."""

    def write(files: dict[str, str]) -> Path:
        folder = tmp_path / "stack"
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return folder

    return write
