"""Values of one acl that overlap: squid passes over the one, and with domains it may not start at all."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from ...kit import (
    Applicability,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
    Related,
    Severity,
    SquidDirective,
    SquidTree,
    SquidWord,
    parse_range,
    rule,
    squid_edits,
)
from .access import CONDITIONALS, definitions

_ADDRESSES = frozenset(("src", "dst"))
_DOMAINS = frozenset(("srcdomain", "dstdomain"))
_MOST_LABELS = 40


class Member(NamedTuple):
    """A value of an acl and the line it stands on."""

    directive: SquidDirective
    word: SquidWord

    @property
    def text(self) -> str:
        """The value."""
        return self.word.text


class Overlap(NamedTuple):
    """A value with earlier ones that it overlaps; the acl says the same without the `needless` ones.

    "covered": an earlier one holds all of it; "again": it stands there twice; "covers": it holds all of them; "twin":
    a name with its dot and without it; "crosses": each holds something of its own.
    """

    kind: str
    member: Member
    earlier: tuple[Member, ...]
    needless: tuple[Member, ...]


@rule("SQD008", "overlapping-acl", SquidTree, Severity.INFO, fix=Applicability.SAFE)
def overlapping_acl(tree: SquidTree) -> Diagnostics:
    """Of two values that overlap, squid up to its release 6 keeps the first."""
    if any(d.name.text in CONDITIONALS for d in tree.directives):
        return
    acls: dict[str, list[SquidDirective]] = {}
    for directive in definitions(tree):
        acls.setdefault(directive.arguments[0].text.lower(), []).append(directive)
    for lines in acls.values():
        kind = lines[0].arguments[1].text
        members = [Member(d, w) for d in lines for w in d.arguments[2:] if not w.quote and "$" not in w.text]
        if any(m.text[:1] in "-+" for m in members) or any(d.arguments[1].text != kind for d in lines):
            continue
        if kind in _ADDRESSES:
            yield from _told(tree, list(_address_overlaps(members)), _ADDRESS_MESSAGES)
        elif kind in _DOMAINS:
            yield from _told(tree, list(_domain_overlaps(members)), _DOMAIN_MESSAGES)


# Judged by `squid -k parse` of 5.7 (aclIpAddrNetworkCompare, aclDomainCompare).
_ADDRESS_MESSAGES = {
    "covered": "`{value}` lies in `{earlier}`, which the acl `{name}` has already: squid warns and passes over it; "
    "remove it",
    "covers": "the acl `{name}` has {earlier} already, which lies in `{value}`: squid warns, passes over the wider "
    "`{value}`, and the acl matches less than it says; remove {earlier}",
    "crosses": "the acl `{name}` has `{earlier}` already, which overlaps `{value}`: squid warns, passes over "
    "`{value}`, and the acl matches less than it says; write ranges that do not overlap",
}
_DOMAIN_MESSAGES = {
    "again": "`{value}` is in the acl `{name}` already; remove it",
    "covered": "`{value}` is part of `{earlier}`, which the acl `{name}` has already: squid warns; remove it",
    "covers": "the acl `{name}` has {earlier} already, which is part of `{value}`: squid up to its release 6 does not "
    "start with the wider one behind; remove {earlier}",
    "twin": "the acl `{name}` has both `{earlier}` and `{value}`: squid up to its release 6 does not start with that; "
    "keep the one with the dot, which stands for the name itself, too",
}


def _told(tree: SquidTree, overlaps: Sequence[Overlap], messages: Mapping[str, str]) -> Iterator[Diagnostic]:
    needless = {id(m.word) for overlap in overlaps for m in overlap.needless}
    touched = {id(m.directive): m.directive for overlap in overlaps for m in overlap.needless}
    emptied = {key for key, d in touched.items() if all(id(word) in needless for word in d.arguments[2:])}
    before = {id(w): b for d in touched.values() for b, w in pairwise(d.arguments)}
    for overlap in overlaps:
        member = overlap.member
        texts = [m.text for m in overlap.earlier]
        shown = ", ".join(f"`{text}`" for text in texts) if overlap.kind == "covers" else texts[0]
        # A name in the way of a wider one ends in "FATAL: Bungled".
        fatal = messages is _DOMAIN_MESSAGES and overlap.kind in ("covers", "twin")
        yield Diagnostic(
            tree.document.place(*member.word.span),
            messages[overlap.kind],
            (("value", member.text), ("name", member.directive.arguments[0].text), ("earlier", shown)),
            (Related(tree.document.place(*overlap.earlier[0].word.span), "it overlaps this one"),),
            _removed(tree, overlap, emptied, before),
            Severity.ERROR if fatal else None,
        )


def _removed(tree: SquidTree, overlap: Overlap, emptied: set[int], before: Mapping[int, SquidWord]) -> tuple[Fix, ...]:
    """Take the needless values out, with their line where it would be left empty; `before` is what stands before."""
    edits: dict[int, Edit] = {}
    for member in overlap.needless:
        if id(member.directive) in emptied:
            edits[id(member.directive)] = squid_edits.remove_line(tree, member.directive)
        else:
            start = before[id(member.word)].span.end
            edits[id(member.word)] = Edit(tree.document.place(start, member.word.span.end), "")
    if not edits:
        return ()
    # Without the narrow value the wide one begins to count.
    applicability = Applicability.SAFE if overlap.needless == (overlap.member,) else Applicability.UNSAFE
    texts = ", ".join(f"`{m.text}`" for m in overlap.needless)
    return (Fix("Remove {values}", tuple(edits.values()), applicability, (("values", texts),)),)


def _address_overlaps(members: Sequence[Member]) -> Iterator[Overlap]:
    starts: list[int] = []
    kept: list[tuple[int, Member]] = []
    for member in members:
        found = parse_range(member.text)
        if found is None:
            continue
        first, last = found
        left = bisect_left(starts, first)
        if left and kept[left - 1][0] >= first:
            left -= 1
        hit = kept[left : bisect_right(starts, last)]
        if not hit:
            starts.insert(left, first)
            kept.insert(left, (last, member))
            continue
        earlier = tuple(m for _, m in hit)
        if starts[left] <= first and hit[0][0] >= last:
            yield Overlap("covered", member, earlier, (member,))
        elif starts[left] >= first and hit[-1][0] <= last:
            yield Overlap("covers", member, earlier, earlier)
        else:
            yield Overlap("crosses", member, earlier, ())


def _domain_overlaps(members: Sequence[Member]) -> Iterator[Overlap]:
    kept: dict[str, Member] = {}
    below: dict[str, list[Member]] = {}
    for member in members:
        text = member.text.lower()
        dotted = text.startswith(".")
        name = text.removeprefix(".")
        labels = name.split(".")
        if not name.isascii() or not all(labels) or len(labels) > _MOST_LABELS:
            continue
        above = ["." + ".".join(labels[i:]) for i in range(1, len(labels))]
        wider = next((kept[each] for each in above if each in kept), None)
        twin = kept.get(name if dotted else f".{name}")
        if text in kept:
            yield Overlap("again", member, (kept[text],), (member,))
        elif wider is not None:
            yield Overlap("covered", member, (wider,), (member,))
        elif twin is not None:
            yield Overlap("twin", member, (twin,), (twin if dotted else member,))
        elif dotted and text in below:
            yield Overlap("covers", member, (earlier := tuple(below[text])), earlier)
        else:
            kept[text] = member
            for each in above:
                below.setdefault(each, []).append(member)
