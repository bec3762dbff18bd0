"""Makes the texts of the documentation site that are written elsewhere: rule pages, tables, parts of README."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator

from stackmend.linter.pages import page_path, page_text, read_page
from stackmend.linter.rule import Rule
from stackmend.linter.rules import FAMILIES, all_rules

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

TITLES = {
    "compose": "Compose",
    "dotenv": "dotenv",
    "json": "JSON",
    "nginx": "nginx",
    "squid": "squid",
    "stack": "The stack as a whole",
    "dify": "Dify",
    "fastgpt": "FastGPT",
    "suppression": "Comments that silence",
}
SEVERITIES = {"error": "error", "warning": "warning", "info": "information"}

# Languages of the pages that the highlighter knows by another name, or not at all.
_LEXERS = {"dotenv": "ini", "squid": "squidconf", "folder": "text"}
_FENCE = re.compile(r"(`{3,})(\w+) (\S.*)")
_COLUMNS = re.compile(r"(\s*(?:#|//))@(\d+)(?:-(\d+))? (?=[A-Z]{3}\d{3}: )")
_DIRECTIVE = re.compile(r"(?<!\$)\{\{ ([a-z-]+)(?: ([^{}]+))? \}\}")


class SiteError(ValueError):
    """A page that asks for what is not there."""


def rule_address(rule: Rule) -> str:
    """A rule's page within the site, as Markdown: where its source lies below `linter/`."""
    family = os.path.basename(os.path.dirname(page_path(rule)))
    return f"rules/{family}/{rule.name}.md"


def rule_markdown(rule: Rule) -> str:
    """A rule's page with what the table of rules says about it, and its fences as the site's Markdown wants them."""
    text = page_text(rule)
    if text is None:
        raise SiteError(f"{rule.code} has no page")
    title, _, rest = text.partition("\n")
    facts = f"`{rule.code}` · `{rule.name}` · {SEVERITIES[rule.severity.value]} · {_fix_words(rule)}"
    if rule.faq:
        facts += " · FAQ " + ", ".join(rule.faq)
    if rule.host:
        facts += " · only with `--host`"
    return f"---\ntitle: {json.dumps(f'{rule.code} {rule.name}')}\n---\n{title}\n\n{facts}\n{titled_fences(rest)}"


def titled_fences(markdown: str) -> str:
    """The Markdown with each ```` ```yaml compose.yaml ```` as a highlighted fence under the file's name."""
    lines: list[str] = []
    fence = ""
    for source in markdown.split("\n"):
        line = source
        opened = None if fence else _FENCE.fullmatch(line)
        if opened:
            fence = opened[1]
            lines.append(
                f'{fence} {{ .{_LEXERS.get(opened[2], opened[2])} title="{_file_title(opened[2], opened[3])}" }}'
            )
            continue
        if fence and line.strip() == fence:
            fence = ""
        elif fence:
            line = _COLUMNS.sub(_column_words, line)
        elif not fence and line.startswith("```"):
            fence = line[: len(line) - len(line.lstrip("`"))]
        lines.append(line)
    return "\n".join(lines)


def _column_words(mark: re.Match[str]) -> str:
    """A mark by numbers in words: what stands too far left for carets."""
    if mark[3] is None:
        return f"{mark[1]} before column {mark[2]}: "
    columns = f"column {mark[2]}" if mark[2] == mark[3] else f"columns {mark[2]} to {mark[3]}"
    return f"{mark[1]} {columns}: "


def _file_title(language: str, path: str) -> str:
    if language == "folder":
        return f"{path} (an empty folder)"
    name, fixed = path.removesuffix(" after fix"), path.endswith(" after fix")
    return f"{name}, after the fix" if fixed else name


def rules_markdown() -> str:
    """The table of all rules, by family."""
    lines = [
        *("---", "hide: [toc]", "---"),
        "# Rules",
        "",
        f"{len(all_rules())} rules. An *error* stops the deployment or opens it, a *warning* is likely wrong,",
        "*information* is worth knowing and shown with `-v`. A *safe* fix keeps the meaning or is certainly what was",
        "meant; an *unsafe* one makes a choice for you. The FAQ entries are those of the",
        "[table of symptoms](../index.md#symptoms).",
        "",
        "`stackmend explain CMP018` shows a rule's page in the terminal.",
    ]
    for family in FAMILIES:
        lines += [
            "",
            f"## {TITLES[family]}",
            "",
            "| code | name | what it finds | severity | fix | FAQ |",
            "|---|---|---|---|---|---|",
        ]
        lines += [_row(rule) for rule in _of_family(family)]
    return "\n".join(lines) + "\n"


def _row(rule: Rule) -> str:
    name = f"[{rule.name}]({rule_address(rule).removeprefix('rules/')})"
    title = read_page(rule).title.replace("|", "\\|")
    fix = rule.fix.value if rule.fix else "–"
    severity = SEVERITIES[rule.severity.value]
    return f"| {rule.code} | {name} | {title} | {severity} | {fix} | {', '.join(rule.faq)} |"


def _fix_words(rule: Rule) -> str:
    return f"{rule.fix.value} fix" if rule.fix else "no fix"


def navigation() -> list[dict[str, list[str]]]:
    """The rules' part of the site's navigation, a family in each entry."""
    return [{TITLES[family]: [rule_address(rule) for rule in _of_family(family)]} for family in FAMILIES]


def _of_family(family: str) -> list[Rule]:
    rules = [rule for rule in all_rules() if rule_address(rule).startswith(f"rules/{family}/")]
    return sorted(rules, key=lambda each: each.code)


def filled(markdown: str) -> str:
    """A page with its `{{ name argument }}` filled in. Raises SiteError for one that means nothing.

    `{{ rules D4 ENV013 }}`: links to the rules of FAQ entries and codes. `{{ readme Use }}`: what stands under this
    heading of README. `{{ configuration }}`: the keys of the configuration file. `{{ options lint }}`: the help of a
    command.
    """
    fillers: dict[str, Callable[[str], str]] = {
        "rules": linked_rules,
        "readme": readme_section,
        "configuration": lambda _: configuration_table(),
        "options": command_help,
    }

    def fill(match: re.Match[str]) -> str:
        if match[1] not in fillers:
            raise SiteError(f"{match[0]} means nothing")
        return fillers[match[1]](match[2] or "")

    return _DIRECTIVE.sub(fill, markdown)


def linked_rules(words: str) -> str:
    """Links to the rules of each FAQ entry and each code that the words name, from a page at the root of the site."""
    found: dict[str, Rule] = {}
    for word in words.split():
        named = [rule for rule in all_rules() if word == rule.code or word in rule.faq]
        if not named:
            raise SiteError(f"no rule has the code or the FAQ entry {word}")
        found.update((rule.code, rule) for rule in sorted(named, key=lambda each: each.code))
    return ", ".join(f'[{code}]({rule_address(rule)} "{rule.name}")' for code, rule in found.items())


def readme_section(heading: str) -> str:
    """What stands under a heading of README."""
    with open(f"{ROOT}/README.md", encoding="utf-8") as file:
        text = file.read()
    match = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if match is None:
        raise SiteError(f"README has no section {heading!r}")
    return match[1].strip("\n")


def configuration_table() -> str:
    """The keys of the configuration file, from its schema."""
    with open(f"{ROOT}/schemas/data/config.schema.json", encoding="utf-8") as file:
        schema = json.load(file)
    lines = ["| key | value | what it is |", "|---|---|---|"]
    for key, value in schema["properties"].items():
        lines.append(f"| `{key}` | {_kind(value, schema['$defs'])} | {value['description']} |")
    return "\n".join(lines)


def _kind(value: dict[str, object], definitions: dict[str, dict[str, object]]) -> str:
    reference = value.get("$ref")
    if isinstance(reference, str):
        return _kind(definitions[reference.rpartition("/")[2]], definitions)
    choices = value.get("enum")
    if isinstance(choices, list):
        return ", ".join(f"`{choice}`" for choice in choices)
    names = {"array": "list of texts", "object": "table", "boolean": "`true`, `false`", "string": "text"}
    return names[str(value["type"])]


def command_help(name: str) -> str:
    """A command's help as the terminal shows it."""
    import click

    from stackmend.linter.cli import cli

    parent = click.Context(cli, info_name="stackmend", max_content_width=100, terminal_width=100)
    command = cli.get_command(parent, name)
    if command is None:
        raise SiteError(f"there is no command {name!r}")
    context = click.Context(command, info_name=name, parent=parent, max_content_width=100, terminal_width=100)
    return f"```text\n{command.get_help(context)}\n```"


def generated() -> Iterator[tuple[str, str]]:
    """Every page that no file of `docs/` holds: its address within the site and its Markdown."""
    yield "rules/index.md", rules_markdown()
    for rule in all_rules():
        yield rule_address(rule), rule_markdown(rule)
