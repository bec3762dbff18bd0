"""What the machine tells about its ports: Linux's tables, and the question to the system where there are none."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackmend.linter.config import Overrides
from stackmend.linter.report import Report
from stackmend.linter.session import Request, run
from stackmend.schemas.files import DiskFiles, MemoryFiles
from stackmend.schemas.host import Host, Listener, clash, parse_sockets
from stackmend.schemas.workspace import Workspace

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue\n"
little_endian = pytest.mark.skipif(sys.byteorder == "big", reason="the tables are in the byte order of the machine")


class WithoutTables(DiskFiles):
    """The disk of a system that has no /proc."""

    def read(self, path: str) -> bytes:
        raise FileNotFoundError(2, "No such file or directory", path)


@pytest.fixture
def port() -> Iterator[int]:
    """A port of 127.0.0.1 on which this process listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        number: int = listener.getsockname()[1]
        yield number


def free_port() -> int:
    """A port of 127.0.0.1 on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@little_endian
@pytest.mark.parametrize(
    ("protocol", "line", "expected"),
    [
        pytest.param("tcp", "0: 0100007F:1F90 00000000:0000 0A", Listener("tcp", "127.0.0.1", 8080), id="ipv4"),
        pytest.param(
            "tcp",
            "3: 0000000000000000FFFF00000100007F:0050 00000000000000000000000000000000:0000 0A",
            Listener("tcp", "127.0.0.1", 80),
            id="ipv4 in ipv6",
        ),
        pytest.param(
            "tcp",
            "3: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A",
            Listener("tcp", "::1", 80),
            id="ipv6",
        ),
        pytest.param("udp", "9: 3500007F:0035 00000000:0000 07", Listener("udp", "127.0.0.53", 53), id="udp"),
        pytest.param("udp", "9: 00000000:A2F0 00000000:0000 07", None, id="a client's udp port"),
        pytest.param("tcp", "1: 0100007F:1F90 0100007F:A2F0 01", None, id="an open connection"),
        pytest.param("tcp", "1: 0100007F 00000000:0000 0A", None, id="no port"),
        pytest.param("tcp", "1: 0100007F0100007F:1F90 00000000:0000 0A", None, id="half an ipv6 address"),
        pytest.param("tcp", "nonsense", None, id="nonsense"),
    ],
)
def test_a_line_of_the_tables_gives_a_listener_or_nothing(protocol: str, line: str, expected: Listener | None) -> None:
    assert parse_sockets(protocol, f"{HEAD}   {line}\n") == ([expected] if expected else [])


@given(st.text())
def test_no_table_makes_the_reader_fail(table: str) -> None:
    for protocol in ("tcp", "udp"):
        assert all(listener.protocol == protocol for listener in parse_sockets(protocol, table))


@pytest.mark.parametrize(
    ("ip", "other", "expected"),
    [
        pytest.param("", "10.0.0.5", True, id="all addresses, and one"),
        pytest.param("127.0.0.1", "10.0.0.5", False, id="two addresses"),
        pytest.param("0.0.0.0", "10.0.0.5", True, id="all of IPv4, and one"),
        pytest.param("0.0.0.0", "::1", False, id="all of IPv4, and one of IPv6"),
        pytest.param("127.0.0.1", "::", True, id="a socket on `::` takes IPv4 too"),
        pytest.param("::1", "::1", True, id="the same"),
    ],
)
def test_addresses_clash_as_the_system_has_it(ip: str, other: str, *, expected: bool) -> None:
    assert clash(ip, other) is expected
    assert clash(other, ip) is expected


@pytest.mark.parametrize(
    "files", [pytest.param(DiskFiles(), id="tables"), pytest.param(WithoutTables(), id="no tables")]
)
def test_a_port_is_taken_while_something_listens(files: DiskFiles, port: int) -> None:
    host = Host(files)
    assert host.taken("tcp", "127.0.0.1", port)
    assert host.taken("tcp", "", port)
    assert not host.taken("tcp", "127.0.0.1", free_port())


def test_files_that_stand_in_memory_have_no_machine(port: int) -> None:
    assert not Host(MemoryFiles({})).taken("tcp", "127.0.0.1", port)


def lint(folder: Path, *, host: bool) -> Report:
    request = Request((str(folder),), str(folder), Overrides(host=host), isolated=True)
    return run(request, Workspace(DiskFiles())).report


def test_a_taken_port_is_found_when_the_user_lets_rules_look_at_the_machine(tmp_path: Path, port: int) -> None:
    text = "services:\n  web:\n    image: nginx:1.27\n    ports:\n      - 127.0.0.1:{}:80\n      - 127.0.0.1:{}:81\n"
    (tmp_path / "compose.yaml").write_text(text.format(free_port(), port), encoding="utf-8")
    assert lint(tmp_path, host=False).diagnostics == ()
    (found,) = lint(tmp_path, host=True).diagnostics
    assert (found.rule.code, found.place.line) == ("CMP019", 6)
    assert f"port {port}, which `web` publishes, is in use" in found.message


@pytest.mark.skipif(sys.platform == "win32", reason="Windows makes the modes up")
def test_a_file_tells_who_may_read_it_and_what_is_not_there_tells_nothing(tmp_path: Path) -> None:
    key = tmp_path / "mongodb.key"
    key.write_text("bm90LWEta2V5", encoding="utf-8")
    host = Host(DiskFiles())
    for mode in (0o644, 0o400):
        key.chmod(mode)
        assert host.mode(str(key)) == mode
    assert host.mode(str(tmp_path / "another.key")) is None
    assert Host(MemoryFiles({str(key): b""})).mode(str(key)) is None
