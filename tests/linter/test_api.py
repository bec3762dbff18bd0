"""stackmend as a library: pure, over files in memory, with nothing printed."""

from __future__ import annotations

import pytest

import stackmend

FILES = {
    "/p/compose.yaml": "services:\n  web:\n    image: nginx:1.27\n",
    "/p/.env": "# stackmend: ignore[NOPE1]\nA=1\n",
}


def test_lint_reports_on_files_in_memory_and_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    report = stackmend.lint(files=FILES, select=["SUP"])
    assert [(d.place.document.path, d.rule.code) for d in report.diagnostics] == [("/p/.env", "SUP001")]
    assert capsys.readouterr() == ("", "")


def test_paths_choose_among_files_in_memory() -> None:
    assert stackmend.lint("/p/compose.yaml", files=FILES, select=["SUP"]).diagnostics == ()


def test_fix_gives_new_bytes_and_writes_nothing() -> None:
    fixed = stackmend.fix(files=FILES, select=["SUP"])
    assert fixed.files == {}
    assert [d.rule.code for d in fixed.report.diagnostics] == ["SUP001"]


def test_an_unknown_rule_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="XYZ1"):
        stackmend.lint(files=FILES, select=["XYZ1"])


def test_every_public_name_is_there_and_no_other() -> None:
    for name in stackmend.__all__:
        assert getattr(stackmend, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        stackmend.nothing  # noqa: B018  # pyright: ignore[reportAttributeAccessIssue]
