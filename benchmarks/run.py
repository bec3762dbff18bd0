"""Times whole processes: `stackmend lint` on a deployment, other linters on its Compose file, and the phases of ours.

usage: run.py [FOLDER] [--runs N] [--install DIR] [--peers DIR] [--json FILE]

FOLDER holds a deployment; without it a made-up one of the size of a large real one is written and measured, also twice
and four times as large. Runs of the programs alternate, so that a busy moment of the machine hits all of them.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any

from peers import PEERS, install, program, version
from synthetic import write_stack

HERE = os.path.dirname(os.path.abspath(__file__))
NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("folder", nargs="?", help="a deployment (default: a made-up one)")
    parser.add_argument("--runs", type=int, default=15, help="runs of each program (default 15)")
    parser.add_argument("--install", metavar="DIR", help="install the other linters into this folder first")
    parser.add_argument("--peers", metavar="DIR", help="a folder that --install filled before")
    parser.add_argument("--json", metavar="FILE", help="write the numbers there too")
    options = parser.parse_args()
    if options.install:
        install(options.install)
    with tempfile.TemporaryDirectory() as scratch:
        compose = prepared(options.folder, scratch)
        print(
            f"{compose}: {lines(compose)} lines; .env: {lines(os.path.join(os.path.dirname(compose), '.env'))} lines\n"
        )
        result: dict[str, Any] = {"programs": race(programs(compose, options.install or options.peers), options.runs)}
        result["phases"] = phases(compose, options.runs)
        if not options.folder:
            result["growth"] = growth(scratch, max(options.runs // 3, 3))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(result, file, indent=2)


def prepared(folder: str | None, scratch: str) -> str:
    """The Compose file of a copy of the deployment; `.env` is made from `.env.example` where only that is there."""
    target = os.path.join(scratch, "stack")
    if folder is None:
        return write_stack(target)
    shutil.copytree(folder, target)
    subprocess.run(["chmod", "-R", "u+w", target], check=True)
    example, env = os.path.join(target, ".env.example"), os.path.join(target, ".env")
    if os.path.exists(example) and not os.path.exists(env):
        shutil.copy(example, env)
    found = next((name for name in NAMES if os.path.exists(os.path.join(target, name))), None)
    if found is None:
        sys.exit(f"{folder}: no Compose file")
    return os.path.join(target, found)


def lines(path: str) -> int:
    """How many lines a file has, 0 when it is not there."""
    if not os.path.exists(path):
        return 0
    with open(path, "rb") as file:
        return sum(1 for _ in file)


def ours(*arguments: str) -> list[str]:
    """Our own command, the script that users start."""
    script = os.path.join(os.path.dirname(sys.executable), "stackmend")
    return [script, *arguments] if os.path.exists(script) else [sys.executable, "-m", "stackmend", *arguments]


def programs(compose: str, folder: str | None) -> dict[str, list[str]]:
    """What to race: the floor that every Python program pays, ours on the whole deployment, each peer that is here."""
    found = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "stackmend --version": ours("--version"),
        "stackmend lint (whole deployment)": ours("lint", "--no-cache", os.path.dirname(compose)),
        "stackmend lint (again, nothing changed)": ours("lint", os.path.dirname(compose)),
    }
    for peer in PEERS:
        path = program(peer, folder)
        if path is None:
            print(f"{peer.name}: not installed, left out", file=sys.stderr)
            continue
        found[f"{peer.name} {version(peer, path)} (one file)"] = peer.command(path, compose)
    return found


def race(commands: dict[str, list[str]], runs: int) -> dict[str, dict[str, float]]:
    """Run each command in turn, `runs` times after one run that fills the caches; print and return seconds."""
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(runs + 1):
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            if number:
                taken[name].append(time.perf_counter() - start)
    result = {n: {"min": min(t), "median": statistics.median(t), "max": max(t)} for n, t in taken.items()}
    width = max(map(len, result))
    print(f"{'whole process, milliseconds':<{width}}  {'min':>7} {'median':>7} {'max':>7}")
    for name, times in sorted(result.items(), key=lambda item: item[1]["median"]):
        print(f"{name:<{width}}  " + " ".join(f"{times[key] * 1000:7.1f}" for key in ("min", "median", "max")))
    print()
    return result


def phases(compose: str, runs: int) -> dict[str, float]:
    """Print and return the median seconds of each phase of a cold run."""
    samples: list[dict[str, float]] = []
    for _ in range(runs + 1):
        done = subprocess.run(
            [sys.executable, os.path.join(HERE, "phases.py"), compose], stdout=subprocess.PIPE, text=True, check=True
        )
        samples.append(json.loads(done.stdout))
    result = {name: statistics.median(sample[name] for sample in samples[1:]) for name in samples[0]}
    print("one cold run by phase, milliseconds (median)")
    for name, seconds in result.items():
        print(f"  {name:<34} {seconds * 1000:7.1f}")
    print()
    return result


def growth(scratch: str, runs: int) -> dict[str, float]:
    """Print and return the median seconds for stacks of one, two and four times the size."""
    commands: dict[str, list[str]] = {}
    for times in (1, 2, 4):
        folder = os.path.join(scratch, f"times{times}")
        count = lines(write_stack(folder, times=times))
        commands[f"stackmend lint, {count} lines of Compose"] = ours("lint", "--no-cache", folder)
    return {name: times["median"] for name, times in race(commands, runs).items()}


if __name__ == "__main__":
    main()
