"""Edits of YAML, over generated files: the value asked for is there, every other value stays."""

from __future__ import annotations

import io
from collections import Counter
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from stackmend.fixers import yaml
from stackmend.fixers.edit import Edit
from stackmend.schemas.parsers.document import Document
from stackmend.schemas.parsers.yaml import (
    YamlAlias,
    YamlEntry,
    YamlMapping,
    YamlNode,
    YamlScalar,
    YamlSequence,
    YamlTree,
    parse_yaml,
    walk,
)

TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.text("ab1:#-?,[]{}&*!|>'\"%@`\\ \n\t~=._/0", max_size=8),
    st.sampled_from(
        [
            "yes",
            "null",
            "0x1F",
            "1:30",
            "1e3",
            ".inf",
            "2001-01-01",
            "<<",
            "a\nb",
            "a\n",
            "\n",
            " a",
            "文",
            "---",
            "0o7",
        ]
    ),
)


def tree_of(text: str) -> YamlTree:
    tree = parse_yaml(Document("/f.yaml", text))
    assert tree.problems == ()
    return tree


def apply(edit: Edit) -> str:
    text, span = edit.place.document.text, edit.place.span
    return text[: span.start] + edit.text + text[span.end :]


def plain(tree: YamlTree) -> list[object]:
    """The data of a tree, scalars as (text, kind)."""

    def data(node: YamlNode | None) -> object:
        if isinstance(node, YamlMapping):
            return [(data(e.key), data(e.value)) for e in node.entries]
        if isinstance(node, YamlSequence):
            return [data(item) for item in node.items]
        if isinstance(node, YamlAlias):
            return ("*", node.name)
        return (node.text, node.kind) if node is not None else None

    return [data(root) for root in tree.roots]


def judge(text: str) -> list[object]:
    """What ruamel's own reader makes of a text."""
    reader: Any = YAML(typ="safe", pure=True)
    reader.allow_duplicate_keys = True
    reader.composer.warn_double_anchors = False
    return list(reader.load_all(io.StringIO(text, newline="")))


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_what_is_plain_safe_reads_back_as_that_string_everywhere(text: str) -> None:
    if yaml.plain_safe(text):
        written = f"k: {text}\n"
        tree = tree_of(written)
        assert plain(tree) == [[(("k", "str"), (text, "str"))]]
        assert judge(written) == [{"k": text}]


SCALARS = ["a", "1", "'it''s'", '"x\\ty"', "null", "", "文 字", "&x v", "!!str 5", "'# no'"]
KEYS = ["k", "'q'", '"d e"', "文", "9", "long key"]


@st.composite
def files(draw: st.DrawFn) -> str:
    """A real-looking file: block and flow, comments, CRLF, odd indentation, with or without a final line end."""
    step, list_step = draw(st.sampled_from([(2, 2), (2, 0), (4, 4), (3, 1)]))
    lines: list[str] = []

    def comment(indent: int) -> None:
        if draw(st.integers(0, 4)) == 0:
            lines.append(draw(st.sampled_from(["", " " * indent + "# own line", "# outside"])))

    def tail() -> str:
        return draw(st.sampled_from(["", "", " # tail"]))

    def flow(depth: int) -> str:
        parts = [draw(st.sampled_from(["a", "1", "'b, c'", '"d"', ""])) for _ in range(draw(st.integers(0, 3)))]
        if depth < 1 and draw(st.booleans()):
            parts.append(flow(depth + 1))
        if draw(st.booleans()):
            return "[" + ", ".join(parts) + "]"
        return "{" + ", ".join(f"k{at}: {part}" for at, part in enumerate(parts)) + "}"

    def leaf(indent: int) -> str:
        kind = draw(st.integers(0, 7))
        if kind == 0:
            pad = " " * (indent + step)
            return draw(st.sampled_from(["|", ">-", "|+"])) + f"\n{pad}x # in\n\n{pad}y"
        if kind == 1:
            return flow(0) + tail()
        return draw(st.sampled_from(SCALARS)) + tail()

    def block(indent: int, first: str, depth: int) -> None:
        is_map = draw(st.booleans())
        for at in range(draw(st.integers(1, 3))):
            if at:
                comment(indent)
            lead = (first if at == 0 else " " * indent) + (f"{KEYS[(at * 2 + depth) % 6]}:" if is_map else "-")
            if depth < 3 and draw(st.integers(0, 2)) == 0:
                if is_map:
                    lines.append(lead + tail())
                    below_list = len(lines)
                    inner = indent + step
                    block(inner, " " * inner, depth + 1)
                    if lines[below_list].lstrip().startswith("-") and list_step != step:
                        shift = step - list_step
                        lines[below_list:] = [line.removeprefix(" " * shift) for line in lines[below_list:]]
                else:
                    block(indent + 2, lead + " ", depth + 1)
            else:
                lines.append(f"{lead} {leaf(indent)}".rstrip(" "))

    for at in range(draw(st.integers(1, 2))):
        if at:
            lines.append("---")
        comment(0)
        block(0, "", 0)
    newline = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    text = draw(st.sampled_from(["", "", "\ufeff"])) + "\n".join(lines) + draw(st.sampled_from(["\n", ""]))
    return text.replace("\n", newline)


def usable(text: str) -> bool:
    return not parse_yaml(Document("/f.yaml", text)).problems


FILES = files().filter(usable)


def others(tree: YamlTree, left_out: set[int]) -> list[tuple[str, str]]:
    """All scalars but some, in order."""
    found = [node for node in walk(tree.roots) if isinstance(node, YamlScalar)]
    return [(node.text, node.kind) for at, node in enumerate(found) if at not in left_out]


@given(FILES, TEXTS, st.data())
@settings(max_examples=100, deadline=None)
def test_setting_any_scalar_gives_that_string_and_leaves_every_other(text: str, new: str, data: st.DataObject) -> None:
    tree = tree_of(text)
    keys = {id(e.key) for node in walk(tree.roots) if isinstance(node, YamlMapping) for e in node.entries}
    found = [node for node in walk(tree.roots) if isinstance(node, YamlScalar)]
    values = [at for at, node in enumerate(found) if id(node) not in keys and node.tag is None]
    assume(values)
    at = data.draw(st.sampled_from(values))
    style = data.draw(st.sampled_from([None, "", "'", '"', "|"]))
    changed = apply(yaml.set_value(tree, found[at], new, style=style))
    again = tree_of(changed)
    target = [node for node in walk(again.roots) if isinstance(node, YamlScalar)][at]
    assert (target.text, target.kind) == (new, "str")
    assert others(again, {at}) == others(tree, {at})
    assert target.text in strings(judge(changed.removeprefix("\ufeff")))
    assert apply(yaml.set_value(again, target, new)) == changed


def strings(data: Any) -> set[str]:
    """All strings in plain data."""
    kind = type(data).__name__
    if kind == "dict":
        return strings([*data.keys(), *data.values()])
    return (
        {string for part in data for string in strings(part)} if kind == "list" else {data} if kind == "str" else set()
    )


@given(FILES, TEXTS, st.data())
@settings(max_examples=100, deadline=None)
def test_inserting_a_key_adds_it_and_leaves_every_other(text: str, new: str, data: st.DataObject) -> None:
    tree = tree_of(text)
    nodes = [n for n in walk(tree.roots) if isinstance(n, YamlMapping)]
    assume(nodes)
    node = data.draw(st.sampled_from(nodes))
    behind = data.draw(st.sampled_from([None, *node.entries]))
    choices: list[yaml.Data] = [new, {"in": new}, [new, "z"], {}, [{"x": new, "w": ["u"]}]]
    added = data.draw(st.sampled_from(choices))
    changed = apply(yaml.insert_key(tree, node, "new key", added, after=behind))
    again = tree_of(changed)
    before, now = others(tree, set()), others(again, set())
    assert ("new key", "str") in now
    start = next(at for at in range(len(now)) if now[at] == ("new key", "str"))
    assert now[:start] + now[start + len(now) - len(before) :] == before
    assert added == {} or (new, "str") in now[start:]
    found = [n for n in walk(again.roots) if isinstance(n, YamlMapping) and n.entry("new key") is not None]
    undone = tree_of(apply(yaml.remove_entry(again, found[0], found[0].entries[index(found[0])])))
    assert plain(undone) == plain(tree)


def index(node: YamlMapping) -> int:
    return next(at for at, e in enumerate(node.entries) if isinstance(e.key, YamlScalar) and e.key.text == "new key")


@given(FILES, st.data())
@settings(max_examples=100, deadline=None)
def test_removing_a_part_leaves_every_other(text: str, data: st.DataObject) -> None:
    tree = tree_of(text)
    nodes = [n for n in walk(tree.roots) if isinstance(n, (YamlMapping, YamlSequence))]
    assume(nodes)
    node = data.draw(st.sampled_from(nodes))
    parts = node.entries if isinstance(node, YamlMapping) else node.items
    assume(parts)
    part = data.draw(st.sampled_from(parts))
    others_comments = Counter(comments_outside(tree, part))
    if isinstance(node, YamlMapping):
        assert isinstance(part, YamlEntry)
        edit = yaml.remove_entry(tree, node, part)
        node.entries.remove(part)
    else:
        assert not isinstance(part, YamlEntry)
        edit = yaml.remove_item(tree, node, part)
        node.items.remove(part)
    again = tree_of(apply(edit))
    assert plain(again) == plain(tree)
    kept = Counter(again.document.place(*span).text for span in again.comments)
    assert not others_comments - kept


def comments_outside(tree: YamlTree, part: YamlEntry | YamlNode) -> list[str]:
    """The comments above a part and below its last line."""
    first, last = (part.key, part.value) if isinstance(part, YamlEntry) else (part, part)
    document = tree.document
    below = document.line_span(document.position(last.span.end)[0]).end
    spans = [span for span in tree.comments if span.end <= first.span.start or span.start > below]
    return [document.place(*span).text for span in spans]


@given(FILES, TEXTS, st.data())
@settings(max_examples=80, deadline=None)
def test_appending_an_item_adds_it_at_the_end(text: str, new: str, data: st.DataObject) -> None:
    tree = tree_of(text)
    nodes = [n for n in walk(tree.roots) if isinstance(n, YamlSequence)]
    assume(nodes)
    node = data.draw(st.sampled_from(nodes))
    again = tree_of(apply(yaml.append_item(tree, node, new)))
    node.items.append(YamlScalar(node.span, new, "", "str"))
    if not may_grow(tree):
        assert plain(again) == plain(tree)


def may_grow(tree: YamlTree) -> bool:
    """Whether the file ends in a block scalar without a line end, before which an item is put."""
    return tree.document.text[-1:] not in {"\n", ""} and any(
        isinstance(n, YamlScalar) and n.style in {"|", ">"} and n.span.end == len(tree.document.text)
        for n in walk(tree.roots)
    )


@given(FILES)
@settings(max_examples=80, deadline=None)
def test_quoting_twice_is_quoting_once(text: str) -> None:
    tree = tree_of(text)
    for at, node in enumerate([n for n in walk(tree.roots) if isinstance(n, YamlScalar)]):
        if node.style in {"|", ">"} or not node.text:
            continue
        once = tree_of(apply(yaml.quote(tree, node, "'")))
        target = [n for n in walk(once.roots) if isinstance(n, YamlScalar)][at]
        assert target.text == node.text
        assert apply(yaml.quote(once, target, "'")) == once.document.text
