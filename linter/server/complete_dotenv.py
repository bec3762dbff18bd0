"""What may be written in an env file at an offset."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...schemas.parsers.document import Span
from . import offers
from .facts import known
from .offers import Completion, Sort
from .variable_names import PROFILES
from .words import Shown

if TYPE_CHECKING:
    from ...schemas.models.deployment import Deployment

_LINE = re.compile(r"[ \t]*(?:export[ \t]+)?([^\s=:#'\"]*)(?:[ \t]*([=:])[ \t]*)?")
_KEYS = re.compile(r"^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*[=:]", re.MULTILINE)
_FALLBACK = re.compile(r"\$\{\w+:?-([^${}\s]+)\}")
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
        yield from _values(deployments, shown, match[1], span, text[span.start : offset])


def _keys(
    deployments: tuple[Deployment, ...], shown: Shown, text: str, span: Span, separator: str | None
) -> Iterator[Completion]:
    """The variables that the file does not set yet: those that its project asks for first."""
    present = {match[1] for match in _KEYS.finditer(text) if match.start(1) != span.start}
    form = "{name}" if separator else "{name}="
    for each in offers.variables(deployments, shown, span, form):
        if each.label not in present:
            yield each


def _values(
    deployments: tuple[Deployment, ...], shown: Shown, name: str, span: Span, prefix: str
) -> Iterator[Completion]:
    if name == PROFILES:
        yield from offers.things(deployments, "profile", (), Span(span.start + prefix.rfind(",") + 1, span.end))
        return
    seen: set[str] = set()
    for deployment in deployments:
        for each in offers.values(deployment, name, _only_reader(deployment, name), span):
            if each.text not in seen:
                seen.add(each.text)
                yield each
        for default in () if _secret(deployment, shown, name) else _fallbacks(deployment, name):
            if default not in seen and not shown.masker.holds_secret(default):
                seen.add(default)
                yield Completion(default, Sort.VALUE, "the fallback", span, default, f"variable:{name}")


def _secret(deployment: Deployment, shown: Shown, name: str) -> bool:
    found = known(deployment, name)
    return shown.secret(name, found.fact if found is not None else None)


def _only_reader(deployment: Deployment, name: str) -> str:
    """The service that a variable goes to, where it is one only."""
    found = [s.name for s in deployment.services.values() if name in s.environment]
    return found[0] if len(found) == 1 else ""


def _fallbacks(deployment: Deployment, name: str) -> Iterator[str]:
    """The plain texts that `${NAME:-…}` fall back on."""
    for use in deployment.project.uses:
        match = _FALLBACK.fullmatch(use.place.text) if use.name == name else None
        if match is not None:
            yield match[1]
