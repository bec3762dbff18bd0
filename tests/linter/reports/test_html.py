"""The html format is one page that stands alone, says everything, and lets no linted text become markup."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackmend.fixers.edit import Applicability, Edit, Fix
from stackmend.linter.config import Overrides
from stackmend.linter.diagnostic import Diagnostic, Related
from stackmend.linter.report import Report, Reported
from stackmend.linter.reports import html
from stackmend.linter.session import Request, run
from stackmend.linter.topology import Arrow, Box, Topology
from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.parsers.document import Document
from stackmend.schemas.workspace import Workspace

MakeReport = Callable[[list[Diagnostic]], Report]
VOID = {"meta", "input", "br"}

STACK = {
    "/p/compose.yaml": """\
services:
  web:
    image: nginx:1.27
    ports: ["80:80", "127.0.0.1:8443:443"]
    volumes: ["./default.conf:/etc/nginx/conf.d/default.conf:ro"]
  api:
    image: example/api:1
    environment:
      DB_URL: postgresql://app:kastanien-7431@db:5432/app
      CACHE_URL: redis://cache:6379
    depends_on: [db]
    networks: [default, back]
  db:
    image: postgres:15
    networks: [back]
    environment: {POSTGRES_PASSWORD: kastanien-7431}
  cache:
    image: redis:7
    networks: [aside]
  spare:
    image: example/spare:1
    profiles: [spare]
networks: {back: {}, aside: {}}
""",
    "/p/default.conf": "server {\n  listen 80;\n  location / {\n    proxy_pass http://api:8000;\n  }\n}\n",
}


class Page(HTMLParser):
    """A page taken apart: elements must be closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.texts: dict[str, str] = {}
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self.open):
            self.texts[tag] = self.texts.get(tag, "") + data


def page(report: Report, *, verbose: bool = True) -> str:
    out = io.StringIO()
    html.write(report, out, verbose=verbose)
    return out.getvalue()


def linted(files: dict[str, str] = STACK, *, topology: bool = True) -> Report:
    over = Overrides(topology=topology)
    workspace = Workspace(MemoryFiles({path: text.encode() for path, text in files.items()}))
    return run(Request(("/p",), "/p", over, isolated=True), workspace).report


def pictures(text: str) -> list[ET.Element]:
    return [ET.fromstring(svg) for svg in re.findall(r"<svg xmlns.*?</svg>", text, re.DOTALL)]


def drawn(text: str) -> dict[str, set[str]]:
    """The titles in the only picture by the class of what they are a title of."""
    found: dict[str, set[str]] = {}
    for element in pictures(text)[0].iter():
        for title in element.findall("{*}title"):
            found.setdefault(element.get("class", "").partition(" ")[0], set()).add(title.text or "")
    return found


@pytest.fixture
def pictured(report: Report, compose: Document) -> Report:
    """The report with a topology of its own."""
    path = compose.path
    boxes = (
        Box("web", "example/web:1.0", "", ("default",), ("80→8080",), (path, compose.text.index("  web"), 400), ()),
        Box("api", "example/api:1.0", "api", ("default", "back"), (), (path, 20, compose.text.index("  web")), ()),
        Box("cache", "redis:7", "", ("back",), (), (path, 9000, 9001), ()),
    )
    arrows = (
        Arrow("web", "api", ("proxy_pass (port 80)",), True, False),
        Arrow("api", "cache", ("REDIS_HOST",), False, False),
        Arrow("web", "cache", ("CACHE",), False, True),
        Arrow("cache", "api", (), True, False),
    )
    topology = Topology((path,), boxes, arrows, ("spare",))
    return replace(report, deployments=(report.deployments[0]._replace(topology=topology),))


def test_the_whole_page_is_as_recorded(pictured: Report, golden: Callable[[str, str], None]) -> None:
    text = re.sub(r"(?s)(<style>).*?(</style>)|(<script>).*?(</script>)", r"\1\2\3\4", page(pictured))
    text = re.sub(r"sha256-[\w+/=]+", "sha256-…", text)
    golden("reports/html.html", re.sub(r"stackmend \d[\w.]*", "stackmend 0", text))


def test_it_is_well_formed_and_says_every_finding(pictured: Report) -> None:
    parsed = Page(page(pictured))
    for reported in pictured.diagnostics:
        message = pictured.masker.escape(reported.message).replace("`", "")
        assert message in parsed.texts["h4"]
        assert f"{reported.rule.code} {reported.rule.name}" in parsed.texts["p"]
    assert parsed.tags.count("article") == len(pictured.diagnostics)
    assert pictures(page(pictured))


def test_related_places_fixes_and_what_could_not_be_done_are_told(pictured: Report) -> None:
    parsed = Page(page(pictured))
    assert "docker-compose.yaml:15:9 service web publishes it too" in re.sub(r"\s+", " ", parsed.texts["p"])
    assert "Publish 8080 instead" in parsed.texts["p"]
    assert '-      - "80:8080"\n' in parsed.texts["del"]
    assert '+      - "8080:8080"\n' in parsed.texts["ins"]
    assert "nginx/proxy.conf: not a regular file" in parsed.texts["li"]


def test_notes_are_left_out_unless_asked_for(pictured: Report) -> None:
    assert "CMP007" not in page(pictured, verbose=False).partition("<main>")[2]
    assert "CMP007" in page(pictured).partition("<main>")[2]


def test_nothing_is_loaded_from_elsewhere_and_the_policy_forbids_it(pictured: Report) -> None:
    text = page(pictured)
    parsed = Page(text)
    assert not {"link", "img", "iframe", "object", "base", "image", "use"} & set(parsed.tags)
    assert parsed.tags.count("script") == parsed.tags.count("style") == 1
    for name, value in parsed.attributes:
        assert name not in ("src", "srcset", "action", "style")
        assert not name.startswith("on")
        if name == "href":
            assert value.startswith("#")
    policy = next(value for _, value in parsed.attributes if value.startswith("default-src"))
    for tag, source in (("style", "style-src"), ("script", "script-src")):
        assert f"{source} '{html.digest(parsed.texts[tag])}'" in policy
    assert "url(" not in parsed.texts["style"]


def test_links_inside_the_page_lead_somewhere_and_ids_are_unique(pictured: Report) -> None:
    parsed = Page(page(pictured))
    ids = [value for name, value in parsed.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert {value[1:] for name, value in parsed.attributes if name == "href"} <= set(ids)


def test_a_clean_run_gives_a_friendly_page(make_report: MakeReport) -> None:
    parsed = Page(page(make_report([])))
    assert parsed.texts["h1"] == "No problems found"
    assert "No problems found in 3 files." in parsed.texts["p"]


def test_a_run_that_could_not_check_everything_does_not_look_clean(make_report: MakeReport) -> None:
    parsed = Page(page(replace(make_report([]), failed=True)))
    assert parsed.texts["h1"] == "Stackmend report"
    assert "Not everything could be checked" in parsed.texts["p"]


def test_no_secret_and_no_control_character_is_on_it(pictured: Report) -> None:
    text = page(pictured)
    assert "kastanien" not in text
    assert text.isascii()
    shown = "".join(Page(text).texts.values())
    assert not set(shown) & {chr(c) for c in (*range(9), *range(11, 32), *range(127, 160), 0x202E)}
    assert "\\x1b[31m\\x07 red \\u202egnp" in shown


def test_hostile_names_never_become_markup() -> None:
    evil = "</title><script>alert(1)</script>"
    files = {
        f"/p/{evil.replace('/', '_')}/compose.yaml": f"""\
services:
  "{evil}":
    image: "{evil}"
    privileged: true
    ports: ["80:80"]
    networks: ["{evil}"]
    environment: {{"DB_URL{evil}": "http://'x' onload=alert(1)"}}
    depends_on: ["{evil}", '"><b>']
  '"><b>':
    image: x
networks: {{"{evil}": {{}}}}
""",
    }
    report = linted(files)
    assert report.diagnostics
    text = page(report)
    parsed = Page(text)
    assert parsed.tags.count("script") == 1
    assert "b" not in pictures(text)[0].attrib
    assert not [e for e in pictures(text)[0].iter() if e.tag.endswith(("script", "}b"))]
    assert not any(name == "onload" for name, _ in parsed.attributes)
    assert evil in parsed.texts["title"] or evil in parsed.texts["td"]


@settings(max_examples=40)
@given(text=st.text(max_size=60), name=st.text(max_size=20))
def test_any_text_gives_a_well_formed_page(text: str, name: str) -> None:
    base = linted()
    document = Document(f"/p/{name}", text)
    whole = document.place(0, len(text))
    fix = Fix(name, (Edit(whole, name),), Applicability.SAFE)
    finding = Diagnostic(whole, "{v}", (("v", text),), (Related(whole, name),), (fix,), rule=base.diagnostics[0].rule)
    boxes = (
        Box(text, name, "", (text,), (name,), (document.path, 0, len(text)), ()),
        Box(name + "x", "", "", (), (), ("", 0, 0), ()),
    )
    topology = Topology((), boxes, (Arrow(text, name + "x", (text,), False, False),), (name,))
    written = page(
        replace(
            base,
            diagnostics=(Reported(finding, lambda: base.masker.mask(text), lambda: "x"),),
            deployments=(base.deployments[0]._replace(files=(document.path,), topology=topology),),
        )
    )
    Page(written)
    assert pictures(written)


def test_the_picture_shows_services_networks_ports_and_who_talks_to_whom() -> None:
    text = page(linted())
    shown = drawn(text)
    assert {t.partition(":")[0] for t in shown["box"]} == {"web", "api", "db", "cache"}
    assert shown["arrow"] == {
        "web → api: proxy_pass (port 8000)",
        "api → db: DB_URL (port 5432), depends_on",
        "api → cache: CACHE_URL (port 6379), no common network",
    }
    texts = {e.text for e in pictures(text)[0].iter() if e.tag.endswith("}text")}
    assert {"default", "back", "aside", "web", "nginx:1.27", "80, 127.0.0.1:8443→…"} <= texts
    assert "Switched off by profiles: spare" in Page(text).texts["figcaption"]


def test_services_with_findings_are_marked_and_lead_to_them() -> None:
    report = linted()
    text = page(report)
    found = {d.rule.code for d in report.diagnostics}
    assert found, "the stack has a service that calls another on no common network"
    svg = pictures(text)[0]
    links = {a.get("aria-label"): a.get("href", "")[1:] for a in svg.iter() if a.tag.endswith("}a")}
    assert any(label and label.endswith(" in api") for label in links)
    assert set(links.values()) <= {value for name, value in Page(text).attributes if name == "id"}


def test_boxes_do_not_overlap_and_stand_inside_the_picture() -> None:
    svg = pictures(page(linted()))[0]
    spots: list[tuple[float, float]] = []
    for group in svg.findall(".//{*}g"):
        x, y = re.findall(r"[\d.]+", group.get("transform", ""))
        spots.append((float(x), float(y)))
    assert len(spots) == 4
    width, height = float(svg.get("width", 0)), float(svg.get("height", 0))
    for index, (x, y) in enumerate(spots):
        assert 0 < x < x + 168 <= width
        assert 0 < y < y + 54 <= height
        assert all(abs(x - a) >= 168 or abs(y - b) >= 54 for a, b in spots[:index])


def test_a_run_for_another_format_keeps_no_topology() -> None:
    assert all(d.topology is None for d in linted(topology=False).deployments)
    assert '<figure class="topology">' not in page(linted(topology=False))


def test_a_stack_too_large_to_draw_gets_the_table() -> None:
    services = "".join(f"  s{n}:\n    image: x:{n}\n" for n in range(80))
    text = page(linted({"/p/compose.yaml": f"services:\n{services}"}))
    assert pictures(text) == []
    assert "There are too many services for a picture" in text
    assert text.count('<th scope="row">') == 80


def test_circles_of_calls_are_drawn() -> None:
    names = ["a", "b", "c"]
    services = "".join(
        f"  {n}:\n    image: x:1\n    environment: {{PEER_URL: 'http://{names[(i + 1) % 3]}:80'}}\n"
        for i, n in enumerate(names)
    )
    shown = drawn(page(linted({"/p/compose.yaml": f"services:\n{services}"})))
    assert {t.partition(":")[0] for t in shown["arrow"]} == {"a → b", "b → c", "c → a"}


@pytest.mark.oracle
def test_a_browser_renders_it(tmp_path: Path) -> None:
    text = page(linted())
    done = dumped(tmp_path, text)
    # The script shows the filter, so it ran under the page's own policy; what the policy refuses is logged.
    assert '<form id="filter">' in done.stdout
    assert "Content Security Policy" not in done.stderr
    assert done.stdout.count("<article") == len(linted().diagnostics)
    assert "</svg>" in done.stdout


@pytest.mark.oracle
def test_the_arrows_of_the_service_under_the_pointer_stand_out(tmp_path: Path) -> None:
    text = page(linted())
    (number,) = re.findall(r'data-number="(\d+)"[^>]*><title>cache:', text)
    point = f"document.querySelector('[data-number=\"{number}\"]').dispatchEvent(new Event('pointerenter'))"
    free = re.sub("<meta http-equiv[^>]*>", "", text).replace("</body>", f"<script>{point}</script></body>")
    done = dumped(tmp_path, free)
    lit = re.findall(r'<path class="arrow \w+ on"[^>]*><title>([^<]+)</title>', done.stdout)
    assert [title.partition(":")[0] for title in lit] == ["api → cache"]
    assert done.stdout.count('class="lit"') == 1


@pytest.mark.oracle
@pytest.mark.parametrize("width", [1280, 400])
def test_only_pictures_tables_and_code_scroll_sideways(width: int, tmp_path: Path) -> None:
    measure = "<script>parent.document.title = document.documentElement.scrollWidth + ' of ' + innerWidth</script>"
    free = re.sub("<meta http-equiv[^>]*>", "", page(linted())).replace("</body>", f"{measure}</body>")
    frame = f'<iframe width="{width}" height="900" frameborder="0" srcdoc="{escape(free)}"></iframe>'
    title = re.search(r"<title>(\d+) of (\d+)</title>", dumped(tmp_path, f"<title></title>{frame}").stdout)
    assert title is not None
    assert int(title[2]) == width
    assert int(title[1]) <= width


def dumped(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """What Chromium makes of a page: the DOM, and its log."""
    chromium = shutil.which("chromium")
    if chromium is None:
        if os.environ.get("ORACLES") == "required":
            pytest.fail("chromium is not here, and ORACLES=required")
        pytest.skip("chromium is not here")
    path = folder / "report.html"
    path.write_text(text, encoding="ascii")
    return subprocess.run(
        [
            chromium,
            *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
            *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
            f"--user-data-dir={folder / 'profile'}",
            "--enable-logging=stderr",
            "--dump-dom",
            path.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
