"""A running nginx judges what we make of its locations, of inherited headers, and of the `/` after an address."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stackmend.linter.rules.nginx.inheritance import Configuration, locations
from stackmend.linter.rules.nginx.serving import location_of, servers_of
from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.models.loading import load_deployment
from stackmend.schemas.models.project import Options
from stackmend.schemas.parsers.document import Document
from stackmend.schemas.parsers.nginx import parse_nginx
from stackmend.schemas.workspace import Workspace

from .conftest import SBIN

pytestmark = pytest.mark.oracle

Served = Callable[[str], str]
MAIN = "daemon off; master_process off; pid {0}/nginx.pid; error_log stderr; events {{}} http {{ access_log off; {1} }}"
COMPOSE = "services:\n  nginx:\n    image: nginx:1.27\n    volumes: [./default.conf:/etc/nginx/conf.d/default.conf]\n"


def _free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        return port


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[str], int]]:
    """Starts an nginx with this in its http block, in which `PORT` is a free port, and gives the port."""
    binary = shutil.which("nginx", path=SBIN)
    if binary is None:
        assert os.environ.get("ORACLES") != "required", "ORACLES=required, but there is no nginx"
        pytest.skip("no nginx")
    running: list[subprocess.Popen[bytes]] = []

    def start(text: str) -> int:
        port = _free_port()
        path = tmp_path / f"{len(running)}.conf"
        temp = "".join(
            f"{kind}_temp_path {tmp_path}/{kind}; " for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        path.write_text(MAIN.format(tmp_path, temp + text.replace("PORT", str(port))), encoding="utf-8")
        running.append(subprocess.Popen([binary, "-p", str(tmp_path), "-e", "stderr", "-c", str(path)]))
        for _ in range(3000):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return port
            time.sleep(0.02)
        raise AssertionError("nginx does not answer")

    yield start
    for process in running:
        process.terminate()
        process.wait(60)


def get(port: int, path: str) -> str:
    """What a server answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
            body: bytes = answer.read()
    except urllib.error.HTTPError as error:
        body = error.read()
    return body.decode()


HEADS = (
    "/",
    "/a",
    "/a/",
    "/a/b",
    "^~ /a",
    "^~ /a/b/",
    "= /a",
    "= /a/b/c",
    "~ ^/a/.*c$",
    "~* \\.GIF$",
    "~ b",
    "/console/api",
    "= /",
)
PATHS = (
    "/",
    "/a",
    "/a/",
    "/a/b",
    "/a/b/",
    "/a/b/c",
    "/ab",
    "/x.gif",
    "/a/x.GIF",
    "/b",
    "/console/api/x",
    "/A",
    "/a/b/c/d",
)


def test_the_location_that_answers_is_the_one_that_nginx_chooses(serve: Callable[[str], int]) -> None:
    chance = random.Random(3)
    for _ in range(12):
        heads = chance.sample(HEADS, chance.randrange(2, len(HEADS)))
        # Two that nginx takes for one may not stand together.
        heads = list({head.removeprefix("^~ "): head for head in heads}.values())
        blocks = " ".join(f"location {head} {{ return 200 {at}; }}" for at, head in enumerate(heads))
        text = f"server {{ listen 127.0.0.1:PORT; location @n {{ return 200 n; }} {blocks} }}"
        port = serve(text)
        (server,) = servers_of(((None, parse_nginx(Document("/nginx.conf", text))),))
        for path in PATHS:
            ours = location_of(server, path)
            said = get(port, path)
            chosen = str(heads.index(" ".join(ours.words))) if ours else "none"
            assert chosen == ("none" if "<html>" in said else said), (path, heads)


def test_the_headers_in_force_are_those_that_come_through(serve: Callable[[str], int]) -> None:
    chance = random.Random(4)
    names = ["X-A", "X-B", "X-C"]
    echo = "".join(f"$http_{name.lower().replace('-', '_')}," for name in names)

    def some(level: str) -> str:
        return "".join(
            f"proxy_set_header {name} {level}; " for name in chance.sample(names, chance.choice((0, 0, 1, 2)))
        )

    for _ in range(10):
        text = (
            f"{some('h')} server {{ listen 127.0.0.1:PORT; location /echo {{ return 200 {echo}; }} {some('s')} "
            f"location /a {{ {some('l')} proxy_pass http://127.0.0.1:PORT/echo; "
            f"location /a/b {{ {some('n')} proxy_pass http://127.0.0.1:PORT/echo; }} }} }}"
        )
        port = serve(text)
        files = {"/p/compose.yaml": COMPOSE.encode(), "/p/default.conf": text.replace("PORT", "1").encode()}
        deployment = load_deployment(Workspace(MemoryFiles(files)), "/p", Options(shell={}))
        configuration = Configuration(deployment, deployment.services["nginx"])
        ((file, tree),) = configuration.files
        for chain in locations(tree):
            if chain[-1].arguments[0].text == "/echo":
                continue
            found = configuration.in_force(file, chain, "proxy_set_header")
            assert found is not None
            given = {line.directive.arguments[0].text: line.directive.arguments[1].text for line in found[0]}
            expected = "".join(f"{given.get(name, '')}," for name in names)
            assert get(port, chain[-1].arguments[0].text + "/x") == expected, text


@pytest.mark.parametrize(
    ("location", "address", "path"),
    [
        ("/v1", "", "/v1/chat"),
        ("/v1", "/", "//chat"),
        ("/v1/", "/", "/chat"),
        ("/v1/", "/v1/", "/v1/chat"),
        ("/v1/", "/v1", "/v1chat"),
        ("/v1", "/v1/", "/v1//chat"),
        ("~ ^/v1", "", "/v1/chat"),
        ("^~ /v1", "/x", "/x/chat"),
    ],
)
def test_an_address_with_a_path_takes_the_path_of_its_location_away(
    serve: Callable[[str], int], location: str, address: str, path: str
) -> None:
    """What NGX016 says of the `/` at the end, and of one that only one side has."""
    port = serve(
        "server { listen 127.0.0.1:PORT; merge_slashes off; server_name a; location / { return 200 $request_uri; } "
        f"location {location} {{ proxy_set_header Host b; proxy_pass http://127.0.0.1:PORT{address}; }} }} "
        "server { listen 127.0.0.1:PORT; server_name b; merge_slashes off; return 200 $request_uri; }"
    )
    assert get(port, "/v1/chat") == path


@pytest.mark.parametrize(
    ("elsewhere", "answers"),
    [
        ("", False),
        ("location /b { proxy_pass http://localhost:PORT; }", True),
        ("location /b { proxy_pass http://localhost:1; }", False),
    ],
)
def test_a_name_in_a_variable_is_found_without_a_resolver_only_where_it_is_written_out_with_its_port(
    serve: Callable[[str], int], elsewhere: str, *, answers: bool
) -> None:
    """What NGX034 leaves alone, and what it does not."""
    port = serve(
        "server { listen 127.0.0.1:PORT; location /back { return 200 yes; } "
        f"location /late {{ set $name localhost; proxy_pass http://$name:PORT/back; }} {elsewhere} }}"
    )
    assert (get(port, "/late") == "yes") == answers


def test_no_request_comes_to_a_location_without_a_slash(serve: Callable[[str], int]) -> None:
    """What NGX032 says."""
    port = serve("server { listen 127.0.0.1:PORT; location v1 { return 200 a; } location / { return 200 b; } }")
    assert {get(port, path) for path in ("/v1", "/v1/x", "//v1")} == {"b"}
