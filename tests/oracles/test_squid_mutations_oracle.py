"""squid itself judges broken values and broken copies of real files: there is an error exactly where it stops."""

from __future__ import annotations

import glob
import os
import random
import re
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stackmend.linter.diagnostic import Severity
from stackmend.linter.rule import Rule
from stackmend.linter.rules.squid.acls import acl_type_clash, undefined_acl
from stackmend.linter.rules.squid.overlaps import overlapping_acl
from stackmend.linter.rules.squid.syntax import syntax
from stackmend.schemas.parsers.document import Document
from stackmend.schemas.parsers.squid import SquidTree, parse_squid

from .conftest import Judge

pytestmark = pytest.mark.oracle

SHARED = os.path.join(os.path.dirname(__file__), "..", "..", "..", "shared")
RULES: tuple[Rule, ...] = (syntax, undefined_acl, acl_type_clash, overlapping_acl)
# What squid looks for beside the line: programs, hosts, users, files, other lines, and what this build leaves out.
OUTSIDE = re.compile(
    r"Unable to find configuration file|No such file or directory|cert=|ssl-bump|requires --|getpwnam|"
    r"failed to resolve|Name or service not known|Client request buffer"
)


def errors(tree: SquidTree) -> set[int]:
    """The lines on which a rule says that squid stops, or drops the line."""
    return {
        line
        for rule in RULES
        for found in rule.check(tree)
        if (found.severity or rule.severity) is Severity.ERROR
        for line in range(found.place.line, found.place.document.position(found.place.span.end)[0] + 1)
    }


def disagreement(text: str, said: str) -> str:
    """How the rules and squid differ over a file, "" when they do not."""
    found = errors(parse_squid(Document("/squid.conf", text)))
    stop = re.search(r"FATAL: Bungled \S+ line (\d+)", said)
    if stop is None and "FATAL" not in said:
        dropped = {int(line) for line in re.findall(r"squid\.conf line (\d+): ", said)}
        dropped |= {int(line) for line in re.findall(r"squid\.conf\((\d+)\): unrecognized", said)}
        alone = found - dropped
        return f"only the rules stop, at {sorted(alone)}" if alone else ""
    if OUTSIDE.search(said):
        return ""
    if stop is None:
        return "" if found else f"only squid stops: {said[said.index('FATAL') :][:200]}"
    return "" if int(stop[1]) in found else f"squid stops at {stop[1]} and the rules at {sorted(found)}"


def bases() -> Iterator[str]:
    """Real files without what lies beside them."""
    wild, shipped = f"{SHARED}/corpus/dev/wild/squid/*", f"{SHARED}/corpus/dev/dify/*/*/ssrf*/squid*"
    for path in sorted(glob.glob(wild) + glob.glob(shipped)):
        with open(path, "rb") as file:
            text = Document.decode("/squid.conf", file.read()).text
        text = re.sub(r"^[ \t]*(?:include|https_port|ssl\w*|auth_param)\b.*\n", "", text, flags=re.MULTILINE)
        yield re.sub(r"\$\{\w*PORT\w*\}", "3128", re.sub(r"\$\{\w*(?:HOST|DIR)\w*\}", "localhost", text))


def _typo(word: str, chance: random.Random) -> str:
    at = chance.randrange(len(word))
    return chance.choice((word[:at] + word[at + 1 :], word[:at] + chance.choice("xq0_;,*/") + word[at:], word * 2))


def _spoil(words: list[str], chance: random.Random) -> list[str]:
    """The words of a line with one mistake."""
    at = chance.randrange(len(words))
    kind = chance.randrange(7)
    if kind == 0:
        return words[:at] + words[at + 1 :]
    if kind == 1:
        return [*words, chance.choice(words)]
    if kind == 2:
        return [words[0], *words[1:][::-1]]
    if kind == 3:
        return [*words[:at], re.sub(r"\d+$", lambda m: m[0] + "99", words[at]), *words[at + 1 :]]
    if kind == 4:
        return [*words[:at], re.sub(r"\d+", "300", words[at], count=1), *words[at + 1 :]]
    if kind == 5 and at + 1 < len(words):
        return [*words[:at], words[at] + words[at + 1], *words[at + 2 :]]
    return [*words[:at], _typo(words[at], chance), *words[at + 1 :]]


def mutants(count: int, seed: int) -> Iterator[str]:
    """Broken copies of real files, a mistake in each."""
    chance = random.Random(seed)
    texts = [text for text in bases() if re.search(r"^[a-z]", text, re.MULTILINE)]
    for _ in range(count if texts else 0):
        lines = chance.choice(texts).split("\n")
        places = [i for i, line in enumerate(lines) if re.match(r"[a-z]", line) and "\\" not in line]
        at = chance.choice(places)
        lines[at] = " ".join(_spoil(lines[at].partition(" #")[0].split(), chance))
        yield "\n".join(lines)


AMOUNTS = "0 12 1.5 -1 +3 12x none 0x10 1,5 099 abc 12%"
UNITS = "|~seconds|s|~s|~min|~minutes|minutes|~hour|~KB|KB|~M|~MB|~bytes"
HOURS = "0:0|9:00|9:70|17:00|24:00|25:00|9"
PORTS = "0|80|1024|65535|65536|x"
# Lines in parts: one word of each, `~` for a blank; those of the parts that have a `|` may be nothing.
SHAPES = (
    (
        "acl~a~src~ acl~a~dst~ acl~a~localip~",
        "10.0.0.0 10.0 10.0.0.300 1.2.3.4.5 10.0.0.1-10.0.0.9 10.0.0.1-10.0.0.999 fc00:: fc00:::1",
        "|/8|/32|/33|/|/255.0.0.0|/255.0.0.256|,10.0.0.1|:80|;",
    ),
    ("acl~a~port~ acl~a~localport~", PORTS, "|-|,|;|x", PORTS),
    ("acl~a~time~ acl~a~time~MTWHF~ acl~a~time~D~", HOURS, "-", HOURS),
    ("acl~a~", "dstdomain dstdomain~-n dstdomain~-i srcdomain~-n domain url dstdomian", "~.example.org"),
    ("connect_timeout cache_mem maximum_object_size logfile_rotate via client_db icp_port", "~", AMOUNTS, UNITS),
    ("http_port~", "|127.0.0.1:|[::1]:|10.0.0.300:|:", PORTS, "|,|;"),
    ("http_port~3129", "|~accel|~vhost|~intercept|~tproxy", "|~accel|~defaultsite=a|~vport|~intercept|~name=a|~vhots"),
    ("cache_peer~127.0.0.1~", "parent sibling", "~80 ~0 ~x ~99999", "|~0|~x|~3130~no-query"),
    ("refresh_pattern~. refresh_pattern~-i~^a refresh_pattern~^a$", "~", AMOUNTS, "~", AMOUNTS, "~", AMOUNTS),
    ("url_rewrite_children cache_dir~ufs~/tmp uri_whitespace logformat~a acl~a~src auth_param~basic", "|~1|~strip"),
)


def _line(shape: tuple[str, ...]) -> st.SearchStrategy[str]:
    parts = [st.sampled_from(part.split("|") if "|" in part else part.split()) for part in shape]
    return st.tuples(*parts).map(lambda words: "".join(words).replace("~", " "))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(st.sampled_from(SHAPES).flatmap(_line))
def test_a_value_has_an_error_exactly_where_squid_stops(squid: Judge, line: str) -> None:
    text = f"http_port 3128\n{line}\n"
    said = squid(text)
    assert disagreement(text, said) == "", said


@pytest.mark.skipif(not os.path.isdir(SHARED), reason="no shared files")
def test_a_broken_copy_of_a_real_file_has_an_error_exactly_where_squid_stops(squid: Judge) -> None:
    compared = 0
    different: list[str] = []
    for text in mutants(int(os.environ.get("MUTANTS", "120")), seed=6):
        said = squid(text)
        compared += OUTSIDE.search(said) is None
        if (how := disagreement(text, said)) != "":
            different.append(how)
    assert compared > 50
    assert different == []
