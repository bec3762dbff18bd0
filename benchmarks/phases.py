"""Where the time of one cold run goes. Started anew for each measurement; prints seconds by phase as JSON.

usage: phases.py COMPOSE_FILE
"""

from __future__ import annotations

import io
import json
import os
import sys
import time
from importlib import import_module


def main() -> None:
    """Load, lint and report one deployment step by step, with the clock read in between."""
    path = os.path.abspath(sys.argv[1])
    clock = [time.perf_counter()]
    phases: dict[str, float] = {}

    def done(phase: str) -> None:
        clock.append(time.perf_counter())
        phases[phase] = clock[-1] - clock[-2]

    import_module("stackmend.linter.cli")

    done("import command line")
    from stackmend.linter.assemble import build_report, masker_of
    from stackmend.linter.engine import examine
    from stackmend.linter.rules import all_rules
    from stackmend.linter.settings import Settings
    from stackmend.schemas.files import DiskFiles
    from stackmend.schemas.models.loading import load_deployment
    from stackmend.schemas.models.project import Options
    from stackmend.schemas.workspace import Workspace

    done("import engine and models")
    rules = all_rules()
    done("import rules")
    folder = os.path.dirname(path)
    workspace = Workspace(DiskFiles())
    workspace.yaml(path)
    done("parse compose")
    env = os.path.join(folder, ".env")
    if os.path.exists(env):
        workspace.dotenv(env)
    done("parse .env")
    load_deployment(workspace, folder, Options())
    done("model, other files")
    # The engine loads the deployment anew, from trees that are parsed already: what that takes is not the rules' time.
    load_deployment(workspace, folder, Options())
    clock.append(time.perf_counter())
    again = clock[-1] - clock[-2]
    examination = examine([path], Settings(), workspace, rules, folder)
    done("rules")
    phases["rules"] -= again
    report = build_report(examination, masker_of([examination], show=False), workspace.files, folder)
    done("masking, fingerprints")
    from stackmend.linter.reports.full import write

    write(report, io.StringIO())
    done("report")
    phases["together"] = sum(phases.values())
    json.dump(phases, sys.stdout)


if __name__ == "__main__":
    main()
