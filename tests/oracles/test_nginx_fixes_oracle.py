"""nginx itself judges the fixes: what it refused for the finding it takes afterwards, what it took it still takes."""

from __future__ import annotations

import glob
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import stackmend
from stackmend.linter.pages import Example, read_page
from stackmend.linter.report import Report
from stackmend.linter.rule import Rule
from stackmend.linter.rules.nginx import RULES
from stackmend.linter.testing import lint_example

from .conftest import Judge
from .nginx_site import refusal, sites

pytestmark = pytest.mark.oracle

# The findings for which nginx itself stops.
STOPPING = (
    "NGX001",
    "NGX002",
    "NGX003",
    "NGX004",
    "NGX006",
    "NGX007",
    "NGX008",
    "NGX010",
    "NGX011",
    "NGX030",
    "NGX033",
)

Files = dict[str, str]


class Mended(NamedTuple):
    """An example of a page before and after its fixes."""

    rule: Rule
    example: Example

    @property
    def before(self) -> Files:
        """Its files as they are."""
        return {f.path: f.text for f in self.example.files}

    @property
    def after(self) -> Files:
        """Its files as the page shows them after the fixes."""
        return {f.path: f.text if f.after is None else f.after for f in self.example.files}

    def stops(self, texts: Files) -> list[str]:
        """For what we say that nginx stops when the files have these texts."""
        files = tuple(f._replace(text=texts[f.path]) for f in self.example.files)
        return stops(lint_example(self.example._replace(files=files), RULES))


def stops(report: Report) -> list[str]:
    """For what a report says that nginx stops, and not only answers 50x or leaves something out."""
    mild = re.compile("gives? 50[02]|does nothing")
    told = [d for d in report.diagnostics if d.rule.code in STOPPING and not mild.search(d.message)]
    return [f"{d.rule.code}: {d.message}" for d in told]


def mended() -> Iterator[Mended]:
    """The examples of the rules for nginx that show what their fixes leave behind."""
    for rule in RULES:
        for example in read_page(rule).found:
            # NGX019 is about any file that a container makes, and shows one of squid.
            if any(file.after is not None for file in example.files) and sites({f.path: f.text for f in example.files}):
                yield Mended(rule, example)


EVERY = [pytest.param(m, id=f"{m.rule.code}: {m.example.title or m.example.line}") for m in mended()]


@pytest.mark.parametrize("case", EVERY)
def test_nginx_takes_what_the_fixes_of_a_page_leave_behind(nginx: Judge, case: Mended) -> None:
    before = [refusal(nginx, site) for site in sites(case.before)]
    after = [refusal(nginx, site) for site in sites(case.after)]
    assert any(before) == bool(case.stops(case.before)), before
    assert any(after) == bool(case.stops(case.after)), after
    if case.rule.code not in STOPPING:
        assert not any(after), after


SHARED = os.path.join(os.path.dirname(__file__), "..", "..", "..", "shared")
DIFY = f"{SHARED}/corpus/dev/dify"
# Mistakes by the file that they are made in: what is written there, and what becomes of it.
MISTAKES: dict[str, tuple[str, str, str]] = {
    "no semicolon": ("default.conf", r"(proxy_pass http://api:5001);", r"\1"),
    "no semicolon after a placeholder": ("nginx.conf", r"(client_max_body_size +\S+);", r"\1"),
    "no semicolon before a brace": ("default.conf", r"(include +proxy.conf);(?=\s*\})", r"\1"),
    "no semicolon at the end of the file": ("proxy.conf", r";(?=\s*\Z)", ""),
    "semicolon of another keyboard": ("proxy.conf", r"(proxy_http_version 1.1);", r"\1；"),
    "brace of another keyboard": ("default.conf", r"(location /v1 )\{", r"\1｛"),
    "mistyped": ("proxy.conf", r"proxy_set_header(?= X-Forwarded-For)", "proxy_set_haeder"),
    "mistyped variable": ("proxy.conf", r"proxy_add_x_forwarded_for", "proxy_add_x_forwarded_fo"),
    "mistyped include": ("default.conf", r"include(?= +proxy.conf)", "inculde"),
    "mistyped name of a block": ("default.conf", r"location(?= /files)", "loaction"),
    "flag": ("proxy.conf", r"proxy_buffering off", "proxy_buffering false"),
    "size": ("nginx.conf", r"client_max_body_size +\S+;", "client_max_body_size  100MB;"),
    "time": ("nginx.conf", r"keepalive_timeout +\S+;", "keepalive_timeout  65sec;"),
    "no scheme": ("default.conf", r"http://web:3000", "web:3000"),
    "one slash": ("default.conf", r"http://api:5001", "http:/api:5001"),
    "twice": ("nginx.conf", r"(\n *)(sendfile +on;)", r"\1\2\1\2"),
    "mistyped host": ("default.conf", r"http://web:3000", "http://wbe:3000"),
    "comparison": ("default.conf", r"location(?= /v1)", "if ($http_x == 1) { return 403; }\n    location"),
    "modifier": ("default.conf", r"location(?= /v1)", "location =~"),
    "a slash at the end": ("default.conf", r"(?s)(location )(/v1 .*?http://api:5001)", r"\1~ ^\2/"),
}
# Not what was there, but as good.
ANOTHER_WAY = ("size", "time", "comparison", "modifier", "a slash at the end")


def deployments() -> Iterator[tuple[str, Files]]:
    """The deployments of Dify in the corpus that bring an nginx, with the files that it and the rules read."""
    for compose in sorted(glob.glob(f"{DIFY}/*/docker*/docker-compose.yaml")):
        folder = os.path.dirname(compose)
        found = [compose, *glob.glob(f"{folder}/nginx/**/*.conf*", recursive=True)]
        files = {os.path.relpath(p, folder): _text(p) for p in found}
        if os.path.exists(f"{folder}/.env.example"):
            files[".env"] = _text(f"{folder}/.env.example")
        if len(found) > 1:
            yield os.path.relpath(folder, DIFY), files


def _text(path: str) -> str:
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def broken(files: Files, name: str, pattern: str, instead: str) -> Iterator[tuple[str, Files]]:
    """The files with a mistake in the first one of a name that has what is looked for, and that one's path."""
    for path, text in files.items():
        if os.path.basename(path).removesuffix(".template") == name and re.search(pattern, text):
            yield path, {**files, path: re.sub(pattern, instead, text, count=1)}
            return


def fixed(files: Files, select: tuple[str, ...]) -> tuple[Files, Report]:
    """What `stackmend lint --fix --unsafe-fixes` makes of files."""
    data = {f"/project/{path}": text for path, text in files.items()}
    found = stackmend.fix("/project", files=data, unsafe=True, isolated=True, select=select)
    after = {path.removeprefix("/project/"): text.decode("utf-8") for path, text in found.files.items()}
    return {**files, **after}, found.report


def judged(nginx: Judge, files: Files) -> str:
    """What nginx refuses a deployment with, "" when it takes it."""
    (site,) = sites(files)
    return nginx(site.text)


@pytest.mark.skipif(not os.path.isdir(DIFY), reason="no shared files")
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_broken_copy_of_what_dify_ships_is_mended_to_what_nginx_takes(nginx: Judge, mistake: str) -> None:
    tried: set[str] = set()
    for name, files in deployments():
        for path, wrong in broken(files, *MISTAKES[mistake]):
            if wrong[path] in tried:
                continue
            tried.add(wrong[path])
            assert judged(nginx, wrong) != "", name
            after, _ = fixed(wrong, ("NGX",) if mistake in ANOTHER_WAY else STOPPING)
            assert judged(nginx, after) == "", name
            if mistake not in ANOTHER_WAY:
                # Alignment, comments and placeholders are as they were.
                assert after == files, name
    assert len(tried) > 1


@pytest.mark.skipif(not os.path.isdir(DIFY), reason="no shared files")
def test_nginx_takes_what_dify_ships_with_every_fix_that_is_offered_for_it(nginx: Judge) -> None:
    changed = 0
    for name, files in deployments():
        assert judged(nginx, files) == "", name
        after, _ = fixed(files, ("NGX",))
        assert judged(nginx, after) == "", name
        changed += after != files
        for path, text in files.items():
            kept = re.findall(r"#[^\n]*|\$\{\w+\}", text)
            assert re.findall(r"#[^\n]*|\$\{\w+\}", after[path]) == kept, path
    assert changed >= 5


def test_the_command_line_writes_what_nginx_takes_and_no_other_byte(nginx: Judge, tmp_path: Path) -> None:
    right = (
        "# the site\r\nserver {\r\n\tlisten       ${PORT};   # a port\r\n\tserver_name  _;\r\n\r\n"
        "\tlocation / {\r\n\t\tproxy_pass   http://web:3000;\t# web\r\n"
        "\t\tproxy_set_header   Host  $host;\r\n\t}\r\n}"
    )
    wrong = right.replace("3000;\t", "3000\t").replace("server_name", "sevrer_name").replace("$host;", "$host；")
    path = tmp_path / "nginx" / "templates" / "default.conf.template"
    path.parent.mkdir(parents=True)
    path.write_bytes(wrong.encode())
    for text, taken in ((wrong, False), (right, True)):
        (site,) = sites({"nginx/default.conf": text.replace("${PORT}", "80")})
        assert (refusal(nginx, site) == "") is taken
    command = [sys.executable, "-m", "stackmend", "lint", "--fix", "--unsafe-fixes", "--isolated", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert path.read_bytes() == right.encode()
