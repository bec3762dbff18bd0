"""Draws what the terminal shows as an SVG: `python tools/picture.py` writes the picture that README begins with.

The picture holds its own colours for light and dark and asks for no font and nothing else from elsewhere. Every run of
characters is set to the width of its columns, so that the carets stand right in whatever font the reader has.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html import escape
from typing import NamedTuple

from stackmend.linter.reports.cells import cells
from stackmend.linter.reports.style import SGR

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TARGET = os.path.join(ROOT, "docs", "assets", "lint.svg")
COMMAND = ("lint", "examples/dify")
COLUMNS = 100
CELL, LINE, EDGE = 8.4, 19, 18

STYLE = """
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre }
.page { fill: #ffffff; stroke: #d0d7de }
text { fill: #24292f }
.error { fill: #b3121d; font-weight: 700 }
.warning { fill: #8a5a00; font-weight: 700 }
.info { fill: #0b6b75; font-weight: 700 }
.frame { fill: #1f56c4; font-weight: 700 }
.strong { font-weight: 700 }
.added { fill: #1a7f37 }
.dim { opacity: .6 }
@media (prefers-color-scheme: dark) {
  .page { fill: #161b22; stroke: #30363d }
  text { fill: #e6edf3 }
  .error { fill: #ff8078 }
  .warning { fill: #e3b341 }
  .info { fill: #56d4dd }
  .frame { fill: #79b8ff }
  .added { fill: #56d364 }
}
"""

_PAINTED = re.compile(r"\x1b\[([\d;]+)m(.*?)\x1b\[0m", re.DOTALL)
_ROLES = {code: role for role, code in SGR.items()}


class Run(NamedTuple):
    """A stretch of one screen line in one style; `column` counts from 0."""

    column: int
    width: int
    text: str
    role: str


def said() -> str:
    """What the command prints in colours, with none of this shell's variables, of which Compose files could ask."""
    environment = {name: value for name, value in os.environ.items() if name in {"PATH", "PYTHONPATH", "SYSTEMROOT"}}
    command = [sys.executable, "-m", "stackmend", *COMMAND, "--color", "always"]
    done = subprocess.run(
        command, cwd=ROOT, env={**environment, "PYTHONUTF8": "1"}, capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode != 1 or done.stderr:
        raise SystemExit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr}")
    return done.stdout


def painted(output: str) -> Iterator[tuple[str, str]]:
    """The pieces of coloured output with the role of each."""
    at = 0
    for match in _PAINTED.finditer(output):
        yield output[at : match.start()], ""
        yield match[2], _ROLES[match[1]]
        at = match.end()
    yield output[at:], ""


def screen(output: str) -> list[list[Run]]:
    """The output on a terminal of so many columns, which goes on in the next line where one is full."""
    rows: list[list[Run]] = [[]]
    for text, role in painted(output):
        for number, line in enumerate(text.split("\n")):
            if number:
                rows.append([])
            laid = cells(line)
            for index, shown in enumerate(laid.shown):
                width = laid.edges[index + 1] - laid.edges[index]
                if _end(rows[-1]) + width > COLUMNS:
                    rows.append([])
                row = rows[-1]
                if row and row[-1].role == role:
                    row[-1] = row[-1]._replace(width=row[-1].width + width, text=row[-1].text + shown)
                else:
                    row.append(Run(_end(row), width, shown, role))
    return rows


def _end(row: list[Run]) -> int:
    return row[-1].column + row[-1].width if row else 0


def svg(rows: list[list[Run]]) -> str:
    """The rows of a screen as a picture."""
    width, height = round(COLUMNS * CELL + 2 * EDGE), len(rows) * LINE + 2 * EDGE
    title = f"What `stackmend {' '.join(COMMAND)}` prints"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="page" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8"/>',
    ]
    for number, row in enumerate(rows):
        y = EDGE + number * LINE + 14
        lines += [_text(run, y) for run in row if run.text.strip()]
    return "\n".join([*lines, "</svg>", ""])


def _text(run: Run, y: int) -> str:
    shown = run.text.rstrip(" ")
    blank = len(shown) - len(shown.lstrip(" "))
    columns = run.width - (len(run.text) - len(shown)) - blank
    x = EDGE + (run.column + blank) * CELL
    role = f' class="{run.role}"' if run.role else ""
    return (
        f'<text{role} x="{x:.1f}" y="{y}" textLength="{columns * CELL:.1f}" lengthAdjust="spacingAndGlyphs">'
        f"{escape(shown.lstrip(' '), quote=False)}</text>"
    )


def picture() -> str:
    """The picture of README as it has to be now."""
    return svg(screen(f"\x1b[2m$\x1b[0m stackmend {' '.join(COMMAND)}\n{said().rstrip()}"))


if __name__ == "__main__":
    with open(TARGET, "w", encoding="utf-8", newline="\n") as file:
        file.write(picture())
