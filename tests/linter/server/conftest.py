"""An analysis of files in memory, as the language server makes one of a folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from stackmend.linter.config import Overrides
from stackmend.linter.server.analysis import Analysis
from stackmend.linter.session import Request, run
from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.models.loading import load_deployment
from stackmend.schemas.models.project import Options
from stackmend.schemas.parsers.document import Place
from stackmend.schemas.workspace import Workspace

ROOT = "/project"
MARK = "¦"

COMPOSE = """\
x-env: &env
  DB_HOST: ${DB_HOST:-db}
services:
  api:
    image: langgenius/dify-api:1.11.4
    environment:
      <<: *env
      MODE: api
      SECRET_KEY: ${SECRET_KEY}
      CELERY_BROKER_URL: redis://:${REDIS_PASSWORD:-plaintextsecret}@redis:6379/1
    depends_on: [db, redis]
    networks: [back, default]
  worker:
    image: langgenius/dify-api:1.11.4
    environment:
      <<: *env
      MODE: worker
      SECRET_KEY: anothersecretvalue
  db:
    image: postgres:15
    environment:
      - POSTGRES_PASSWORD=${DB_PASSWORD}
    networks:
      - back
    volumes:
      - data:/var/lib/postgresql/data
  redis:
    image: redis:7
    profiles: [cache]
    command: redis-server --requirepass ${REDIS_PASSWORD:-plaintextsecret}
  proxy:
    image: nginx:1.27
    volumes:
      - ./nginx.conf.template:/etc/nginx/nginx.conf.template
    environment:
      LISTEN_PORT: ${LISTEN_PORT:-80}
  ssrf_proxy:
    image: ubuntu/squid:latest
    volumes:
      - ./squid.conf.template:/etc/squid/squid.conf.template
    environment:
      HTTP_PORT: 3128
networks:
  back: {}
volumes:
  data: {}
"""
ENV = """\
DB_HOST=db
SECRET_KEY=hunter2hunter2hunter2
DB_PASSWORD=correcthorsebattery
LISTEN_PORT=8080
API_URL=http://api:5001/v1
"""
NGINX = """\
events {}
http {
  server {
    listen ${LISTEN_PORT};
    location / {
      proxy_pass http://api:5001;
    }
  }
}
"""
SQUID = """\
acl localnet src 10.0.0.0/8
acl localnet src 192.168.0.0/16
acl Safe_ports port 80
http_access deny !Safe_ports
http_access allow localnet
http_access deny all
http_port ${HTTP_PORT}
"""
STACK = {"compose.yaml": COMPOSE, ".env": ENV, "nginx.conf.template": NGINX, "squid.conf.template": SQUID}


class At(NamedTuple):
    """An analysis with the place in it that a test asks about."""

    analysis: Analysis
    path: str
    offset: int


def analysis_of(files: Mapping[str, str]) -> Analysis:
    """What is known of files whose names are relative to the folder of the project."""
    data = {f"{ROOT}/{name}": text.encode("utf-8", "surrogateescape") for name, text in files.items()}
    workspace = Workspace(MemoryFiles(data, (ROOT,)))
    report = run(Request((ROOT,), ROOT, Overrides(), isolated=True), workspace).report
    options = Options(boundary=ROOT)
    deployments = tuple(load_deployment(workspace, summary.root, options) for summary in report.deployments)
    return Analysis(workspace, deployments, report)


def at(files: Mapping[str, str], name: str, words: str) -> At:
    """An analysis of files, and where `words` stand in one of them; a `¦` in the words is the offset."""
    text = files[name]
    start = text.index(words.replace(MARK, ""))
    return At(analysis_of(files), f"{ROOT}/{name}", start + max(words.find(MARK), 0))


def typed(files: Mapping[str, str], name: str, old: str, new: str) -> At:
    """As `at`, after the first `old` in a file became `new`, which holds the mark of the offset."""
    assert old in files[name]
    text = files[name].replace(old, new, 1)
    offset = text.index(MARK)
    return At(analysis_of({**files, name: text.replace(MARK, "")}), f"{ROOT}/{name}", offset)


def shown(place: Place) -> str:
    """A place as `file:line:text`."""
    return f"{place.document.path.removeprefix(ROOT + '/')}:{place.line}:{place.text}"
