"""Values that nginx does not take: sizes, times, numbers, flags and addresses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...kit import (
    NGINX_LISTEN_OPTIONS,
    Applicability,
    Diagnostic,
    Edit,
    Fix,
    NginxDirective,
    NginxFault,
    NginxTree,
    near,
    nginx_address_faults,
    nginx_choices,
    nginx_form_faults,
    nginx_value_fault,
)

_MESSAGES = {
    "flag": "`{name}` takes `on` or `off` and not `{value}`: nginx does not start",
    "number": "`{name}` takes a whole number and not `{value}`: nginx does not start",
    "size": "`{value}` is no size for nginx, which does not start: it wants `512k` or `16m`, without a `b`",
    "offset": "`{value}` is no size for nginx, which does not start: it wants `512k`, `100m` or `1g`, without a `b`",
    "url": "`{name}` wants an address that begins with `http://` or `https://`: nginx does not start",
    "port": "`{value}` ends in no port (1 to 65535): nginx does not start",
    "path": (
        "`{name}` may have no path, not even a `/`, in a location that is a pattern or a name, and in `if`: nginx does "
        "not start; without it the request keeps its own path"
    ),
    "member": (
        "a `server` of `upstream` is a host and its port, without scheme and path, and not `{value}`: nginx does not "
        "start; the scheme belongs to `proxy_pass`"
    ),
    "listen": "`{value}` is no port (1 to 65535): nginx does not start",
    "option": "`{name}` has no option `{value}`: nginx does not start; did you mean `{wanted}`?",
    "choice": "`{name}` takes no `{value}`: nginx does not start",
    "near choice": "`{name}` takes no `{value}`, and nginx does not start; did you mean `{wanted}`?",
    "pair": "a line of `map` has two words, a value and what becomes of it: nginx does not start",
    "modifier": "`location` knows no `{value}`, only `=`, `~`, `~*` and `^~`: nginx does not start",
    "named-inside": "a location with a name, `{value}`, stands in `server`, not in a location: nginx does not start",
    "inside-exact": "nothing can be in a location that is one path or a name: nginx does not start",
    "outside": "`{value}` is not below the path of the location around it: nginx does not start",
    "parentheses": "a condition stands in parentheses, `if ($name = value)`: nginx does not start",
    "condition": "nginx knows no such condition, only one comparison or one test for a file, and does not start",
    "blanks": "in `{value}` blanks are missing around the comparison: nginx takes it for a name and does not start",
    "operator": "`{value}` is no comparison of nginx, only `=`, `!=`, `~`, `~*`, `!~` and `!~*`: it does not start",
    "pattern": "the pattern `{value}` has a parenthesis, a bracket or a `*` too many or too few: nginx does not start",
    "time": "`{value}` is no time for nginx, which does not start: it wants `30s`, `5m` or `1h`",
}


def bad_values(tree: NginxTree, directive: NginxDirective, parents: Sequence[NginxDirective]) -> Iterator[Diagnostic]:
    """The arguments of a directive that nginx does not take."""
    for fault in faults_of(directive, parents):
        message, wanted = said_of(directive, fault)
        if message:
            yield _told(tree, directive, fault, message, wanted)


def faults_of(directive: NginxDirective, parents: Sequence[NginxDirective]) -> Iterator[NginxFault]:
    """What nginx does not take of a directive's arguments."""
    fault = nginx_value_fault(directive)
    if fault is not None:
        yield fault
    yield from nginx_address_faults(directive, parents)
    yield from nginx_form_faults(directive, parents)


def said_of(directive: NginxDirective, fault: NginxFault) -> tuple[str, str]:
    """What is said of an argument that nginx does not take (in {name}, {value}, {wanted}), and what to write instead.

    "" for an option of which nobody can say what was meant: it may be one of a later release.
    """
    if fault.kind == "option":
        meant = near(fault.word.text, NGINX_LISTEN_OPTIONS)
        return (_MESSAGES["option"], meant) if meant else ("", "")
    if fault.kind == "choice":
        meant = fault.wanted or near(fault.word.text, nginx_choices(directive)) or ""
        return _MESSAGES["near choice" if meant else "choice"], meant.replace("tlsv", "TLSv").replace("sslv", "SSLv")
    return _MESSAGES[fault.kind], fault.wanted


def _told(tree: NginxTree, directive: NginxDirective, fault: NginxFault, message: str, wanted: str) -> Diagnostic:
    place = tree.document.place(*fault.word.span)
    values = (("name", directive.name.text), ("value", fault.word.text), ("wanted", wanted))
    quote = fault.word.quote
    fix = Fix("Write `{wanted}`", (Edit(place, quote + wanted + quote),), Applicability.UNSAFE, values)
    return Diagnostic(place, message, values, fixes=(fix,) if wanted else ())
