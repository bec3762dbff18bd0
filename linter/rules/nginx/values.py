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
    "listen": "`{value}` is no port (1 to 65535): nginx does not start",
    "option": "`{name}` has no option `{value}`: nginx does not start; did you mean `{wanted}`?",
    "time": "`{value}` is no time for nginx, which does not start: it wants `30s`, `5m` or `1h`",
}


def bad_values(tree: NginxTree, directive: NginxDirective, parents: Sequence[NginxDirective]) -> Iterator[Diagnostic]:
    """The arguments of a directive that nginx does not take."""
    for fault in faults_of(directive, parents):
        message, wanted = said_of(fault)
        if message:
            yield _told(tree, directive, fault, message, wanted)


def faults_of(directive: NginxDirective, parents: Sequence[NginxDirective]) -> Iterator[NginxFault]:
    """What nginx does not take of a directive's arguments."""
    fault = nginx_value_fault(directive)
    if fault is not None:
        yield fault
    yield from nginx_address_faults(directive, parents)


def said_of(fault: NginxFault) -> tuple[str, str]:
    """What is said of an argument that nginx does not take (in {name}, {value}, {wanted}), and what to write instead.

    "" for an option of which nobody can say what was meant: it may be one of a later release.
    """
    if fault.kind == "option":
        meant = near(fault.word.text, NGINX_LISTEN_OPTIONS)
        return (_MESSAGES["option"], meant) if meant else ("", "")
    return _MESSAGES[fault.kind], fault.wanted


def _told(tree: NginxTree, directive: NginxDirective, fault: NginxFault, message: str, wanted: str) -> Diagnostic:
    place = tree.document.place(*fault.word.span)
    values = (("name", directive.name.text), ("value", fault.word.text), ("wanted", wanted))
    quote = fault.word.quote
    fix = Fix("Write `{wanted}`", (Edit(place, quote + wanted + quote),), Applicability.UNSAFE, values)
    return Diagnostic(place, message, values, fixes=(fix,) if wanted else ())
