"""Whether a Python text is flat enough to be parsed: nesting and chains counted by its tokens, before any parser."""

from __future__ import annotations

import re

MAX_DEPTH = 60
MAX_OPERATORS = 200
MAX_CHAIN = 300

_TOKENS = re.compile(
    r"(?P<string>(?P<prefix>[A-Za-z]{0,2})(?:\"\"\".*?(?:\"\"\"|\Z)|'''.*?(?:'''|\Z)"
    r"|\"(?:\\.|[^\"\\\n])*(?:\"|$|\\?\Z)|'(?:\\.|[^'\\\n])*(?:'|$|\\?\Z)))"
    r"|(?P<comment>\#[^\n]*)|(?P<join>\\\r?\n)|(?P<end>[\n;])|(?P<open>[(\[{])|(?P<close>[)\]}])"
    r"|(?P<word>\w+)|(?P<operator>[^\w\s,(){}\[\]\\])",
    re.DOTALL | re.MULTILINE,
)
_OPERATORS = frozenset(["and", "or", "not", "if", "else", "lambda", "in", "is", "await", "yield", "from"])


def parses_safely(text: str) -> bool:
    """Whether a text is flat enough for libcst, whose parser has no limit of its own and ends the process."""
    depth = operators = chain = 0
    for match in _TOKENS.finditer(text):
        kind = match.lastgroup
        if kind == "end":
            operators = operators if depth else 0
        elif kind == "open":
            depth, operators = depth + 1, operators + 1
        elif kind == "close":
            depth = max(depth - 1, 0)
        elif kind == "operator":
            operators += 1
            chain += match[0] == "@"
        elif kind == "word":
            operators += match[0] in _OPERATORS
            chain += match[0] == "elif"
        elif "f" in (match["prefix"] or "").lower():
            inside = sum(map(match[0].count, "([{"))
            operators += len(re.findall(r"[^\w\s,]", match[0])) if inside else 0
            if inside > MAX_DEPTH:
                return False
        if depth > MAX_DEPTH or operators > MAX_OPERATORS or chain > MAX_CHAIN:
            return False
    return True
