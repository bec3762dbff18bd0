"""What may be written in nginx and squid files, and in the JSON configuration of a product, at an offset."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...schemas.models.config_keys import ConfigTable
from ...schemas.parsers import nginx_directives, squid_directives
from ...schemas.parsers.document import Span
from . import offers
from .index import indexes
from .offers import Completion, Sort

if TYPE_CHECKING:
    from ...schemas.models.deployment import Deployment
    from ...schemas.models.service import Service
    from .analysis import Analysis

_NGINX = re.compile(r"#[^\n]*|\"(?:[^\"\\]|\\.)*\"?|'(?:[^'\\]|\\.)*'?|\$\{[^}\n]*\}?|[{};]|[^\s{};\"'#$]+|\$")
_JSON = re.compile(r"//[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/)?|\"(?:[^\"\\\n]|\\.)*\"?|[{}\[\]:,]|[^\s{}\[\]:,\"/]+|/")
_PASSES = {
    "proxy_pass": "http://", "grpc_pass": "grpc://", "fastcgi_pass": "", "uwsgi_pass": "uwsgi://", "server": "",
    "scgi_pass": "", "memcached_pass": "",
}  # fmt: skip


def complete_nginx(analysis: Analysis, path: str, text: str, offset: int) -> Iterator[Completion]:
    """Directives that the block around takes; addresses of services behind `proxy_pass` and its sisters."""
    parents, words, inside = _nginx_state(text, offset)
    if inside:
        return
    span = _word(text, offset, r"[^\s;{}\"']")
    prefix = text[span.start : offset]
    name = words[0] if words else ""
    if not name or (len(words) == 1 and prefix and words[0] == prefix):
        yield from _nginx_directives(parents, span)
    elif name in _PASSES and (name != "server" or parents[-1:] == ["upstream"]):
        readers = [f.service for d in analysis.readers(path) for f in d.mounted if f.path == path]
        for deployment in analysis.readers(path):
            yield from _upstreams(deployment, readers, _PASSES[name], span)
    elif any(form.flag for form in nginx_directives.forms(name)):
        for value in ("on", "off"):
            yield Completion(value, Sort.VALUE, name, span, value, f"nginx:{name}")


def _nginx_state(text: str, offset: int) -> tuple[list[str], list[str], bool]:
    """The blocks around an offset, the words of the statement in it, and whether it is in a comment or quotes."""
    parents: list[str] = []
    words: list[str] = []
    for token in _NGINX.finditer(text, 0, offset):
        mark = token[0]
        if mark.startswith("#"):
            if token.end() == offset and "\n" not in mark:
                return parents, words, True
        elif mark == "{":
            parents.append(words[0] if words else "")
            words = []
        elif mark == "}":
            del parents[-1:]
            words = []
        elif mark == ";":
            words = []
        else:
            words.append(mark)
    return parents, words, False


def _nginx_directives(parents: list[str], span: Span) -> Iterator[Completion]:
    where = nginx_directives.contexts(parents)
    if where is None and not parents:
        where = frozenset(("main", "http", "server", "location"))
    for name in nginx_directives.names():
        for form in nginx_directives.forms(name):
            if where is None or nginx_directives.ANY in form.contexts or not where.isdisjoint(form.contexts):
                text = f"{name} " if form.least else name
                yield Completion(name, Sort.DIRECTIVE, ", ".join(sorted(form.contexts)), span, text, f"nginx:{name}")
                break


def _upstreams(deployment: Deployment, readers: list[Service], scheme: str, span: Span) -> Iterator[Completion]:
    """The addresses of the services that share a network with nginx."""
    for service in deployment.services.values():
        mine = [reader for reader in readers if reader.name in deployment.services]
        if service in mine or not any(_share(deployment, reader, service) for reader in mine):
            continue
        for port in offers.ports(deployment, service):
            text = f"{scheme}{service.name}:{port}"
            yield Completion(text, Sort.ADDRESS, f"service {service.name}", span, text, f"service:{service.name}")


def _share(deployment: Deployment, reader: Service, service: Service) -> bool:
    own, theirs = deployment.networks(reader), deployment.networks(service)
    return own is None or theirs is None or bool(own & theirs)


def complete_squid(analysis: Analysis, path: str, text: str, offset: int) -> Iterator[Completion]:
    """Directives at the start of a line; `allow`, `deny`, acls and types of acls where they belong."""
    start = text.rfind("\n", 0, offset) + 1
    head = text[start:offset]
    if head.lstrip().startswith("#"):
        return
    words = head.split()
    span = _word(text, offset, r"[^\s]")
    if span.start < offset:
        words = words[:-1]
    if not words:
        for name in sorted(squid_directives.names()):
            yield Completion(name, Sort.DIRECTIVE, "squid", span, f"{name} ", f"squid:{name}")
        return
    before = squid_directives.access().get(words[0])
    if before is not None and len(words) == before + 1:
        for word in ("allow", "deny"):
            yield Completion(word, Sort.VALUE, words[0], span, f"{word} ", f"squid:{words[0]}")
    elif words[0] == "acl" and len(words) == 2:
        for kind in squid_directives.acl_types():
            yield Completion(kind, Sort.VALUE, "type of acl", span, f"{kind} ")
    elif (before is not None and len(words) > before + 1) or (words[0] == "acl" and len(words) == 1):
        negated = text[span.start : span.start + 1] == "!"
        names = dict.fromkeys(n for index in indexes(analysis, path) for n in index.named("acl"))
        built_in = {} if words[0] == "acl" else dict.fromkeys(squid_directives.BUILT_IN)
        for name in (*names, *(n for n in built_in if n not in names)):
            kind = "acl" if name in names else "acl of squid's own"
            yield Completion(name, Sort.NAME, kind, Span(span.start + negated, span.end), name, f"acl:{name}")


def complete_json(deployments: tuple[Deployment, ...], text: str, offset: int) -> Iterator[Completion]:
    """The keys that a product's release reads at this place of its configuration."""
    place = _json_place(text, offset)
    if place is None:
        return
    path, span, quoted = place
    for deployment in deployments:
        for table in deployment.tables:
            try:
                keys = table.configuration
            except OSError:
                continue
            version = deployment.versions.get(table.name)
            yield from _json_keys(keys, path, span, quoted, version)


def _json_keys(
    keys: ConfigTable, path: str, span: Span, quoted: bool, version: tuple[int, ...] | None
) -> Iterator[Completion]:
    for key in keys.keys.values():
        parent, _, name = key.path.rpartition(".")
        if parent == path and (version is None or key.known(version)) and "[]" not in name:
            text = name if quoted else f'"{name}": '
            yield Completion(name, Sort.KEY, key.type, span, text, f"json:{key.path}")


def _json_place(text: str, offset: int) -> tuple[str, Span, bool] | None:
    """The path of the object in which a key may be written at an offset, its span, and whether it has quotes yet."""
    stack: list[tuple[str, str]] = []
    key, last, expecting = "", "", False
    for token in _JSON.finditer(text, 0, offset):
        mark = token[0]
        if mark in ("{", "["):
            above = stack[-1] if stack else ("", "")
            step = key if above[0] == "{" else "[]" if above[0] == "[" else ""
            joined = above[1] + step if step == "[]" else ".".join(filter(None, (above[1], step)))
            stack.append((mark, joined))
            expecting = mark == "{"
        elif mark in ("}", "]"):
            del stack[-1:]
            expecting = False
        elif mark == ",":
            expecting = bool(stack) and stack[-1][0] == "{"
        elif mark == ":":
            key, expecting = last, False
        elif mark.startswith(("//", "/*")):
            if token.end() == offset:
                return None
        else:
            closed = len(mark) > 1 and mark.endswith('"')
            if token.end() == offset and mark.startswith('"') and not closed:
                end = re.match(r"[^\"\n]*", text[offset : offset + 500])
                tail = end.end() if end else 0
                inside = text[offset + tail : offset + tail + 1] == '"'
                begin = token.start() + inside
                return (stack[-1][1], Span(begin, offset + tail), inside) if expecting and stack else None
            last = mark.strip('"')
            if token.end() == offset:
                return (stack[-1][1], Span(token.start(), offset), False) if expecting and stack else None
    return (stack[-1][1], Span(offset, offset), False) if expecting and stack else None


def _word(text: str, offset: int, character: str) -> Span:
    """The word around an offset."""
    start = max(0, offset - 500)
    before = re.search(rf"{character}*\Z", text[start:offset])
    after = re.match(rf"{character}*", text[offset : offset + 500])
    return Span(offset - (len(before[0]) if before else 0), offset + (after.end() if after else 0))
