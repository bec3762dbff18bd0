"""The other linters: how each is installed, where its program lies, and how it is asked about one Compose file."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from typing import NamedTuple


class Peer(NamedTuple):
    """A linter. `arguments` come after the program; the Compose file comes last. `index` is where it is published."""

    name: str
    index: str
    arguments: tuple[str, ...] = ()
    version: tuple[str, ...] = ("--version",)


PEERS = (
    Peer("yamllint", "pypi"),
    Peer("compose-lint", "pypi"),
    Peer("compose-doctor", "pypi"),
    Peer("check-jsonschema", "pypi", ("--builtin-schema", "vendor.compose-spec")),
    Peer("dclint", "npm"),
)


def install(folder: str) -> None:
    """Put every peer into a folder: a virtual environment for those of PyPI, a prefix for those of npm.

    One that cannot be installed is named on stderr and left out.
    """
    python = os.path.join(folder, "python")
    if not os.path.exists(os.path.join(python, "bin", "python")):
        venv.create(python, with_pip=True)
    for peer in PEERS:
        if program(peer, folder, beside_only=True):
            continue
        if peer.index == "pypi":
            command = [os.path.join(python, "bin", "python"), "-m", "pip", "install", "-q", peer.name]
        elif npm := shutil.which("npm"):
            command = [npm, "install", "--silent", "--prefix", os.path.join(folder, "node"), peer.name]
        else:
            print(f"{peer.name}: npm is not here", file=sys.stderr)
            continue
        if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode:
            print(f"{peer.name}: could not be installed from {peer.index}", file=sys.stderr)


def program(peer: Peer, folder: str | None, *, beside_only: bool = False) -> str | None:
    """The path of a peer's program, in the folder of `install`, beside this Python, or on PATH; None when absent."""
    places = (
        [os.path.join(folder, "python", "bin"), os.path.join(folder, "node", "node_modules", ".bin")] if folder else []
    )
    if not beside_only:
        places += [os.path.dirname(sys.executable), *os.environ.get("PATH", "").split(os.pathsep)]
    for place in places:
        path = os.path.join(place, peer.name)
        if os.access(path, os.X_OK) and os.path.isfile(path):
            return path
    return None


def version(peer: Peer, path: str) -> str:
    """What a peer says its version is: the last word of the first line that holds a digit."""
    said = subprocess.run([path, *peer.version], text=True, capture_output=True, check=False)
    lines = [line for line in (said.stdout + said.stderr).splitlines() if any(c.isdigit() for c in line)]
    return lines[0].split()[-1] if lines else "?"
