"""Sizes of nginx's buffers for answers that do not go together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Fix,
    LatePattern,
    NginxDirective,
    NginxTree,
    Place,
    Related,
    Severity,
    nginx_edits,
    rule,
)
from .reading import Read, alone, readings

_PROTOCOLS = ("proxy", "fastcgi", "uwsgi", "scgi")
_SIZE = LatePattern(r"(\d{1,9})([kKmM]?)")
# What nginx takes where nothing is written: eight buffers of a page of memory, and one such for the headers.
_PAGE = 4096
_COUNT = 8
_TOO_MUCH = (
    "`{name}` of {size} asks for more than {all}, so nginx does not start: at most all of `{buffers}` but one may be "
    "on their way to the client, usually twice the greatest buffer; write `{wanted}`"
)
_TOO_LITTLE = "`{name}` of {size} is less than one buffer, {greatest}, so nginx does not start"


class _Sizes(NamedTuple):
    """What counts in a block, by the names behind the protocol's; None for what the block and those around it lack."""

    header: Read | None
    buffers: Read | None
    busy: Read | None


def _of_stacks(deployment: Deployment) -> Diagnostics:
    """Sizes may stand in several files."""
    for reads in readings(deployment):
        yield from _wrong(reads)


@rule("NGX033", "buffer-sizes", NginxTree, Severity.ERROR, fix=Applicability.UNSAFE, together=_of_stacks)
def buffer_sizes(tree: NginxTree) -> Diagnostics:
    """nginx does not start where fewer buffers are there than may be in use."""
    yield from _wrong(alone(tree) or ())


def _wrong(reads: Sequence[Read]) -> Diagnostics:
    told: set[Place] = set()
    for protocol in _PROTOCOLS:
        own: dict[int, dict[str, Read]] = {}
        for read in reads:
            if read.line.name.startswith(f"{protocol}_bu") and read.parents and read.line.words:
                own.setdefault(id(read.parents[-1]), {})[read.line.name] = read
        for chain in _blocks(reads, own) if own else ():
            found = _judged(protocol, _in_force(protocol, chain, own))
            if found is not None and found.place not in told:
                told.add(found.place)
                yield found


def _blocks(reads: Sequence[Read], own: Mapping[int, Mapping[str, Read]]) -> Iterator[tuple[NginxDirective, ...]]:
    """The servers, and what inside of them has sizes of its own, each with the blocks around it."""
    for read in reads:
        block = read.line.directive
        server = read.line.name == "server" and read.level == "http"
        of_http = block.block is not None and read.parents[:1] and read.parents[0].name.text == "http"
        if of_http and (server or id(block) in own):
            yield (*read.parents, block)


def _in_force(protocol: str, chain: Sequence[NginxDirective], own: Mapping[int, Mapping[str, Read]]) -> _Sizes:
    def nearest(name: str) -> Read | None:
        found = (own.get(id(block), {}).get(f"{protocol}_{name}") for block in reversed(chain))
        return next((each for each in found if each is not None), None)

    return _Sizes(nearest("buffer_size"), nearest("buffers"), nearest("busy_buffers_size"))


def _number(read: Read | None, at: int, default: int) -> int | None:
    """An argument of a line as a number of bytes, the default without a line, None where it is unknown."""
    if read is None:
        return default
    match = _SIZE.fullmatch(read.line.filled(read.line.words[at]) or "") if at < len(read.line.words) else None
    return int(match[1]) * {"": 1, "k": 1024, "m": 1024 * 1024}[match[2].lower()] if match else None


def _judged(protocol: str, sizes: _Sizes) -> Diagnostic | None:
    header = _number(sizes.header, 0, _PAGE)
    count, each = _number(sizes.buffers, 0, _COUNT), _number(sizes.buffers, 1, _PAGE)
    if header is None or count is None or each is None:
        return None
    greatest = max(header, each)
    busy = _number(sizes.busy, 0, 2 * greatest)
    blamed = sizes.busy or (sizes.header if header > each else sizes.buffers)
    if busy is None or blamed is None or count < 1:
        return None
    values = (
        *(("name", blamed.line.name), ("size", blamed.line.words[-1]), ("buffers", f"{protocol}_buffers")),
        *(("all", f"{count} buffers of {_shown(each)}"), ("greatest", _shown(greatest))),
        ("wanted", f"{protocol}_buffers 4 {_shown(greatest)}"),
    )
    place = _place(blamed)
    related = tuple(
        Related(_place(read), "this counts, too")
        for read in (sizes.header, sizes.buffers)
        if read is not None and read is not blamed
    )
    if busy < greatest:
        return Diagnostic(place, _TOO_LITTLE, values, related)
    if busy > (count - 1) * each:
        return Diagnostic(place, _TOO_MUCH, values, related, _added(blamed, sizes, dict(values)["wanted"]))
    return None


def _added(blamed: Read, sizes: _Sizes, wanted: str) -> tuple[Fix, ...]:
    """Add buffers that are enough, where nobody has chosen any."""
    if sizes.buffers is not None or sizes.busy is not None:
        return ()
    line, block = blamed.line, blamed.parents[-1]
    inside = block if any(directive is line.directive for directive in block.block or ()) else None
    edit = nginx_edits.insert_directive(line.tree, inside, f"{wanted};", after=line.directive)
    return (Fix("Add `{wanted}`", (edit,), Applicability.UNSAFE, (("wanted", wanted),)),)


def _place(read: Read) -> Place:
    return read.line.tree.document.place(*read.line.directive.span)


def _shown(size: int) -> str:
    return f"{size // 1024}k" if size % 1024 == 0 else str(size)
