"""How the sarif format describes a rule: words from its page, levels, and what of it is a matter of security."""

from __future__ import annotations

from typing import Any

from ..diagnostic import Severity
from ..rule import Rule

LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
PROBLEM = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "recommendation"}
LONGEST = 1024  # characters that GitHub takes of a description
FAMILY = {
    "CMP": "docker-compose",
    "ENV": "dotenv",
    "JSN": "json",
    "NGX": "nginx",
    "SQD": "squid",
    "STK": "stack",
    "DFY": "dify",
    "FGP": "fastgpt",
    "SUP": "suppression",
}
# What lets a stranger in, on the scale of CVSS: GitHub calls 7.0 and more high, 4.0 and more medium.
SECURITY = {
    "open-proxy": "8.6",
    "default-secret": "8.1",
    "exposed-datastore": "7.1",
    "no-final-deny": "5.3",
    "privileged": "5.0",
}


def rule_descriptor(rule: Rule) -> dict[str, Any]:
    """A rule as a SARIF reportingDescriptor. No required text is empty, page or no page."""
    from ..pages import PageError, read_page

    title = summary = body = ""
    try:
        page = read_page(rule)
    except (OSError, PageError):
        pass
    else:
        title, summary = page.title, page.summary
        parts = (("Why", page.why), ("How to mend", page.mend), ("Sources", page.sources))
        body = "\n\n".join(f"## {name}\n\n{text}" for name, text in parts if text)
    markdown = "\n\n".join(part for part in (f"# {title}" if title else "", summary, body) if part)
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": _cut(title or rule.name)},
        "fullDescription": {"text": _cut(" ".join(summary.split()) or title or rule.name)},
        "help": {"text": markdown or rule.name, "markdown": markdown or rule.name},
        "defaultConfiguration": {"level": LEVEL[rule.severity]},
        "properties": _properties(rule),
    }


def _properties(rule: Rule) -> dict[str, Any]:
    tags = [FAMILY.get(rule.family, rule.family)]
    properties: dict[str, Any] = {"tags": tags, "precision": "high", "problem.severity": PROBLEM[rule.severity]}
    if rule.name in SECURITY:
        tags.append("security")
        properties["security-severity"] = SECURITY[rule.name]
    return properties


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
