"""Our description of Compose's format against the Compose Specification's own schema."""

from __future__ import annotations

import copy
import glob
import json
import os
from collections.abc import Iterator
from typing import Any, TypeGuard

import pytest
from jsonschema import Draft7Validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from stackmend.schemas.conformance import ANNOTATIONS, KEYWORDS, load_schema, resolved

HERE = os.path.dirname(os.path.abspath(__file__))
SHARED = os.path.join(os.path.dirname(os.path.dirname(HERE)), os.pardir, "shared")
REFERENCE = os.path.join(SHARED, "corpus", "reference", "compose-spec.json")
OURS = load_schema("compose")

IGNORED = ANNOTATIONS | {"$id", "x-cast", "x-joined"}
WRONG: tuple[Any, ...] = (None, True, 7, -1.5, "text", "", [], ["a", "a"], [1], {}, {"odd key!": 1}, {"x-free": 1})


def is_mapping(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def is_list(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def validator(schema: dict[str, Any]) -> Any:
    return Draft7Validator(schema)


def read_yaml(path: str) -> list[Any]:
    loader: Any = YAML(typ="safe")
    loader.allow_duplicate_keys = True
    with open(path, encoding="utf-8") as file:
        return list(loader.load_all(file))


def subschemas(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    for keyword in ("properties", "patternProperties", "definitions"):
        for option in schema.get(keyword, {}).values():
            yield from subschemas(option)
    for option in (*schema.get("oneOf", ()), *([schema["items"]] if "items" in schema else ())):
        yield from subschemas(option)


def meaning(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """A schema with references followed, annotations left out and unordered parts in order."""
    while "$ref" in schema:
        schema = root["definitions"][schema["$ref"].rpartition("/")[2]]
    found: dict[str, Any] = {}
    for keyword, value in schema.items():
        if keyword in ("properties", "patternProperties"):
            found[keyword] = {name: meaning(option, root) for name, option in value.items()}
        elif keyword == "items":
            found[keyword] = meaning(value, root)
        elif keyword == "oneOf":
            found[keyword] = sorted((meaning(option, root) for option in value), key=repr)
        elif keyword in ("type", "enum", "required"):
            found[keyword] = sorted(value) if is_list(value) else [value]
        elif keyword not in IGNORED and (keyword, value) != ("uniqueItems", False):
            found[keyword] = value
    return dict(sorted(found.items()))


def differences(ours: Any, theirs: Any, path: str = "") -> Iterator[str]:
    if is_mapping(ours) and is_mapping(theirs):
        for key in sorted({*ours, *theirs}):
            if key not in theirs:
                yield f"{path}/{key} is ours alone"
            elif key not in ours:
                yield f"{path}/{key} is missing"
            else:
                yield from differences(ours[key], theirs[key], f"{path}/{key}")
    elif ours != theirs:
        yield f"{path}: {ours} is not {theirs}"


def mutations(data: Any) -> Iterator[tuple[str, Any]]:
    """Every key dropped, renamed and given each wrong value; every item replaced and doubled. Undone after each."""

    def walk(node: Any, path: str) -> Iterator[str]:
        if is_mapping(node):
            for key in list(node):
                saved = dict(node)
                node.pop(key)
                yield f"{path}.{key} dropped"
                node["renamed_key"] = saved[key]
                yield f"{path}.{key} renamed"
                node.clear()
                node.update(saved)
                for value in WRONG:
                    node[key] = copy.deepcopy(value)
                    yield f"{path}.{key} = {value!r}"
                node[key] = saved[key]
                yield from walk(saved[key], f"{path}.{key}")
        elif is_list(node):
            for index, saved in enumerate(list(node)):
                for value in WRONG:
                    node[index] = copy.deepcopy(value)
                    yield f"{path}[{index}] = {value!r}"
                node[index] = saved
                node.append(saved)
                yield f"{path}[{index}] twice"
                node.pop()
                yield from walk(saved, f"{path}[{index}]")

    for words in walk(data, ""):
        yield words, data


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    if not os.path.exists(REFERENCE):
        pytest.skip("the reference schema is not here")
    with open(REFERENCE, encoding="utf-8") as file:
        found: dict[str, Any] = json.load(file)
    return found


@pytest.fixture(scope="module")
def rich() -> Any:
    # The deep copy undoes the sharing of what an anchor names.
    return json.loads(json.dumps(read_yaml(os.path.join(HERE, "rich-compose.yaml"))[0]))


def test_it_is_a_schema_that_the_quick_walk_understands() -> None:
    Draft7Validator.check_schema(OURS)
    used = {keyword for part in subschemas(OURS) for keyword in part}
    assert used <= KEYWORDS | ANNOTATIONS


def test_no_two_branches_take_the_same_type() -> None:
    def types(option: dict[str, Any]) -> list[str]:
        option = resolved(option, OURS)
        if "oneOf" in option:
            return [name for inner in option["oneOf"] for name in types(inner)]
        return [option["type"]] if isinstance(option["type"], str) else option["type"]

    for part in subschemas(OURS):
        names = [name for option in part.get("oneOf", ()) for name in types(option)]
        assert len(names) == len(set(names)), names
        assert not {"integer", "number"} <= set(names), names


def test_every_key_is_described() -> None:
    silent = [
        key
        for part in subschemas(OURS)
        for key, option in part.get("properties", {}).items()
        if not option.get("description", "").endswith(".")
    ]
    assert silent == []


def test_no_description_is_taken_from_the_specification(reference: dict[str, Any]) -> None:
    theirs = {part["description"] for part in subschemas(reference) if "description" in part}
    ours = {part["description"] for part in subschemas(OURS) if "description" in part}
    assert len(ours) > 200
    assert not ours & theirs


def test_key_by_key_the_schema_says_what_the_specification_says(reference: dict[str, Any]) -> None:
    assert list(differences(meaning(OURS, OURS), meaning(reference, reference))) == []


def test_the_rich_sample_uses_every_key(rich: Any) -> None:
    used: set[int] = set()

    def visit(schema: dict[str, Any], value: Any) -> None:
        schema = resolved(schema, OURS)
        used.add(id(schema))
        for option in schema.get("oneOf", ()):
            visit(option, value)
        if is_mapping(value):
            for key, child in value.items():
                option = schema.get("properties", {}).get(key)
                if option is not None:
                    used.add(id(option))
                    visit(option, child)
                for pattern in schema.get("patternProperties", {}).values():
                    visit(pattern, child)
        if is_list(value) and "items" in schema:
            for child in value:
                visit(schema["items"], child)

    visit(OURS, rich)
    unused = [
        key for part in subschemas(OURS) for key, option in part.get("properties", {}).items() if id(option) not in used
    ]
    assert unused == []


def test_the_rich_sample_is_accepted(rich: Any) -> None:
    assert [error.json_path for error in validator(OURS).iter_errors(rich)] == []


def parts(rich: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The sample in small files: one key of a service, or one named thing, in each."""
    for section, content in copy.deepcopy(rich).items():
        named: dict[str, Any] = content if is_mapping(content) else {}
        for name, body in named.items():
            bodies = [{key: value} for key, value in body.items()] if section == "services" else [body]
            yield from ({section: {name: small}} for small in bodies)
        if not named:
            yield {section: content}


def test_every_mutation_of_the_rich_sample_is_judged_alike(reference: dict[str, Any], rich: dict[str, Any]) -> None:
    ours, theirs = validator(OURS), validator(reference)
    verdicts = {True: 0, False: 0}
    for part in parts(rich):
        for words, data in mutations(part):
            verdict = ours.is_valid(data)
            assert verdict == theirs.is_valid(data), words
            verdicts[verdict] += 1
    assert min(verdicts.values()) > 1000


def test_every_real_file_is_judged_alike(reference: dict[str, Any]) -> None:
    ours, theirs = validator(OURS), validator(reference)
    judged = 0
    for path in sorted(glob.glob(os.path.join(SHARED, "**", "*.y*ml"), recursive=True)):
        try:
            documents = [data for data in read_yaml(path) if is_mapping(data) and "services" in data]
        except (YAMLError, ValueError):
            continue
        for document in documents:
            found, expected = (sorted(error.json_path for error in v.iter_errors(document)) for v in (ours, theirs))
            assert found == expected, path
            judged += 1
    assert judged > 150
