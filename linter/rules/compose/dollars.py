"""Dollar signs that were meant as such: passwords, hashes and scripts of which Compose takes a part away."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
    Place,
    Related,
    Severity,
    VariableUse,
    YamlScalar,
    near,
    rule,
    secret_name,
)
from .unset import RUN_IN_A_SHELL, set_names, settled, unset_uses

_MOST = 200  # of the uses of one deployment so many are looked at: each costs a walk through its file
_WINDOW = 200

# These patterns are compiled when something is found that nothing sets. First the formats of crypt(5), and those
# that programs made after them.
_HASH = (
    r"\$\$?(?:2[abxy]\$\$?[0-9]{2}\$|apr1\$|[156y]\$\$?[./A-Za-z0-9=]{4}|argon2(?:id|[id])\$|pbkdf2[\w-]*\$|scrypt\$)"
)
_LONE = r"(?<!\$)\$(?![${])"
_BEFORE_IN_URL = r"\w://[^\s/@]*:[^\s/@]*\Z"
_OPTION = r"--?([\w-]+)[=\s]+\S*\Z"
_PAIR = r"['\"]?([A-Za-z_][\w.-]*)="
# What stands between two parts that were put together on purpose.
_BETWEEN = frozenset(" \t\n\"':/=,;@-_.&|+()[]{}<>`\\")
_OPENING = frozenset(("", " ", "\n", '"', "'", "=", ":"))
_ENDING = frozenset("!#%^*?~")
_VARIABLE = r"[A-Z][A-Z0-9]*_[A-Z0-9_]+"
_TEXTS = frozenset(("environment", "labels", "command", "entrypoint", "healthcheck", "args"))

_CUT = (
    "Compose takes `$` for the start of a variable, and leaves a part of this value out: write `$$` for a dollar sign"
)
_NAMED = "Compose takes `${name}` for a variable, which is set nowhere, and leaves it out: for a dollar sign write `$$`"
_SCRIPT = (
    "Compose takes `${name}` for a variable of its own, which is set nowhere: for the shell in the container write "
    "`$${name}`"
)


class Slip(NamedTuple):
    """Dollars of one value that were meant as such; `lone` are the places before which another one belongs."""

    uses: tuple[VariableUse, ...]
    lone: tuple[Place, ...]
    message: str


@rule("CMP006", "unescaped-dollar", Deployment, Severity.WARNING, fix=Applicability.UNSAFE)
def unescaped_dollar(deployment: Deployment) -> Diagnostics:
    """A dollar sign in a password, hash or script that Compose takes for the start of a variable."""
    for uses, lone, message in slips(deployment):
        first = uses[0]
        edits = tuple(Edit(place, "$") for place in lone)
        title = "Write `$$`" if len(edits) == 1 else "Write `$$` for each of these dollar signs"
        yield Diagnostic(
            first.place,
            message,
            (("name", first.name),) if message is not _CUT else (),
            tuple(Related(use.place, "here too") for use in uses[1:4]),
            (Fix(title, edits, Applicability.UNSAFE),),
        )


def is_slip(deployment: Deployment, use: VariableUse) -> bool:
    """Whether CMP006 reports a use, so that it is no variable that somebody forgot to set."""
    return use.place in _places(deployment)


@lru_cache(maxsize=1)
def _places(deployment: Deployment) -> frozenset[Place]:
    return frozenset(use.place for slip in slips(deployment) for use in slip.uses)


@lru_cache(maxsize=1)
def slips(deployment: Deployment) -> tuple[Slip, ...]:
    """The dollars that were meant as such, found once for two rules; all of one value and kind together."""
    found: dict[tuple[int, str], list[tuple[VariableUse, tuple[Place, ...]]]] = {}
    known: tuple[str, ...] | None = None
    for use in islice((u for u in unset_uses(deployment) if not u.operator), _MOST):
        scalar = _scalar(deployment, use)
        if scalar is None:
            continue
        message, lone = _judged(deployment, use, scalar)
        if not message:
            continue
        if known is None:
            known = tuple(set_names(deployment))
        if message is _NAMED and near(use.name, known):
            continue
        found.setdefault((id(scalar), message), []).append((use, lone))
    return tuple(_slip(message, group) for (_, message), group in found.items())


def _slip(message: str, group: list[tuple[VariableUse, tuple[Place, ...]]]) -> Slip:
    lone = dict.fromkeys(place for _, places in group for place in places)
    return Slip(tuple(use for use, _ in group), tuple(lone), message)


def _scalar(deployment: Deployment, use: VariableUse) -> YamlScalar | None:
    """The scalar in which a use stands."""
    tree = deployment.workspace.yaml(use.place.document.path)
    chain = tree.at(use.place.span) if tree.document is use.place.document else ()
    return chain[-1] if chain and isinstance(chain[-1], YamlScalar) else None


def _judged(deployment: Deployment, use: VariableUse, scalar: YamlScalar) -> tuple[str, tuple[Place, ...]]:
    """What to say of a use, "" for nothing, and where a dollar is missing."""
    document, (start, end) = use.place
    lone = (document.place(start, start),)
    key = use.path[2] if len(use.path) > 2 and use.path[0] == "services" else ""
    if key in RUN_IN_A_SHELL and _assigned(use.name, scalar.text):
        return _SCRIPT, lone
    if use.place.text.startswith("${"):
        return "", ()
    left = document.text[max(scalar.span.start, start - _WINDOW) : start]
    right = document.text[end : min(scalar.span.end, end + _WINDOW)]
    word_start = start - len(re.split(r"[\s\"']", left)[-1])
    word_end = end + len(re.split(r"[\s\"']", right)[0])
    if re.compile(_HASH).search(document.text, word_start, word_end):
        inside = re.compile(_LONE).finditer(document.text, word_start, word_end)
        return _CUT, tuple(document.place(m.start(), m.start()) for m in inside)
    before, after = left[-1:], right[:1]
    if _is_secret(use, left, right, document.text[scalar.span.start : start]):
        attached = after in _ENDING if before in _OPENING else before not in _BETWEEN
        return (_CUT, lone) if attached and not re.fullmatch(_VARIABLE, use.name) else ("", ())
    if use.name.isupper():
        return "", ()
    in_file = use.path[:1] == ("configs",) and use.path[-1:] == ("content",)
    in_text = key in _TEXTS and before.isalnum() and settled(deployment)
    return (_NAMED, lone) if in_file or in_text else ("", ())


def _is_secret(use: VariableUse, left: str, right: str, before: str) -> bool:
    """Whether a use stands in a secret: by its key, by the option before it, or in the password of a URL."""
    pair, option = re.match(_PAIR, before), re.search(_OPTION, left)
    names = (use.path[-1] if use.path else "", pair[1] if pair else "", option[1] if option else "")
    if any(secret_name(name) for name in names if name):
        return True
    return "@" in re.split(r"[\s\"']", right)[0] and re.search(_BEFORE_IN_URL, left) is not None


def _assigned(name: str, script: str) -> bool:
    """Whether a shell script sets a variable itself, and not to what it is given."""
    pattern = rf"\bfor\s+{name}\s+in\b|(?<![\w$.-]){name}=(?![\"']?\$\{{?{name}\b)|\bread\s+(?:-\w+\s+)*{name}\b"
    return re.search(pattern, script) is not None
