"""What `stackmend trace` prints: where each value of a service comes from, step by step, as text or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Literal, TextIO

from ...schemas.models.project import Project
from ...schemas.models.service import Service
from ...schemas.models.value import Source
from ..masking import Masker, escape
from ..report import relative
from .portable import shown_file, span_range, unicode_text
from .style import Paint, painter
from .trail import Step, Trail, Trails

VERSION = 1
NOWHERE = {Source.SHELL: "the shell", Source.DEFAULT: "set nowhere"}


class UnknownServiceError(LookupError):
    """The project has no service of this name; `near` are the names it has."""

    def __init__(self, name: str, near: tuple[str, ...]) -> None:
        super().__init__(f"there is no service {name!r}; the services are {', '.join(near) or 'none'}")
        self.near = near


def write_trace(
    project: Project,
    out: TextIO,
    *,
    masker: Masker,
    cwd: str,
    service: str | None = None,
    variable: str | None = None,
    format: Literal["text", "json"] = "text",  # noqa: A002  # the word of the command line
    color: bool = False,
) -> None:
    """Write the trails of one service (None: of all active ones), of one variable or of all.

    The masker decides what is hidden. Raises UnknownServiceError.
    """
    services = _chosen(project, service)
    trails = Trails(project, masker)
    if format == "json":
        json.dump(trace_document(services, trails, variable, cwd), out, ensure_ascii=True, indent=2)
        out.write("\n")
        return
    text = _Text(trails, cwd, painter(color=color))
    for number, chosen in enumerate(s for s in services if service or variable is None or text.concerns(s, variable)):
        if number:
            out.write("\n")
        out.writelines(line + "\n" for line in text.service(project, chosen, variable))


def trace_document(services: tuple[Service, ...], trails: Trails, variable: str | None, cwd: str) -> dict[str, Any]:
    """The trails as plain data, version 1."""
    return {
        "version": VERSION,
        "services": {
            unicode_text(service.name): {
                unicode_text(trail.name): {
                    "text": unicode_text(trail.text) if trail.text is not None else None,
                    "known": trail.text is not None,
                    "masked": trail.masked,
                    "trail": [_step(step, cwd) for step in trail.steps],
                    "shadowed": [_step(step, cwd) for step in trail.hidden],
                }
                for trail in _trails(service, trails, variable)
            }
            for service in services
        },
    }


def _step(step: Step, cwd: str) -> dict[str, Any]:
    return {
        "source": step.source.value,
        "file": shown_file(cwd, step.place.document.path) if step.place else None,
        "range": span_range(step.place) if step.place else None,
        "text": unicode_text(step.text),
    }


def _chosen(project: Project, service: str | None) -> tuple[Service, ...]:
    if service is None:
        return project.active
    found = project.services.get(service)
    if found is None:
        raise UnknownServiceError(service, tuple(project.services))
    return (found,)


def _trails(service: Service, trails: Trails, variable: str | None) -> Iterator[Trail]:
    for name, found in service.environment.items():
        if variable is None or name == variable:
            yield trails.of(found)


class _Text:
    """The text form: a headline for each variable, then its steps in aligned columns."""

    def __init__(self, trails: Trails, cwd: str, paint: Paint) -> None:
        self._trails = trails
        self._cwd = cwd
        self._paint = paint

    def concerns(self, service: Service, variable: str) -> bool:
        """Whether there is anything to say about the variable in a service that nobody asked for by name."""
        return variable in service.environment or bool(self._trails.env_lines(variable))

    def service(self, project: Project, service: Service, variable: str | None) -> Iterator[str]:
        """The lines about one service."""
        yield self._paint(f"service {escape(service.name)}", "strong")
        for trail in _trails(service, self._trails, variable):
            yield from self._variable(trail)
        if variable is not None and variable not in service.environment:
            yield from self._absent(project, service, variable)
        elif not service.environment:
            yield "  has no environment variables"

    def _variable(self, trail: Trail) -> Iterator[str]:
        value = escape(trail.text) if trail.text is not None else "(only known when the stack runs)"
        yield f"  {self._paint(escape(trail.name), 'frame')} = {value or '(empty)'}"
        steps = (*trail.steps, *trail.hidden)
        places = [self._where(step) for step in steps]
        widest = max(map(len, places), default=0)
        for step, place in zip(steps, places, strict=True):
            words = f"  ({step.words})" if step.words else ""
            role = "dim" if step.kind == "hidden" else "added"
            text = escape(step.text) if step.text else '""'
            yield f"    {self._paint(f'{step.kind:<7}', role)}  {place:<{widest}}  {text}{words}"

    def _absent(self, project: Project, service: Service, variable: str) -> Iterator[str]:
        name = escape(variable)
        lines = [self._line(place.document.path, place.line) for place, _ in self._trails.env_lines(variable)]
        uses = [use for use in project.uses if use.name == variable and use.path[:2] == ("services", service.name)]
        for use in uses:
            key, where = escape(".".join(use.path[2:])), self._line(use.place.document.path, use.place.line)
            yield f"  {name} is not in the service's environment; `{key}` reads it at {where}"
        if uses:
            return
        for line in lines:
            yield f"  {line} sets {name}, but nothing in service {escape(service.name)} reads it"
        if not lines:
            yield f"  {name} is not set for this service, and no `.env` file sets it"

    def _where(self, step: Step) -> str:
        if step.place is None:
            return NOWHERE.get(step.source, "nowhere in the files")
        line, column = step.place.document.position(step.place.span.start)
        return f"{escape(relative(step.place.document.path, self._cwd))}:{line}:{column}"

    def _line(self, path: str, line: int) -> str:
        return f"{escape(relative(path, self._cwd))}:{line}"
