"""The values of nginx's directives: which of them it does not take, and what was meant by them.

As `ngx_parse_size`, `ngx_parse_offset`, `ngx_parse_time` and the flags of its command tables have it; variables and the
placeholders of templates may be anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..parsers import nginx_directives
from ..parsers.nginx import NginxDirective, NginxWord
from ..patterns import LatePattern
from .nginx_faults import Fault

_NUMBER = LatePattern(r"[0-9]{1,18}")
_SIZE = LatePattern(r"[0-9]{1,18}[kKmM]?")
_OFFSET = LatePattern(r"[0-9]{1,18}[kKmMgG]?")
_TIME = LatePattern(r"[0-9]+(?:ms|[wdhms]?) *")
_UNITS = ("w", "d", "h", "m", "s", "ms")
_AMOUNT = LatePattern(r"([0-9]+)\s*([A-Za-z]+)")
_YES = frozenset(("yes", "true", "enable", "enabled", "1"))
_NO = frozenset(("no", "false", "disable", "disabled", "0"))
_SIZES = {
    **dict.fromkeys(("b", "byte", "bytes"), ""),
    **dict.fromkeys(("kb", "kib"), "k"),
    **dict.fromkeys(("mb", "mib"), "m"),
    **dict.fromkeys(("g", "gb", "gib"), "g"),
}
_TIMES = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), "m"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
}


# What these take beside their numbers and sizes.
_INSTEAD = {"directio": "off", "worker_processes": "auto"}


def value_fault(directive: NginxDirective) -> Fault | None:
    """What nginx does not take of a directive of one argument, or of the second one of `keepalive_timeout`."""
    name = directive.name.text
    if len(directive.arguments) != 1 and not (name == "keepalive_timeout" and directive.arguments):
        return None
    word = directive.arguments[-1]
    text = word.text
    if "$" in text or not text.isascii() or directive.block is not None:
        return None
    kind = nginx_directives.kind(name)
    low = text.lower()
    if kind == "flag":
        return None if low in ("on", "off") else Fault(kind, word, "on" if low in _YES else "off" if low in _NO else "")
    pattern = _PATTERNS.get(kind)
    taken = pattern.fullmatch(text) if pattern is not None else kind != "time" or _is_time(text)
    if taken or text == _INSTEAD.get(name):
        return None
    return Fault(kind, word, _meant(kind, text))


_HTTP = LatePattern(
    r"https?://(?P<host>\[[^\]/]*\]|[^:/\[\]]*)(?::(?P<port>[^/]*))?(?P<path>/.*)?", re.IGNORECASE | re.DOTALL
)
_ALMOST = LatePattern(r"(?P<scheme>https?)[:/]{1,3}(?P<rest>[A-Za-z0-9_\[].*)", re.IGNORECASE)
_BARE = LatePattern(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?::[0-9]{1,5})?(?:/.*)?")
_MEMBER = LatePattern(r"(?P<scheme>[a-z]+://)?(?P<host>[^/]+)(?P<path>/.*)?")
_TOP_PORT = 65535
# What may stand behind the address of `listen`, up to its `=`.
LISTEN_OPTIONS = (
    *("default_server", "ssl", "http2", "quic", "reuseport", "proxy_protocol", "deferred", "bind", "multipath", "udp"),
    *("backlog", "rcvbuf", "sndbuf", "setfib", "fastopen", "accept_filter", "ipv6only", "so_keepalive", "spdy"),
)


def address_faults(directive: NginxDirective, parents: Sequence[NginxDirective]) -> Iterator[Fault]:
    """What nginx does not take of an address: of `proxy_pass`, of a `server` in `upstream`, or of `listen`."""
    word = directive.arguments[0] if directive.arguments else None
    if word is None or "$" in word.text or not word.text.isascii() or "unix:" in word.text:
        return
    if directive.name.text == "proxy_pass":
        # Elsewhere it is the one of the stream module, which takes a mere `host:port`.
        if parents and parents[-1].name.text in ("location", "if", "limit_except"):
            yield from _passed(word, parents)
    elif directive.name.text == "server" and parents and parents[-1].name.text == "upstream":
        match = _MEMBER.fullmatch(word.text)
        if match is not None and (match["scheme"] or match["path"]):
            yield Fault("member", word, match["host"])
    elif directive.name.text == "listen" and not any(p.name.text in ("stream", "mail") for p in parents):
        yield from _listened(directive, word)


def _passed(word: NginxWord, parents: Sequence[NginxDirective]) -> Iterator[Fault]:
    match = _HTTP.fullmatch(word.text)
    if match is None:
        almost = _ALMOST.fullmatch(word.text)
        if almost is not None:
            yield Fault("url", word, f"{almost['scheme'].lower()}://{almost['rest']}")
        else:
            yield Fault("url", word, f"http://{word.text}" if _BARE.fullmatch(word.text) else "")
    elif match["port"] is not None and not _is_port(match["port"]):
        yield Fault("port", word)
    elif match["path"] and _has_no_prefix(parents[-1]):
        yield Fault("path", word, word.text[:-1] if match["path"] == "/" else "")


def _is_port(text: str) -> bool:
    return text.isdigit() and len(text) < 6 and 0 < int(text) <= _TOP_PORT


def _has_no_prefix(block: NginxDirective) -> bool:
    """Whether a block has no path of its own that nginx could exchange for another: a pattern, a name, a condition."""
    if block.name.text in ("if", "limit_except"):
        return True
    first = block.arguments[0].text if block.arguments else ""
    return block.name.text == "location" and first.startswith(("~", "@"))


def _listened(directive: NginxDirective, word: NginxWord) -> Iterator[Fault]:
    host, _, port = word.text.rpartition(":")
    plain = ":" not in host or host.endswith("]")
    # The stream module takes ranges of ports.
    if plain and port[:1].isdigit() and "." not in port and not all(_is_port(end) for end in port.split("-", 1)):
        yield Fault("listen", word)
    for option in directive.arguments[1:]:
        if "$" not in option.text and option.text.partition("=")[0] not in LISTEN_OPTIONS:
            yield Fault("option", option)


_PATTERNS = {"number": _NUMBER, "size": _SIZE, "offset": _OFFSET}


def _is_time(text: str) -> bool:
    """Whether a text is made of numbers with units, the greater before the smaller; a bare number counts seconds.

    Years and months, which are counted in seconds only, are none of these units.
    """
    at, last = 0, -1
    while match := _TIME.match(text, at):
        unit = match[0].strip(" 0123456789") or "s"
        if _UNITS.index(unit) <= last:
            return False
        last, at = _UNITS.index(unit), match.end()
    return at == len(text) > 0


def _meant(kind: str, text: str) -> str:
    match = _AMOUNT.fullmatch(text)
    if match is None or len(match[1]) > 9:
        return ""
    unit = (_TIMES if kind == "time" else _SIZES).get(match[2].lower())
    if unit is None:
        return ""
    if unit == "g" and kind == "size":
        return f"{int(match[1]) * 1024}m"
    return match[1] + unit if kind != "number" else ""
