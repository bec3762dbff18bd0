"""The engine: each file once, named files and folders, merged and ordered findings, nothing stops the others."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackmend.linter.config import Overrides
from stackmend.linter.diagnostic import Diagnostic, Related, Severity
from stackmend.linter.report import Report
from stackmend.linter.rule import Diagnostics, Rule, rule
from stackmend.linter.session import Request, run
from stackmend.schemas.files import MAX_BYTES, MemoryFiles
from stackmend.schemas.models.deployment import Deployment
from stackmend.schemas.parsers.dotenv import DotenvTree
from stackmend.schemas.workspace import Workspace

COMPOSE = "services:\n  web:\n    image: nginx:1.27\n"


@rule("TST001", "bad-key", DotenvTree, Severity.ERROR)
def bad_key(tree: DotenvTree) -> Diagnostics:
    for entry in tree.entries:
        if entry.key.startswith("BAD"):
            yield Diagnostic(tree.document.place(*entry.key_span), "`{key}` is bad", (("key", entry.key),))


@rule("TST002", "service-named", Deployment, Severity.WARNING)
def service_named(deployment: Deployment) -> Diagnostics:
    for service in deployment.services.values():
        related = tuple(
            Related(t.document.place(0, 0), "read here") for t in deployment.project.env_files if t.last("CAUSE")
        )
        yield Diagnostic(service.place, "`{name}` is there", (("name", service.name),), related)


@rule("TST003", "crashing", DotenvTree, Severity.ERROR)
def crashing(tree: DotenvTree) -> Diagnostics:
    yield Diagnostic(tree.document.place(0, 1), "before the crash")
    raise KeyError(tree.document.text)


@rule("TST004", "unused", Deployment, Severity.INFO, everywhere=True)
def unused(deployment: Deployment) -> Diagnostics:
    for tree in deployment.project.env_files:
        for entry in tree.entries:
            if not any(entry.key in s.name.upper() for s in deployment.services.values()):
                yield Diagnostic(tree.document.place(*entry.key_span), "`{key}` is unused", (("key", entry.key),))


def lint(
    files: Mapping[str, str | bytes], *paths: str, rules: tuple[Rule, ...] = (), over: Overrides | None = None
) -> Report:
    data = {path: text if isinstance(text, bytes) else text.encode() for path, text in files.items()}
    request = Request(paths or ("/p",), "/p", over or Overrides(), isolated=True)
    return run(request, Workspace(MemoryFiles(data)), rules or (bad_key, service_named)).report


def places(report: Report) -> list[str]:
    return [f"{report.shown_path(d.place.document.path)}:{d.place.line} {d.rule.code}" for d in report.diagnostics]


def test_a_folder_gives_its_deployments_and_its_loose_files() -> None:
    report = lint({"/p/a/compose.yaml": COMPOSE, "/p/a/.env": "BAD=1\n", "/p/b/.env.example": "BAD=1\n"})
    assert places(report) == ["a/.env:1 TST001", "a/compose.yaml:2 TST002", "b/.env.example:1 TST001"]
    assert [d.root for d in report.deployments] == ["/p/a"]
    assert report.files == 3


def test_what_stands_in_a_vendored_folder_is_not_linted() -> None:
    assert places(lint({"/p/node_modules/a/compose.yaml": COMPOSE, "/p/.git/.env": "BAD=1\n"})) == []


def test_a_file_that_two_deployments_read_is_linted_once() -> None:
    other = "services:\n  db:\n    image: postgres:16\n"
    report = lint({"/p/compose.yaml": COMPOSE, "/p/docker-compose.dev.yaml": other, "/p/.env": "BAD=1\n"})
    assert places(report) == [".env:1 TST001", "compose.yaml:2 TST002", "docker-compose.dev.yaml:2 TST002"]


def test_a_part_of_a_compose_file_is_linted_laid_over_the_main_one() -> None:
    part = "services:\n  web:\n    environment: {A: b}\n"
    report = lint({"/p/compose.yaml": COMPOSE, "/p/compose.prod.yaml": part})
    assert [len(d.files) for d in report.deployments] == [1, 2]
    assert report.errors == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("docker-compose-template.yaml", COMPOSE, id="by its name"),
        pytest.param("compose.dev.yml", "x-db: &db\n${{db.config}}\n" + COMPOSE, id="by a mark on a line of its own"),
        pytest.param("compose.dev.yml", "{% if dev %}\n" + COMPOSE + "{% endif %}\n", id="by a statement"),
    ],
)
def test_the_template_of_another_program_is_no_compose_file(name: str, text: str) -> None:
    assert places(lint({"/p/compose.yaml": COMPOSE, f"/p/{name}": text})) == ["compose.yaml:2 TST002"]


def test_an_everywhere_rule_needs_every_deployment_that_reads_the_file() -> None:
    files = {
        "/p/compose.yaml": COMPOSE,
        "/p/docker-compose.dev.yaml": "services:\n  db:\n    image: postgres:16\n",
        "/p/.env": "WEB=1\nDB=1\nNOBODY=1\n",
    }
    report = lint(files, rules=(unused,))
    assert [d.message for d in report.diagnostics] == ["`NOBODY` is unused"]


def test_a_named_file_gives_the_findings_in_it() -> None:
    files = {"/p/compose.yaml": COMPOSE, "/p/.env": "BAD=1\n"}
    assert places(lint(files, "/p/.env")) == [".env:1 TST001"]
    assert places(lint(files, "/p/compose.yaml")) == ["compose.yaml:2 TST002"]


def test_a_finding_elsewhere_counts_when_a_named_file_causes_it() -> None:
    files = {"/p/compose.yaml": COMPOSE, "/p/.env": "CAUSE=1\n"}
    assert places(lint(files, "/p/.env")) == ["compose.yaml:2 TST002"]


def test_the_severity_of_the_user_holds_and_findings_have_stable_fingerprints() -> None:
    files = {"/p/.env": "A=1\nBAD=1\n"}
    first = lint(files).diagnostics[0]
    moved = lint({"/p/.env": "A=1\nB=2\n\nBAD=1\n"}).diagnostics[0]
    assert first.fingerprint == moved.fingerprint
    assert len(first.fingerprint) == 16
    twice = lint({"/p/.env": "BAD=1\nBAD=1\n"}).diagnostics
    assert len({d.fingerprint for d in twice}) == 2


def test_a_crash_in_a_rule_is_one_line_without_values_and_stops_nobody() -> None:
    report = lint({"/p/.env": "BAD=hunter22\n"}, rules=(crashing, bad_key))
    assert places(report) == [".env:1 TST003", ".env:1 TST001"]
    assert report.failed
    assert len(report.errors) == 1
    assert "rule TST003 (crashing) failed with KeyError" in report.errors[0]
    assert "hunter22" not in report.errors[0]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"A=\0\0\0", "a binary file, not read", id="binary"),
        pytest.param(b"#" * (MAX_BYTES + 1), "larger than 10 MB", id="oversized"),
    ],
)
def test_a_file_that_is_not_read_gets_a_line_and_the_others_are_linted(data: bytes, reason: str) -> None:
    report = lint({"/p/a.env": data, "/p/b.env": "BAD=1\n"})
    assert report.errors == (f"a.env: {reason}",)
    assert places(report) == ["b.env:1 TST001"]
    assert not report.failed


def test_a_file_that_a_deployment_wants_and_cannot_have_gets_a_line() -> None:
    compose = "services:\n  web:\n    image: nginx:1.27\n    env_file: big.env\n"
    report = lint({"/p/compose.yaml": compose, "/p/big.env": b"#" * (MAX_BYTES + 1)}, "/p/compose.yaml")
    assert report.errors == ("big.env: larger than 10 MB",)
    assert places(report) == ["compose.yaml:2 TST002"]


def test_a_compose_file_that_cannot_be_read_is_no_clean_run() -> None:
    report = lint({"/p/compose.yaml": b"\0\1\2", "/p/other.env": "BAD=1\n"})
    assert report.errors == ("compose.yaml: a binary file, not read",)
    assert report.failed
    assert places(report) == ["other.env:1 TST001"]


def test_a_mounted_configuration_outside_the_project_is_named_and_not_read() -> None:
    compose = "services:\n  web:\n    image: nginx:1.27\n    volumes:\n      - /srv/site.conf:/etc/nginx/nginx.conf\n"
    report = lint({"/p/compose.yaml": compose, "/srv/site.conf": "broken {"})
    assert report.errors == ("compose.yaml:5: /srv/site.conf lies outside the project, not read",)
    assert not report.failed


def test_a_missing_path_is_an_error_and_the_other_paths_are_linted() -> None:
    report = lint({"/p/b.env": "BAD=1\n"}, "/p/none", "/p/b.env")
    assert report.errors == ("none: no such file or folder",)
    assert report.failed
    assert places(report) == ["b.env:1 TST001"]


def test_rules_that_are_off_do_not_run() -> None:
    report = lint({"/p/.env": "BAD=1\n"}, rules=(crashing, bad_key), over=Overrides(ignore=("TST003",)))
    assert report.errors == ()
    assert places(report) == [".env:1 TST001"]


def test_secrets_of_the_deployment_are_in_no_message() -> None:
    @rule("TST005", "telling", DotenvTree, Severity.ERROR)
    def telling(tree: DotenvTree) -> Diagnostics:
        yield Diagnostic(tree.document.place(0, 1), "it is {it}", (("it", tree.entries[0].text or ""),))

    files: dict[str, str | bytes] = {"/p/.env": "DB_PASSWORD=hunter22\n"}
    assert [d.message for d in lint(files, rules=(telling,)).diagnostics] == ["it is ****"]
    shown = lint(files, rules=(telling,), over=Overrides(show_secrets=True))
    assert [d.message for d in shown.diagnostics] == ["it is hunter22"]


PIECES = st.sampled_from(
    [
        "services:\n", "  web:\n", "    image: a\n", "    <<: *x\n", "x-a: &x\n", "  - ${A:-${B}}\n", "A=1\n",
        "B='\n", "{", "}", '"', "include: [compose.yaml]\n", "env_file: .env\n", "\t", "\0", "\r\n", "é", "$",
        "# stackmend: ignore[X]\n", "{{", "[[", "http_access deny a\n", "location / {\n", "&a [*a]\n",
        "// stackmend: ignore-file[X]\n", "\udc80", "\ufeff", "extends: {service: web}\n",
    ]
)  # fmt: skip
NAMES = (
    "compose.yaml",
    "compose.override.yaml",
    "docker-compose.dev.yaml",
    ".env",
    "nginx.conf",
    "squid.conf",
    "config.json",
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), st.lists(PIECES, max_size=12).map("".join), min_size=1, max_size=4))
def test_no_content_makes_the_engine_fail(texts: dict[str, str]) -> None:
    files = {f"/p/{name}": text.encode("utf-8", "surrogateescape") for name, text in texts.items()}
    report = lint(files, rules=(bad_key,))
    assert not any("internal error" in line for line in report.errors), report.errors


@rule("TST006", "variables", Deployment, Severity.INFO)
def variables(deployment: Deployment) -> Diagnostics:
    for service in deployment.services.values():
        for name in service.environment:
            yield Diagnostic(service.place, "{name}", (("name", name),))


@pytest.mark.parametrize(
    ("path", "extra", "read"),
    [
        pytest.param("/w/p", {}, False, id="not out of the folder"),
        pytest.param("/w", {}, True, id="but out to the folder that the user gave"),
        pytest.param("/w/p", {"/w/.git/HEAD": ""}, True, id="and all over the checkout"),
    ],
)
def test_how_far_a_deployment_may_reach(path: str, extra: dict[str, str], read: bool) -> None:
    compose = "services:\n  web:\n    image: nginx:1.27\n    env_file: ../outside.env\n"
    files = {"/w/p/compose.yaml": compose, "/w/outside.env": "OUTSIDE=1\n", **extra}
    data = {name: text.encode() for name, text in files.items()}
    report = run(Request((path,), "/elsewhere", isolated=True), Workspace(MemoryFiles(data)), (variables,)).report
    assert [d.message for d in report.diagnostics] == (["OUTSIDE"] if read else [])
