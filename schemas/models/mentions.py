"""Who else may read a variable of an env file: scripts and templates near it, and whoever is given the whole file."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from ..files import normal, within
from .node import MappingNode, ScalarNode

if TYPE_CHECKING:
    from ..files import Files
    from .project import Project
    from .service import Service

MAX_DEPTH = 3
MAX_FILES = 300
MAX_BYTES = 256_000

# Files from which a program, or a person's command, takes variables. Notes and data name them without reading them.
_READING = re.compile(
    r".*\.(?:sh|bash|zsh|fish|ps1|psm1|bat|cmd|py|js|mjs|cjs|ts|mts|tsx|jsx|rb|go|rs|php|java|kt|cs|ex|exs|pl|lua|ya?ml"
    r"|toml|ini|cfg|conf|cnf|properties|mk|just|hcl|tf|nix|service|template|tmpl|tpl|j2|jinja2?|erb|xml)"
    r"|(?:docker|make|just|task|proc|vagrant|caddy|jenkins)file.*|package\.json|\.envrc"
    r"|.*env.*(?:example|sample|template|tmpl|dist|default).*|.*(?:example|sample|template|dist|default).*\.env",
    re.IGNORECASE,
)
_SKIPPED = frozenset(
    ("node_modules", "vendor", "site-packages", "venv", "__pycache__", "volumes", "data", "logs", "backup")
)
_WORD = re.compile(rb"[a-z_][a-z0-9_]*")
# Files from which people start Compose, and how they give it variables.
_STARTING = re.compile(
    r".*\.(?:sh|bash|zsh|fish|ps1|bat|cmd|mk|just)|(?:gnu)?(?:make|just|task|proc)file.*|package\.json|\.envrc",
    re.IGNORECASE,
)
_ASSIGNED = re.compile(rb"(?<![\w$.-])(?:\$env:)?([A-Za-z_]\w*)[ \t]*[:?+]{0,3}=(?!=)|\bexport[ \t]+([A-Za-z_]\w*)")


def mentioned(
    files: Files, folder: str, boundary: str, names: Collection[str], own: Collection[str]
) -> frozenset[str] | None:
    """Which of the names stand, in any case, in scripts, templates, code or examples of a folder and right above it.

    `own` are the paths of files that are left out. None when there is more than can be searched, or a file that cannot
    be read: then nobody knows.
    """
    left = {name.lower().encode("utf-8", "surrogateescape"): name for name in names}
    found: set[str] = set()
    for count, path in enumerate(reading_files(files, folder, boundary)):
        if not left:
            break
        if count >= MAX_FILES:
            return None
        if path in own:
            continue
        try:
            data = files.read(path)
        except OSError:
            return None
        if len(data) > MAX_BYTES:
            return None
        for word in left.keys() & set(_WORD.findall(data.lower())):
            found.add(left.pop(word))
    return frozenset(found)


def assigned(files: Files, folder: str, boundary: str) -> frozenset[str]:
    """The variables that scripts, Makefiles and the like set which speak of Compose, and so may start it with them."""
    found: set[str] = set()
    for path in islice(reading_files(files, folder, boundary), MAX_FILES):
        name = path.rpartition("/")[2]
        if not _STARTING.fullmatch(name):
            continue
        try:
            data = files.read(path)
        except (OSError, ValueError):
            continue
        if len(data) <= MAX_BYTES and (b"compose" in data or name == ".envrc"):
            found.update((match[1] or match[2]).decode() for match in _ASSIGNED.finditer(data))
    return frozenset(found)


def reading_files(files: Files, folder: str, boundary: str) -> Iterator[str]:
    """The files that may ask for variables: of the folders above up to the boundary, then of the folder and below."""
    above = folder
    while above != boundary and within(above, boundary):
        above = above.rpartition("/")[0]
        yield from _files_in(files, above, files.entries(above))
    pending = [(folder, 0)]
    root = files.real(boundary)
    seen: set[str] = set()
    while pending:
        current, depth = pending.pop(0)
        real = files.real(current)
        if real in seen or not within(real, root):
            continue
        seen.add(real)
        names = files.entries(current)
        yield from _files_in(files, current, names)
        if depth < MAX_DEPTH:
            pending += [
                (f"{current}/{name}", depth + 1)
                for name in names
                if name not in _SKIPPED and not name.startswith(".") and files.kind(f"{current}/{name}") == "directory"
            ]


def _files_in(files: Files, folder: str, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        path = f"{folder}/{name}"
        if _READING.fullmatch(name) and files.kind(path) == "file":
            yield path


def given_whole(project: Project, path: str) -> bool:
    """Whether a service may get a whole file: as env file, by a mount, in its build context, as secret or config."""
    for node in (*project.secrets.values(), *project.configs.values()):
        file = node.get("file") if node is not None else None
        if isinstance(file, ScalarNode) and (file.text is None or normal(file.text, file.base) == path):
            return True
    return any(_gets(service, path) for service in project.services.values())


def _gets(service: Service, path: str) -> bool:
    if any(file.path is None or file.path == path for file in service.env_files):
        return True
    if any(mount.kind == "bind" and mount.path is not None and within(path, mount.path) for mount in service.mounts):
        return True
    build = service.get("build")
    context = build.get("context") if isinstance(build, MappingNode) else build
    if context is None:
        return build is not None
    if not isinstance(context, ScalarNode) or context.text is None:
        return True
    return "://" not in context.text and within(path, normal(context.text, context.base))
