"""What may be written in an env file at an offset."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...schemas.parsers.document import Span
from . import offers
from .offers import Completion, Sort
from .variable_names import PROFILES
from .words import Shown

if TYPE_CHECKING:
    from ...schemas.models.deployment import Deployment

_LINE = re.compile(r"[ \t]*(?:export[ \t]+)?([^\s=:#'\"]*)(?:[ \t]*([=:])[ \t]*)?")
_KEYS = re.compile(r"^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*[=:]", re.MULTILINE)
_LONGEST_LINE = 2000


def complete_dotenv(deployments: tuple[Deployment, ...], shown: Shown, text: str, offset: int) -> Iterator[Completion]:
    """The offers at an offset, those of `${…}` left out."""
    start = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    line = text[start : len(text) if end == -1 else end].rstrip("\r")
    if len(line) > _LONGEST_LINE or line.lstrip().startswith("#"):
        return
    match = _LINE.match(line)
    if match is None:
        return
    at = offset - start
    if match[2] is None or at < match.start(2) + 1:
        if match.start(1) <= at <= match.end(1):
            yield from _keys(deployments, shown, text, Span(start + match.start(1), start + match.end(1)), match[2])
        return
    value = re.match(r"['\"]?", line[match.end() :])
    begin = match.end() + (value.end() if value else 0)
    rest = re.match(r"[^\s'\"#]*", line[max(at, begin) :])
    span = Span(start + begin, start + max(at, begin) + (rest.end() if rest else 0))
    if at >= begin:
        yield from _values(deployments, match[1], span, text, offset)


def _keys(
    deployments: tuple[Deployment, ...], shown: Shown, text: str, span: Span, separator: str | None
) -> Iterator[Completion]:
    """The variables that the file does not set yet: those that its project asks for first."""
    present = {match[1] for match in _KEYS.finditer(text) if match.start(1) != span.start}
    form = "{name}" if separator else "{name}="
    for each in offers.variables(deployments, shown, span, form):
        if each.label not in present:
            yield each


def _values(deployments: tuple[Deployment, ...], name: str, span: Span, text: str, offset: int) -> Iterator[Completion]:
    if name == PROFILES:
        comma = text.rfind(",", span.start, offset) + 1
        span = Span(comma or span.start, span.end)
        yield from offers.things(deployments, "profile", (), span)
        return
    seen: set[str] = set()
    for deployment in deployments:
        for each in offers.values(deployment, name, _only_reader(deployment, name), span):
            if each.text not in seen:
                seen.add(each.text)
                yield each
        for use in deployment.project.uses:
            if use.name == name and use.place.text and (text_of := _fallback(use.place.text)) and text_of not in seen:
                seen.add(text_of)
                yield Completion(text_of, Sort.VALUE, "the fallback", span, text_of, f"variable:{name}")


def _only_reader(deployment: Deployment, name: str) -> str:
    """The service that a variable goes to, where it is one only."""
    found = [s.name for s in deployment.services.values() if name in s.environment]
    return found[0] if len(found) == 1 else ""


def _fallback(expression: str) -> str:
    match = re.fullmatch(r"\$\{\w+:?-([^${}\s]+)\}", expression)
    return match[1] if match else ""
