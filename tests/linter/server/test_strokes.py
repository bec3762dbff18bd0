"""What the editor is told after any row of key strokes is what a run says that knows of nothing before."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from hypothesis import example, given, settings
from hypothesis import strategies as st

from stackmend.linter.config import Overrides
from stackmend.linter.report import Report
from stackmend.linter.rules import all_rules
from stackmend.linter.server.live import Live
from stackmend.linter.session import Request, run
from stackmend.schemas.files import DiskFiles
from stackmend.schemas.workspace import Workspace

from .conftest import STACK

# Beside it a deployment of its own, one that includes it, and files that rules search for names.
FILES = {
    **STACK,
    "other/compose.yaml": "services:\n  web:\n    image: nginx\n    env_file: app.env\n    ports: ['80:80']\n",
    "other/app.env": "PORT=1\nPORT=2\n",
    "all/compose.yaml": "include: [../other/compose.yaml]\nservices: {more: {image: redis:7, ports: ['80:80']}}\n",
    "deploy.sh": "docker compose up\n",
    "unread/nginx.conf": "server { listen 80 }\n",
}
NAMES = sorted(FILES)
BITS = [
    *("x", "#", " ", "\n", ":", "=", "${", "}", "'", "  - ", "<<: *env\n", "image: nginx\n", "UNUSED=1\n", "&a", "*a"),
    *("DB_HOST=other\n", "$UNUSED\n", "server { listen 81; }\n", "acl a src all\n", "include: [x.yaml]\n"),
    *("\0", "é"),
]


class Stroke(NamedTuple):
    """One thing that a person, or another program, does to a file.

    press: a bit of text comes at a thousandth of the file, and some characters go; write: the same on the disk, by
    another program; close: what is on the disk counts again; drop: the file is gone.
    """

    kind: str
    name: str
    at: int
    gone: int
    bit: str


STROKES = st.builds(
    Stroke,
    st.sampled_from(["press", "press", "press", "press", "write", "close", "drop"]),
    st.sampled_from(NAMES),
    st.integers(0, 1000),
    st.integers(0, 3),
    st.sampled_from(BITS),
)
SEARCHED = [
    Stroke("press", ".env", 1000, 0, "UNUSED=1\n"),
    Stroke("press", "deploy.sh", 1000, 0, "x"),
    Stroke("press", "deploy.sh", 1000, 0, " $UNUSED"),
]


def said(reports: Iterable[Report]) -> list[object]:
    """All that reports say."""
    return [
        (
            [(d.place.document.path, d.place.span, d.rule.code, d.severity, d.message) for d in report.diagnostics],
            [(d.root, d.files, d.product_version) for d in report.deployments],
            report.errors,
            report.paths,
        )
        for report in reports
    ]


def fresh(live: Live, folder: str) -> list[object]:
    """What a run says that reads everything anew."""
    texts = {f"{folder}/{name}": live.text(f"{folder}/{name}") for name in NAMES}
    files = DiskFiles({path: text.encode() for path, text in texts.items() if text is not None})
    return said([run(Request((folder,), folder, Overrides(), shell={}), Workspace(files), all_rules()).report])


def do(stroke: Stroke, live: Live, folder: str) -> None:
    """Do it."""
    path = Path(folder, stroke.name)
    before = live.text(str(path))
    if stroke.kind in ("close", "drop"):
        live.drop(str(path))
        if stroke.kind == "drop":
            path.unlink(missing_ok=True)
            live.disk_changed()
        return
    text = before if before is not None else path.read_bytes().decode() if path.exists() else ""
    at = stroke.at * len(text) // 1000
    text = text[:at] + stroke.bit + text[at + stroke.gone :]
    if stroke.kind == "press":
        live.put(str(path), text)
    else:
        path.write_bytes(text.encode())
        live.disk_changed()


@settings(max_examples=25)
@given(st.lists(STROKES, min_size=1, max_size=12))
@example(SEARCHED)
@example([Stroke("press", name, 500, 0, bit) for name in NAMES for bit in ("x", " #")])
def test_the_editor_is_told_what_a_run_says_that_knows_of_nothing(strokes: list[Stroke]) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = str(Path(made).resolve())
        for name, text in FILES.items():
            Path(folder, name).parent.mkdir(exist_ok=True, parents=True)
            Path(folder, name).write_bytes(text.encode())
        live = Live()
        live.configure([folder], Overrides())
        for each in strokes:
            do(each, live, folder)
            live.refresh()
            live.tidy()
            assert said(analysis.report for analysis in live.analyses.values()) == fresh(live, folder), each
