"""Counts by rule, in place of a report: the most frequent first."""

from __future__ import annotations

import json
from collections import Counter
from typing import TextIO

from ..report import Report
from .summary import fixable, visible


def write(report: Report, out: TextIO, *, as_json: bool, verbose: bool) -> None:
    """Write a line for each rule that found something (how often, code, name), or a JSON array with more of it."""
    # The json format has the notes, too, whether or not they are asked for.
    shown = visible(report, verbose=verbose or as_json)
    counts = Counter(each.rule for each in shown)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0].code))
    if not as_json:
        out.writelines(f"{count:>6}  {rule.code}  {rule.name}\n" for rule, count in ordered)
        return
    table = [
        {
            "code": rule.code,
            "name": rule.name,
            "count": count,
            "fixable": fixable(each for each in shown if each.rule is rule),
        }
        for rule, count in ordered
    ]
    json.dump(table, out, indent=2)
    out.write("\n")
