"""The squid files of the corpus, broken copies of them, and how the rules and squid differ over a file."""

from __future__ import annotations

import glob
import os
import random
import re
from collections.abc import Iterator
from typing import NamedTuple

from stackmend.linter.diagnostic import Severity
from stackmend.linter.rule import Rule
from stackmend.linter.rules.squid.acls import acl_type_clash, undefined_acl
from stackmend.linter.rules.squid.overlaps import overlapping_acl
from stackmend.linter.rules.squid.syntax import syntax
from stackmend.schemas.parsers.document import Document
from stackmend.schemas.parsers.squid import SquidTree, parse_squid

SHARED = os.path.normpath(os.path.join(os.path.dirname(__file__), "..", "..", "..", "shared"))
CORPUS = f"{SHARED}/corpus/dev"
RULES: tuple[Rule, ...] = (syntax, undefined_acl, acl_type_clash, overlapping_acl)
# What squid looks for beside the line: programs, hosts, users, files, other lines, and what this build leaves out.
OUTSIDE = re.compile(
    r"Unable to find configuration file|No such file or directory|cert=|ssl-bump|requires --|getpwnam|"
    r"failed to resolve|Name or service not known|Client request buffer"
)
STOP = re.compile(r"FATAL: Bungled \S+ line (\d+)")
# What a container of the stack puts for the placeholders of a template.
FILLED = {"HTTP_PORT": "3128", "REVERSE_PROXY_PORT": "8194", "SANDBOX_PORT": "8194", "SANDBOX_HOST": "localhost"}


class Real(NamedTuple):
    """A squid file as somebody has it; `name` is its path within the corpus."""

    name: str
    text: str

    @property
    def shipped(self) -> bool:
        """Whether it comes with a release of Dify."""
        return self.name.startswith("dify/")


def real_files() -> Iterator[Real]:
    """All squid files of the corpus: of the wild, and of the releases of Dify."""
    for path in sorted(
        glob.glob(f"{CORPUS}/wild/squid/*") + glob.glob(f"{CORPUS}/dify/*/*/**/ssrf_proxy/*squid*", recursive=True)
    ):
        with open(path, "rb") as file:
            yield Real(path.removeprefix(f"{CORPUS}/"), Document.decode("/squid.conf", file.read()).text)


def filled(text: str) -> str:
    """A template as squid reads it, line by line; what is included lies elsewhere."""
    text = re.sub(r"\$\{(\w+)\}", lambda m: FILLED.get(m[1], "30" if "TIMEOUT" in m[1] else "/tmp"), text)
    return re.sub(r"^([ \t]*)include\b", r"\1#include", text, flags=re.MULTILINE)


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
    stop = STOP.search(said)
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


def without(line: str) -> str:
    """A line that squid passes over instead of one at which it stops: an acl stays, as others ask for it, but empty."""
    acl = re.match(r"\s*acl\s+\S+\s+[a-z_:]+(?=\s+\S)", line)
    return acl[0] if acl else f"# {line}"


def bases() -> list[str]:
    """The texts of real files, filled in, without what squid would look for beside them."""
    beside = re.compile(r"^[ \t]*(?:#?include|https_port|ssl\w*|auth_param)\b.*\n", re.MULTILINE)
    return [beside.sub("", filled(real.text)) for real in real_files()]


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


def mutants(texts: list[str], count: int, seed: int) -> Iterator[str]:
    """Broken copies of texts, a mistake in each; the words of the broken line stand where they stood, if they can."""
    chance = random.Random(seed)
    texts = [text for text in texts if re.search(r"^[a-z]", text, re.MULTILINE)]
    for _ in range(count if texts else 0):
        lines = chance.choice(texts).split("\n")
        places = [i for i, line in enumerate(lines) if re.match(r"[a-z]", line) and "\\" not in line]
        at = chance.choice(places)
        body, note = re.fullmatch(r"(.*?)((?:\s+#.*)?\s*)", lines[at]).groups()  # type: ignore[union-attr]
        words = body.split()
        gaps = re.findall(r"\s+", body)
        broken = _spoil(words, chance)
        spaces = gaps if len(broken) == len(words) else [" "] * (len(broken) - 1)
        lines[at] = "".join(word + gap for word, gap in zip(broken, [*spaces, ""], strict=True)) + note
        yield "\n".join(lines)
