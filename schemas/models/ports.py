"""`ports` items: the short and the long syntax, as Compose 2.40 reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .node import MappingNode, Node, ScalarNode
from .pairs import UNKNOWN, skeleton
from .record import Record
from .service import Port

_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}\Z")
_LARGEST = 65535
_MOST = 1_000  # of longer ranges the single ports are not told apart
_ALL = 20_000  # nor are those of more ports than this


class PortError(ValueError):
    """A port that Compose refuses; the text says why."""


def read_ports(node: Node | None, record: Record) -> tuple[Port, ...]:
    """The ports of a `ports` list; of one host address, port and protocol the later item stays (override/uncity.go)."""
    found: list[Port] = []
    for item in getattr(node, "items", ()):
        port = _port(item, record)
        if port is not None:
            found.append(port)
    return tuple(_distinct(found))


def split_short(text: str) -> tuple[str, tuple[int, int] | None, tuple[int, int], str]:
    """`[[ip:][host]:]container[/protocol]` as (ip, host range, container range, protocol). Raises PortError."""
    *before, container = text.split(":")
    host = before.pop() if before else ""
    ip = _ip(":".join(before))
    container, _, protocol = container.partition("/")
    if not container:
        raise PortError("it names no container port")
    protocol = protocol.lower() or "tcp"
    if protocol not in {"tcp", "udp", "sctp"}:
        raise PortError(f"`{protocol}` is no protocol (tcp, udp and sctp are)")
    target = _range(container, "container")
    published = _range(host, "host") if host else None
    if published and target[0] != target[1] and published[1] - published[0] != target[1] - target[0]:
        raise PortError(f"the ranges {host} and {container} differ in length")
    return ip, published, target, protocol


def expanded(port: Port) -> Iterator[tuple[str, str, int, str]]:
    """Each published port of an item as (ip, host port text, container port, protocol), as Compose lists them."""
    if port.target is None:
        return
    low, high = port.target
    if port.published is not None and low == high and port.published[0] != port.published[1]:
        yield port.host_ip, f"{port.published[0]}-{port.published[1]}", low, port.protocol
        return
    for offset in range(high - low + 1):
        host = "" if port.published is None else str(port.published[0] + offset)
        yield port.host_ip, host, low + offset, port.protocol


def _port(item: Node, record: Record) -> Port | None:
    if isinstance(item, ScalarNode):
        return _short(item, record)
    if isinstance(item, MappingNode):
        return _long(item, record)
    _invalid(record, item, "a list is no port")
    return None


def _short(item: ScalarNode, record: Record) -> Port | None:
    text = item.text
    if text is None:
        return _partly(item)
    if item.kind not in {"str", "int"}:
        _invalid(record, item, f"a {item.kind} is no port")
        return None
    try:
        ip, published, target, protocol = split_short(text)
    except PortError as error:
        _invalid(record, item, str(error))
        return None
    return Port(item.place, ip, published, target, protocol, item.value)


def _partly(item: ScalarNode) -> Port:
    """A port of which a part is unknown: nothing but its container port may be told."""
    container, _, protocol = skeleton(item.value).rpartition(":")[2].partition("/")
    target = None
    if UNKNOWN not in container:
        try:
            target = _range(container, "container")
        except PortError:
            target = None
    return Port(item.place, "", None, target, protocol.lower() or "tcp", item.value, known=False)


def _long(item: MappingNode, record: Record) -> Port | None:
    fields = {key: node for key in ("target", "published", "host_ip", "protocol") if (node := item.get(key))}
    texts = {key: node.text if isinstance(node, ScalarNode) else None for key, node in fields.items()}
    if "target" not in fields:
        _invalid(record, item, "it names no container port (`target`)")
        return None
    value = next((n.value for k in ("published", "target") if isinstance(n := fields.get(k), ScalarNode)), None)
    if value is None:
        return None
    ip = texts.get("host_ip") or ""
    protocol = (texts.get("protocol") or "tcp").lower()
    if any(text is None for text in texts.values()):
        return Port(item.place, ip, None, None, protocol, value, known=False)
    try:
        target = _range(texts["target"] or "", "container")
        published = _range(texts["published"] or "", "host") if texts.get("published") else None
    except PortError as error:
        _invalid(record, item, str(error))
        return None
    return Port(item.place, ip, published, target, protocol, value)


def _range(text: str, side: str) -> tuple[int, int]:
    low, dash, high = text.partition("-")
    if not (low.isascii() and low.isdigit() and len(low) < 9) or (dash and not (high.isascii() and high.isdigit())):
        raise PortError(f"`{text}` is no {side} port")
    first, last = int(low), int(high[:9]) if dash else int(low)
    if last > _LARGEST or first > last:
        raise PortError(f"`{text}` is no {side} port" if first <= last else f"the range {text} runs backwards")
    return first, last


def _ip(text: str) -> str:
    if not text:
        return ""
    bare = text[1:-1] if text[0] == "[" and text[-1] == "]" else text
    if _IPV4.match(text):
        return text
    if ":" in text and bare is text:
        raise PortError(f"the address {text} needs brackets: [{text}]")
    import ipaddress

    try:
        ipaddress.ip_address(bare)
    except ValueError:
        raise PortError(f"`{text}` is no IP address") from None
    return bare


def _distinct(ports: list[Port]) -> Iterator[Port]:
    """The ports without those that a later item gives again; what is left of a range stands as single ports."""
    owner: dict[object, Port] = {}
    keys: dict[int, list[tuple[str, str, int, str]]] = {}
    for port in ports:
        keys[id(port)] = [] if _long_range(port) or len(owner) > _ALL else list(expanded(port))
        for key in keys[id(port)] or (id(port),):
            owner[key] = port
    done: set[int] = set()
    for port in owner.values():
        if id(port) in done:
            continue
        done.add(id(port))
        left = [key for key in keys[id(port)] if owner[key] is port]
        if len(left) == len(keys[id(port)]):
            yield port
        else:
            yield from (_single(port, key) for key in left)


def _long_range(port: Port) -> bool:
    return any(low_high is not None and low_high[1] - low_high[0] > _MOST for low_high in (port.published, port.target))


def _single(port: Port, key: tuple[str, str, int, str]) -> Port:
    host = (int(key[1]), int(key[1])) if key[1].isdigit() else port.published
    return Port(port.place, port.host_ip, host, (key[2], key[2]), port.protocol, port.value)


def _invalid(record: Record, item: Node, why: str) -> None:
    record.problem("invalid-port", item.place, "Compose refuses this port: {why}", why=why)
