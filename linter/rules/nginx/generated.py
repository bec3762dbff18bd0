"""Files that a container makes from a template when it starts: what is written into them is lost, or never read."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Document,
    Edit,
    Fix,
    LatePattern,
    MountedFile,
    Related,
    Service,
    Severity,
    rule,
)

_MOST_LINES = 1000
_MOST_EXTRA = 20
_HOLE = LatePattern(r"\$\{\w+\}")
_REWRITTEN = (
    "`{service}` makes this file anew from `{template}` whenever it starts, and this line is not there: it gets lost; "
    "move it to `{template}`"
)
_UNREAD = (
    "no container reads this file: `{service}` makes its `{name}` from `{template}`, and this line is not there; move "
    "it to `{template}`"
)


class Change(NamedTuple):
    """Lines of a generated file that stand for others of its template: 0-based, ends exclusive."""

    old: range
    new: range


@rule("NGX019", "edits-will-be-lost", Deployment, Severity.WARNING, fix=Applicability.UNSAFE)
def edits_will_be_lost(deployment: Deployment) -> Diagnostics:
    """Somebody changed what a container makes, and not what it makes it from."""
    told: set[str] = set()
    for file in deployment.mounted:
        if file.service.active and _renders(file):
            for path in _generated(deployment, file):
                if path not in told and path != file.path:
                    told.add(path)
                    yield from _judged(deployment, file, path)


def _renders(file: MountedFile) -> bool:
    """Whether the container makes a configuration file from this one: nginx's image does, or a script of one's own."""
    target = file.container_path
    if not target.endswith(".template") or file.kind not in ("nginx", "squid"):
        return False
    if target.startswith("/etc/nginx/templates/"):
        return True
    mounts = file.service.mounts
    return file.service.get("entrypoint") is not None or any("docker-entrypoint" in (m.target or "") for m in mounts)


def _generated(deployment: Deployment, file: MountedFile) -> Iterator[str]:
    """Where what is made from a template may lie on disk."""
    name = os.path.basename(file.container_path).removesuffix(".template")
    folder = os.path.dirname(file.path)
    made = file.served_path
    inside = _on_disk(file.service, made)
    # Dify's releases before 0.6.9 had their files in a folder below `volumes`.
    former = f"{deployment.root}/volumes/{os.path.basename(folder)}/{name}"
    for path in dict.fromkeys((inside or f"{folder}/{name}", former)):
        if os.path.basename(path) in deployment.entries(os.path.dirname(path)):
            yield path


def _on_disk(service: Service, target: str) -> str | None:
    for mount in service.mounts:
        base = (mount.target or "").rstrip("/")
        if mount.kind == "bind" and mount.path and base and f"{target}/".startswith(f"{base}/"):
            return mount.path + target[len(base) :]
    return None


def _judged(deployment: Deployment, file: MountedFile, path: str) -> Iterator[Diagnostic]:
    mounted = [m for m in deployment.mounted if m.path == path]
    if any(m.service is not file.service for m in mounted):
        return
    try:
        template, document = deployment.workspace.document(file.path), deployment.workspace.document(path)
    except OSError:
        return
    changes = _changes(template, document)
    if not changes:
        return
    values = (
        ("service", file.service.name),
        ("template", os.path.relpath(file.path, deployment.root)),
        ("name", os.path.basename(path)),
    )
    edits = [_moved(template, document, change) for change in changes]
    whole = tuple(edit for edit in edits if edit is not None)
    start, end = document.line_span(changes[0].new.start + 1)
    text = document.text[start:end]
    place = document.place(start + len(text) - len(text.lstrip()), start + len(text.rstrip()))
    yield Diagnostic(
        place,
        _REWRITTEN if mounted else _UNREAD,
        values,
        (Related(template.place(0, 0), "the template"),),
        (Fix("Move it to `{template}`", whole, Applicability.UNSAFE, values),) if len(whole) == len(edits) else (),
    )


def _changes(template: Document, document: Document) -> list[Change]:
    """What was written into a file that comes from a template; [] when it cannot be that template's at all."""
    from difflib import SequenceMatcher

    old, new = _lines(template), _lines(document)
    if not old or not new:
        return []
    # The line that says most first: `listen ${PORT};` would take what `listen ${PORT} ssl;` gives, too.
    holed = [(line, _HOLE.split(line.strip())) for line in old if _HOLE.search(line)]
    holed = [(line, parts) for line, parts in holed if any(parts)]
    holed.sort(key=lambda each: -sum(map(len, each[1])))
    known = set(old)
    matched = [line if line in known else _source(line, holed) for line in new]
    changes: list[Change] = []
    missing = 0
    for tag, i, j, k, m in SequenceMatcher(None, old, matched, autojunk=False).get_opcodes():
        around = old[max(i - 1, 0) : j + 1]
        if tag == "equal" or any(_HOLE.fullmatch(line.strip()) for line in around):
            continue
        missing += j - i
        if any(line.strip() and not line.lstrip().startswith("#") for line in new[k:m]):
            changes.append(Change(range(i, j), range(_first(new, k, m), m)))
    extra = sum(len(change.new) for change in changes)
    return changes if extra <= min(_MOST_EXTRA, len(old) // 3) and missing <= len(old) // 4 else []


def _lines(document: Document) -> list[str]:
    count = len(document.line_starts)
    if count > _MOST_LINES:
        return []
    return [document.text[slice(*document.line_span(n + 1))] for n in range(count)]


def _first(lines: Sequence[str], start: int, end: int) -> int:
    return next((at for at in range(start, end) if lines[at].strip()), start)


def _source(line: str, holed: Sequence[tuple[str, list[str]]]) -> str:
    """The line of the template that gives a line, itself where none does. A line that is all hole gives anything."""
    return next((source for source, parts in holed if _gives(parts, line.strip())), line)


def _gives(parts: Sequence[str], text: str) -> bool:
    """Whether a text consists of these parts, in their order, with anything between them."""
    first, *middle, last = parts
    if not text.startswith(first) or not text.endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    for part in middle:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return at <= end


def _moved(template: Document, document: Document, change: Change) -> Edit | None:
    """Write the lines into the template, unless they stand in the place of some that a variable fills."""
    if any(_HOLE.search(template.text[slice(*template.line_span(n + 1))]) for n in change.old):
        return None
    lines = [document.text[slice(*document.line_span(n + 1))] for n in change.new]
    text = "".join(line + template.newline for line in lines)
    start = _offset(template, change.old.start)
    end = _offset(template, change.old.stop)
    if start == len(template.text) and not template.text.endswith("\n"):
        return None
    return Edit(template.place(start, end), text)


def _offset(document: Document, line: int) -> int:
    """Where a line (0-based) starts; the end of the text for the one after the last."""
    return document.line_starts[line] if line < len(document.line_starts) else len(document.text)
