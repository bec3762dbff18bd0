"""The values of squid's directives: which of them squid does not take, and what was meant by them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from ..parsers import squid_directives
from ..parsers.squid import SquidDirective, SquidWord
from ..patterns import LatePattern
from .squid_words import TOP_PORT, Fault, is_broken_address, is_plain, number, port, regexes

Check = Callable[[Sequence[SquidWord]], Iterator[Fault]]

_FRACTION = LatePattern(r"[+-]?(?:0[xX][0-9A-Fa-f]+|[0-9]+(?:\.[0-9]*)?)")
_PERCENT = LatePattern(r"\+?[0-9]+%?")
_JOINED = LatePattern(r"([0-9]+(?:\.[0-9]+)?)([A-Za-z]*)")
# squid compares only so many letters of a unit, so that `seconds` is a `second`.
_TIME_UNITS = (
    *("second", "minute", "hour", "day", "week", "fortnight", "month", "year", "decade"),
    *("millisecond", "microsecond", "nanosecond"),
)
_SIZE_UNITS = ("bytes", "kb", "mb", "gb")
_TIMES = {
    **dict.fromkeys(("", "s", "sec", "secs"), "seconds"),
    **dict.fromkeys(("m", "min", "mins"), "minutes"),
    **dict.fromkeys(("h", "hr", "hrs"), "hours"),
    "d": "days",
}
_SIZES = {
    **dict.fromkeys(("b", "byte"), "bytes"),
    **dict.fromkeys(("k", "kb", "kib"), "KB"),
    **dict.fromkeys(("m", "mb", "mib"), "MB"),
    **dict.fromkeys(("g", "gb", "gib"), "GB"),
}
_MODES = frozenset(("accel", "intercept", "tproxy"))
_OF_ACCEL = frozenset(("defaultsite", "vport", "allow-direct", "protocol"))
_YES = frozenset(("on", "yes", "true", "enable", "enabled", "1"))
_NO = frozenset(("off", "no", "false", "disable", "disabled", "0"))


def faults(directive: SquidDirective) -> Iterator[Fault]:
    """What squid does not take among the arguments of a directive. A placeholder may stand for anything."""
    words = directive.arguments
    name = directive.name.text
    if not words:
        if squid_directives.wants_argument(name):
            yield Fault("missing", (directive.name,))
    elif name == "acl":
        from .squid_acl_values import acl_faults

        yield from acl_faults(words)
    elif all(word.text and is_plain(word.text) for word in words):
        least, _ = squid_directives.form(name)
        if len(words) - (words[0].text in ("-i", "+i")) < least:
            yield Fault("few", (directive.name, *words))
        elif (choices := squid_directives.choices(name)) and words[0].text not in choices:
            yield Fault("choice", words[:1])
        check = _OF_DIRECTIVES.get(name) or _OF_KINDS.get(squid_directives.kind(name))
        if check is not None:
            yield from check(words)


def _flag(words: Sequence[SquidWord]) -> Iterator[Fault]:
    text = words[0].text
    if text not in ("on", "off"):
        low = text.lower()
        yield Fault("flag", words[:1], "on" if low in _YES else "off" if low in _NO else "")


def _number(words: Sequence[SquidWord]) -> Iterator[Fault]:
    yield from number(words[0])


def _pipeline_prefetch(words: Sequence[SquidWord]) -> Iterator[Fault]:
    # It was a flag up to release 3.3.
    if words[0].text not in ("on", "off"):
        yield from number(words[0])


def _port(words: Sequence[SquidWord]) -> Iterator[Fault]:
    yield from port(words[0])


def _time(words: Sequence[SquidWord]) -> Iterator[Fault]:
    first = words[0].text
    if not _FRACTION.fullmatch(first):
        yield Fault("time", words[:1], _apart(first, _TIMES, _TIME_UNITS))
        return
    unit = words[1].text.lower() if len(words) > 1 else ""
    if first.startswith("-"):
        yield Fault("time", words[:1])
    elif not unit.startswith(_TIME_UNITS) and first.strip("+0."):
        wanted = _TIMES.get(unit)
        yield Fault("time", words[:2], f"{first} {wanted}" if wanted else "")


def _size(words: Sequence[SquidWord]) -> Iterator[Fault]:
    first = words[0].text
    if first == "none":
        return
    if not _FRACTION.fullmatch(first):
        yield Fault("size", words[:1], _apart(first, _SIZES, ()))
    elif len(words) == 1:
        # squid takes it for bytes, and says so in its log.
        if first.isdigit() and len(first) < 4 and int(first) > 0:
            yield Fault("size-unit", words[:1])
        elif "." in first and first.strip("+0."):
            yield Fault("size", words[:1])
    elif "." in first and words[1].text.lower().startswith("bytes") and first.strip("+0."):
        yield Fault("size", words[:2])
    elif not words[1].text.lower().startswith(_SIZE_UNITS) and first.strip("+0.") and first[0] != "-":
        wanted = _SIZES.get(words[1].text.lower())
        yield Fault("size", words[:2], f"{first} {wanted}" if wanted else "")


def _reply_body_max_size(words: Sequence[SquidWord]) -> Iterator[Fault]:
    # Acls may follow a number without a unit.
    if len(words) > 1 and _FRACTION.fullmatch(words[0].text) and words[1].text.lower() not in _SIZES:
        return
    yield from _size(words)


def _apart(text: str, units: Mapping[str, str], whole: tuple[str, ...]) -> str:
    """A number and its unit with a blank between them, "" for what is neither."""
    match = _JOINED.fullmatch(text)
    if match is None:
        return ""
    unit = match[2].lower()
    wanted = units.get(unit) or (unit if whole and unit.startswith(whole) else "")
    return f"{match[1]} {wanted}" if wanted else ""


def _http_port(words: Sequence[SquidWord]) -> Iterator[Fault]:
    text = words[0].text
    host, colon, last = text.rpartition(":")
    if not (last.isdigit() and len(last) < 9 and 0 < int(last) <= TOP_PORT):
        plain = text.rstrip(";,")
        yield Fault("listen", words[:1], plain if plain != text and plain.rpartition(":")[2].isdigit() else "")
    elif colon and (not host or host == "*"):
        yield Fault("listen", words[:1], last)
    elif is_broken_address(host.removeprefix("[").removesuffix("]")):
        yield Fault("listen", words[:1])
    yield from _options("http_port", words[1:])
    yield from _modes(words[1:])


def _modes(words: Sequence[SquidWord]) -> Iterator[Fault]:
    """Options of a reverse proxy on a port that is none so far, and two modes on one port."""
    mode = ""
    for word in words:
        name = word.text.partition("=")[0].replace("vhost", "accel").replace("transparent", "intercept")
        if name in _MODES:
            if mode not in ("", name):
                yield Fault("modes", (word,))
            mode = mode or name
        elif name in _OF_ACCEL and (not mode or (mode != "accel" and name != "protocol")):
            yield Fault("accel", (word,), f"accel {word.text}")


def _cache_peer(words: Sequence[SquidWord]) -> Iterator[Fault]:
    if len(words) > 1 and words[1].text not in ("parent", "sibling", "multicast"):
        yield Fault("peer-type", words[1:2])
    for at, word in enumerate(words[2:4]):
        if at == 1 and word.text.partition("=")[0] in squid_directives.options("cache_peer"):
            yield Fault("no-icp-port", (word,), f"0 {word.text}")
        else:
            yield from port(word)
    if len(words) > 2 and words[2].text == "0":
        yield Fault("port", words[2:3])
    yield from _options("cache_peer", words[4:])


def _options(name: str, words: Sequence[SquidWord]) -> Iterator[Fault]:
    """Options that this release does not have: those of other builds and releases are among them."""
    known = squid_directives.options(name)
    for word in words:
        text = word.text.partition("=")[0]
        if text not in known and not text.startswith(("tls", "ssl")):
            yield Fault(f"option-{name}", (word,))


def _refresh_pattern(words: Sequence[SquidWord]) -> Iterator[Fault]:
    rest = [word for word in words if word.text not in ("-i", "+i")]
    yield from regexes(rest[:1])
    for index, word in enumerate(rest[1:4]):
        if index != 1:
            yield from number(word)
        elif not _PERCENT.fullmatch(word.text):
            yield Fault("number", (word,))


def _cache_dir(words: Sequence[SquidWord]) -> Iterator[Fault]:
    count = {"ufs": 3, "aufs": 3, "diskd": 3, "rock": 1}.get(words[0].text, 0)
    if count and 1 < len(words) < 2 + count:
        yield Fault("few-sizes", words)
    for word in words[2 : 2 + count]:
        yield from number(word)
    if count:
        yield from _options("cache_dir", words[2 + count :])


def _logformat(words: Sequence[SquidWord]) -> Iterator[Fault]:
    from .squid_log_codes import log_faults

    yield from log_faults(words)


def _auth_param(words: Sequence[SquidWord]) -> Iterator[Fault]:
    if words[0].text not in ("basic", "digest", "negotiate", "ntlm"):
        yield Fault("scheme", words[:1])
    elif len(words) > 2 and (check := _OF_LOGINS.get(words[1].text)) is not None:
        yield from check(words[2:])


def _tcp_outgoing_address(words: Sequence[SquidWord]) -> Iterator[Fault]:
    if is_broken_address(words[0].text):
        yield Fault("address", words[:1])


_OF_KINDS: dict[str, Check] = {"flag": _flag, "number": _number, "time": _time, "size": _size, "port": _port}
_OF_LOGINS: dict[str, Check] = {"children": _number, "credentialsttl": _time, "casesensitive": _flag}
_OF_DIRECTIVES: dict[str, Check] = {
    "pipeline_prefetch": _pipeline_prefetch,
    "reply_body_max_size": _reply_body_max_size,
    "http_port": _http_port,
    "cache_peer": _cache_peer,
    "refresh_pattern": _refresh_pattern,
    "cache_dir": _cache_dir,
    "auth_param": _auth_param,
    "logformat": _logformat,
    "tcp_outgoing_address": _tcp_outgoing_address,
}
