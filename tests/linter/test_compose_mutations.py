"""Whatever a slip of the hand makes of a Compose file, no rule fails on it, and mending ends."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from stackmend.linter.config import Overrides
from stackmend.linter.pages import read_page
from stackmend.linter.rules.compose import RULES
from stackmend.linter.session import Request, run
from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.workspace import Workspace

EXAMPLES = [
    {file.path: file.text for file in example.files}
    for rule in RULES
    for example in (*read_page(rule).found, *read_page(rule).fine)
]
SCRAPS = (": x", '"', "${", "$A", "[", "- ", "*a", "&a", " #", "\u3000", "::", "/x", "\t", "<<: ", "{}")


@st.composite
def spoilt(draw: st.DrawFn) -> dict[str, str]:
    """The files of an example with a few lines taken out, doubled, cut, moved or written on."""
    files = dict(draw(st.sampled_from(EXAMPLES)))
    name = draw(st.sampled_from(sorted(files)))
    lines = files[name].split("\n")
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        line = lines[at]
        lines[at : at + 1] = draw(
            st.sampled_from(
                (
                    [],
                    [line, line],
                    [line[: draw(st.integers(0, len(line)))]],
                    [" " + line],
                    [line.replace("  ", "\t", 1)],
                    [line + draw(st.sampled_from(SCRAPS))],
                    [line.replace(":", draw(st.sampled_from(("", "=", " :"))), 1)],
                    [line.partition(":")[0] + ":"],
                )
            )
        ) or ([""] if len(lines) == 1 else [])
    return {**files, name: "\n".join(lines)}


@settings(max_examples=150, deadline=None)
@given(spoilt())
def test_no_rule_fails_and_mending_ends(files: dict[str, str]) -> None:
    contents = {f"/shop/{name}": text.encode() for name, text in files.items()}
    request = Request(("/shop",), "/shop", Overrides(unsafe_fixes=True), isolated=True, mending=True)
    report = run(request, Workspace(MemoryFiles(contents)), RULES).report
    assert not report.failed, report.errors
