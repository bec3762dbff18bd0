"""What this machine is and runs, for the rules that are asked to look: its processor, modes of files, taken ports."""

from __future__ import annotations

import os
import sys
from functools import cached_property
from typing import NamedTuple

from .files import Files, MemoryFiles, normal

# Linux hands these out to clients, which come and go (net.ipv4.ip_local_port_range).
_EPHEMERAL = 32768
_TABLES = (("tcp", "/proc/net/tcp"), ("tcp", "/proc/net/tcp6"), ("udp", "/proc/net/udp"), ("udp", "/proc/net/udp6"))
# Socket states of the Linux kernel (include/net/tcp_states.h): TCP_LISTEN, and TCP_CLOSE for an open UDP socket.
_STATES = {"tcp": "0A", "udp": "07"}


class Listener(NamedTuple):
    """A port that is taken, on an address ("0.0.0.0" and "::" for all)."""

    protocol: str
    ip: str
    port: int


class Host:
    """Facts about the machine, each found when it is first asked for."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def taken(self, protocol: str, ip: str, port: int) -> bool:
        """Whether publishing a port on an address ("" for all) would fail; False when that cannot be told."""
        if self._listeners is None:
            # Files that stand only in memory have no machine.
            return not isinstance(self._files, MemoryFiles) and _refuses(protocol, ip, port)
        return any(clash(ip, other) for other in self._listeners.get((protocol, port), ()))

    def mode(self, path: str) -> int | None:
        """Who may read and write a file of this machine, as chmod takes it; None where that cannot be told."""
        return self._files.mode(path)

    def has_program(self, name: str) -> bool:
        """Whether a program is in one of the folders of `PATH`."""
        folders = [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
        names = (name, f"{name}.exe") if os.name == "nt" else (name,)
        return any(self._files.kind(normal(f"{folder}/{each}")) == "file" for folder in folders for each in names)

    @cached_property
    def cpu_flags(self) -> frozenset[str]:
        """What the processor can do, by the names of Linux's /proc/cpuinfo (`avx`, …); empty when nobody tells."""
        try:
            text = self._files.read("/proc/cpuinfo").decode("ascii", "replace")
        except OSError:
            return frozenset()
        lines = (line.partition(":") for line in text.splitlines())
        return frozenset(next((flags for name, _, flags in lines if name.strip() == "flags"), "").split())

    @cached_property
    def _listeners(self) -> dict[tuple[str, int], list[str]] | None:
        """The addresses that are taken by (protocol, port); None where the system has no such tables."""
        found: dict[tuple[str, int], list[str]] = {}
        read = False
        for protocol, path in _TABLES:
            try:
                text = self._files.read(path).decode("ascii", "replace")
            except OSError:
                continue
            read = True
            for listener in parse_sockets(protocol, text):
                found.setdefault((protocol, listener.port), []).append(listener.ip)
        return found if read else None


def clash(ip: str, other: str) -> bool:
    """Whether two sockets of one port cannot both have their addresses; "" is every address.

    A socket on `::` takes IPv4 addresses as well, unless its program asked for IPv6 alone.
    """
    if ip == other or "" in (ip, other) or "::" in (ip, other):
        return True
    wide = "0.0.0.0"  # noqa: S104 - an address to compare with
    return wide in (ip, other) and ":" not in ip + other


def parse_sockets(protocol: str, table: str) -> list[Listener]:
    """The listeners of a table of Linux's /proc/net (`tcp`, `udp6`, …); lines of another form are passed over."""
    found: list[Listener] = []
    for line in table.splitlines()[1:]:
        fields = line.split(None, 4)
        if len(fields) < 4 or fields[3] != _STATES[protocol]:
            continue
        address, _, port = fields[1].partition(":")
        try:
            listener = Listener(protocol, _address(address), int(port, 16))
        except ValueError:
            continue
        if protocol == "tcp" or listener.port < _EPHEMERAL:
            found.append(listener)
    return found


def _address(text: str) -> str:
    """An address of /proc/net: words of 32 bits, each a number in the byte order of the machine. Raises ValueError."""
    import ipaddress

    words = (int(text[at : at + 8], 16) for at in range(0, len(text), 8))
    raw = b"".join(word.to_bytes(4, sys.byteorder) for word in words)
    if len(raw) == 4:
        return str(ipaddress.IPv4Address(raw))
    address = ipaddress.IPv6Address(raw)
    return str(address.ipv4_mapped or address)


def _refuses(protocol: str, ip: str, port: int) -> bool:
    """Whether the system refuses a socket because its address is in use; it is closed at once."""
    import errno
    import socket

    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    try:
        with socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET, kind) as probe:
            if sys.platform != "win32" and protocol == "tcp":
                # As Docker does; on Windows it would share the port.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((ip, port))
    except OSError as error:
        return error.errno == errno.EADDRINUSE
    return False
