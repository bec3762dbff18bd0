"""A squid on the loopback address judges what we think that it answers: sets of acls, and requests that stay here."""

from __future__ import annotations

import contextlib
import http.client
import random
import socket
import subprocess
import time
import uuid
from collections.abc import Generator
from pathlib import Path

import pytest

from stackmend.linter.rules.squid.access import AccessList
from stackmend.linter.rules.squid.asked import Asked, answer
from stackmend.schemas.parsers.document import Document
from stackmend.schemas.parsers.squid import parse_squid

from .conftest import server

pytestmark = pytest.mark.oracle

# Names that lead to addresses of this machine. squid is not to ask them anything (`never_direct`): what it lets through
# ends in 503.
HOSTS = {
    "example.test": "127.77.0.1",
    "www.example.test": "127.77.0.2",
    "a.www.example.test": "127.77.0.3",
    "other.test": "127.77.1.1",
    "notexample.test": "127.77.1.2",
}
CLIENTS = ("127.0.0.1", "127.0.0.2", "127.0.9.1")
PORTS = (79, 80, 443, 1024, 1081, 8443)
BASE = """\
visible_hostname localhost
pid_filename none
cache_log /dev/null
access_log none
cache deny all
cache_mem 0
memory_cache_shared off
shared_transient_entries_limit 0
coredump_dir none
netdb_filename none
pinger_enable off
shutdown_lifetime 0 seconds
never_direct allow all
forward_max_tries 1
dns_timeout 200 milliseconds
dns_retransmit_interval 100 milliseconds
dns_nameservers 127.0.0.1
"""

SETS = {
    "ranges of clients": "acl some src 127.0.0.2-127.0.9.0\nhttp_access allow some\nhttp_access deny all\n",
    "a mask, and a negation": "acl net src 127.0.0.0/255.255.255.0\nhttp_access deny !net\nhttp_access allow all\n",
    "addresses of targets": (
        "acl near dst 127.77.0.0/24\nacl one dst 127.77.0.2\nhttp_access deny one\nhttp_access allow near\n"
        "http_access deny all\n"
    ),
    "a leading dot": "acl sites dstdomain .example.test\nhttp_access allow sites\nhttp_access deny all\n",
    "no leading dot": "acl names dstdomain www.example.test OTHER.test\nhttp_access deny names\nhttp_access allow all",
    "ports, and tunnels to some": (
        "acl Safe port 80 443 1025-8000\nacl SSL port 443\nacl CONNECT method CONNECT\nhttp_access deny !Safe\n"
        "http_access deny CONNECT !SSL\nhttp_access allow localhost\nhttp_access deny all\n"
    ),
    "methods": "acl reading method GET HEAD\nhttp_access deny !reading !CONNECT\nhttp_access allow localhost\n",
    "all acls of a line": (
        "acl sites dstdomain .example.test\nacl web port 80 443\nacl two src 127.0.0.2\n"
        "http_access allow sites web !two\nhttp_access deny sites\nhttp_access allow two\nhttp_access deny all\n"
    ),
    "the end flips": "acl high port 1024-65535\nhttp_access deny high\n",
    "the end flips back": "acl high port 1024-65535\nhttp_access allow high\n",
    "squid's own": "http_access deny to_localhost\nhttp_access allow all\n",
    "overlapping values": "acl net src 127.0.0.2 127.0.0.0/16\nhttp_access allow net\nhttp_access deny all\n",
    "two lines of one acl": (
        "acl p port 80\nacl P port 8000-9000\nacl q method GET POST\nhttp_access allow p q\nhttp_access deny !p\n"
    ),
}


def drawn(seed: int) -> str:
    """A set of acls by chance."""
    chance = random.Random(seed)
    acls = (
        "acl a src 127.0.0.0/24",
        "acl b src 127.0.0.2 127.0.9.0-127.0.9.255",
        "acl c port 80 1024-2000",
        "acl d port 443 8443",
        "acl e dstdomain .example.test",
        "acl f dstdomain example.test other.test",
        "acl g method GET CONNECT",
        "acl h dst 127.77.0.0/31 127.77.1.0/24",
    )
    lines: list[str] = []
    for _ in range(chance.randrange(2, 6)):
        names = chance.sample("abcdefgh", chance.randrange(1, 4))
        words = " ".join(chance.choice(("", "!")) + name for name in names)
        lines.append(f"http_access {chance.choice(('allow', 'deny'))} {words}")
    return "\n".join((*acls, *lines, ""))


class Proxy:
    """A running squid."""

    def __init__(self, port: int) -> None:
        self._port = port

    def allows(self, asked: Asked) -> bool:
        """Whether it lets a request through, though it does not pass it on."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60, source_address=(asked.client, 0))
        with contextlib.closing(connection):
            if asked.method == "CONNECT":
                connection.request("CONNECT", f"{asked.host}:{asked.port}", headers={"Host": asked.host})
            else:
                connection.request(asked.method, f"http://{asked.host}:{asked.port}/")
            response = connection.getresponse()
            refused = (response.getheader("X-Squid-Error") or "").startswith("ERR_ACCESS_DENIED")
            assert refused == (response.status == http.HTTPStatus.FORBIDDEN), response.status
            return not refused


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def answers(port: int, process: subprocess.Popen[bytes]) -> bool:
    """Whether a squid that was just started listens before it ends, or ten seconds are over."""
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return process.poll() is None
        time.sleep(0.05)
    return False


@contextlib.contextmanager
def running(text: str, folder: Path) -> Generator[Proxy]:
    """squid with these lines on a port of the loopback address."""
    hosts, conf = folder / "hosts", folder / "squid.conf"
    hosts.write_text("".join(f"{address} {name}\n" for name, address in HOSTS.items()), encoding="utf-8")
    for _ in range(3):
        # Somebody else may take the port in between.
        port = free_port()
        conf.write_text(f"http_port 127.0.0.1:{port}\n{BASE}hosts_file {hosts}\n{text}", encoding="utf-8")
        command = [server("squid"), "-N", "-n", f"t{uuid.uuid4().hex[:12]}", "-f", str(conf)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
        try:
            if answers(port, process):
                yield Proxy(port)
                return
        finally:
            process.terminate()
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    pytest.fail("squid does not start")


def requests(seed: int, count: int) -> list[Asked]:
    """Requests by chance; none leaves the machine."""
    chance = random.Random(seed)
    hosts = (*HOSTS, *HOSTS.values())
    return [
        Asked(
            chance.choice(CLIENTS),
            chance.choice(hosts),
            chance.choice(PORTS),
            chance.choice(("GET", "GET", "POST", "CONNECT", "CONNECT")),
        )
        for _ in range(count)
    ]


@pytest.mark.parametrize(
    "text",
    [
        *(pytest.param(text, id=name) for name, text in SETS.items()),
        *(pytest.param(drawn(seed), id=f"drawn {seed}") for seed in range(5)),
    ],
)
def test_squid_answers_requests_as_we_think(text: str, tmp_path: Path) -> None:
    access = AccessList(parse_squid(Document("/squid.conf", text)))
    known = 0
    with running(text, tmp_path) as proxy:
        for asked in requests(len(text), 30):
            ours = answer(access, asked).allows
            known += ours is not None
            assert ours in (None, proxy.allows(asked)), asked
    # Names lead to addresses that only a resolver knows, and `squid's own` asks for nothing else.
    assert known >= 8
