"""The rules for FastGPT beside their pages: the start script that a fix writes, the tables, hostile files, releases."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackmend.linter.config import Overrides
from stackmend.linter.report import Report
from stackmend.linter.rules import all_rules
from stackmend.linter.rules.fastgpt.mongo_script import script
from stackmend.linter.rules.fastgpt.mongo_server import start_of
from stackmend.linter.session import Request, run
from stackmend.schemas.files import DiskFiles, MemoryFiles
from stackmend.schemas.models.config_keys import config_table
from stackmend.schemas.models.deployment import Deployment
from stackmend.schemas.models.image import in_range, parse_version
from stackmend.schemas.models.loading import load_deployment
from stackmend.schemas.models.product import product_table
from stackmend.schemas.models.project import Options
from stackmend.schemas.workspace import Workspace

SHARED = os.path.join(os.path.dirname(__file__), *[os.pardir] * 3, "shared")
CORPUS = os.path.realpath(os.path.join(SHARED, "corpus", "dev", "fastgpt"))
CONFIG_FACTS = os.path.join(SHARED, "corpus", "facts", "fastgpt-config-json-keys.tsv")

APP = """\
services:
  fastgpt:
    image: ghcr.io/labring/fastgpt:{tag}
    volumes:
      - ./config.json:/app/data/config.json
"""
MONGO = """\
services:
  mongo:
    image: mongo:5.0.18
    environment:
      MONGO_INITDB_ROOT_USERNAME: {user}
      MONGO_INITDB_ROOT_PASSWORD: {password}
"""
RULES = [rule for rule in all_rules() if rule.family in ("FGP", "JSN") or rule.code in ("STK015", "STK019", "STK021")]


def workspace(files: dict[str, str]) -> Workspace:
    data = {f"/project/{name}": text.encode("utf-8", "surrogateescape") for name, text in files.items()}
    return Workspace(MemoryFiles(data, ("/project",)))


def lint(files: dict[str, str]) -> Report:
    return run(Request(("/project",), "/project", Overrides(), isolated=True), workspace(files), RULES).report


def deployment(files: dict[str, str]) -> Deployment:
    return load_deployment(workspace(files), "/project", Options())


def start_script(user: str = "root", password: str = "pw") -> str:
    service = deployment({"compose.yaml": MONGO.format(user=user, password=password)}).services["mongo"]
    return script(start_of(service), key="/data/mongodb.key").replace("$$", "$")


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_the_start_script_that_a_fix_writes_is_one_for_bash() -> None:
    bash = shutil.which("bash")
    assert bash is not None
    checked = subprocess.run([bash, "-n"], input=start_script(), text=True, capture_output=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_the_start_script_shows_no_password_and_names_the_member_as_others_find_it() -> None:
    text = start_script("fgadmin", "mgpass-20d4")
    assert "mgpass-20d4" not in text
    assert "fgadmin" not in text
    assert 'host: "mongo:27017"' in text


def test_every_key_of_the_configuration_table_leads_to_one_of_a_release() -> None:
    table = config_table("fastgpt")
    chained = {name for chain in table.successors for name in chain}
    assert chained <= table.keys.keys()
    for path, name in table.renamed.items():
        assert path in table.keys
        assert f"{path.rpartition('.')[0]}.{name}" in table.keys
    assert table.variables.keys() <= table.keys.keys()
    known = product_table("fastgpt").variables((4, 15, 1), "app")
    assert {name for name in table.variables.values() if name not in known} == set()


@pytest.mark.skipif(not os.path.isfile(CONFIG_FACTS), reason="the test-data folder is not there")
def test_the_configuration_table_has_every_key_that_a_release_ships() -> None:
    table = config_table("fastgpt")
    with open(CONFIG_FACTS, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    for row in rows:
        if row["path"] == row["path"].strip():
            version = parse_version(row["since"])
            assert version is not None
            assert table.keys[row["path"]].known(version), row["path"]


def test_successors_hand_over_without_a_gap_in_which_nothing_is_read() -> None:
    table = config_table("fastgpt")
    for text in ("4.4", "4.5", "4.6.5", "4.6.6", "4.6.8", "4.7.1", "4.8.19"):
        version = parse_version(text)
        assert version is not None
        for chain in table.successors:
            if in_range(version, table.keys[chain[0]].since, ""):
                assert table.now(chain[0], version) is not None, (text, chain)


SAMPLES: dict[str, object] = {"string": "x", "number": 1, "boolean": True, "object": {}, "array": [], "any": None}
BETWEEN = ("4.5.2", "4.6.5", "4.6.9", "4.8.11", "4.14.7")


def holding(path: str, kind: str) -> object:
    """The smallest configuration with a key at a path of the table."""
    value = SAMPLES[kind]
    for name in reversed(path.split(".")):
        value = {name[:-2]: [value]} if name.endswith("[]") else {name: value}
    return value


def test_every_key_is_noticed_in_a_release_that_reads_it_no_more() -> None:
    table, noticed = config_table("fastgpt"), 0
    for path, key in table.keys.items():
        later = (text for text in BETWEEN if in_range(parse_version(text), "", key.until) is False)
        release = next(later, None) if key.until else None
        if release is not None:
            text = json.dumps(holding(path, key.type), indent=1)
            report = lint({"compose.yaml": APP.format(tag=f"v{release}"), "config.json": text})
            assert {d.rule.code for d in report.diagnostics} & {"FGP002", "JSN003"}, (path, release)
            noticed += 1
    assert noticed > 200


TAGS = ["v4.6.5", "v4.6.9", "v4.8.11", "v4.9.14", "v4.14.7", "v4.15.1", "latest"]


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=400), st.sampled_from(TAGS))
def test_no_configuration_makes_a_rule_fail(text: str, tag: str) -> None:
    report = lint({"compose.yaml": APP.format(tag=tag), "config.json": text})
    assert report.errors == ()


def json_values() -> st.SearchStrategy[str]:
    names = st.sampled_from(
        ["llmModels", "vectorModels", "chatModels", "systemEnv", "model", "maxContext", "toolChoice"]
    )
    leaves = st.sampled_from(["1", '"1"', "true", '"true"', "null", "{}", "[]", "1e999", '"glm-4-9b"', "-0x1"])
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
            st.lists(st.tuples(names, inner), max_size=4).map(
                lambda items: "{" + ", ".join(f'"{name}": {value}' for name, value in items) + "}"
            ),
        ),
        max_leaves=12,
    )


@settings(max_examples=100, deadline=None)
@given(json_values(), st.sampled_from(TAGS))
def test_no_shape_of_known_keys_makes_a_rule_fail(text: str, tag: str) -> None:
    report = lint({"compose.yaml": APP.format(tag=tag), "config.json": text})
    assert report.errors == ()


def test_long_keys_below_one_another_cost_linear_time() -> None:
    def seconds(size: int) -> float:
        text = f'{{"{"k" * size}": ' * 150 + "1" + "}" * 150
        start = time.process_time()
        lint({"compose.yaml": APP.format(tag="v4.8.11"), "config.json": text})
        return time.process_time() - start

    seconds(10)
    assert seconds(16000) < 60 * max(seconds(2000), 0.01)


def shipped() -> Iterator[str]:
    for folder, _, names in os.walk(CORPUS):
        if "docker-compose.yml" in names and f"{os.sep}src{os.sep}" not in folder + os.sep:
            yield folder


@pytest.mark.skipif(not os.path.isdir(CORPUS), reason="the test-data folder is not there")
def test_no_release_of_fastgpt_is_blamed_for_what_it_ships() -> None:
    folders = sorted(shipped())
    assert len(folders) > 40
    found: list[str] = []
    for folder in folders:
        request = Request((folder,), folder, Overrides(), isolated=True)
        report = run(request, Workspace(DiskFiles()), RULES).report
        assert report.errors == ()
        assert len(report.deployments) == 1
        found += [f"{d.place!r} {d.rule.code} {d.message}" for d in report.diagnostics]
    assert found == []


@pytest.mark.skipif(not os.path.isdir(CORPUS), reason="the test-data folder is not there")
def test_a_shipped_configuration_is_not_blamed_when_the_release_is_written_out() -> None:
    """Some releases ship `latest`, of which nothing is known; a person who writes the release there is no worse off."""
    pinned = 0
    for folder in shipped():
        files: dict[str, str] = {}
        for name in ("docker-compose.yml", "config.json"):
            if os.path.isfile(os.path.join(folder, name)):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    files[name] = file.read()
        release = os.path.basename(os.path.dirname(folder))
        compose = files["docker-compose.yml"].replace("/fastgpt:latest", f"/fastgpt:{release}")
        if compose != files["docker-compose.yml"]:
            pinned += 1
            assert lint({**files, "docker-compose.yml": compose}).diagnostics == ()
    assert pinned > 0
