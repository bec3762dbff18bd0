"""Which mistakes each linter sees: one after the other is put into a deployment that has none.

usage: found.py [--install DIR] [--peers DIR] [-v]

The deployments are `examples/`, mended. A tool sees a mistake when it says something about the deployment with it that
it does not say about the one without; what it dislikes about both counts neither for nor against it. Every tool is
asked about the file that it reads, in the folder of the deployment; ours about the folder. `-v` shows what was said.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from typing import NamedTuple

from mistakes import MENDED, MISTAKES, Mistake
from peers import LINTERS, SERVERS, Peer, install, program, version

EXAMPLES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "examples")
FILES = {"dotenv": ".env", "nginx": "nginx/conf.d/default.conf", "squid": "ssrf_proxy/squid.conf"}

# What is no judgement of its own: the time of day, lines of the file that are shown along with a finding, sums.
NOISE = re.compile(
    r"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\||.*?\[emerg\] [\d#]+:) (?:Processing: .*\n)?"
    r"|^ *\d* │.*\n|^\S+: \d+ high, .*\n|^✖ \d+ problems.*\n|^Found .*\n|^ *Storage .*\n",
    re.MULTILINE,
)
COMPOSE = (".env", "docker-compose.yaml", "docker-compose.yml")
"""What is read by a tool that is asked about the Compose file."""


class Tool(NamedTuple):
    """A tool that is here; None for ours."""

    peer: Peer | None
    path: str
    title: str


def main() -> None:
    """Measure and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--install", metavar="DIR", help="install the other linters into this folder first")
    parser.add_argument("--peers", metavar="DIR", help="a folder that --install filled before")
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="show what each tool says of a mistake that it sees"
    )
    options = parser.parse_args()
    if options.install:
        install(options.install)
    tools = list(present(options.install or options.peers))
    seen: dict[str, list[bool]] = {tool.title: [] for tool in tools}
    taken: dict[str, list[float]] = {tool.title: [] for tool in tools}
    with tempfile.TemporaryDirectory() as scratch:
        for mistake in MISTAKES:
            for tool in tools:
                without, with_it = (said(tool, mistake, scratch, wrong=wrong, taken=taken) for wrong in (False, True))
                new = [line for line in with_it if line not in without]
                seen[tool.title].append(bool(new))
                if options.verbose and new:
                    print(f"{mistake.what} - {tool.title}:", *new, sep="\n    ", file=sys.stderr)
    show(seen, {title: statistics.median(times) * 1000 for title, times in taken.items()})


def present(folder: str | None) -> list[Tool]:
    """Ours, and every tool that is installed."""
    own = os.path.join(os.path.dirname(sys.executable), "stackmend")
    found = [Tool(None, own, "stackmend")]
    for peer in (*LINTERS, *SERVERS):
        path = program(peer, folder)
        if path is None:
            print(f"{peer.name}: not installed, left out", file=sys.stderr)
        else:
            found.append(Tool(peer, path, f"{peer.name} {version(peer, path)}"))
    return found


def said(tool: Tool, mistake: Mistake, scratch: str, *, wrong: bool, taken: dict[str, list[float]]) -> list[str]:
    """The exit code and the lines that a tool prints about the deployment with the mistake, or without it."""
    folder = os.path.join(scratch, "stack")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(os.path.join(EXAMPLES, mistake.example), folder)
    for file, (old, new) in MENDED[mistake.example].items():
        replace(os.path.join(folder, file), old, new)
    replace(os.path.join(folder, mistake.file), mistake.at, mistake.wrong if wrong else mistake.right)
    command = words(tool, mistake.file, folder)
    if command is None:
        return []
    before = processor_seconds()
    done = subprocess.run(command, cwd=folder, text=True, capture_output=True, check=False, timeout=60)
    taken[tool.title].append(processor_seconds() - before)
    return [str(done.returncode), *NOISE.sub("", done.stdout + done.stderr).splitlines()]


def processor_seconds() -> float:
    """What all programs that were run so far have taken: a busy machine changes that less than it changes the clock."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def words(tool: Tool, changed: str, folder: str) -> list[str] | None:
    """The command to ask a tool about a deployment; None where it does not read the file that is changed."""
    if tool.peer is None:
        return [tool.path, "lint", "--isolated", "--format", "concise"]
    file = FILES.get(tool.peer.reads) or next(
        name for name in COMPOSE[1:] if os.path.exists(os.path.join(folder, name))
    )
    if changed not in (COMPOSE if tool.peer.reads == "compose" else (file,)):
        return None
    if tool.peer.name == "nginx":
        # The program wants a whole configuration, of which the deployment has the servers.
        file = os.path.join(os.path.dirname(folder), "nginx.conf")
        with open(file, "w", encoding="utf-8") as whole:
            whole.write(f"events {{}}\nhttp {{ include {folder}/{FILES['nginx']}; }}\n")
    if tool.peer.name in {"nginx", "squid"}:
        file = os.path.join(folder, file)
    return tool.peer.command(tool.path, file)


def replace(path: str, old: str, new: str) -> None:
    """Replace what stands once in a file; an empty `old` is a file that is not there yet."""
    if not old:
        with open(path, "w", encoding="utf-8") as file:
            file.write(new)
        return
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if text.count(old) != 1:
        raise SystemExit(f"{path}: {old!r} stands there {text.count(old)} times")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace(old, new))


def show(seen: dict[str, list[bool]], milliseconds: dict[str, float]) -> None:
    """Print the table: a line for each mistake, then the sums and the times."""
    titles = list(seen)
    print("| mistake | " + " | ".join(titles) + " |")
    print("|---|" + "---|" * len(titles))
    for number, mistake in enumerate(MISTAKES):
        print(f"| {mistake.what} | " + " | ".join("yes" if seen[t][number] else "" for t in titles) + " |")
    print(f"| **of {len(MISTAKES)}** | " + " | ".join(f"**{sum(seen[t])}**" for t in titles) + " |")
    print("| milliseconds of processor time | " + " | ".join(f"{milliseconds[t]:.0f}" for t in titles) + " |")


if __name__ == "__main__":
    main()
