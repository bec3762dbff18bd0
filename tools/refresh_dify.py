"""Brings the table of Dify's variables up to a release, from the settings classes of a checkout of that release.

    python tools/refresh_dify.py ../dify 1.17.0           says what would change
    python tools/refresh_dify.py ../dify 1.17.0 --write   writes it

The checkout is read, never run. What is no setting of the api (variables of other containers, stores, routes, groups)
is read off the deployment files by a person.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from typing import Any

from stackmend.linter.secrets import secret_name
from stackmend.schemas.files import DiskFiles, normal
from stackmend.schemas.models.image import parse_version
from stackmend.schemas.models.variable_fact import VariableFact
from stackmend.schemas.settings_source import read_settings

DATA = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "schemas", "data")
TAKEN = ("type", "values", "minimum", "maximum", "above", "below", "min_length", "max_length", "optional")
# Made when Dify is built; nobody sets them.
BUILT = ("COMMIT_SHA", "CURRENT_VERSION")
HIGHEST_PORT = 65535
LONGEST_DEFAULT = 80

Entry = dict[str, Any]
Variables = dict[str, Entry | list[Entry]]


def entry_of(fact: VariableFact, release: str) -> Entry:
    """What the table says of a fact from a release on."""
    plain = VariableFact(fact.name)
    entry: Entry = {k: getattr(fact, k) for k in TAKEN if getattr(fact, k) != getattr(plain, k)}
    if "values" in entry:
        entry["values"] = list(fact.values)
    form = form_of(fact)
    if form:
        entry["form"] = form
    if form == "port":
        entry.setdefault("maximum", HIGHEST_PORT)
    if fact.secret or secret_name(fact.name):
        entry["secret"] = True
    elif fact.default and len(fact.default) <= LONGEST_DEFAULT:
        entry["default"] = fact.default
    if fact.alias_of:
        entry["alias_of"] = fact.alias_of
    return {**entry, "since": release}


def form_of(fact: VariableFact) -> str:
    """What a text means by the name of its variable, "" where the name does not tell."""
    if fact.type == "int" and fact.name.endswith("_PORT"):
        return "port"
    if fact.type in ("str", "url"):
        if fact.name.endswith(("_HOST", "_HOSTNAME")):
            return "host"
        if fact.name.endswith(("_URL", "_URI", "_ENDPOINT", "_CONNECTION_STRING")):
            return "address"
    return ""


def same(old: Entry, new: Entry) -> bool:
    """Whether two facts say the same of what the variable may hold."""
    return all(old.get(key) == new.get(key) for key in (*TAKEN, "default", "alias_of"))


def refreshed(
    variables: Variables, facts: tuple[VariableFact, ...], release: str, last: str
) -> tuple[Variables, list[str]]:
    """The variables as of a release, and the changes in words. `last` is the release that the table ended with."""
    found = {name: list(entries) if isinstance(entries, list) else [entries] for name, entries in variables.items()}
    notes: list[str] = []
    present = {fact.name: fact for fact in facts if fact.name not in BUILT}
    for name, fact in present.items():
        entries = found.setdefault(name, [])
        new = entry_of(fact, release)
        current = entries[-1] if entries and "until" not in entries[-1] else None
        if current is None:
            entries.append(new)
            notes.append(f"new: {name}")
        elif not same(current, new):
            # What the form of a name cannot tell (whom it serves) stays as it was.
            kept = {k: current[k] for k in ("form", "browser", "secret") if k in current}
            entries[-1] = {**current, "until": last}
            entries.append({**new, **kept})
            notes.append(f"changed: {name}")
    for name, entries in found.items():
        if name not in present and "until" not in entries[-1]:
            entries[-1] = {**entries[-1], "until": last}
            notes.append(f"gone: {name}")
    return {name: each[0] if len(each) == 1 else each for name, each in sorted(found.items())}, sorted(notes)


def text_of(table: Entry) -> str:
    """The table as it is kept: one variable a line."""
    groups: list[str] = []
    for group in table["groups"]:
        head = {key: value for key, value in group.items() if key != "variables"}
        lines = [f"   {json.dumps(name)}: {json.dumps(entry)}" for name, entry in group["variables"].items()]
        groups.append(f'  {json.dumps(head)[:-1]}, "variables": {{\n' + ",\n".join(lines) + "\n  }}")
    body = ",\n".join(groups)
    return f'{{\n "product": {json.dumps(table["product"])},\n "groups": [\n{body}\n ]\n}}\n'


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("checkout", help="the folder of a Dify checkout")
    parser.add_argument("release", help="the release that is checked out, such as 1.17.0")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--data", default=DATA, help="the folder of the tables")
    arguments = parser.parse_args()
    path, product = (os.path.join(arguments.data, name) for name in ("dify.variables.json", "dify.json"))
    with open(product, encoding="utf-8") as file:
        text = file.read()
    last = json.loads(text)["newest"]
    release = parse_version(arguments.release)
    if release is None or release <= (parse_version(last) or ()):
        print(f"{arguments.release} is no release after {last}", file=sys.stderr)
        return 2
    facts = read_settings(DiskFiles(), normal(os.path.join(arguments.checkout, "api", "configs")))
    if not facts:
        print(f"no settings classes below {arguments.checkout}", file=sys.stderr)
        return 2
    with open(path, encoding="utf-8") as file:
        table: Entry = json.load(file)
    settings = next(group for group in table["groups"] if "first" in group)
    settings["variables"], notes = refreshed(settings["variables"], facts, ".".join(map(str, release)), last)
    print("\n".join(notes) or "nothing has changed")
    if arguments.write:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text_of(table))
        with open(product, "w", encoding="utf-8") as file:
            file.write(re.sub(r'("newest": )"[^"]*"', rf'\1"{".".join(map(str, release))}"', text, count=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
