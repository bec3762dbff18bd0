"""What makes a Compose file unreadable as YAML: broken syntax, a key that stands twice, a merge of no mapping."""

from __future__ import annotations

from collections.abc import Iterator

from ...kit import (
    Applicability,
    Diagnostics,
    Document,
    Edit,
    Fix,
    Problem,
    Severity,
    YamlAlias,
    YamlEntry,
    YamlMapping,
    YamlNode,
    YamlScalar,
    YamlSequence,
    YamlTree,
    parse_yaml,
    rule,
    said,
    yaml_children,
)
from ..encoding import in_utf8
from .refusals import MOST_FIXES

_SYNTAX = frozenset(("syntax", "tab-indent", "invalid-character", "unknown-alias", "too-deep", "too-large"))
_TOP = frozenset(("services", "networks", "volumes", "secrets", "configs", "name", "version", "include", "models"))
_MOST_TABS = 60


@rule("CMP001", "yaml-syntax", YamlTree, Severity.ERROR, fix=Applicability.SAFE)
def yaml_syntax(tree: YamlTree) -> Diagnostics:
    """A place where the text stops being YAML."""
    for problem in tree.problems:
        if problem.kind == "tab-indent":
            yield said(problem, tuple(_spaces(tree)))
        elif problem.kind in _SYNTAX:
            utf16 = tree.document.utf16_codec
            yield said(problem, in_utf8(tree.document, utf16), severity=Severity.WARNING if utf16 else None)


def _spaces(tree: YamlTree) -> Iterator[Fix]:
    """Spaces for the tabs in the indentation, when every width of a tab that makes sense gives the same file."""
    found: dict[str, tuple[Edit, ...]] = {}
    for width in (2, 4, 8):
        tried = _with_spaces(tree, width)
        if tried is not None and _is_plausible(tried[0]):
            found.setdefault(_shape(tried[0]), tried[1])
    if len(found) == 1:
        (edits,) = found.values()
        yield Fix("Indent with spaces", edits, Applicability.SAFE)


def _is_plausible(roots: tuple[YamlNode, ...]) -> bool:
    """Whether nothing stands at the top or directly under a section that can only belong deeper."""
    for root in roots:
        if not isinstance(root, YamlMapping):
            return False
        for entry in root.entries:
            name = entry.key.text if isinstance(entry.key, YamlScalar) else ""
            if name not in _TOP and not name.startswith("x-"):
                return False
            below = entry.value.entries if isinstance(entry.value, YamlMapping) else ()
            if name == "services" and not all(isinstance(e.value, (YamlMapping, YamlAlias)) for e in below):
                return False
    return bool(roots)


def _with_spaces(tree: YamlTree, width: int) -> tuple[tuple[YamlNode, ...], tuple[Edit, ...]] | None:
    """The file's roots when each tab of its indentation is so many spaces, and the edits; None if it is no YAML."""
    document = tree.document
    text, edits, problems = document.text, list[Edit](), tree.problems
    while len(edits) < _MOST_TABS:
        problem = next((p for p in problems if p.kind in _SYNTAX), None)
        if problem is None:
            return parse_yaml(Document(document.path, text)).roots, tuple(edits)
        if problem.kind != "tab-indent":
            return None
        start, end = problem.place.span
        shift = sum(len(edit.text) - len(edit.place.text) for edit in edits)
        spaces = " " * (width * (end - start))
        edits.append(Edit(document.place(start - shift, end - shift), spaces))
        text = text[:start] + spaces + text[end:]
        problems = parse_yaml(Document(document.path, text)).problems
    return None


def _shape(roots: tuple[YamlNode, ...]) -> str:
    """What nodes say, wherever they stand."""
    parts: list[str] = []
    stack: list[YamlNode | str] = [*reversed(roots)]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            parts.append(node)
        elif isinstance(node, YamlScalar):
            parts.append(repr((node.kind, node.text)))
        elif isinstance(node, YamlAlias):
            parts.append(f"*{node.name}")
        else:
            parts.append("{" if isinstance(node, YamlMapping) else "[")
            stack += ["}", *reversed(list(yaml_children(node)))]
    return " ".join(parts)


@rule("CMP002", "duplicate-key", YamlTree, Severity.ERROR, fix=Applicability.SAFE)
def duplicate_key(tree: YamlTree) -> Diagnostics:
    """A key that a mapping has twice."""
    for count, problem in enumerate(p for p in tree.problems if p.kind == "duplicate-key"):
        yield said(problem, tuple(_one_of_them(tree, problem)) if count < MOST_FIXES else ())


def _one_of_them(tree: YamlTree, problem: Problem) -> Iterator[Fix]:
    from ...kit import yaml_edits

    holder = tree.enclosing_entry(problem.place.span)
    if holder is None:
        return
    mapping, entry = holder
    first = next(e for e in mapping.entries if isinstance(e.key, YamlScalar) and e.key.text == problem.values[0][1])
    if entry.is_merge and first.is_merge:
        yield from _one_merge(tree, mapping, first, entry)
        return
    same = _shape((first.value,)) == _shape((entry.value,))
    values = (("key", problem.values[0][1]), ("line", str(problem.place.line)))
    if same and not _has_anchor(entry.value):
        edit = yaml_edits.remove_entry(tree, mapping, entry)
        yield Fix("Remove the second `{key}`, which says the same", (edit,), Applicability.SAFE, values)
    elif not _has_anchor(first.value):
        edit = yaml_edits.remove_entry(tree, mapping, first)
        yield Fix("Keep the `{key}` of line {line} only", (edit,), Applicability.UNSAFE, values)


def _one_merge(tree: YamlTree, mapping: YamlMapping, first: YamlEntry, second: YamlEntry) -> Iterator[Fix]:
    """`<<: [*one, *other]` in the place of two merge keys."""
    from ...kit import yaml_edits

    if not (isinstance(first.value, YamlAlias) and isinstance(second.value, YamlAlias)):
        return
    edits = (
        Edit(tree.document.place(*first.value.span), f"[*{first.value.name}, *{second.value.name}]"),
        yaml_edits.remove_entry(tree, mapping, second),
    )
    yield Fix("Merge both in one list", edits, Applicability.UNSAFE)


def _has_anchor(node: YamlNode) -> bool:
    stack = [node]
    while stack:
        each = stack.pop()
        if getattr(each, "anchor", None) is not None:
            return True
        if isinstance(each, (YamlMapping, YamlSequence)):
            stack.extend(yaml_children(each))
    return False


@rule("CMP026", "merge-of-non-map", YamlTree, Severity.ERROR)
def merge_of_non_map(tree: YamlTree) -> Diagnostics:
    """`<<` with nothing, or with something that is no mapping."""
    for problem in tree.problems:
        if problem.kind == "merge-of-non-map":
            yield said(problem)
