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
    fault = nginx_value_fault(directive)
    if fault is not None:
        yield _told(tree, directive, fault, fault.wanted)
    for fault in nginx_address_faults(directive, parents):
        if fault.kind == "option":
            meant = near(fault.word.text, NGINX_LISTEN_OPTIONS)
            if meant is not None:
                yield _told(tree, directive, fault, meant)
        else:
            yield _told(tree, directive, fault, fault.wanted)


def _told(tree: NginxTree, directive: NginxDirective, fault: NginxFault, wanted: str) -> Diagnostic:
    place = tree.document.place(*fault.word.span)
    values = (("name", directive.name.text), ("value", fault.word.text), ("wanted", wanted))
    quote = fault.word.quote
    fix = Fix("Write `{wanted}`", (Edit(place, quote + wanted + quote),), Applicability.UNSAFE, values)
    return Diagnostic(place, _MESSAGES[fault.kind], values, fixes=(fix,) if wanted else ())
