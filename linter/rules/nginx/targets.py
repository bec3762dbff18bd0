"""Where the nginx services of a stack pass requests on, and where they listen, from every file that they mount."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Edit,
    Fix,
    LatePattern,
    MountedFile,
    NginxDirective,
    NginxTree,
    NginxWord,
    Place,
    Related,
    Service,
)
from .pieces import address, made

_PASSES = frozenset(("proxy_pass", "grpc_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "memcached_pass"))
_STANDARD = {"http": "80", "https": "443"}
_TARGET = LatePattern(
    r"(?:(?P<scheme>[a-z]+)://)?(?P<host>\[[0-9A-Fa-f:.]+\]|[^:/\s\[\]$]+)(?::(?P<port>\d{1,5}))?(?P<path>/.*)?$"
)
_NGINX_IMAGES = LatePattern(r"(?:docker\.io/)?(?:library/|nginxinc/)?nginx(?:-unprivileged)?(?:[:@].*)?")
PREFIX = "/etc/nginx/"
# What the start script of Dify's nginx writes for these holes of its templates: listening with TLS, and a location.
TLS_HOLE = "${HTTPS_CONFIG}"
FILLED_HOLES = (TLS_HOLE, "${ACME_CHALLENGE_LOCATION}")
_OF_CONFIGURATION = LatePattern(r"/etc/nginx(?:/(?:.*\.conf(?:\.template)?|conf\.d|templates))?")
# Files of the image; none of them names an upstream.
_OF_THE_IMAGE = LatePattern(
    r"/etc/nginx/(?:mime\.types|fastcgi\.conf|(?:fastcgi|scgi|uwsgi|proxy)_params|koi-(?:utf|win)|win-utf"
    r"|(?:modules-enabled|conf\.d)/\*(?:\.conf)?|(?:conf\.d|templates)/default\.conf)|/usr/share/nginx/modules/\*\.conf"
)


class Upstream(NamedTuple):
    """A place where a mounted nginx file names another host. `port` is the one used, "" when the protocol has none.

    `path` is what follows the host and the port, `location` the innermost one around the directive. `scheme` is the
    place of its protocol, None where it has none or a variable gives it. `late` are those that a variable of nginx
    gives: they are looked up for each request, and the path stays as it came. `read` is the word in nginx's file; what
    fills it in may stand elsewhere.
    """

    file: MountedFile
    directive: NginxDirective
    host: str
    place: Place
    port: str
    port_place: Place | None
    path: str
    location: NginxDirective | None
    scheme: Place | None
    late: bool
    read: Place

    @property
    def filled_in(self) -> tuple[Related, ...]:
        """Where nginx reads the host, if a person edits it elsewhere."""
        if self.place.document.path == self.read.document.path:
            return ()
        return (Related(self.read, "it is filled in here, for nginx"),)

    @property
    def nginx(self) -> Service:
        """The service that runs nginx."""
        return self.file.service


def trees(deployment: Deployment, service: Service) -> list[tuple[MountedFile, NginxTree]]:
    """The nginx files that a service mounts, but for those of a template language nobody can read."""
    files = deployment.mounted_by(service, "nginx")
    return [(f, f.tree) for f in files if isinstance(f.tree, NginxTree) and not f.tree.template]


def upstreams(deployment: Deployment) -> Iterator[Upstream]:
    """Every host that the active nginx services pass to; names of `upstream` blocks and unknown values left out."""
    for service in deployment.project.active:
        mounted = trees(deployment, service)
        names = {
            d.arguments[0].text.lower()
            for _, tree in mounted
            for d, _ in tree.walk()
            if d.name.text == "upstream" and d.arguments
        }
        for file, tree in mounted:
            own = made(tree)
            for directive, parents in tree.walk():
                word = _target_word(directive, parents)
                found = _upstream((file, tree, own), (*parents, directive), word) if word is not None else None
                if found is not None and found.host.lower() not in names:
                    yield found


def the_one(deployment: Deployment, upstream: Upstream, services: Sequence[Service]) -> Service | None:
    """The only one of some services, or the only one to which the same nginx passes elsewhere."""
    if len(services) > 1:
        named = {other.host for other in upstreams(deployment) if other.nginx is upstream.nginx}
        services = [service for service in services if service.name in named]
    return services[0] if len(services) == 1 else None


def speaks_no_tls(scheme: Place, service: Service, port: str, related: Related) -> Diagnostic:
    """What is said of an `https` that leads to a program without TLS."""
    values = (("service", service.name), ("port", port))
    return Diagnostic(
        scheme,
        "`{service}` speaks plain HTTP on port {port}: with `https` nginx gives 502 here",
        values,
        (related,),
        (Fix("Write `http`", (Edit(scheme, "http"),), Applicability.UNSAFE, values),),
    )


def is_plain_nginx(service: Service) -> bool:
    """Whether a service runs the image that nginx's authors publish, with nothing built upon it."""
    image = (service.image.text or "") if service.image else ""
    return service.get("build") is None and _NGINX_IMAGES.fullmatch(image) is not None


def reads_other_files(deployment: Deployment, service: Service) -> bool:
    """Whether a service's nginx includes files that are not mounted, or comes with others in an image of its own."""
    if service.get("build") is not None or deployment.server(service) is None or _hides_some(deployment, service):
        return True
    mounted = trees(deployment, service)
    there = {file.served_path for file, _ in mounted}
    for file, tree in mounted:
        for directive, _ in tree.walk():
            if directive.name.text == "include" and directive.arguments:
                text = file.filled(directive.arguments[0].text)
                if text is None or not _known(posixpath.join(PREFIX, text), there):
                    return True
    return False


def _hides_some(deployment: Deployment, service: Service) -> bool:
    """Whether something is mounted among nginx's files that is not there to be read: a volume, or what is missing."""
    return any(
        mount.target is not None
        and _OF_CONFIGURATION.fullmatch(mount.target.rstrip("/"))
        and (mount.path is None or not deployment.exists(mount.path))
        for mount in service.mounts
    )


def in_image(path: str) -> bool:
    """Whether a file or pattern of files comes with nginx's image."""
    return _OF_THE_IMAGE.fullmatch(path) is not None


def _known(path: str, there: set[str]) -> bool:
    return in_image(path) or path in there or bool(fnmatch.filter(there, path))


def listens(deployment: Deployment, service: Service) -> frozenset[int] | None:
    """The ports on which the servers of a service's nginx files listen; None when one of them cannot be told."""
    ports: set[int] = set()
    for file, tree in trees(deployment, service):
        for directive, _ in tree.walk():
            if directive.name.text == TLS_HOLE:
                ports.add(_tls_port(file))
            elif directive.placeholder and directive.name.text not in FILLED_HOLES:
                return None
            if directive.name.text == "listen" and directive.arguments:
                port = re.fullmatch(
                    r"(?:.*:)?(\d{1,5})|[\w.*-]+|\[.*\]", file.filled(directive.arguments[0].text) or ""
                )
                if port is None:
                    return None
                ports.add(int(port[1] or 80))
    return frozenset(ports)


def _tls_port(file: MountedFile) -> int:
    text = file.filled("${NGINX_SSL_PORT}") or ""
    return int(text) if re.fullmatch(r"[0-9]{1,5}", text) else 443


def _target_word(directive: NginxDirective, parents: tuple[NginxDirective, ...]) -> NginxWord | None:
    if not directive.arguments:
        return None
    if directive.name.text in _PASSES:
        return directive.arguments[0]
    inside = parents[-1].name.text if parents else ""
    if directive.name.text == "server" and inside == "upstream" and directive.block is None:
        return directive.arguments[0]
    return None


def _upstream(
    source: tuple[MountedFile, NginxTree, Mapping[str, NginxWord]],
    chain: tuple[NginxDirective, ...],
    word: NginxWord,
) -> Upstream | None:
    directive, (file, tree, _) = chain[-1], source
    found = address(*source, word)
    match = _TARGET.match(found.text) if found is not None and not found.text.startswith("unix:") else None
    if match is None or found is None:
        return None

    def place(name: str) -> Place:
        piece = found.piece(*match.span(name))
        return piece[0].place(tree, match.start(name) - piece[1], match.end(name) - piece[1]) if piece else own

    own = Place(tree.document, word.span)
    standard = "80" if directive.name.text == "server" else _STANDARD.get(match["scheme"] or "", "")
    scheme = place("scheme") if match["scheme"] else None
    giving = found.piece(*match.span("host"))
    return Upstream(
        file,
        directive,
        match["host"],
        place("host"),
        match["port"] or standard,
        place("port") if match["port"] else None,
        match["path"] or "",
        next((d for d in reversed(chain) if d.name.text == "location"), None),
        scheme if scheme and scheme.text == match["scheme"] else None,
        late=found.late,
        read=Place(tree.document, giving[0].word.span) if giving else own,
    )
