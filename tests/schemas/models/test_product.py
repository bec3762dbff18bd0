"""The product tables keep their own schema, agree with themselves, and say what the releases say."""

from __future__ import annotations

import json
import os
from typing import Any

import jsonschema
import pytest

from stackmend.schemas.models.image import Image, in_range, parse_version
from stackmend.schemas.models.product import PRODUCTS, product_table
from stackmend.schemas.models.servers import servers

from .conftest import FACTS, data, rows

needs_facts = pytest.mark.skipif(not os.path.isdir(FACTS), reason="the test-data folder is not there")

# Images of the products' makers that are pulled or used by other parts and never run as a part of the stack.
NOT_OURS = {"qdrant", "mongo", "mysql", "nginx", "minio", "redis", "pgvector", "etcd", "one-api"}


SCHEMA = data("product.schema.json")


def validator(schema: dict[str, Any]) -> Any:
    return jsonschema.Draft202012Validator(schema)


def test_the_schema_of_the_tables_is_a_json_schema() -> None:
    validator(SCHEMA).check_schema(SCHEMA)


@pytest.mark.parametrize("name", PRODUCTS)
def test_a_product_table_keeps_the_schema(name: str) -> None:
    table = data(f"{name}.json")
    validator(SCHEMA).validate(table)
    assert table["product"] == name


def test_the_table_of_server_images_keeps_the_schema() -> None:
    schema = {"$ref": "#/$defs/images", "$defs": SCHEMA["$defs"]}
    validator(schema).validate(data("images.json"))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"newest": "latest"}, id="a-release-without-number"),
        pytest.param({"roles": [{"role": "x", "images": ["x"]}]}, id="a-role-without-first-release"),
        pytest.param({"source": ""}, id="facts-without-source"),
        pytest.param({"extra": 1}, id="a-key-nobody-reads"),
    ],
)
def test_the_schema_refuses(change: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        validator(SCHEMA).validate({**data("dify.json"), **change})


@pytest.mark.parametrize("name", PRODUCTS)
def test_every_target_of_an_address_is_a_role_or_a_known_server(name: str) -> None:
    table = product_table(name)
    known = {role.name for role in table.roles} | {server.name for server in servers().values()}
    roles = {role.name for role in table.roles}
    for fact in table.data["endpoints"]:
        assert set(fact["roles"]) <= roles
        assert {target for targets in fact["variables"].values() for target in targets} <= known


@pytest.mark.parametrize("name", PRODUCTS)
def test_every_fact_begins_before_it_ends_and_before_the_newest_release(name: str) -> None:
    table = product_table(name)
    groups = [table.data["roles"], table.data["endpoints"], *(table.data.get(k, {}).values() for k in ("urls", "cors"))]
    for fact in [fact for group in groups for fact in group]:
        since, until = parse_version(fact["since"]), parse_version(fact.get("until", ""))
        assert since is not None
        assert since <= (until or table.newest) <= table.newest


def test_no_image_is_two_servers() -> None:
    images = [image for facts in data("images.json")["servers"].values() for image in facts["images"]]
    assert len(images) == len(set(images))


@needs_facts
def test_vector_stores_are_those_of_the_releases_from_the_release_on_that_first_took_them() -> None:
    stores = product_table("dify").data["vector_stores"]["names"]
    # The list is read off the code from this release on; older ones had it elsewhere.
    first = parse_version("0.6.11")
    assert first is not None
    seen = {row["store"]: row for row in rows("dify-vector-stores.tsv")}
    assert set(stores) == set(seen)
    for store, row in seen.items():
        since, until = (parse_version(text) for text in stores[store])
        listed = parse_version(row["since"])
        assert since is not None
        assert listed is not None
        assert since == listed or (listed == first and since <= first), store
        assert until == parse_version(row["until"]), store


@needs_facts
@pytest.mark.parametrize(
    ("product", "makers"),
    [
        pytest.param("dify", ("langgenius/",), id="dify"),
        pytest.param("fastgpt", ("/fastgpt/", "labring/", "c121914yu/", "stawky/"), id="fastgpt"),
    ],
)
def test_every_image_of_the_makers_has_a_role(product: str, makers: tuple[str, ...]) -> None:
    table = product_table(product)
    missing: set[str] = set()
    for row in rows(f"{product}-images.tsv"):
        for _, text in json.loads(row["images"]):
            if text and any(maker in text for maker in makers):
                missing.add(Image.parse(text).name)
    assert (
        missing - table.images - NOT_OURS - {"opensandbox-server", "opensandbox-egress", "opensandbox-execd"} == set()
    )


@needs_facts
@pytest.mark.parametrize(
    ("product", "services"),
    [
        pytest.param(
            "dify", {"api": "api", "worker": "worker", "plugin_daemon": "plugin_daemon", "web": "web"}, id="dify"
        ),
        pytest.param("fastgpt", {"fastgpt": "app", "fastgpt-plugin": "plugin", "aiproxy": "aiproxy"}, id="fastgpt"),
    ],
)
def test_an_address_variable_is_in_the_table_from_its_first_release_on(product: str, services: dict[str, str]) -> None:
    table = product_table(product)
    first = {
        (services[row["service"]], row["variable"]): parse_version(row["since"])
        for row in rows(f"{product}-service-variables.tsv")
        if row["service"] in services
    }
    checked = 0
    # What belongs to a choice may be handed out before the choice exists.
    for fact in (fact for fact in table.data["endpoints"] if "when" not in fact):
        since = parse_version(fact["since"])
        for key in ((role, variable) for role in fact["roles"] for variable in fact["variables"]):
            listed = first.get(key)
            if since is not None and listed is not None:
                checked += 1
                assert since <= listed, key
    assert checked > 5


@needs_facts
@pytest.mark.parametrize("name", list(product_table("dify").data["urls"]))
def test_a_public_url_is_known_to_the_releases(name: str) -> None:
    listed = [row for row in rows("dify-service-variables.tsv") if row["service"] == "api" and row["variable"] == name]
    assert listed
    assert product_table("dify").data["urls"][name]["since"] == listed[0]["since"]


@pytest.mark.parametrize(
    ("version", "store", "known"),
    [
        pytest.param("0.6.16", "couchbase", False, id="too-early"),
        pytest.param("0.11.0", "couchbase", True, id="its-first-release"),
        pytest.param("1.16.1", "couchbase", True, id="later"),
        pytest.param("", "couchbase", True, id="an-unknown-release-takes-all"),
    ],
)
def test_stores_go_by_release(version: str, store: str, known: bool) -> None:
    assert (store in product_table("dify").stores(parse_version(version))) is known


def test_a_stack_has_the_release_that_all_its_images_agree_on() -> None:
    table = product_table("dify")
    images = [Image.parse(t) for t in ("langgenius/dify-api:1.11.4", "mirror.example/x/dify-web:1.11.4", "redis:6")]
    assert table.version(images) == (1, 11, 4)
    assert table.version([*images, Image.parse("langgenius/dify-api:1.11.3")]) is None
    assert table.version([Image.parse("langgenius/dify-api:latest")]) is None


def test_in_range_is_unknown_for_an_unknown_release_only_where_the_range_has_bounds() -> None:
    assert in_range(None, "", "") is True
    assert in_range(None, "1.0", "") is None
