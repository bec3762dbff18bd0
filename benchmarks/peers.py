"""The other linters and the servers' own checks: how each is installed, found, and asked about one file."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
from typing import NamedTuple


class Peer(NamedTuple):
    """A linter. `arguments` come after the program; the file comes last, unless an argument has `{}` for it.

    `index` is where it is published, under the name `package` if that is another; "" for what comes with the system.
    `reads` is the kind of its files.
    """

    name: str
    index: str
    arguments: tuple[str, ...] = ()
    version: tuple[str, ...] = ("--version",)
    reads: str = "compose"
    package: str = ""

    def command(self, path: str, file: str) -> list[str]:
        """The words to ask the program at `path` about a file."""
        if any("{}" in word for word in self.arguments):
            return [path, *(word.replace("{}", file) for word in self.arguments)]
        return [path, *self.arguments, file]


LINTERS = (
    Peer("yamllint", "pypi"),
    Peer("compose-lint", "pypi"),
    Peer("compose-doctor", "pypi"),
    Peer("check-jsonschema", "pypi", ("--builtin-schema", "vendor.compose-spec")),
    Peer("dclint", "npm"),
    Peer("dotenv-linter", "pypi", reads="dotenv"),
    Peer("gixy", "pypi", reads="nginx", package="gixy-ng"),
)
PEERS = tuple(peer for peer in LINTERS if peer.reads == "compose")
"""Those that can be raced on one Compose file."""

SERVERS = (
    Peer("docker-compose", "", ("-f", "{}", "config", "-q"), ("version",)),
    Peer("nginx", "", ("-t", "-q", "-e", "stderr", "-g", "pid /dev/null;", "-c"), ("-v",), "nginx"),
    Peer("squid", "", ("-k", "parse", "-f"), ("-v",), "squid"),
)


def install(folder: str) -> None:
    """Put every peer into a folder: a virtual environment for those of PyPI, a prefix for those of npm.

    One that cannot be installed is named on stderr and left out.
    """
    python = os.path.join(folder, "python")
    if not os.path.exists(os.path.join(python, "bin", "python")):
        venv.create(python, with_pip=True)
    for peer in LINTERS:
        if program(peer, folder, beside_only=True):
            continue
        if peer.index == "pypi":
            command = [os.path.join(python, "bin", "python"), "-m", "pip", "install", "-q", peer.package or peer.name]
        elif npm := shutil.which("npm"):
            command = [npm, "install", "--silent", "--prefix", os.path.join(folder, "node"), peer.package or peer.name]
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
        places += ["/usr/sbin", "/usr/local/lib/judges"]
    for place in places:
        path = os.path.join(place, peer.name)
        if os.access(path, os.X_OK) and os.path.isfile(path):
            return path
    return None


def version(peer: Peer, path: str) -> str:
    """What a peer says its version is: the last word with a dot and digits in the first line that has one."""
    said = subprocess.run([path, *peer.version], text=True, capture_output=True, check=False)
    for line in (said.stdout + said.stderr).splitlines():
        if found := re.findall(r"\d+(?:\.\d+)+", line):
            return found[-1]
    return "?"
