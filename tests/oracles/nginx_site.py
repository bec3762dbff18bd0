"""What the nginx of a deployment reads, as one text for `nginx -t`: rendered, with its includes in place."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Mapping
from typing import NamedTuple

from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.models.deployment import Deployment
from stackmend.schemas.models.discovery import COMPOSE_NAMES
from stackmend.schemas.models.loading import load_deployment
from stackmend.schemas.models.project import Options
from stackmend.schemas.models.service import Service
from stackmend.schemas.workspace import Workspace

from .conftest import Judge

# Where a part of a configuration may be meant to stand.
FRAMES = (
    "%s",
    "events {}\nhttp {\n%s\n}",
    "events {}\nstream {\n%s\n}",
    "events {}\nhttp { server {\n%s\n} }",
    "events {}\nhttp { server { location / {\n%s\n} } }",
)
# What nginx's image has for a main file, as far as it decides on what is read.
_OF_IMAGE = "events {}\nhttp {\ninclude /etc/nginx/conf.d/*.conf;\n}\n"
# What Dify's start script makes with https and certbot switched off.
_BY_SCRIPT = {"HTTPS_CONFIG": "", "ACME_CHALLENGE_LOCATION": ""}
_INCLUDE = re.compile(r"(?m)^([ \t]*)include[ \t]+([^\s;]+)[ \t]*;")
_PID = "pid nginx.pid; "
_DEPTH = 5


class Site(NamedTuple):
    """One nginx: whose it is, and all that it reads."""

    name: str
    text: str


def sites(files: Mapping[str, str], root: str = "/project") -> list[Site]:
    """The configuration of every service that mounts nginx files; without a Compose file, each file by itself."""
    data = {f"{root}/{path}": text.encode("utf-8", "surrogateescape") for path, text in files.items()}
    if not any(name in files for name in COMPOSE_NAMES):
        return [Site(path, _at_home(text, ())) for path, text in files.items() if _is_nginx(path)]
    deployment = load_deployment(Workspace(MemoryFiles(data)), root, Options(shell={}))
    hosts = _hosts(deployment)
    texts = ((service.name, _read_by(deployment, service)) for service in deployment.project.active)
    return [Site(name, _at_home(text, hosts)) for name, text in texts if text]


def _is_nginx(path: str) -> bool:
    return path.endswith((".conf", ".conf.template")) and "squid" not in path


def _read_by(deployment: Deployment, service: Service) -> str:
    """What the nginx of a service reads; "" for a service without nginx files."""
    files: dict[str, str] = {}
    environment = {n: v.value.text for n, v in service.environment.items() if v.value.text is not None}
    for file in deployment.mounted_by(service, "nginx"):
        text = deployment.workspace.document(file.path).text
        if file.template:
            text = rendered(text, {**_BY_SCRIPT, **environment})
        made = file.container_path.removesuffix(".template").replace("/nginx/templates/", "/nginx/conf.d/")
        files[made] = text
    main = files.get("/etc/nginx/nginx.conf", _OF_IMAGE)
    return _joined(main, files, 0) if files else ""


def _joined(text: str, files: Mapping[str, str], depth: int) -> str:
    """A text with the files that it includes in place; those that are not there are left out."""

    def included(match: re.Match[str]) -> str:
        path = posixpath.join("/etc/nginx", match[2])
        found = [t for p, t in sorted(files.items()) if fnmatch.fnmatchcase(p, path)]
        return "\n".join(_joined(t, files, depth + 1) for t in found) if depth < _DEPTH else ""

    return _INCLUDE.sub(included, text)


def rendered(text: str, environment: Mapping[str, str]) -> str:
    """A template as `envsubst` leaves it when it is given the names of these variables."""
    pattern = r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))"
    return re.sub(pattern, lambda m: environment.get(m[1] or m[2], m[0]), text, flags=re.ASCII)


def _hosts(deployment: Deployment) -> tuple[str, ...]:
    """The names that Docker's name server knows."""
    found = {"localhost"}
    for service in deployment.project.active:
        found |= {service.name, *(alias for a in service.networks for alias in a.aliases), *service.extra_hosts}
        if service.container_name is not None and service.container_name.text:
            found.add(service.container_name.text)
    return tuple(sorted(found))


def _at_home(text: str, hosts: tuple[str, ...]) -> str:
    """A configuration without what needs another machine: hosts (all where none are named), certificates, users."""
    names = "|".join(re.escape(host) for host in hosts) or r"[\w.-]+"
    text = re.sub(rf"\b((?:https?|grpcs?)://)(?:{names})(?=[:/;\"'\s])", r"\g<1>127.0.0.1", text)
    text = re.sub(rf"\b((?:fastcgi|uwsgi|scgi)_pass[ \t]+)(?:{names})(?=:)", r"\g<1>127.0.0.1", text)
    text = re.sub(rf"(?m)^([ \t]*server[ \t]+)(?:{names})(?=[:;\s])(?![ \t]*\{{)", r"\g<1>127.0.0.1", text)
    text = re.sub(r"(?m)^[ \t]*(?:ssl_(?:\w+_)?certificate(?:_key)?|ssl_dhparam|user|load_module)\s[^;\n]*;", "", text)
    text = re.sub(r"(?m)^[ \t]*include\s[^;\n]*;", "", text)
    text = re.sub(r"\b(listen[^;\n]*) ssl\b", r"\g<1>", text)
    text = re.sub(r"(?<=\s)/(?:var/(?:run|log|cache)|run)/(?:nginx/)?(?=[\w.-]+)", "", text)
    return _PID + re.sub(r"(?m)^[ \t]*pid\s[^;\n]*;", "", text)


def refusal(nginx: Judge, site: Site) -> str:
    """What nginx refuses a site with, in the place in which it gets furthest; "" when it takes it in one of them."""
    body = site.text.removeprefix(_PID)
    said = [nginx(_PID + frame % body) for frame in FRAMES]
    return "" if "" in said else "\n".join(said)


def filled(text: str) -> str:
    """A template whose environment nobody knows, with something that nginx takes for each of its names."""
    text = re.sub(r"(?m)^([ \t]*)\$\{[A-Z_]+\}[ \t]*$", r"\1", text)
    text = re.sub(r"\$\{\w+\}(://)\$\{\w+\}", r"http\g<1>127.0.0.1", text)
    text = re.sub(r"((?:://|\bserver[ \t]+|_pass[ \t]+))\$\{[A-Z_]+\}", r"\g<1>127.0.0.1", text)
    text = re.sub(r"\$\{\w*(?:SIZE|PORT|PROCESSES|TIMEOUT)\w*\}", "100", text)
    return re.sub(r"\$\{\w*PROTOCOLS\}", "TLSv1.2", re.sub(r"\$\{[A-Z_]+(?<!PROTOCOLS)\}", "x", text))


def stop(nginx: Judge, text: str) -> tuple[str, int]:
    """What nginx says of a file and on which of its lines it stops, in the place in which it gets furthest.

    "" and 0 when it takes the file; a line of 0 where nginx names none of the file's.
    """
    body = _at_home(text, ()).removeprefix(_PID)
    last = body.count("\n") + 1
    best = "", -1
    for frame in FRAMES:
        said = nginx(_PID + frame % body)
        if not said:
            return "", 0
        named = re.search(r"nginx\.conf:(\d+)", said)
        line = int(named[1]) - frame.partition("%s")[0].count("\n") if named else last + 1
        # A stop before the file is one at the frame: the judge lacks the module for it.
        reached = min(line, last + 1)
        if reached > max(best[1], 0):
            best = said, reached
    return best[0], best[1] if best[1] <= last else 0
