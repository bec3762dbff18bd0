"""The registry is complete and consistent: files, codes, names, pages, fixes, and the catalogue."""

from __future__ import annotations

import os
import re
from importlib import import_module

import pytest

import stackmend.linter.rules as registry
from stackmend.linter.diagnostic import Severity
from stackmend.linter.pages import read_page
from stackmend.linter.rule import Rule
from stackmend.linter.rules import FAMILIES, all_rules
from stackmend.linter.testing import lint_example

FOLDER = os.path.dirname(os.path.abspath(registry.__file__ or ""))
CATALOGUE = os.path.join(os.path.dirname(__file__), "..", "..", "shared", "RULES.md")
LETTERS = {
    "compose": "CMP",
    "dotenv": "ENV",
    "json": "JSN",
    "nginx": "NGX",
    "squid": "SQD",
    "stack": "STK",
    "dify": "DFY",
    "fastgpt": "FGP",
    "suppression": "SUP",
}
each_rule = pytest.mark.parametrize("rule", [pytest.param(r, id=r.code) for r in all_rules()])


def test_every_family_folder_is_joined_and_every_family_has_its_letters() -> None:
    folders = {n for n in os.listdir(FOLDER) if os.path.isfile(os.path.join(FOLDER, n, "__init__.py"))}
    assert folders == set(FAMILIES) == set(LETTERS)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_rule_of_every_module_is_listed_in_its_family(family: str) -> None:
    listed = import_module(f"stackmend.linter.rules.{family}").RULES
    defined: list[Rule] = []
    for name in sorted(os.listdir(os.path.join(FOLDER, family))):
        if name.endswith(".py") and name != "__init__.py":
            module = import_module(f"stackmend.linter.rules.{family}.{name[:-3]}")
            defined += [v for v in vars(module).values() if isinstance(v, Rule)]
    assert {r.code for r in defined} == {r.code for r in listed}
    assert {r.family for r in listed} <= {LETTERS[family]}


@pytest.mark.parametrize("family", FAMILIES)
def test_every_page_belongs_to_a_rule(family: str) -> None:
    names = {r.name for r in import_module(f"stackmend.linter.rules.{family}").RULES}
    pages = {n.split(".")[0] for n in os.listdir(os.path.join(FOLDER, family)) if n.endswith(".md")}
    assert pages == names


def test_codes_are_unique_and_names_are_in_their_family() -> None:
    # `syntax` and `duplicate-key` are one mistake in several formats: the name picks all of them, the code one.
    codes, names = [r.code for r in all_rules()], [(r.family, r.name) for r in all_rules()]
    assert len(set(codes)) == len(codes)
    assert len(set(names)) == len(names)


@each_rule
def test_code_and_name_are_well_formed(rule: Rule) -> None:
    assert re.fullmatch(r"[A-Z]{3}\d{3}", rule.code)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name)


@each_rule
def test_a_page_has_examples_and_every_part_that_people_read(rule: Rule) -> None:
    page = read_page(rule)
    assert page.title
    assert page.summary
    assert page.found
    assert page.fine
    assert page.why
    assert page.mend


@each_rule
def test_the_declared_fix_is_the_best_that_the_examples_show(rule: Rule) -> None:
    offered = {
        fix.applicability
        for example in read_page(rule).found
        for reported in lint_example(example, all_rules(), host=rule.host).diagnostics
        if reported.rule is rule
        for fix in reported.diagnostic.fixes
    }
    order = ("safe", "unsafe", "display")
    best = min((a.value for a in offered), key=order.index, default=None)
    assert best == (rule.fix.value if rule.fix else None)


def catalogue() -> dict[str, tuple[str, str]]:
    """Code → (name, severities) of the design's table, for the rows with one name."""
    rows: dict[str, tuple[str, str]] = {}
    with open(CATALOGUE, encoding="utf-8") as file:
        for line in file:
            match = re.match(r"\| ([A-Z]{3}\d{3}) \| ([a-z0-9-]+) \| ([EWI/]+) \|", line)
            if match:
                rows[match[1]] = (match[2], match[3])
    return rows


@pytest.mark.skipif(not os.path.exists(CATALOGUE), reason="the catalogue is not beside this checkout")
def test_codes_names_and_severities_are_those_of_the_catalogue() -> None:
    rows = catalogue()
    assert len(rows) > 100
    letters = {Severity.ERROR: "E", Severity.WARNING: "W", Severity.INFO: "I"}
    for rule in all_rules():
        if rule.code in rows:
            name, severities = rows[rule.code]
            assert rule.name == name, rule.code
            assert letters[rule.severity] in severities, rule.code
