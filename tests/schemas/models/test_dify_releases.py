"""What the table of Dify says of releases, held against what every release ships."""

from __future__ import annotations

import json
import os
import re

import pytest

from stackmend.schemas.models.image import Image
from stackmend.schemas.models.servers import servers

from .conftest import FACTS, data, dify, rows, version

pytestmark = pytest.mark.skipif(not os.path.isdir(FACTS), reason="the test-data folder is not there")


# What the example files list for Compose itself: ports and folders of the host, settings of single services.
FOR_COMPOSE = re.compile(r"EXPOSE_\w+|\w+_HOST_VOLUME|API_WEBSOCKET_\w+|COMPOSE_\w+|SSRF_SANDBOX_PROXY_\w+")


def test_every_variable_that_an_example_file_lists_is_known_from_its_first_release_to_its_last() -> None:
    table, checked = dify(), 0
    for row in rows("dify-env-files.tsv"):
        # 0.6.12 listed variables of servers by the servers' own names.
        if FOR_COMPOSE.fullmatch(row["variable"]) or row["until"].startswith("0.6.12") or row["until"] == "1.15.0":
            continue
        assert row["variable"] in table.names(), row["variable"]
        fragment = re.match(r"envs/core-services/(api|web|worker|sandbox|plugin-daemon)\.env", row["file"])
        if fragment and not row["until"]:
            checked += 1
            assert row["variable"] in table.variables(table.newest), row["variable"]
    assert checked > 30


def test_every_image_of_the_releases_is_a_role_or_a_known_server() -> None:
    images = {text for row in rows("dify-images.tsv") for _, text in json.loads(row["images"]) if text}
    known = dify().images | servers().keys()
    names = {Image.parse(text).name for text in images}
    # Two tools that serve nobody, and a name that says nothing of what the image is.
    assert names - known == {"busybox", "certbot", "free"}
    assert len(images) > 150


def test_services_and_profiles_begin_where_the_releases_have_them() -> None:
    first = {row["service"]: version(row["since"]) for row in rows("dify-images.tsv")}
    names = {**{role: role for role in first}, "beat": "worker_beat", "squid": "ssrf_proxy"}
    for need in data("dify.stack.json")["required"]["services"]:
        if need["roles"][0] in names:
            assert first[names[need["roles"][0]]] == version(need["since"]), need["roles"]
    servers_of = {"milvus": "milvus-standalone", "couchbase": "couchbase-server", "elasticsearch-ja": ""}
    profiles = (0, 6, 12)
    for name, store in data("dify.stack.json")["stores"]["names"].items():
        service = servers_of.get(name, name)
        if "profile" in store and service:
            assert version(store["profile"]["since"]) == max(first[service], profiles), name
            assert store["profile"]["name"] == name


def test_the_plugin_daemon_is_of_the_number_that_each_release_came_with() -> None:
    pairs = data("dify.json")["companions"]["images"]["dify-plugin-daemon"]
    shipped = next(row for row in rows("dify-images.tsv") if row["service"] == "plugin_daemon")
    assert [
        [since, Image.parse(text).tag.removesuffix("-local")] for since, text in json.loads(shipped["images"])
    ] == pairs


def test_routes_of_the_newest_release_are_those_of_its_nginx() -> None:
    table = dify()
    assert {route.role for route in table.routes(table.newest)} == {"api", "web", "plugin_daemon"}
    assert [route.path for route in table.routes(version("0.3.30"))] == ["/console/api", "/api", "/v1", "/", "/files"]
