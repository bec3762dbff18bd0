"""Docker Compose judges the fixes: it takes what they leave behind, and nothing has changed but what they are about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from stackmend.linter.diagnostic import Severity
from stackmend.linter.pages import Example, read_page
from stackmend.linter.rule import Rule
from stackmend.linter.rules.compose import RULES as COMPOSE
from stackmend.linter.rules.dotenv import RULES as DOTENV
from stackmend.linter.testing import lint_example

pytestmark = pytest.mark.oracle

COMPOSE_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
# What the fixes of a rule may change in the services, where Compose took the files before. None of the others may
# change anything: they write the same in another way.
CHANGES = {
    "CMP005": {"environment", "labels", "command", "working_dir"},
    "CMP006": {"environment", "labels", "command", "content"},
    "CMP009": {"environment"},
    "CMP010": {"environment"},
    "CMP016": {"healthcheck"},
    "CMP028": {"ports"},
    **{rule.code: {"environment"} for rule in DOTENV},
}

Files = dict[str, str]
Keys = tuple[str, ...]


class Mended(NamedTuple):
    """An example of a page before and after its fixes."""

    rule: Rule
    example: Example
    before: Files
    after: Files

    @property
    def changed(self) -> set[str]:
        """The words of the lines that the fixes change."""
        lines = {
            line
            for path, text in self.before.items()
            for line in set(text.splitlines()) ^ set(self.after[path].splitlines())
        }
        return {word for line in lines for word in re.findall(r"[\w.-]+", line)}


def mended() -> Iterator[Mended]:
    """The examples of the rules for Compose and dotenv files that show what their fixes leave behind."""
    for rule in (*COMPOSE, *DOTENV):
        for example in read_page(rule).found:
            if any(file.after is not None for file in example.files):
                before = {f.path: f.text for f in example.files}
                after = {f.path: f.text if f.after is None else f.after for f in example.files}
                yield Mended(rule, example, before, after)


EVERY = [pytest.param(m, id=f"{m.rule.code}: {m.example.title}") for m in mended()]


def lay_out(files: Files, example: Example, folder: Path) -> Path:
    """Write files to the disk; dotenv files that no Compose file stands beside become the env files of a service."""
    for name in example.folders:
        (folder / name).mkdir(parents=True, exist_ok=True)
    if not any(name in files for name in COMPOSE_NAMES):
        listed = "".join(f"      - {name}\n" for name in files)
        files = {**files, "compose.yaml": f"services:\n  web:\n    image: nginx:1.27\n    env_file:\n{listed}"}
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return folder


def differences(one: Any, other: Any, path: Keys = ()) -> Iterator[Keys]:
    """Where two models differ, as deep as both are mappings; extension fields are Compose's copies of the source."""
    if one == other or (path and path[0].startswith("x-")):
        return
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other}):  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]
            yield from differences(one.get(key), other.get(key), (*path, str(key)))  # pyright: ignore[reportUnknownMemberType,reportUnknownArgumentType]
    else:
        yield path


def written(model: Any, path: Keys) -> str:
    """What stands at a path of a model, as text; "" where there is nothing."""
    for key in path:
        model = model.get(key) if isinstance(model, dict) else None  # pyright: ignore[reportUnknownMemberType,reportUnknownVariableType]
    return "" if model is None else str(model)  # pyright: ignore[reportUnknownArgumentType]


def errors(case: Mended, texts: Files) -> list[str]:
    """The errors of a Compose or dotenv file that we see in an example whose files have these texts."""
    files = tuple(f._replace(text=texts[f.path]) for f in case.example.files)
    report = lint_example(case.example._replace(files=files), (*COMPOSE, *DOTENV))
    return [d.rule.code for d in report.diagnostics if d.severity is Severity.ERROR]


@pytest.mark.parametrize("case", EVERY)
def test_compose_takes_what_a_fix_leaves_behind(compose_judge: Any, case: Mended, tmp_path: Path) -> None:
    model, message = compose_judge.load(lay_out(case.after, case.example, tmp_path))
    assert (model is None) == bool(errors(case, case.after)), message


@pytest.mark.parametrize("case", EVERY)
def test_a_fix_changes_only_what_it_is_about(compose_judge: Any, case: Mended, tmp_path: Path) -> None:
    folder = lay_out(case.before, case.example, tmp_path / "shop")
    before, _ = compose_judge.load(folder)
    if before is None:
        assert errors(case, case.before)
        return  # what is refused has no model to compare with
    source, _ = compose_judge.load(folder, options=("--no-interpolate",))
    after, message = compose_judge.load(lay_out(case.after, case.example, tmp_path / "shop"))
    assert after is not None, message
    changed = case.changed
    for path in differences(before, after):
        assert path[2] in CHANGES.get(case.rule.code, ()), path
        words = {path[-1], *re.findall(r"[\w.-]+", f"{written(source, path)} {written(after, path)}")}
        assert words & changed, path
