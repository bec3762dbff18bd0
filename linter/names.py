"""What a file is, by its name: a Compose file, or of a format that is linted alone when no deployment reads it."""

from __future__ import annotations

import re
from typing import Literal

LooseKind = Literal["dotenv", "nginx", "squid", "json"]

# The order in which Compose looks for its file (compose-go, cli/options.go).
COMPOSE_FILES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")

_COMPOSE = re.compile(r"(?:docker-)?compose(?:[._-].*)?\.ya?ml")
_DOTENV = re.compile(r"\.env(?:\..+)?|.+\.env(?:\.(?:example|sample|template|dist))?")
_NGINX = re.compile(r"nginx.*\.conf(?:\.template)?")
_SQUID = re.compile(r"squid.*\.conf(?:\.template)?")
_MARK_ALONE = re.compile(r"^[ \t]*(?:\$?\{\{[^{}\n]*\}\}|\{%[^\n]*%\})[ \t\r]*$", re.MULTILINE)
_CONF = re.compile(r".+\.conf(?:\.template)?")
# Debian's layout of nginx's folder, in which a site's file may have any name, and the folder of its image's templates.
_SITES = re.compile(r"/sites-(?:available|enabled)\Z")
_NO_SITE = re.compile(r".*(?:~|\.(?:bak|old|orig|save|disabled|dpkg-\w+|swp|md|txt|j2|gitkeep)|README.*)")

# Folders that hold other people's files, tools' files or data, never a deployment of this project.
SKIPPED_FOLDERS = frozenset(
    [
        ".git",
        ".hg",
        ".svn",
        ".venv",
        "venv",
        ".tox",
        ".nox",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
        ".cache",
        ".idea",
        ".vscode",
        ".terraform",
        "__pycache__",
        "node_modules",
        "bower_components",
        "site-packages",
        "vendor",
    ]
)


def is_compose(name: str) -> bool:
    """Whether a file name is one that Compose files have."""
    return _COMPOSE.fullmatch(name) is not None


def is_template(name: str, text: str) -> bool:
    """Whether a file is raw material of another program, which writes the real Compose file from it.

    By its name (`docker-compose-template.yaml`), or by a line that is nothing but a mark to fill in (`{{…}}`, `${{…}}`,
    `{%…%}`): no YAML file that is meant to be read has such lines.
    """
    if "template" in re.split(r"[._-]", name):
        return True
    return ("{{" in text or "{%" in text) and _MARK_ALONE.search(text) is not None


def loose_kind(path: str) -> LooseKind | None:
    """The format of a file that can be linted alone, None when its name does not tell."""
    folder, _, name = path.rpartition("/")
    if _DOTENV.fullmatch(name):
        return "dotenv"
    if _NGINX.fullmatch(name) or _is_site(folder, name):
        return "nginx"
    if _SQUID.fullmatch(name) or (folder.endswith("/conf.d") and "/squid" in folder and _CONF.fullmatch(name)):
        return "squid"
    return None


def named_kind(path: str) -> LooseKind | None:
    """The format of a file that the user named: for what its name does not tell, its folder's name is believed."""
    kind = loose_kind(path)
    folder, _, name = path.rpartition("/")
    if kind is None and _SITES.search(folder) and "apache" not in folder and _NO_SITE.fullmatch(name) is None:
        return "nginx"
    if kind is None and _CONF.fullmatch(name):
        parent = folder.rpartition("/")[2].lower()
        if "squid" in parent or parent == "ssrf_proxy":
            return "squid"
    return kind


def _is_site(folder: str, name: str) -> bool:
    """Whether a folder is one whose files an nginx reads, and the file one of them."""
    if _CONF.fullmatch(name) and "nginx" in folder.rpartition("/")[2].lower():
        return True
    if "/nginx" not in folder:
        return False
    if folder.endswith("/conf.d"):
        return _CONF.fullmatch(name) is not None
    if folder.endswith("/templates"):
        return name.endswith(".conf.template")
    return _SITES.search(folder) is not None and _NO_SITE.fullmatch(name) is None
