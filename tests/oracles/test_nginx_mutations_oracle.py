"""nginx itself judges broken copies of real files: there is an error on the line where it stops, and no other one."""

from __future__ import annotations

import glob
import os
import random
import re
from collections.abc import Iterator

import pytest

from stackmend.linter.near import near
from stackmend.linter.rule import Rule
from stackmend.linter.rules.nginx.directives import argument_count, misplaced_directive, unknown_directive
from stackmend.linter.rules.nginx.duplicates import duplicate_directive
from stackmend.linter.rules.nginx.syntax import syntax
from stackmend.schemas.parsers.document import Document
from stackmend.schemas.parsers.nginx import parse_nginx
from stackmend.schemas.parsers.nginx_directives import kind, names

from .conftest import Judge

pytestmark = pytest.mark.oracle

SHARED = os.path.join(os.path.dirname(__file__), "..", "..", "..", "shared")
RULES: tuple[Rule, ...] = (syntax, unknown_directive, misplaced_directive, argument_count, duplicate_directive)
# What lies beside the files, and what only a comparison with others or the module of a directive tells.
BESIDE = r"""(?mx)^[ \t]*(?:include|ssl_\w+|user|pid|load_module|resolver|auth_basic_user_file|modsecurity\w*|
    proxy_cache(?:_path|_valid)?|limit_\w+|error_log|access_log|log_format|brotli\w*|auth_request)\b[^;{}]*;"""
FRAMES = ("%s", "events {} http { %s }", "events {} http { server { %s } }")
# Of these the rules judge what a single line shows.
OURS = re.compile(
    r'unexpected ("|end of)|is not terminated by|has no opening|invalid number of arguments|is not allowed here|'
    r"unknown directive|is duplicate|duplicate location|duplicate upstream|duplicate default|must be .on. or .off.|"
    r"directive invalid (?:value|number)|invalid URL prefix|cannot have URI part|invalid condition|pcre2?_compile|"
    r"invalid location modifier|number of the map parameters|is outside location"
)

BRACES = ("unclosed-block", "unexpected-close", "unexpected-open", "unterminated-quote", "text-after-quote")


@pytest.fixture(scope="module")
def judge(nginx: Judge) -> Judge:
    """nginx, which would look for its own pid file with the frames of this module."""
    return lambda text: nginx("pid nginx.pid;" + text)


def errors(text: str) -> list[tuple[int, int]]:
    """The lines of each directive for which a rule has an error, its number of lines and those that it swallowed."""
    tree = parse_nginx(Document("/nginx.conf", text))
    first = [found.place for rule in RULES for found in rule.check(tree)]
    return sorted((place.line, _last_line(text, place.span.end)) for place in first)


def _last_line(text: str, at: int) -> int:
    """Where nginx stops at the latest: behind the next directive from an offset on."""
    end = re.compile(r"(?:(?:#[^\n]*|[^;{}#])*[;{}]?){2}").match(text, at)
    return text.count("\n", 0, end.end() if end else at) + 1


def disagreement(text: str, said: str) -> str:
    """How the rules and nginx differ over a file, "" when they do not."""
    found = errors(text)
    stop = re.search(r"nginx\.conf:(\d+)", said)
    if not said:
        # It may swallow a line as arguments of the one before, and be content.
        problems = parse_nginx(Document("/nginx.conf", text)).problems
        swallowed = len(problems) == len(found) and all(p.kind == "missing-semicolon" for p in problems)
        return f"only the rules stop: {found}" if found and not swallowed else ""
    if stop is None or not OURS.search(said):
        return ""
    if any(p.kind in BRACES for p in parse_nginx(Document("/nginx.conf", text)).problems):
        # A brace too many or too few is noticed anywhere behind it.
        return ""
    unknown = re.search(r'unknown directive "(.*)" in', said)
    if unknown is not None and ('"' in unknown[1] or near(unknown[1], names()) is None):
        # It may be one of another module.
        return ""
    invalid = re.search(r'"(\w+)" directive invalid (?:value|number)', said)
    if invalid is not None and kind(invalid[1]) == "":
        return ""
    line = int(stop[1])
    # nginx names the line on which a directive ends, and where a `;` is missing that is the one of the next.
    return "" if any(first <= line <= last for first, last in found) else f"nginx, {line}: {said[:120]}; rules: {found}"


def bases(judge: Judge) -> Iterator[str]:
    """Real files without what lies beside them, in a frame in which nginx takes them."""
    wild, shipped = f"{SHARED}/corpus/dev/wild/nginx/*", f"{SHARED}/corpus/dev/*/*/*/nginx/**/*.conf*"
    for path in sorted(glob.glob(wild) + glob.glob(shipped, recursive=True)):
        with open(path, "rb") as file:
            text = Document.decode("/nginx.conf", file.read()).text
        text = re.sub(BESIDE, "", text)
        text = re.sub(r"\$\{\w*(?:SIZE|PORT|PROCESSES|TIMEOUT)\w*\}", "100", text)
        text = re.sub(r"\$\{\w+\}", "", text)
        text = re.sub(r"(https?://)[\w.-]+(?=[:/;])", r"\g<1>127.0.0.1", text)
        text = re.sub(r"(?m)^(\s*server\s+)[\w.-]+(?=[:;\s])(?!\s*\{)", r"\g<1>127.0.0.1", text)
        framed = next((f % text for f in FRAMES if not judge(f % text)), None)
        if framed is not None and re.search(r"^\s*[a-z][^#]*$", framed, re.MULTILINE) and framed.count("\n") > 3:
            yield framed


def _typo(line: str, chance: random.Random) -> str:
    """A line with one mistake."""
    at = chance.randrange(len(line))
    way = chance.randrange(10)
    words = line.split()
    if way == 0:
        return line.replace(";", "", 1)
    if way == 1:
        return line.replace("{", "", 1) if "{" in line else line + " }"
    if way == 2:
        return line[:at] + '"' + line[at:]
    if way == 3 and len(words[0]) > 4:
        swapped = words[0][:1] + words[0][2] + words[0][1] + words[0][3:]
        return line.replace(words[0], swapped, 1)
    if way == 4 and len(words) > 1:
        return line.replace(words[-1].rstrip(";{"), "", 1)
    if way == 5:
        return line.replace(";", " again;", 1)
    if way == 6:
        return f"{line}\n{line}" if line.rstrip().endswith(";") else line
    if way == 7:
        return re.sub(r" (?:~\*?|=) ", chance.choice((" =~ ", " == ", " ^ ")), line)
    if way == 8:
        return re.sub(r"[()]|\[", "", line, count=1)
    return re.sub(r"(\d+)([kms]?);", r"\g<1>\g<2>b;", re.sub(r" (?:on|off);", " yes;", line))


def mutants(judge: Judge, count: int, seed: int) -> Iterator[str]:
    """Broken copies of real files, a mistake in each."""
    chance = random.Random(seed)
    texts = list(bases(judge))
    for _ in range(count if texts else 0):
        lines = chance.choice(texts).split("\n")
        places = [i for i, line in enumerate(lines) if re.match(r"\s*[a-z]", line) and "#" not in line] or [0]
        places = [i for i in places if not lines[i].startswith("events {}")] or places
        at = chance.choice(places)
        if chance.randrange(8) == 0 and lines[at].rstrip().endswith(";"):
            # A directive in another block.
            lines.insert(chance.choice(places), lines.pop(at))
        else:
            lines[at] = _typo(lines[at], chance)
        yield "\n".join(lines)


@pytest.mark.skipif(not os.path.isdir(SHARED), reason="no shared files")
def test_a_broken_copy_of_a_real_file_has_an_error_exactly_where_nginx_stops(judge: Judge) -> None:
    refused = 0
    different: list[str] = []
    for text in mutants(judge, int(os.environ.get("MUTANTS", "200")), seed=6):
        said = judge(text)
        refused += OURS.search(said) is not None
        if (how := disagreement(text, said)) != "":
            different.append(how)
    assert refused > 50
    assert different == []
