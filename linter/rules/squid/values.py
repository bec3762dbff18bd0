"""Values that squid does not take, or takes for something else than was meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ...kit import (
    Applicability,
    Diagnostic,
    Edit,
    Fix,
    LatePattern,
    Severity,
    SquidDirective,
    SquidFault,
    SquidTree,
    near,
    squid_directives,
    squid_faults,
)
from .access import definitions, reads_more

_STOPS = {
    "missing": "`{directive}` wants a value behind it: squid stops here",
    "flag": "`{directive}` takes `on` or `off` and not `{value}`: squid stops here",
    "number": "`{value}` is no whole number, which squid wants here: it stops at this line",
    "no-icp-port": (
        "the second port of `cache_peer`, for ICP, is missing before `{value}`, mostly `0`: squid stops here"
    ),
    "port": "`{value}` is no port (0 to 65535): squid stops here",
    "time": (
        "`{value}` is no time for squid, which stops here: it wants a number, a blank and a unit that is written out, "
        "as in `30 seconds`"
    ),
    "size": "`{value}` is no size for squid, which stops here: it wants a number, a blank and a unit, as in `256 MB`",
    "listen": "`{value}` is nothing that squid could listen on: it wants a port or `address:port`, and stops here",
    "scheme": "`{value}` is no way to log in that squid knows (`basic`, `digest`, `negotiate`, `ntlm`): it stops here",
    "option-cache_dir": "squid knows no option `{value}` of `{directive}` and stops here",
    "option-http_port": "squid knows no option `{value}` of `{directive}` and stops here",
    "acl-untyped": "this acl has a name and no type, as in `acl {value} src 10.0.0.0/8`: squid stops here",
    "acl-type": "squid knows no acl type `{value}` and stops here",
    "acl-no-type": (
        "a type is missing before `{value}`, which squid takes for one and stops; other lines of this acl say `{type}`"
    ),
    "acl-option": "acls of this type have no option `{value}`: squid stops here",
    "address": (
        "`{value}` is neither an address nor the name of a host: squid stops here; it wants `10.0.0.1`, `10.0.0.0/8` "
        "or `10.0.0.1-10.0.0.9`"
    ),
    "mask": "`{value}` ends in a mask that squid does not know (IPv4: /0 to /32): it stops here",
    "list": "squid wants blanks between values and not commas: it stops here",
    "ports": "`{value}` is neither a port (0 to 65535) nor a range such as `1025-65535`: squid stops here",
    "hours": "`{value}` is no time of the day: squid wants `9:00-17:00`, the earlier hour first, and stops here",
    "log-code": (
        "the `%` in `{value}` begins no code of squid's log formats (Apache and nginx have others): squid stops here"
    ),
    "few": "`{directive}` wants `{form}`, in this order: squid stops here",
    "few-sizes": "`cache_dir {value}` lacks sizes: squid wants `ufs FOLDER MBYTES 16 256` and stops here",
    "choice": "`{directive}` takes one of {choices} and not `{value}`: squid stops here",
    "accel": "`{value}` is for reverse proxies: without `accel` before it, squid stops here",
    "modes": "`{value}` cannot share a port with the mode before it: squid stops here",
    "no-login": "no `auth_param` line above says which program knows the passwords: squid stops at this acl",
    "no-helper": "no `external_acl_type` line above defines `{value}`: squid stops at this acl",
}
_PASSES = {
    "size-unit": "squid takes `{value}` without a unit for bytes: write the unit, as in `{value} MB`",
    "mask-wide": "squid takes so great a mask for /0, so that `{value}` stands for every address",
    "days": (
        "`{value}` holds letters that are no day for squid, which passes over them: it knows `SMTWHFA`, from Sunday to "
        "Saturday, and `D` for Monday to Friday"
    ),
    "no-peer": "no `cache_peer` line above is named `{value}`: squid passes over this line",
    "acl-empty": "no value follows this acl, so that it never matches, and the lines that ask for it decide nothing",
    "list-cut": "squid wants blanks between values: it reads this one up to the comma and drops the rest",
    "list-name": "squid wants blanks between values: it takes all of `{value}` for one name, which never matches",
    "wildcard": "squid knows no `*` here, so that `{value}` never matches; a leading dot stands for all names below",
    "domain": "squid compares this with a mere host name, so that `{value}` never matches",
    "regex": (
        "`{value}` is no regular expression (`*` stands for what comes before it, any number of times): squid drops "
        "it and runs"
    ),
    "peer-type": "`{value}` is none of `parent`, `sibling` and `multicast`: squid takes it for a `sibling`",
    "option-cache_peer": "squid knows no option `{value}` of `{directive}` and passes over it",
}

_HALF = LatePattern(r"\{[A-Z][A-Z0-9_]*\}")
_VALUE = LatePattern(r"[0-9.]|[0-9A-Fa-f]*:")
_UNITS = {"time": ("seconds", "minutes", "hours", "days", "weeks"), "size": ("bytes", "KB", "MB", "GB")}


def bad_values(tree: SquidTree) -> Iterator[Diagnostic]:
    """What squid does not take among the arguments of a file's directives."""
    template = tree.document.path.endswith(".template")
    filled = {d.arguments[0].text for d in tree.directives if d.name.text == "acl" and len(d.arguments) > 2}
    types = {
        d.arguments[0].text: d.arguments[1].text
        for d in definitions(tree)
        if squid_directives.acl_type(d.arguments[1].text) is not None
    }
    for directive in tree.directives:
        if directive.placeholder:
            continue
        for found in squid_faults(directive):
            if template and _HALF.search(found.words[-1].text):
                # SQD013 tells of it where the variable is known.
                continue
            fault = _untyped(directive, found, types)
            # An acl may get its values from other lines.
            if fault.kind != "acl-empty" or fault.words[0].text not in filled:
                yield from _told(tree, directive, fault)


def _untyped(directive: SquidDirective, fault: SquidFault, types: Mapping[str, str]) -> SquidFault:
    """A type that squid does not know is none at all where it looks like a value of its acl."""
    known = types.get(directive.arguments[0].text) if fault.kind == "acl-type" and not fault.wanted else None
    text = fault.words[0].text
    if known is None or not _VALUE.match(text):
        return fault
    return SquidFault("acl-no-type", fault.words, f"{known} {text}")


def undefined_names(tree: SquidTree) -> Iterator[Diagnostic]:
    """Peers, helpers and ways to log in that a line asks for and no line above has defined."""
    peers: set[str] = set()
    helpers: set[str] = set()
    logins = False
    for directive in tree.directives:
        name, words = directive.name.text, directive.arguments
        if reads_more(directive) or any("$" in word.text for word in words[:2]):
            return
        if name == "cache_peer":
            peers.update(word.text.removeprefix("name=").lower() for word in (*words[:1], *words[4:]))
        elif name == "external_acl_type" and words:
            helpers.add(words[0].text)
        elif name == "auth_param":
            logins = True
        elif name == "cache_peer_access" and words and words[0].text.lower() not in peers:
            yield from _told(tree, directive, SquidFault("no-peer", words[:1]))
        elif name == "acl" and len(words) > 2:
            if words[1].text in ("proxy_auth", "proxy_auth_regex") and not logins:
                yield from _told(tree, directive, SquidFault("no-login", words[1:2]))
            elif words[1].text == "external" and words[2].text not in helpers:
                yield from _told(tree, directive, SquidFault("no-helper", words[2:3]))


def _told(tree: SquidTree, directive: SquidDirective, fault: SquidFault) -> Iterator[Diagnostic]:
    wanted = fault.wanted
    value = " ".join(word.text for word in fault.words)
    if fault.kind.startswith(("option", "acl-type")) and not wanted:
        wanted = _near(fault, _known(fault))
        if not wanted and fault.kind == "option-cache_peer":
            # squid runs without it, and other releases have others.
            return
    elif fault.kind in _UNITS and len(fault.words) == 2 and not wanted:
        amount, unit = (word.text for word in fault.words)
        meant = near(unit, _UNITS[fault.kind])
        wanted = f"{amount} {meant}" if meant else ""
    span = fault.words[0].span._replace(end=fault.words[-1].span.end)
    place = tree.document.place(*span)
    name = directive.name.text
    values = (
        *(("value", value), ("directive", name), ("wanted", wanted)),
        ("form", squid_directives.form(name)[1]),
        ("type", wanted.partition(" ")[0]),
        ("choices", ", ".join(f"`{word}`" for word in squid_directives.choices(name))),
    )
    message = _STOPS.get(fault.kind) or _PASSES[fault.kind]
    fixes = (Fix("Write `{wanted}`", (Edit(place, wanted),), Applicability.UNSAFE, values),) if wanted else ()
    yield Diagnostic(place, message, values, fixes=fixes, severity=None if fault.kind in _STOPS else Severity.WARNING)


def _known(fault: SquidFault) -> Iterable[str]:
    if fault.kind == "acl-type":
        return squid_directives.acl_types()
    return sorted(squid_directives.options(fault.kind.removeprefix("option-")))


def _near(fault: SquidFault, known: Iterable[str]) -> str:
    name, equals, rest = fault.words[0].text.partition("=")
    meant = near(name, known)
    return f"{meant}{equals}{rest}" if meant else ""
