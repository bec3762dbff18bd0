"""The documentation site: what it takes from the rules and from README, and that its pages name only what is there."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from stackmend.linter.rules import all_rules, find_rule

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted((ROOT / "docs").glob("*.md"))


@pytest.fixture(scope="module")
def site() -> ModuleType:
    """The module `tools/site_pages.py`."""
    spec = importlib.util.spec_from_file_location("site_pages", ROOT / "tools" / "site_pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_rule_has_a_page_where_its_source_lies_and_a_line_in_the_table(site: ModuleType) -> None:
    pages = dict(site.generated())
    table = pages.pop("rules/index.md")
    assert set(pages) == {
        path.relative_to(ROOT / "linter").as_posix()
        for path in (ROOT / "linter" / "rules").rglob("*.md")
        if not path.name.endswith((".zh.md", ".ja.md"))
    }
    for rule in all_rules():
        family = f"{site.rule_address(rule)}".removeprefix("rules/")
        assert f"| {rule.code} | [{rule.name}]({family}) |" in table
        assert f"`{rule.code}`" in pages[site.rule_address(rule)]


def test_the_navigation_leads_to_every_rule_once(site: ModuleType) -> None:
    entries = [address for family in site.navigation() for addresses in family.values() for address in addresses]
    assert sorted(entries) == sorted(site.rule_address(rule) for rule in all_rules())


def test_a_fence_gets_the_name_of_its_file_and_marks_by_number_are_put_in_words(site: ModuleType) -> None:
    page = """Words.

```dotenv .env
A=1
#@1-9 ENV001: too long
B
#@2-2 ENV001: here
#@14 ENV001: ended
#   ^ ENV001: stays
```

```dotenv .env after fix
A
```

````folder data/logs
````

```
#@1-9 ENV001: no file
```
"""
    assert (
        site.titled_fences(page)
        == """Words.

``` { .ini title=".env" }
A=1
# columns 1 to 9: ENV001: too long
B
# column 2: ENV001: here
# before column 14: ENV001: ended
#   ^ ENV001: stays
```

``` { .ini title=".env, after the fix" }
A
```

```` { .text title="data/logs (an empty folder)" }
````

```
# columns 1 to 9: ENV001: no file
```
"""
    )


def test_the_table_of_symptoms_names_every_faq_entry_that_a_rule_is_about() -> None:
    text = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    shown = {word for words in re.findall(r"\{\{ rules ([^}]+) \}\}", text) for word in words.split()}
    assert {entry for rule in all_rules() for entry in rule.faq} <= shown


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_names_only_rules_and_sections_that_are_there(site: ModuleType, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    # `${{ … }}` is an expression of GitHub's.
    assert not re.search(r"(?<!\$)\{\{ ", site.filled(text))
    families = {rule.family for rule in all_rules()}
    codes = [code for code in re.findall(r"\b[A-Z]{3}\d{3}\b", text) if code[:3] in families]
    assert [code for code in codes if find_rule(code) is None] == []


@pytest.mark.parametrize("asked", ["rules CMP999", "readme No such heading", "options nothing", "anything"])
def test_a_page_that_asks_for_what_is_not_there_stops_the_build(site: ModuleType, asked: str) -> None:
    with pytest.raises(site.SiteError):
        site.filled(f"before {{{{ {asked} }}}} after")


def test_the_configuration_page_lists_every_key_of_the_schema(site: ModuleType) -> None:
    table = site.configuration_table()
    for key in ("select", "per-file-ignores", "fail-on", "env-source"):
        assert f"| `{key}` |" in table
    assert "| `error`, `warning`, `info` |" in table


def test_a_commands_help_is_the_one_that_the_terminal_shows(site: ModuleType) -> None:
    assert "Usage: stackmend lint [OPTIONS]" in site.command_help("lint")
