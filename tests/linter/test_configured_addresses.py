"""Addresses in a product's JSON configuration are judged like those of its environment, and mended in their quotes."""

from __future__ import annotations

import json

import pytest

import stackmend
from stackmend.linter.report import Report

SELECT = ("STK001", "STK002", "STK003", "STK004")
COMPOSE = """\
services:
  reranker:
    image: registry.cn-hangzhou.aliyuncs.com/fastgpt/bge-rerank-base:v0.1
    ports: ["7006:6006"]
    networks: [{network}]
  fastgpt:
    image: ghcr.io/labring/fastgpt:{tag}
    networks: [app]
    volumes: ["./config.json:{target}"]
networks:
  app:
  models:
"""
TARGET = "/app/data/config.json"


def files(config: str, *, tag: str = "v4.8.11", network: str = "app", target: str = TARGET) -> dict[str, str]:
    return {"/p/compose.yaml": COMPOSE.format(tag=tag, network=network, target=target), "/p/config.json": config}


def lint(given: dict[str, str]) -> Report:
    return stackmend.lint(files=given, select=SELECT, isolated=True)


def mended(given: dict[str, str]) -> object:
    texts = stackmend.fix(files=given, select=SELECT, isolated=True, unsafe=True).files
    assert list(texts) == ["/p/config.json"]
    return json.loads(texts["/p/config.json"])


def reranking(url: str) -> str:
    return json.dumps({"reRankModels": [{"model": "one"}, {"model": "two", "requestUrl": url}]})


@pytest.mark.parametrize(
    ("host", "code"), [("localhost:7006", "STK001"), ("rerankr:6006", "STK002"), ("reranker:7006", "STK004")]
)
def test_an_address_of_config_json_is_judged_and_mended_like_one_of_the_environment(host: str, code: str) -> None:
    given = files(reranking(f"http://{host}/v1/rerank"))
    (found,) = lint(given).diagnostics
    assert (found.rule.code, found.place.document.path) == (code, "/p/config.json")
    assert mended(given) == json.loads(reranking("http://reranker:6006/v1/rerank"))


def test_a_service_on_another_network_is_found_from_config_json() -> None:
    (found,) = lint(files(reranking("http://reranker:6006/v1/rerank"), network="models")).diagnostics
    assert (found.rule.code, found.place.document.path) == ("STK003", "/p/config.json")


def test_an_address_that_is_written_with_escapes_stays_one_string() -> None:
    given = files(reranking("http://localhost:7006/v1").replace("/", "\\/"))
    assert mended(given) == json.loads(reranking("http://reranker:6006/v1"))


@pytest.mark.parametrize(("tag", "target"), [("v4.8.20", TARGET), ("latest", TARGET), ("v4.8.11", "/app/config.json")])
def test_a_file_that_the_release_does_not_read_so_gives_no_address(tag: str, target: str) -> None:
    assert lint(files(reranking("http://localhost:7006/v1"), tag=tag, target=target)).diagnostics == ()


def test_a_file_that_cannot_be_read_whole_gives_no_address() -> None:
    assert lint(files(reranking("http://localhost:7006/v1")[:-2])).diagnostics == ()


def test_of_a_key_that_stands_twice_the_last_counts() -> None:
    text = '{"systemEnv": {"oneapiUrl": "http://localhost:3001/v1", "oneapiUrl": "http://203.0.113.7/v1"}}'
    assert lint(files(text)).diagnostics == ()
