"""What an editor offers to write at an offset, and the documentation of an offer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...schemas.parsers.document import Span
from ..names import is_compose, loose_kind
from . import offers
from .complete_compose import complete_compose
from .complete_dotenv import complete_dotenv
from .complete_servers import complete_json, complete_nginx, complete_squid
from .hover import acl_lines, compose_lines, directive_lines, json_lines, service_lines
from .mended import whole
from .offers import Completion, Sort
from .variable_hover import variable_lines
from .words import Shown

if TYPE_CHECKING:
    from ...schemas.models.deployment import Deployment
    from .analysis import Analysis

__all__ = ["Completion", "Sort", "completions", "documentation"]

_REFERENCE = re.compile(r"(\$+)(\{?)([A-Za-z_][A-Za-z0-9_]*)?\Z")
_LANGUAGES = {"YamlTree": "compose", "DotenvTree": "dotenv", "NginxTree": "nginx", "SquidTree": "squid",
              "JsonTree": "json"}  # fmt: skip
_OF_PROJECT = ("compose", "dotenv")
_MOST = 2000


def completions(analysis: Analysis, path: str, offset: int) -> tuple[Completion, ...]:
    """The offers at an offset of a file, each label once."""
    try:
        text = analysis.workspace.document(path).text
    except OSError:
        return ()
    found: dict[str, Completion] = {}
    for each in _completions(analysis, path, text, min(max(offset, 0), len(text))):
        found.setdefault(each.label, each)
        if len(found) >= _MOST:
            break
    return tuple(found.values())


def documentation(analysis: Analysis, path: str, key: str) -> str:
    """The Markdown behind the key of an offer that was made for a file; "" where there is none."""
    kind, _, name = key.partition(":")
    lines: Iterator[str] = iter(())
    if kind == "variable":
        lines = variable_lines(whole(analysis, path), name, Shown(analysis))
    elif kind == "compose":
        lines = compose_lines(tuple(name.split("/")))
    elif kind in ("nginx", "squid"):
        lines = directive_lines(kind, name)
    elif kind == "service":
        lines = service_lines(whole(analysis, path), name, Shown(analysis))
    elif kind == "acl":
        lines = acl_lines(analysis, path, name)
    elif kind == "json":
        lines = json_lines(analysis, path, name)
    return "\n\n".join(lines)


def language_of(analysis: Analysis, path: str) -> str:
    """The format of a file: as it was read, else as its name tells."""
    for tree in analysis.trees(path):
        return _LANGUAGES[type(tree).__name__]
    if is_compose(path.rpartition("/")[2]):
        return "compose"
    return loose_kind(path) or ("json" if path.endswith(".json") else "")


def _completions(analysis: Analysis, path: str, text: str, offset: int) -> Iterator[Completion]:
    language = language_of(analysis, path)
    deployments = whole(analysis, path, offset)
    shown = Shown(analysis)
    if language in _OF_PROJECT or path.endswith(".template"):
        reference = _reference(text, offset)
        if reference is not None:
            yield from _references(analysis, path, deployments if language in _OF_PROJECT else (), reference)
            return
    if language == "compose":
        yield from complete_compose(deployments, text, offset)
    elif language == "dotenv":
        yield from complete_dotenv(deployments, shown, text, offset)
    elif language == "nginx":
        yield from complete_nginx(analysis, path, text, offset)
    elif language == "squid":
        yield from complete_squid(analysis, path, text, offset)
    elif language == "json":
        yield from complete_json(deployments, text, offset)


def _reference(text: str, offset: int) -> tuple[Span, str] | None:
    """The name in a `${` or behind a `$` at an offset, and the form in which it is written out; None where none is."""
    start = max(text.rfind("\n", 0, offset) + 1, offset - 200)
    match = _REFERENCE.search(text[start:offset])
    if match is None or len(match[1]) % 2 == 0:
        return None
    begin = offset - len(match[3] or "")
    rest = re.match(r"[A-Za-z0-9_]*", text[offset : offset + 200])
    end = offset + (rest.end() if rest else 0)
    if not match[2]:
        return Span(begin - 1, end), "${{name}}" if not match[3] else "${name}"
    closed = text[end : end + 1] in ("}", ":", "-", "?", "+")
    return Span(begin, end), "{name}" if closed else "{name}}"


def _references(
    analysis: Analysis, path: str, deployments: tuple[Deployment, ...], reference: tuple[Span, str]
) -> Iterator[Completion]:
    span, form = reference
    shown = Shown(analysis)
    yield from offers.variables(deployments, shown, span, form)
    # A template is filled in from the environment of the service that reads it.
    for deployment in analysis.readers(path) if not deployments else ():
        for service in {f.service.name: f.service for f in deployment.mounted if f.path == path}.values():
            for name, variable in service.environment.items():
                detail = shown.where(variable.place)
                yield Completion(name, Sort.VARIABLE, detail, span, form.replace("{name}", name), f"variable:{name}")
