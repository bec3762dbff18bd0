"""What a dotenv file holds that is none: a template's own lines, list items of YAML."""

from __future__ import annotations

import re

from ...kit import DotenvTree, LatePattern, Problem

DASH = LatePattern(r"-[ \t]+(?=[A-Za-z_][\w.-]*\Z)")
_TEMPLATE_LINE = LatePattern(r"^[ \t]*(?:\{[{%#]|<%)", re.MULTILINE)


def is_template(tree: DotenvTree) -> bool:
    """Whether a file becomes an env file only when another program has filled it in."""
    text = tree.document.text
    return ("{" in text or "<%" in text) and _TEMPLATE_LINE.search(text) is not None


def is_list_item(problem: Problem) -> bool:
    """Whether a refused name is one behind the dash of a YAML list."""
    return problem.kind == "blank-in-key" and DASH.match(problem.place.text) is not None


CONFLICT = LatePattern(r"^(?:<{7}|>{7}|\|{7}) [^\n]*", re.MULTILINE)


def in_conflict(tree: DotenvTree) -> bool:
    """Whether the marks of a merge are left in a file, between the two sides."""
    return "<<<<<<< " in tree.document.text and CONFLICT.search(tree.document.text) is not None


_STATEMENT = LatePattern(r"^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=", re.MULTILINE)


def written_names(text: str) -> dict[str, None]:
    """The names that an env file sets, in order, by lines and without reading values: enough to tell files apart."""
    return dict.fromkeys(_STATEMENT.findall(text))
