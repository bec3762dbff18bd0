"""The configuration is found, checked to the line, and laid under the command line."""

from __future__ import annotations

import pytest

from stackmend.linter.config import ConfigError, Overrides, find_config, make_settings, read_config
from stackmend.linter.diagnostic import Severity
from stackmend.schemas.files import MemoryFiles


def files(**texts: str) -> MemoryFiles:
    names = {"stackmend": ".stackmend.toml", "pyproject": "pyproject.toml"}
    return MemoryFiles({f"/r/{names[n]}": t.encode() for n, t in texts.items()}, ("/r/.git", "/r/a/b"))


def test_the_nearest_file_above_a_folder_is_found() -> None:
    found = find_config(files(stackmend='select = ["CMP"]\n'), "/r/a/b")
    assert found is not None
    assert (found.path, found.table) == ("/r/.stackmend.toml", {"select": ["CMP"]})


def test_the_search_ends_at_the_checkout() -> None:
    assert find_config(MemoryFiles({"/.stackmend.toml": b"oops"}, ("/r/.git", "/r/a")), "/r/a") is None


@pytest.mark.parametrize("text", ["[tool.other]\nx = 1\n", "no toml at all", "[tool]\nstackmend-like = 1\n"])
def test_a_pyproject_without_our_table_is_passed_over(text: str) -> None:
    if "stackmend" not in text:
        assert find_config(files(pyproject=text), "/r") is None
    else:
        assert read_config(files(pyproject=text), "/r/pyproject.toml") is None


def test_the_table_of_a_pyproject_counts() -> None:
    found = find_config(files(pyproject='[tool.stackmend]\nfail-on = "warning"\n'), "/r/a")
    assert found is not None
    assert make_settings(found, Overrides(), {}, "/x").fail_on is Severity.WARNING


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param('# c\nslect = ["CMP"]\n', ":2: unknown key 'slect'; did you mean 'select'?", id="near"),
        pytest.param("zzzzzz = 1\n", "/r/.stackmend.toml:1: unknown key 'zzzzzz'", id="no near key"),
        pytest.param('select = "CMP"\n', "/r/.stackmend.toml:1: select: a list is wanted here", id="wrong type"),
        pytest.param('\n\nfail-on = "never"\n', ":3: fail-on: one of error, warning, info is", id="wrong word"),
        pytest.param('[severity]\nCMP001 = "bad"\n', ":2: severity.CMP001: one of error, warning", id="in a table"),
        pytest.param("select = [\n", "not TOML", id="no toml"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_file_and_line(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        find_config(files(stackmend=text), "/r")
    assert said in str(caught.value)


def test_the_command_line_is_laid_over_the_file() -> None:
    table = """
select = ["CMP"]
extend-select = ["ENV001"]
ignore = ["CMP007"]
profiles = ["x"]
env-file = ["conf/.env"]
unsafe-fixes = true
[per-file-ignores]
"*.example" = ["ENV"]
[severity]
CMP027 = "error"
"""
    config = find_config(files(stackmend=table), "/r")
    plain = make_settings(config, Overrides(), {"A": "1"}, "/x")
    assert plain.select == ("CMP", "ENV001")
    assert plain.ignore == ("CMP007",)
    assert plain.env_files == ("/r/conf/.env",)
    assert plain.per_file_ignores == (("*.example", ("ENV",)),)
    assert plain.severity == {"CMP027": Severity.ERROR}
    assert plain.unsafe_fixes
    assert plain.base == "/r"
    assert plain.shell is None
    over = Overrides(select=("CMP007",), ignore=("X",), profiles=("y",), unsafe_fixes=False, env_source="shell")
    given = make_settings(config, over, {"A": "1"}, "/x")
    assert (given.select, given.ignore) == (("CMP007",), ("X",))
    assert given.profiles == ("y",)
    assert not given.unsafe_fixes
    assert given.shell == {"A": "1"}
