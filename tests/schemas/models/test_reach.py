"""Who reaches whom in a stack, by which name and on which port."""

from __future__ import annotations

import pytest

from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.models.deployment import Deployment
from stackmend.schemas.models.loading import load_deployment
from stackmend.schemas.models.project import Options
from stackmend.schemas.workspace import Workspace


def stack(text: str, **others: str) -> Deployment:
    """A deployment in /p, with other files of the folder (`a__yaml` for `a.yaml`)."""
    files = {"/p/compose.yaml": text.encode()}
    files |= {f"/p/{name.replace('__', '.')}": body.encode() for name, body in others.items()}
    return load_deployment(Workspace(MemoryFiles(files)), "/p", Options(shell={}))


STACK = """
services:
  app:
    image: app
    networks: [front, back]
    extra_hosts: ["archive:10.0.0.1"]
    links: ["db:database"]
  db:
    image: postgres:16
    container_name: main-db
    hostname: dbhost
    networks:
      back:
        aliases: [store]
  lonely:
    image: x
    networks: [island]
  off:
    image: x
    networks: [back]
    profiles: [debug]
  onhost:
    image: x
    network_mode: host
  plain:
    image: x
  beside:
    image: x
    network_mode: service:db
networks: {front: , back: , island: }
"""


@pytest.mark.parametrize(
    ("reader", "host", "reach", "service"),
    [
        pytest.param("app", "db", "reached", "db", id="service-name"),
        pytest.param("app", "DB", "reached", "db", id="names-know-no-case"),
        pytest.param("app", "main-db", "reached", "db", id="container-name"),
        pytest.param("app", "store", "reached", "db", id="alias"),
        pytest.param("app", "dbhost", "reached", "db", id="hostname"),
        pytest.param("app", "p-db-1", "reached", "db", id="name-of-the-container-that-compose-makes"),
        pytest.param("app", "database", "reached", "db", id="link"),
        pytest.param("app", "app", "reached", "app", id="itself"),
        pytest.param("app", "beside", "reached", "beside", id="one-in-the-network-of-another"),
        pytest.param("beside", "app", "reached", "app", id="from-the-network-of-another"),
        pytest.param("app", "lonely", "apart", "lonely", id="no-common-network"),
        pytest.param("plain", "db", "apart", "db", id="default-is-a-network-of-its-own"),
        pytest.param("app", "off", "inactive", "off", id="profile-off"),
        pytest.param("app", "archive", "extra-host", None, id="extra-host"),
        pytest.param("app", "onhost", "maybe", "onhost", id="the-host's-network-cannot-be-told"),
        pytest.param("onhost", "db", "maybe", "db", id="from-the-host's-network"),
        pytest.param("app", "nobody", "none", None, id="no-such-name"),
    ],
)
def test_a_name_is_looked_up_as_in_a_container(reader: str, host: str, reach: str, service: str | None) -> None:
    deployment = stack(STACK)
    found = deployment.lookup(deployment.services[reader], host)
    assert (found.reach, [s.name for s in found.services]) == (reach, [service] if service else [])


@pytest.mark.parametrize(
    "more",
    [
        pytest.param("networks: [out]", id="external-network"),
        pytest.param("dns_search: corp.example", id="search-domain"),
        pytest.param("dns: [10.0.0.53]", id="name-server-of-its-own"),
        pytest.param("external_links: [other_1:queue]", id="external-link"),
    ],
)
def test_an_unknown_name_may_be_known_outside(more: str) -> None:
    deployment = stack(f"services:\n  app:\n    image: x\n    {more}\nnetworks:\n  out: {{external: true}}\n")
    assert deployment.lookup(deployment.services["app"], "queue").reach == "maybe"


def test_a_service_of_a_compose_file_beside_it_may_be_reached() -> None:
    text = "services:\n  app:\n    image: x\n"
    beside = "services:\n  queue:\n    image: redis\n    container_name: Jobs\n"
    deployment = stack(text, docker_compose_queue__yml=beside, notes__yaml="services:\n  ghost:\n    image: x\n")
    app = deployment.services["app"]
    reach = {name: deployment.lookup(app, name).reach for name in ("queue", "jobs", "ghost")}
    assert reach == {"queue": "maybe", "jobs": "maybe", "ghost": "none"}


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param("services: [", id="syntax"),
        pytest.param("services: 1", id="no-services"),
        pytest.param("", id="empty"),
        pytest.param("- a\n", id="a-list"),
    ],
)
def test_a_broken_file_beside_it_is_no_matter(broken: str) -> None:
    deployment = stack("services:\n  app:\n    image: x\n", docker_compose_old__yml=broken)
    assert deployment.lookup(deployment.services["app"], "queue").reach == "none"


def listening(body: str) -> frozenset[int] | None:
    deployment = stack("services:\n  s:\n    " + body.replace("\n", "\n    ") + "\n")
    return deployment.listening(deployment.services["s"])


@pytest.mark.parametrize(
    ("body", "ports"),
    [
        pytest.param("image: postgres:16", {5432}, id="by-its-image"),
        pytest.param("image: mirror.example/lib/redis:7", {6379}, id="by-the-image-of-a-mirror"),
        pytest.param("image: redis:7\ncommand: redis-server --port 6380", {6380}, id="moved-by-a-flag"),
        pytest.param("image: redis:7\ncommand: [redis-server, --port, '6380']", {6380}, id="moved-by-a-flag-in-a-list"),
        pytest.param(
            "image: minio/minio\ncommand: server /d --console-address ':9090'", {9000, 9090}, id="address-flag"
        ),
        pytest.param("image: kibana:8\nenvironment: {SERVER_PORT: '5700'}", {5700}, id="moved-by-a-variable"),
        pytest.param("image: ollama/ollama\nenvironment: {OLLAMA_HOST: '0.0.0.0:9999'}", {9999}, id="address-variable"),
        pytest.param("image: langgenius/dify-web:1.0.0", {3000}, id="by-its-role"),
        pytest.param("image: kibana:8\nenvironment: {SERVER_PORT: '${P:?}'}", None, id="an-unknown-variable"),
        pytest.param("image: redis:7\ncommand: redis-server /etc/redis.conf", None, id="a-file-decides"),
        pytest.param(
            "image: postgres:16\nvolumes: ['./c.conf:/etc/postgresql.conf']", None, id="a-mounted-file-decides"
        ),
        pytest.param("image: postgres:16\nentrypoint: /run.sh", None, id="another-entrypoint"),
        pytest.param("image: example/unknown", None, id="an-image-we-do-not-know"),
        pytest.param("image: nginx", None, id="an-image-without-fixed-ports"),
    ],
)
def test_a_service_listens_where_its_image_says_unless_it_was_moved(body: str, ports: set[int] | None) -> None:
    assert listening(body) == (None if ports is None else frozenset(ports))


def test_offered_ports_are_the_container_side_of_ports_and_expose() -> None:
    deployment = stack(
        'services:\n  s:\n    image: x\n    ports: ["8080:80", "9000-9002:9000-9002"]\n    expose: [70]\n'
    )
    assert deployment.offered(deployment.services["s"]) == frozenset({70, 80, 9000, 9001, 9002})


def test_contacts_follow_the_choice_that_was_made() -> None:
    text = """
services:
  api:
    image: langgenius/dify-api:1.11.4
    environment: {MODE: api, VECTOR_STORE: qdrant}
  plugin_daemon:
    image: langgenius/dify-plugin-daemon:0.5.1-local
  db:
    image: postgres
"""
    deployment = stack(text)
    api, daemon, db = (dict(deployment.contacts(deployment.services[n])) for n in ("api", "plugin_daemon", "db"))
    assert api["QDRANT_URL"] == ("qdrant",)
    assert "WEAVIATE_ENDPOINT" not in api
    assert daemon["DIFY_INNER_API_URL"] == ("api",)
    assert "CODE_EXECUTION_ENDPOINT" not in daemon
    assert db == {}
