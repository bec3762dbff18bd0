"""The words of an nginx file: what a token is, what its escapes mean, what is said of one that is wrong."""

from __future__ import annotations

import re

# Quotes, comments and braces are special only where a word begins; a word ends at a blank, `;` or `{`, except that
# `${` goes on, and a backslash takes the next character with it, whatever it is.
TOKEN = re.compile(
    r"""[ \t\r\n]*
    (?: ([;{}])
      | (\#[^\n]*)
      | ("[^"\\]*(?:\\.[^"\\]*)*"|'[^'\\]*(?:\\.[^'\\]*)*')
      | (["'])
      | ((?:[^\ \t\r\n;{\\$]+|\\.?|\$\{*)+)
    )?""",
    re.DOTALL | re.VERBOSE,
)
PUNCTUATION, COMMENT, QUOTED, LONE_QUOTE, WORD = 1, 2, 3, 4, 5

BLANKS = " \t\r\n"

FULL_WIDTH = {"；": ";", "｛": "{", "｝": "}"}
FULL_WIDTH_END = re.compile(r"[；｛｝](?=\Z|#)")
CURLY_QUOTES = "“”‘’"

# A word that stands for whole directives, and what follows it then: the end of the line, or another such word.
PLACEHOLDER = re.compile(r"\$(?:\{[A-Za-z_]\w*\}|[A-Z_][A-Z0-9_]*)")
PLACEHOLDER_REST = re.compile(r"[ \t\r]*(?:\Z|(?=[\n#}]|\$\{[A-Za-z_]\w*\}[ \t\r]*[\n#$]))")
LINE_END = re.compile(r"[ \t\r]*(?:\n|\Z)")

MESSAGES = {
    "missing-semicolon": "`{directive}` is not ended with `;`, so nginx reads the next line as more of its arguments",
    "unexpected-end": "`{directive}` is not ended with `;`, so nginx does not start",
    "unclosed-block": "the block of `{directive}` is never closed: a `}` is missing",
    "unexpected-close": "this `}` closes no block",
    "unexpected-open": "a `{` with no directive before it",
    "unterminated-quote": "this quote is not closed on its line, so nginx takes what follows for a part of it",
    "text-after-quote": "after a closing quote nginx wants a blank, `;`, `{` or `)`",
    "empty-directive": "a `;` with no directive before it",
    "full-width": "`{found}` is a full-width character: nginx wants `{wanted}`",
    "byte-order-mark": "nginx takes the byte order mark for a part of the first word",
    "nesting-depth": "blocks are nested too deeply: the rest of the file is not read",
}

_ESCAPE = re.compile(r"""\\(["'\\trn])|\\.""", re.DOTALL)
_ESCAPED = {"t": "\t", "r": "\r", "n": "\n"}
_LUA = re.compile(r"""[{}]|--\[(=*)\[|--[^\n]*|\[(=*)\[|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""", re.DOTALL)


def unescaped(text: str) -> str:
    r"""The text that nginx keeps of a word: `\"`, `\'`, `\\`, `\t`, `\r`, `\n` undone, any other backslash kept."""
    return _ESCAPE.sub(lambda m: _ESCAPED.get(m[1], m[1]) if m[1] else m[0], text)


def lua_end(text: str, start: int) -> int:
    """The offset of the `}` that closes a block of Lua code starting after its `{`, or -1."""
    depth, at = 1, start
    while (found := _LUA.search(text, at)) is not None:
        at = found.end()
        mark = found[0]
        if mark == "{":
            depth += 1
        elif mark == "}":
            depth -= 1
            if depth == 0:
                return found.start()
        elif mark[-1] == "[" and found.lastindex:
            level = found[found.lastindex]
            close = text.find(f"]{level}]", at)
            if close < 0:
                return -1
            at = close + len(level) + 2
    return -1
