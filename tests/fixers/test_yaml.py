"""Edits of YAML: the value asked for is there, every other value and every other byte stays."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stackmend.fixers import yaml
from stackmend.fixers.edit import Edit
from stackmend.schemas.parsers.document import Document
from stackmend.schemas.parsers.yaml import (
    YamlEntry,
    YamlMapping,
    YamlNode,
    YamlScalar,
    YamlSequence,
    YamlTree,
    parse_yaml,
)


def tree_of(text: str) -> YamlTree:
    tree = parse_yaml(Document("/f.yaml", text))
    assert tree.problems == ()
    return tree


def apply(edit: Edit) -> str:
    text, span = edit.place.document.text, edit.place.span
    return text[: span.start] + edit.text + text[span.end :]


def after(text: str, change: Callable[[YamlTree, YamlMapping], Edit]) -> str:
    """The text after a change to its first root; the result must parse."""
    tree = tree_of(text)
    root = tree.roots[0]
    assert isinstance(root, YamlMapping)
    changed = apply(change(tree, root))
    tree_of(changed)
    return changed


def value(node: YamlMapping, *path: str) -> YamlNode:
    """The node at a path of keys."""
    found: YamlNode = node
    for key in path:
        assert isinstance(found, YamlMapping)
        entry = found.entry(key)
        assert entry is not None
        found = entry.value
    return found


def scalar(node: YamlMapping, *path: str) -> YamlScalar:
    found = value(node, *path)
    assert isinstance(found, YamlScalar)
    return found


def sequence(node: YamlMapping, *path: str) -> YamlSequence:
    found = value(node, *path)
    assert isinstance(found, YamlSequence)
    return found


def mapping(node: YamlMapping, *path: str) -> YamlMapping:
    found = value(node, *path)
    assert isinstance(found, YamlMapping)
    return found


def entry(node: YamlMapping, *path: str) -> YamlEntry:
    found = mapping(node, *path[:-1]).entry(path[-1])
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "new", "expected"),
    [
        pytest.param("k: a # c\n", "b", "k: b # c\n", id="plain stays plain"),
        pytest.param("k: 'a'\n", "it's", "k: 'it''s'\n", id="single quotes stay"),
        pytest.param('k: "a"\n', 'x"\\', 'k: "x\\"\\\\"\n', id="double quotes stay"),
        pytest.param("k: 'a'\n", "x\ny", 'k: "x\\ny"\n', id="what single quotes cannot hold"),
        pytest.param(
            "k: a\nl: 'b'\n", "8080", "k: '8080'\nl: 'b'\n", id="a number becomes a string in the file's quotes"
        ),
        pytest.param("k: 80\n", "yes", 'k: "yes"\n', id="a word that old readers take for true"),
        pytest.param("k: 80\n", "22:22", 'k: "22:22"\n', id="a number to base 60"),
        pytest.param("k:\n", "v", "k: v\n", id="absent"),
        pytest.param("k:   # c\n", "v", "k: v   # c\n", id="absent before a comment"),
        pytest.param("k: &x\n", "v", "k: &x v\n", id="absent with an anchor"),
        pytest.param("k:", "v", "k: v", id="absent without a final line end"),
        pytest.param("{k}", "v", "{k: v}", id="key without a colon in brackets"),
        pytest.param("? k\n", "v", "? k\n: v\n", id="explicit key without a value"),
        pytest.param('{"k":1}', "a b", '{"k": a b}', id="value right behind a colon"),
        pytest.param(
            "k: |\r\n    a\r\n\r\nb: 1\r\n", "x\ny\n", "k: |\r\n    x\r\n    y\r\n\r\nb: 1\r\n", id="block, CRLF"
        ),
        pytest.param("k: >-\n  a\n  b\n", "x", "k: |-\n  x\n", id="folded block"),
        pytest.param("k: |\n  a\n", " x", 'k: " x"\n', id="block that cannot hold it"),
        pytest.param("k: a\n  b\nc: d\n", "e", "k: e\nc: d\n", id="plain over two lines"),
        pytest.param("\ufeffk: a", "文字", "\ufeffk: 文字", id="byte order mark and no final line end"),
    ],
)
def test_a_value_is_set_in_the_style_of_the_old_one(text: str, new: str, expected: str) -> None:
    assert after(text, lambda tree, root: yaml.set_value(tree, scalar(root, "k"), new)) == expected


def test_a_style_can_be_asked_for_and_a_raw_text_keeps_its_kind() -> None:
    text = "k: 80\n"
    assert after(text, lambda tree, root: yaml.quote(tree, scalar(root, "k"))) == 'k: "80"\n'
    assert after(text, lambda tree, root: yaml.quote(tree, scalar(root, "k"), "'")) == "k: '80'\n"
    assert after(text, lambda tree, root: yaml.set_value(tree, scalar(root, "k"), "81", raw=True)) == "k: 81\n"
    assert (
        after(text, lambda tree, root: yaml.set_value(tree, scalar(root, "k"), "a\nb", style="|"))
        == "k: |-\n  a\n  b\n"
    )
    assert (
        after('k: "a" # c\n', lambda tree, root: yaml.set_value(tree, scalar(root, "k"), "b", style="")) == "k: b # c\n"
    )


def test_bytes_that_are_not_utf8_are_refused() -> None:
    tree = tree_of("k: a\n")
    root = tree.roots[0]
    assert isinstance(root, YamlMapping)
    with pytest.raises(ValueError, match="UTF-8"):
        yaml.set_value(tree, scalar(root, "k"), "\udcff")


def test_a_part_of_another_collection_is_refused() -> None:
    tree = tree_of("a: [x]\nb: {c: d}\n[e]: f\n")
    root = tree.roots[0]
    assert isinstance(root, YamlMapping)
    with pytest.raises(ValueError, match="no part"):
        yaml.set_item(tree, sequence(root, "a"), scalar(root, "b", "c"), "v")
    with pytest.raises(ValueError, match="no part"):
        yaml.remove_entry(tree, root, entry(root, "b", "c"))
    with pytest.raises(ValueError, match="scalar key"):
        yaml.rename_key(tree, root.entries[2], "v")


def test_a_key_is_renamed_in_its_quotes() -> None:
    assert after("a: 1\n", lambda tree, root: yaml.rename_key(tree, entry(root, "a"), "b")) == "b: 1\n"
    assert after("'a': 1\n", lambda tree, root: yaml.rename_key(tree, entry(root, "a"), "b")) == "'b': 1\n"
    assert after("&x a: 1\n", lambda tree, root: yaml.rename_key(tree, entry(root, "a"), "80")) == '&x "80": 1\n'


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        pytest.param("a: 1\nb: 2 # x\n# y\nc: 3\n", "b", "a: 1\n# y\nc: 3\n", id="with its own comment only"),
        pytest.param("a:\n  b: 1\n  c:\n    d: 1\n\ne: 1\n", "a", "\ne: 1\n", id="with all below it"),
        pytest.param("a:\n  b: 1 # x\nc: 2\n", "a b", "a: {}\nc: 2\n", id="the only one leaves an empty mapping"),
        pytest.param("a: # x\n  b: 1\n", "a b", "a: # x\n  {}\n", id="the only one below a comment"),
        pytest.param("a: 1\r\nb: |\r\n  x\r\n\r\nc: 1", "b", "a: 1\r\n\r\nc: 1", id="block scalar, CRLF"),
        pytest.param("a: 1\nb: 2", "b", "a: 1\n", id="the last without a final line end"),
        pytest.param("k: {a: 1, b: 2, c: 3}\n", "k a", "k: {b: 2, c: 3}\n", id="first in brackets"),
        pytest.param("k: {a: 1, b: 2, c: 3}\n", "k c", "k: {a: 1, b: 2}\n", id="last in brackets"),
        pytest.param("k: {a: 1}\n", "k a", "k: {}\n", id="only one in brackets"),
        pytest.param("k: {\n  a: 1, # x\n  b: 2\n}\n", "k a", "k: {\n  b: 2\n}\n", id="own line in brackets"),
        pytest.param("? a\n: 1\nb: 2\n", "a", "b: 2\n", id="explicit key"),
        pytest.param("k:\n  &x a: 1\n  b: 2\n", "k a", "k:\n  b: 2\n", id="anchored key"),
    ],
)
def test_an_entry_is_removed(text: str, path: str, expected: str) -> None:
    *above, key = path.split()
    assert (
        after(text, lambda t, root: yaml.remove_entry(t, mapping(root, *above), entry(root, *above, key))) == expected
    )


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        pytest.param("k:\n- a: 1\n  b: 2\n", 0, "k:\n- b: 2\n", id="the next moves up behind the dash"),
        pytest.param("k:\n- a: 1\n  # x\n  b: 2\n", 0, "k:\n-\n  # x\n  b: 2\n", id="unless a comment is between"),
        pytest.param("k:\n- a: 1\n  b: 2\n", 1, "k:\n- a: 1\n", id="the second"),
        pytest.param("k:\n- a: 1\n", 0, "k:\n- {}\n", id="the only one"),
    ],
)
def test_an_entry_behind_a_dash_is_removed(text: str, at: int, expected: str) -> None:
    def change(tree: YamlTree, root: YamlMapping) -> Edit:
        inner = sequence(root, "k").items[0]
        assert isinstance(inner, YamlMapping)
        return yaml.remove_entry(tree, inner, inner.entries[at])

    assert after(text, change) == expected


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        pytest.param("a: 1\nb: 2 # c\n# d\n", "", "a: 1\nb: 2 # c\nnew: v\n# d\n", id="below the last and its comment"),
        pytest.param("k:\n    a: 1\nb: 2\n", "k", "k:\n    a: 1\n    new: v\nb: 2\n", id="in the file's indentation"),
        pytest.param("a: 1", "", "a: 1\nnew: v", id="without a final line end"),
        pytest.param("a: 'x'\r\n", "", "a: 'x'\r\nnew: 'v'\r\n", id="in the quotes of its neighbour"),
        pytest.param("k: {a: 1}\n", "k", "k: {a: 1, new: v}\n", id="in brackets"),
        pytest.param("k: {}\n", "k", "k: {new: v}\n", id="in empty brackets"),
        pytest.param("k: {\n  a: 1 # c\n}\n", "k", "k: {\n  a: 1, # c\n  new: v\n}\n", id="in brackets over lines"),
        pytest.param("k: {\n  a: 1,\n}\n", "k", "k: {\n  a: 1,\n  new: v,\n}\n", id="with a comma after the last"),
        pytest.param("a: |\n  x", "", "new: v\na: |\n  x", id="before a block that the end of the file cuts off"),
        pytest.param("a: |+\n  x\n\n# c\n", "", "a: |+\n  x\n\nnew: v\n# c\n", id="below the kept lines of a block"),
    ],
)
def test_a_key_is_inserted(text: str, path: str, expected: str) -> None:
    changed = after(text, lambda tree, root: yaml.insert_key(tree, mapping(root, *path.split()), "new", "v"))
    assert changed == expected


def test_a_key_is_inserted_before_a_cut_block_with_which_an_item_starts() -> None:
    tree = tree_of("- k: |\n    x")
    (root,) = tree.roots
    assert isinstance(root, YamlSequence)
    (item,) = root.items
    assert isinstance(item, YamlMapping)
    assert apply(yaml.insert_key(tree, item, "new", "v")) == "- new: v\n  k: |\n    x"


def test_nested_data_is_written_in_the_files_own_layout() -> None:
    data: yaml.Data = {
        "test": ["CMD", "a: b"],
        "retries": yaml.Raw("3"),
        "env": {"A": "1", "B": ""},
        "none": {},
        "text": "x\ny\n",
    }
    text = "s:\n    api:\n        image: x\n        ports:\n        - 80\n"
    expected = (
        text + '        new:\n            test:\n            - CMD\n            - "a: b"\n            retries: 3\n'
        '            env:\n                A: "1"\n                B: ""\n            none: {}\n'
        "            text: |\n                x\n                y\n"
    )
    assert after(text, lambda tree, root: yaml.insert_key(tree, mapping(root, "s", "api"), "new", data)) == expected
    flow = after(
        "k: {a: 1}\n", lambda tree, root: yaml.insert_key(tree, mapping(root, "k"), "new", {"x": ["1", "a b"]})
    )
    assert flow == 'k: {a: 1, new: {x: ["1", a b]}}\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a:\n  x: 1\n\nb:\n  y:\n", "a:\n  x: 1\n\nb:\n  y:\n\nnew:\n  v:\n", id="as its neighbour is"),
        pytest.param(
            "a:\r\n  x: 1\r\n\r\n# c\r\nb:\r\n  y: 1",
            "a:\r\n  x: 1\r\n\r\n# c\r\nb:\r\n  y: 1\r\n\r\nnew:\r\n  v:",
            id="with a comment between them",
        ),
        pytest.param("a:\n  x: 1\nb:\n  y: 1\n", "a:\n  x: 1\nb:\n  y: 1\nnew:\n  v:\n", id="its neighbour is not"),
        pytest.param("a:\n  x: 1\n\nb: 1\n", "a:\n  x: 1\n\nb: 1\nnew:\n  v:\n", id="its neighbour is one line"),
        pytest.param(
            "a:\n  x: |\n\n    y\nb:\n  y: 1\n", "a:\n  x: |\n\n    y\nb:\n  y: 1\nnew:\n  v:\n", id="a text's"
        ),
    ],
)
def test_nested_data_is_set_apart_by_a_blank_line_as_its_neighbours_are(text: str, expected: str) -> None:
    changed = after(text, lambda tree, root: yaml.insert_key(tree, root, "new", {"v": yaml.Raw("null")}))
    assert changed.replace("v: null", "v:") == expected


def test_a_key_is_inserted_behind_the_one_asked_for() -> None:
    text = "a:\n  x: 1\n# c\nb: 2\n"
    expected = "a:\n  x: 1\nm: v\n# c\nb: 2\n"
    assert after(text, lambda tree, root: yaml.insert_key(tree, root, "m", "v", after=entry(root, "a"))) == expected


@pytest.mark.parametrize(
    ("text", "appended", "first_removed", "set_first"),
    [
        pytest.param(
            "k:\n- a\n- b # c\nl: 1\n",
            "k:\n- a\n- b # c\n- new\nl: 1\n",
            "k:\n- b # c\nl: 1\n",
            "k:\n- v\n- b # c\nl: 1\n",
            id="not indented",
        ),
        pytest.param("k:\n  - 'a'\n", "k:\n  - 'a'\n  - 'new'\n", "k: []\n", "k:\n  - 'v'\n", id="quoted"),
        pytest.param("k: [a, b]\n", "k: [a, b, new]\n", "k: [b]\n", "k: [v, b]\n", id="brackets"),
        pytest.param(
            "k: [\n\ta, # c\n\tb\n]\n",
            "k: [\n\ta, # c\n\tb,\n\tnew\n]\n",
            "k: [\n\tb\n]\n",
            "k: [\n\tv, # c\n\tb\n]\n",
            id="tabs in brackets",
        ),
        pytest.param(
            "k:\n  - a: 1\n    b: 2\n  - c",
            "k:\n  - a: 1\n    b: 2\n  - c\n  - new",
            "k:\n  - c",
            "k:\n  - v\n  - c",
            id="mapping as an item",
        ),
    ],
)
def test_items_are_appended_removed_and_set(text: str, appended: str, first_removed: str, set_first: str) -> None:
    assert after(text, lambda tree, root: yaml.append_item(tree, sequence(root, "k"), "new")) == appended
    first = after(text, lambda tree, root: yaml.remove_item(tree, sequence(root, "k"), sequence(root, "k").items[0]))
    assert first == first_removed
    assert (
        after(text, lambda tree, root: yaml.set_item(tree, sequence(root, "k"), sequence(root, "k").items[0], "v"))
        == set_first
    )


def test_the_only_item_below_a_comment_leaves_brackets_where_they_may_stand() -> None:
    text = "k: # c\n- a\n"
    assert (
        after(text, lambda t, r: yaml.remove_item(t, sequence(r, "k"), sequence(r, "k").items[0])) == "k: # c\n  []\n"
    )
    tree = tree_of("- a\n")
    root = tree.roots[0]
    assert isinstance(root, YamlSequence)
    assert apply(yaml.remove_item(tree, root, root.items[0])) == "[]\n"


def test_the_second_document_of_a_file_is_edited_too() -> None:
    tree = tree_of("a: 1\n---\nb: 2\n---\n")
    root, empty = tree.roots[1:]
    assert isinstance(root, YamlMapping)
    assert isinstance(empty, YamlScalar)
    assert apply(yaml.insert_key(tree, root, "c", "d")) == "a: 1\n---\nb: 2\nc: d\n---\n"
    assert apply(yaml.set_value(tree, empty, "e")) == "a: 1\n---\nb: 2\n--- e\n"
