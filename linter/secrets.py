"""Which texts of a deployment are secret: by the variable's name, and by the shape of the value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from ..schemas.models.project import Project
    from ..schemas.models.service import Variable
    from ..schemas.models.value import Value
    from ..schemas.parsers.dotenv import DotenvTree
    from ..schemas.parsers.json import JsonNode, JsonTree
    from ..schemas.parsers.yaml import YamlNode, YamlTree
    from ..schemas.workspace import Tree

_ALWAYS = frozenset(
    [
        "PASSWORD",
        "PASSWORDS",
        "PASSWD",
        "PASSPHRASE",
        "PASS",
        "PSW",
        "PWD",
        "SECRET",
        "SECRETS",
        "CREDENTIAL",
        "CREDENTIALS",
        "REQUIREPASS",
    ]
)
_MOSTLY = frozenset(["KEY", "KEYS", "TOKEN", "TOKENS", "APIKEY", "APIKEYS"])
# Last words that leave the meaning of the word before them: SECRET_KEY_BASE, DB_PASSWORD_OLD.
_TAILS = frozenset(["BASE", "HASH", "VALUE", "OLD", "NEW", "PREVIOUS", "CURRENT"])
_COUNTS = frozenset(["MAX", "MIN", "NUM", "COUNT", "LIMIT", "PER", "EXPIRE", "TTL"])
_NAMING_KEYS = frozenset(
    ["PUBLIC", "PRIMARY", "FOREIGN", "SORT", "PARTITION", "CACHE", "OBJECT", "ROUTING", "SHORTCUT", "SHARD", "HOT"]
)

# Group 1 of each alternative is what is masked.
_SHAPES = (
    r"\w://[^\s:/@\"'`]*:(?!\d+/)([^\s\"'`]+)@(?=[\w\[$.-])"  # the password of a URL; it may hold a raw @ or /
    r"|\b[\w.-]+:([^\s@\"']+)@(?:tcp|unix)\("  # Go's MySQL connection strings
    r"|\b(sk-[A-Za-z0-9_-]{16,}|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{20,}|xox[abprs]-[A-Za-z0-9-]{10,}"
    r"|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]+)"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----(.*?)(?:-----END|\Z)"
    r"|\b(?:Bearer|Basic)\s+([\w.~+/=-]{8,})"
    r"|--?(?:requirepass|password|passwd|secret|token|api-?key)[=\s]+(?![-$])([^\s\"'\]},]+)"
    r"|\blogin=[^\s:]*:(\S+)"
    r"|(\$\$?(?:2[abxy]|apr1|[156y]|argon2(?:id|[id]))\$[^\s\"'`]{8,})"  # what crypt(5) and htpasswd write
)


@lru_cache(maxsize=1)
def shapes() -> re.Pattern[str]:
    """The pattern of values that are secret whatever their name; the group that took part is the secret."""
    return re.compile(_SHAPES, re.DOTALL)


@lru_cache(maxsize=4096)
def secret_name(name: str) -> bool:
    """Whether a variable or key of this name holds a secret (`DB_PASSWORD`, `apiKey`; not `SSL_KEY_FILE`)."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    words = [w for w in re.split(r"[^A-Z0-9]+", spaced.upper()) if w]
    while len(words) > 1 and (words[-1] in _TAILS or words[-1].isdigit()):
        words.pop()
    if not words or words == ["PWD"]:
        return False
    if words[-1] in _ALWAYS:
        return True
    if words[-1] in _MOSTLY:
        before = words[-2] if len(words) > 1 else ""
        return words != [words[-1]] and before not in _NAMING_KEYS and not _COUNTS.intersection(words)
    return words[-1].endswith(("PASSWORD", "PASSWD", "APIKEY", "SECRETKEY"))


def is_value(name: str, text: str) -> bool:
    """Whether the text that a secret name was given is the secret itself, not a path to it, a switch or a count."""
    if not text or text.startswith(("/", "./", "${")) or text.lower() in ("true", "false", "null", "none"):
        return False
    return not (text.isdigit() and len(text) < 7 and name.upper().rstrip("S").endswith(("KEY", "TOKEN")))


def secrets_in(text: str) -> Iterator[str]:
    """The parts of a text that are secret by their shape."""
    for match in shapes().finditer(text):
        yield match[match.lastindex or 0]


def secrets_of(name: str, text: str | None) -> tuple[str, ...]:
    """The secret texts of one variable."""
    if not text:
        return ()
    return _remembered(name, text) if len(text) < _SHORT else _judged(name, text)


def _judged(name: str, text: str) -> tuple[str, ...]:
    own = (text,) if secret_name(name) and is_value(name, text) else ()
    return (*own, *secrets_in(text)) if "@" in text or "-" in text or "$" in text else own


# A variable is met in many services, as a value and as a piece of others, and again after each key stroke.
_remembered = lru_cache(maxsize=8192)(_judged)
_SHORT = 200


def of_projects(projects: Iterable[Project]) -> Iterator[str]:
    """The secrets among the effective and the shadowed variables of Compose projects."""
    for project in projects:
        if project not in _OF_PROJECTS:
            _OF_PROJECTS[project] = tuple(dict.fromkeys(_of_project(project)))
        yield from _OF_PROJECTS[project]


def _of_project(project: Project) -> Iterator[str]:
    for name, value in project.variables.items():
        yield from _of_value(name, value)
    # Services share most of their variables, by anchors and env files.
    every = (variable for service in project.services.values() for variable in service.environment.values())
    for variable in {id(variable): variable for variable in every}.values():
        yield from _of_variable(variable)


def _of_variable(variable: Variable) -> Iterator[str]:
    for each in (variable, *variable.shadowed):
        yield from _of_value(each.name, each.value)


def _of_value(name: str, value: Value) -> Iterator[str]:
    # What is hidden by what is hidden stands among the shadowed, too: to follow it there would double every step.
    for each in (value, *value.shadowed):
        yield from secrets_of(name, each.text)
        for piece in each.pieces:
            if piece.variable:
                yield from secrets_of(piece.variable, piece.text)


def of_trees(trees: Iterable[Tree]) -> Iterator[str]:
    """The secrets that stand in parsed files."""
    for tree in trees:
        if tree not in _FOUND:
            reader: Any = _READERS.get(type(tree).__name__)
            _FOUND[tree] = tuple(reader(tree)) if reader is not None else ()
        yield from _FOUND[tree]


def _of_dotenv(tree: DotenvTree) -> Iterator[str]:
    if not tree.entries and tree.document.undecodable is not None:
        # UTF-16 read as bytes: no name can be told from its value.
        yield tree.document.text
    for entry in tree.entries:
        yield from secrets_of(entry.key, entry.text)


def _of_json(tree: JsonTree) -> Iterator[str]:
    from ..schemas.parsers.json import JsonObject, JsonScalar

    stack: list[JsonNode] = [tree.root] if tree.root is not None else []
    while stack:
        node = stack.pop()
        if isinstance(node, JsonObject):
            for member in node.members:
                if isinstance(member.value, JsonScalar):
                    yield from secrets_of(member.key.text, member.value.text)
                else:
                    stack.append(member.value)
        elif not isinstance(node, JsonScalar):
            stack.extend(node.items)


def _of_yaml(tree: YamlTree) -> Iterator[str]:
    from ..schemas.parsers.yaml import YamlMapping, YamlScalar, YamlSequence

    stack: list[YamlNode] = list(tree.roots)
    while stack:
        node = stack.pop()
        if isinstance(node, YamlSequence):
            stack.extend(node.items)
        elif isinstance(node, YamlScalar):
            name, equals, value = node.text.partition("=")
            yield from secrets_of(name, value) if equals else ()
        elif isinstance(node, YamlMapping):
            for entry in node.entries:
                if isinstance(entry.value, YamlScalar) and isinstance(entry.key, YamlScalar):
                    yield from secrets_of(entry.key.text, entry.value.text)
                else:
                    stack.append(entry.value)


_READERS = {"DotenvTree": _of_dotenv, "JsonTree": _of_json, "YamlTree": _of_yaml}
_FOUND: WeakKeyDictionary[Tree, tuple[str, ...]] = WeakKeyDictionary()
_OF_PROJECTS: WeakKeyDictionary[Project, tuple[str, ...]] = WeakKeyDictionary()
