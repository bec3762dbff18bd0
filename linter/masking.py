"""Takes secrets and control characters out of every text that leaves the program."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from .diagnostic import pieces, render
from .secrets import is_value, secret_name, shapes

MASK = "****"

# Words that are given as passwords and are also words of messages: masking them would say more than it hides.
_COMMON = frozenset(
    [
        "true",
        "false",
        "null",
        "none",
        "localhost",
        "postgres",
        "postgresql",
        "root",
        "admin",
        "redis",
        "mysql",
        "mariadb",
        "mongo",
        "mongodb",
        "default",
        "password",
        "minio",
        "minioadmin",
        "elastic",
        "user",
        "username",
        "test",
        "example",
        "changeme",
        "guest",
        "weaviate",
        "milvus",
        "qdrant",
        "rabbitmq",
        "dify",
        "fastgpt",
        "secret",
        "token",
        "yes",
        "no",
        "on",
        "off",
        "http",
        "https",
    ]
)
_WHOLE = 8  # a secret of fewer characters is masked only where it stands as a word
_MANY = 256


class Masker:
    """Replaces secrets by `****` and makes control characters visible.

    `secrets` is called once, when the first text is masked; what it yields is replaced wherever it occurs. `public` are
    texts that are never masked, service names, and neither is a part of one. With `show` only control characters are
    taken out.
    """

    def __init__(
        self,
        secrets: Callable[[], Iterable[str]] = tuple,
        *,
        public: Iterable[str] = (),
        show: bool = False,
    ) -> None:
        self.show = show
        self._collect = secrets
        self._public = frozenset(public)
        self._secrets: tuple[str, ...] | None = None
        self._by_head: dict[str, list[str]] = {}

    def mask(self, text: str) -> str:
        """The text as it may be shown, on one line: secrets replaced, control characters escaped."""
        return escape(covered(text, self.spans(text)))

    def message(self, template: str, values: tuple[tuple[str, str], ...] = ()) -> str:
        """A filled template as it may be shown; the words of the template itself are no secret, whatever they are."""
        text = render(template, values)
        spans = self.spans(text)
        if spans:
            given = _given(template, values)
            spans = [span for span in spans if any(start < span[1] and span[0] < end for start, end in given)]
        return escape(covered(text, spans))

    def escape(self, text: str) -> str:
        """The text with control characters escaped and nothing masked, for paths and names."""
        return escape(text)

    def holds_secret(self, text: str) -> bool:
        """Whether `mask` would hide a part of the text."""
        return not self.show and bool(self.spans(text))

    def spans(self, text: str) -> list[tuple[int, int]]:
        """The parts of a text that are hidden, in order and apart."""
        if self.show or not text:
            return []
        found = [m.span(m.lastindex or 0) for m in shapes().finditer(text)]
        found += _assigned(text)
        for secret in self._candidates(text):
            longer = [name for name in self._public if secret in name]
            found += [s for s in _occurrences(text, secret) if not any(_is_part(text, s, secret, n) for n in longer)]
        return _joined(found)

    def _candidates(self, text: str) -> Iterable[str]:
        if self._secrets is None:
            self._secrets = self._prepared()
            for secret in self._secrets:
                self._by_head.setdefault(secret[:4], []).append(secret)
        if len(self._secrets) <= _MANY:
            return [s for s in self._secrets if s in text]
        heads = {text[i : i + 4] for i in range(len(text) - 3)}
        return [s for head in heads.intersection(self._by_head) for s in self._by_head[head] if s in text]

    def _prepared(self) -> tuple[str, ...]:
        known: set[str] = set()
        for secret in self._collect():
            known.update(part.strip() for part in secret.splitlines())
            known.add(secret)
        # A URL holds a password percent-encoded; quoting everything that is not a word finds it there too.
        known.update(_percent(s) for s in tuple(known) if not s.isalnum())
        return tuple(s for s in known if len(s) >= 4 and s not in self._public and s.lower() not in _COMMON)


def covered(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """A text with a mask in place of each span; these are in order and apart."""
    out: list[str] = []
    at = 0
    for start, end in spans:
        out += (text[at:start], MASK)
        at = end
    return "".join([*out, text[at:]]) if out else text


def _given(template: str, values: tuple[tuple[str, str], ...]) -> list[tuple[int, int]]:
    """Where the filled template holds what was put into its holes."""
    found: list[tuple[int, int]] = []
    at = 0
    for text, given in pieces(template, values):
        if given:
            found.append((at, at + len(text)))
        at += len(text)
    return found


def _percent(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="-._~", errors="surrogateescape")


def _occurrences(text: str, secret: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    size = len(secret)
    at = text.find(secret)
    while at != -1:
        end = at + size
        if size >= _WHOLE or not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum()):
            found.append((at, end))
        at = text.find(secret, end)
    return found


def _is_part(text: str, span: tuple[int, int], secret: str, name: str) -> bool:
    """Whether what stands at a span is a part of a name that everybody may see."""
    inside = name.find(secret)
    while inside != -1:
        at = span[0] - inside
        end = at + len(name)
        if at >= 0 and text.startswith(name, at) and not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum()):
            return True
        inside = name.find(secret, inside + 1)
    return False


@lru_cache(maxsize=1)
def _assignments() -> re.Pattern[str]:
    return re.compile(
        # NAME=value or NAME: value from the start of a line, also in a list, in a comment, or after a diff's mark
        r"^[ \t+#-]*(?:export[ \t]+)?[\"']?([\w.-]+)[\"']?[ \t]*[:=][ \t]*(.*)$"
        r"|\"([\w.-]+)\"\s*:\s*\"((?:[^\"\\]|\\.)*)\""  # a JSON member
        r"|\$\{(\w+):?[-+]([^{}$]+)\}",  # a fallback
        re.MULTILINE,
    )


def _assigned(text: str) -> list[tuple[int, int]]:
    """The parts that are secret because of the name they are given to on the same line."""
    found: list[tuple[int, int]] = []
    if ":" not in text and "=" not in text and "$" not in text:
        return found
    pattern = _assignments()
    at = 0
    while match := pattern.search(text, at):
        group = match.lastindex or 2
        at = match.end()
        if secret_name(match[group - 1]):
            if group == 2:
                found += _in_value(match[1], match[2], match.start(2))
                continue
            if is_value(match[group - 1], match[group]):
                found.append(match.span(group))
        elif group == 2:
            at = match.start(2)
        at = max(at, match.start() + 1)
    return found


def _in_value(name: str, text: str, at: int) -> list[tuple[int, int]]:
    """The secret part of what follows `NAME=`: not the quotes, a trailing comment, or the `${…}` that stands for it."""
    value = re.split(r"[ \t]+#", text, maxsplit=1)[0].rstrip(" \t\r,")
    start = at
    if value[:1] in ("'", '"'):
        close = value.find(value[0], 1)
        start, value = at + 1, value[1 : close if close > 0 else len(value)]
    if "${" in value:
        return [(start + m.start(1), start + m.end(1)) for m in re.finditer(r"\$\{\w+:?[-+]([^{}$]+)\}", value)]
    return [(start, start + len(value))] if is_value(name, value) else []


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        elif start < end:
            out.append((start, end))
    return out


@lru_cache(maxsize=1)
def _controls() -> re.Pattern[str]:
    # C0 without tab, DEL and C1; bytes that are not UTF-8; what is invisible or turns a line round.
    return re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\xad\ud800-\udfff\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def escape(text: str) -> str:
    """The text with every control character written as an escape; tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    return _controls().sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8 (PEP 383)
        code -= 0xDC00
    named = {10: "\\n", 13: "\\r"}.get(code)
    return named or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")
