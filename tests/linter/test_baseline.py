"""A baseline hides what was there before, and nothing else: not by line, not in other files, and without a secret."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackmend.linter.address import address
from stackmend.linter.baseline import Baseline, Key, read_baseline
from stackmend.linter.config import ConfigError, Overrides
from stackmend.linter.session import Outcome, Request, run
from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.workspace import Workspace

SECRET = "kastanien-7431"
COMPOSE = f"""\
services:
  web:
    image: example/web:1
    ports:
      - "80:80"
      - "80:8080"
    environment:
      DB_PASSWORD: {SECRET}
  api:
    image: example/api:1
    depends_on:
      - cache
"""
DOTENV = "# note\nA=1\nA=2\nDB_PASSWORD=kastanien-7431\nDB_PASSWORD=kastanien-7432\n"
FILE = "/r/base.json"


@dataclass
class Project:
    """Files in memory, and runs over them with a baseline among them."""

    files: dict[str, str] = field(default_factory=lambda: {"/r/compose.yaml": COMPOSE, "/r/.env": DOTENV})

    def run(self, *paths: str, writing: bool = False, mending: bool = False, over: Overrides | None = None) -> Outcome:
        source = MemoryFiles({path: text.encode("utf-8", "surrogateescape") for path, text in self.files.items()})
        over = (over or Overrides())._replace(baseline=FILE)
        request = Request(paths or ("/r",), "/r", over, isolated=True, mending=mending, write_baseline=writing)
        outcome = run(request, Workspace(source))
        for baseline in outcome.baselines:
            self.files[baseline.path] = baseline.text()
        return outcome

    def known(self) -> list[dict[str, str | int]]:
        findings: list[dict[str, str | int]] = json.loads(self.files[FILE])["findings"]
        return findings


def codes(outcome: Outcome) -> list[str]:
    return [d.rule.code for d in outcome.report.diagnostics]


@pytest.fixture
def project() -> Project:
    project = Project()
    project.run(writing=True)
    assert {"CMP012", "CMP018", "ENV002"} <= {entry["code"] for entry in project.known()}
    return project


def test_what_is_written_is_known_in_the_next_run(project: Project) -> None:
    outcome = project.run()
    assert codes(outcome) == []
    assert outcome.report.known == sum(int(entry["count"]) for entry in project.known())
    assert not outcome.failing
    assert outcome.gone == ()


def test_the_file_is_the_same_whenever_it_is_written(project: Project) -> None:
    before = project.files[FILE]
    project.run(writing=True)
    assert project.files[FILE] == before
    del project.files[FILE]
    project.run(writing=True)
    assert project.files[FILE] == before
    places = [(e["file"], e["path"], e["code"], e["value"]) for e in project.known()]
    assert places == sorted(places)


@given(st.integers(0, 2**32))
@settings(max_examples=30, deadline=None)
def test_lines_that_come_above_bring_no_finding_back(seed: int) -> None:
    project = Project()
    project.run(writing=True)
    order = random.Random(seed)
    for path, text in (("/r/compose.yaml", COMPOSE), ("/r/.env", DOTENV)):
        lines = text.splitlines(keepends=True)
        for _ in range(3):
            lines.insert(order.randrange(len(lines) + 1), order.choice(["\n", "# a comment\n"]))
        project.files[path] = "".join(lines)
    outcome = project.run()
    assert codes(outcome) == []
    assert outcome.gone == ()


def test_a_new_item_of_a_list_does_not_rename_those_behind_it(project: Project) -> None:
    project.files["/r/compose.yaml"] = COMPOSE.replace("ports:\n", 'ports:\n      - "9000:9000"\n')
    assert codes(project.run()) == []


def test_what_is_new_is_shown_and_fails(project: Project) -> None:
    project.files["/r/compose.yaml"] = COMPOSE + "      - queue\n"
    outcome = project.run()
    assert codes(outcome) == ["CMP012"]
    assert "queue" in outcome.report.diagnostics[0].message
    assert outcome.failing


def test_another_value_in_the_same_place_is_new_and_the_old_one_gone(project: Project) -> None:
    project.files["/r/compose.yaml"] = COMPOSE.replace("- cache", "- queue")
    outcome = project.run()
    assert codes(outcome) == ["CMP012"]
    assert outcome.gone == ("compose.yaml: CMP012 services.api.depends_on[]",)


def test_one_more_of_the_same_is_new(project: Project) -> None:
    project.files["/r/.env"] = DOTENV.replace("A=2\n", "A=2\nA=1\n")
    assert "ENV002" in codes(project.run())


def test_what_is_mended_is_told_and_taken_out(project: Project) -> None:
    project.files["/r/compose.yaml"] = COMPOSE.replace('      - "80:8080"\n', "")
    outcome = project.run()
    assert len(outcome.gone) == 1
    assert "CMP018" in outcome.gone[0]
    project.run(writing=True)
    assert "CMP018" not in {entry["code"] for entry in project.known()}
    assert project.run().gone == ()


@pytest.mark.parametrize(
    ("path", "over"),
    [
        pytest.param("/r", Overrides(select=("CMP018",)), id="other rules"),
        pytest.param("/r/.env", Overrides(), id="other files"),
    ],
)
def test_what_a_run_does_not_look_at_is_neither_gone_nor_forgotten(
    project: Project, path: str, over: Overrides
) -> None:
    before = project.known()
    project.files["/r/compose.yaml"] = COMPOSE.replace("- cache", "- web")
    assert project.run(path, over=over).gone == ()
    project.run(path, over=over, writing=True)
    assert project.known() == before


def test_findings_of_files_that_are_gone_are_gone(project: Project) -> None:
    del project.files["/r/.env"]
    assert any(line.startswith(".env: ENV002") for line in project.run().gone)


def test_no_secret_is_in_the_file_and_showing_them_changes_nothing(project: Project) -> None:
    assert "kastanien" not in project.files[FILE]
    before = project.files[FILE]
    assert codes(project.run(over=Overrides(show_secrets=True))) == []
    project.run(writing=True, over=Overrides(show_secrets=True))
    assert project.files[FILE] == before


def test_hashes_do_not_depend_on_secrets() -> None:
    one, other = Project(), Project()
    other.files = {path: text.replace("kastanien", "buchecker") for path, text in one.files.items()}
    one.run(writing=True)
    other.run(writing=True)
    assert one.files[FILE] == other.files[FILE]


def test_a_baseline_serves_another_checkout(project: Project) -> None:
    moved = {path.replace("/r/", "/else/where/"): text for path, text in project.files.items()}
    source = MemoryFiles({path: text.encode() for path, text in moved.items()})
    over = Overrides(baseline="/else/where/base.json")
    outcome = run(Request(("/else/where",), "/else", over, isolated=True), Workspace(source))
    assert codes(outcome) == []


def test_known_findings_are_not_mended_and_new_ones_are() -> None:
    project = Project({"/r/compose.yaml": 'version: "3"\nservices:\n  web:\n    image: example/web:1\n'})
    fixable = project.run(writing=True, over=Overrides(select=("CMP007",)))
    assert fixable.report.known == 1
    assert project.run(mending=True).changes == ()
    del project.files[FILE]
    project.files[FILE] = Baseline(FILE, Counter()).text()
    (change,) = project.run(mending=True, over=Overrides(select=("CMP007",))).changes
    assert b"version" not in change.after


def test_the_configuration_names_a_baseline_beside_it(project: Project) -> None:
    project.files["/r/.stackmend.toml"] = 'baseline = "base.json"\n'
    source = MemoryFiles({path: text.encode() for path, text in project.files.items()})
    assert codes(run(Request(("/r/.env",), "/"), Workspace(source))) == []
    assert codes(run(Request(("/r/.env",), "/", isolated=True), Workspace(source))) != []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(None, "no such baseline; --write-baseline makes one", id="none"),
        pytest.param("services: {}\n", "not a baseline", id="no JSON"),
        pytest.param("[]", "not a baseline", id="no object"),
        pytest.param("{}", "not a baseline", id="no version"),
        pytest.param("[" * 100_000, "not a baseline", id="nested without end"),
        pytest.param('{"version": 2, "findings": []}', "a baseline of another version than 1", id="of the future"),
        pytest.param('{"version": 1, "findings": [{"file": "a"}]}', "not a baseline", id="a part of an entry"),
        pytest.param('{"version": 1, "findings": [1]}', "not a baseline", id="no entry"),
        pytest.param(
            '{"version":1,"findings":[{"file":"a","path":"b","code":"c","value":"d","count":-1}]}',
            "not a baseline",
            id="a count below one",
        ),
    ],
)
def test_a_file_that_is_no_baseline_is_refused_and_never_written_over(text: str | None, said: str) -> None:
    project = Project()
    if text is not None:
        project.files[FILE] = text
    with pytest.raises(ConfigError, match=said):
        project.run()
    if text is not None:
        with pytest.raises(ConfigError, match=said):
            project.run(writing=True)


NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
KEYS = st.builds(Key, NAMES, NAMES, NAMES, NAMES)


@given(st.dictionaries(KEYS, st.integers(1, 5), max_size=6))
@settings(max_examples=100, deadline=None)
def test_a_baseline_is_read_as_it_was_written(counts: dict[Key, int]) -> None:
    baseline = Baseline(FILE, Counter(counts))
    files = MemoryFiles({FILE: baseline.text().encode()})
    assert read_baseline(files, FILE) == baseline


@given(st.lists(st.sampled_from("abc"), max_size=12), st.lists(st.sampled_from("abc"), max_size=12))
@settings(max_examples=100, deadline=None)
def test_as_many_are_known_as_were_counted(before: list[str], now: list[str]) -> None:
    baseline = Baseline(FILE, Counter(Key("f", "p", "c", v) for v in before))
    known, gone = baseline.split([Key("f", "p", "c", v) for v in now])
    shown = Counter(v for v, is_known in zip(now, known, strict=True) if not is_known)
    assert shown == Counter(now) - Counter(before)
    assert Counter({key.value: n for key, n in gone.items()}) == Counter(before) - Counter(now)


def test_many_findings_on_one_long_line_take_time_in_proportion(
    linear: Callable[[Callable[[int], Callable[[], object]]], None],
) -> None:
    def make(size: int) -> Callable[[], object]:
        text = "{" + ", ".join(f"k{i}: [a, b=1, {{name: c}}]" for i in range(size)) + "}"
        workspace = Workspace(MemoryFiles({"/r/c.yaml": text.encode()}))
        document = workspace.yaml("/r/c.yaml").document
        trees = workspace.parsed("/r/c.yaml")
        places = [document.place(at, at + 1) for at in range(0, len(text), 30)]
        return lambda: [address(trees, place) for place in places]

    linear(make)
