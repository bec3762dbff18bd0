"""The compose model against Docker Compose, form by form: each small project loads or is refused as Compose does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.oracle

SERVICE = "services:\n  a:\n    image: x\n"
OVER = "services:\n  a:\n"

KINDS = """services:
  a:
    image: x
    environment: {A: 1.10, B: 1e3, C: 0123, D: 0x1F, E: 1_000, F: True, G: yes, H: 1e21, I: 1000000.0, L: .5, M: ~,
      O: 0o17, P: 0b11, R: 1.0, S: 12345678.5, T: -0, U: +5, V: 08, X: 0.00001, Z: 99999999999999999999,
      AB: -1.5e-7, AC: 1_000.5,
      AF: 18446744073709551615, AG: !!str 5, AI: 1., AJ: 5e, AK: 1:30, AL: 0b, AM: -0x1f, AN: .inf, AO: -.inf, AP: .nan}
"""

ALONE: dict[str, str] = {
    "values in an environment map": KINDS,
    "environment list": SERVICE + "    environment: [A=1, B, 'C=a=b', 'D=', A=2, HOME]\n",
    "environment list with a number": SERVICE + "    environment: [1, A=2]\n",
    "environment list with a map": SERVICE + "    environment: [A: 1]\n",
    "environment value that is a list": SERVICE + "    environment: {A: [1, 2]}\n",
    "environment value that is a date": SERVICE + "    environment: {A: 2024-01-01}\n",
    "number as a key": SERVICE + "    environment: {1: a}\n",
    "dollars": SERVICE + "    environment: ['A=echo $ $1 $$x $(a) ${U:-x$$y} $']\n",
    "broken expression": SERVICE + "    environment: {A: '${A'}\n",
    "broken expression in an extension": SERVICE + "x-q: '${A.B}'\n",
    "required variable": SERVICE + "    command: 'echo ${A:?need A}'\n",
    "alternatives": SERVICE
    + "    environment: {A: '${HOME:+set}', B: '${NO:+set}', C: '${NO+set}', D: '${NO-x${HOME}y}'}\n",
    "list and block texts": SERVICE
    + '    environment:\n      A: |\n        one ${HOME}\n        two\n      B: "a\\tb${HOME}"\n',
    "mount twice": SERVICE + "    volumes: ['./a:/x', './b:/x/']\n",
    "mount and tmpfs": SERVICE + "    volumes: ['./a:/x']\n    tmpfs: [/x]\n",
    "mount forms": SERVICE
    + "    volumes: [/data, ab, './a:/b:ro,z,bogus', '~/q:/q', 'c:\\d:/e', {type: bind, source: q/w,"
    " target: /t}, '..:/up',"
    " {type: tmpfs, target: /tt}, {type: volume, target: /an}, '/abs/../z:/g/', '${PWD}/k:/k', '.:/dot',"
    " '$HOME/u:/u']\n",
    "mount of a volume that is not there": SERVICE + "    volumes: ['zzz:/x']\n",
    "mount with an empty part": SERVICE + "    volumes: ['./a::ro']\n",
    "mount with too many parts": SERVICE + "    volumes: ['aa:/bb:ro:dd']\n",
    "mount that is empty": SERVICE + "    volumes: ['']\n",
    "mount of drives": SERVICE + "    volumes: ['a:b:c:d']\n",
    "mount without a target": SERVICE + "    volumes: [{type: bind, source: ./q}]\n",
    "container name twice": "services:\n  a: {image: x, container_name: ccc}\n  b: {image: x, container_name: ccc}\n",
    "container name twice, one off": "services:\n  a: {image: x, container_name: ccc}\n"
    "  b: {image: x, container_name: ccc, profiles: [p]}\n",
    "container name of many": SERVICE + "    container_name: ccc\n    scale: 2\n",
    "network_mode and networks": SERVICE + "    network_mode: host\n    networks: [default]\n",
    "network_mode and ports": SERVICE + "    network_mode: host\n    ports: ['80:80']\n",
    "dependency that does not exist": SERVICE + "    depends_on: [z]\n",
    "optional dependency that does not exist": SERVICE
    + "    depends_on: {z: {condition: service_started, required: false}}\n",
    "dependency that is off": SERVICE + "    depends_on: [b]\n  b: {image: y, profiles: [p]}\n",
    "optional dependency that is off": SERVICE
    + "    depends_on: {b: {condition: service_started, required: false}}\n  b: {image: y, profiles: [p]}\n",
    "dependencies in a ring": "services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, depends_on: [a]}\n",
    "dependency on itself": "services:\n  a: {image: x, depends_on: [a]}\n",
    "implied dependencies": SERVICE + "    links: ['b:alias', c]\n    volumes_from: ['d:ro', 'container:q']\n"
    "    ipc: 'service:e'\n  b: {image: y}\n  c: {image: y}\n  d: {image: y}\n  e: {image: y}\n",
    "link that does not exist": SERVICE + "    links: [z]\n",
    "volumes_from that does not exist": SERVICE + "    volumes_from: [z]\n",
    "network_mode of a service that does not exist": SERVICE + "    network_mode: service:z\n",
    "network that does not exist": SERVICE + "    networks: [z]\n",
    "network that does not exist, service off": SERVICE
    + "  b: {image: x, profiles: [p], env_file: [zz.env], networks: [q]}\n",
    "secret that does not exist": SERVICE + "    secrets: [z]\n",
    "config that does not exist": SERVICE + "    configs: [{source: z, target: /z}]\n",
    "networks": "networks: {a: , b: }\n"
    + SERVICE
    + "    networks: {a: null, b: {aliases: [q, r], ipv4_address: 1.2.3.4}}\n",
    "networks that are empty": SERVICE + "    networks: []\n",
    "no image": "services:\n  a: {ports: ['80:80']}\n",
    "healthcheck list without CMD": SERVICE + "    healthcheck: {test: [curl, x]}\n",
    "secret of nothing": SERVICE + "secrets: {s: {}}\n",
    "config of nothing": SERVICE + "configs: {s: {}}\n",
    "external volume with a driver": SERVICE + "volumes: {s: {external: true, driver: local}}\n",
    "empty file": "# nothing\n",
    "file without services": "x-a: 1\n",
    "list for a file": "- a\n",
    "services that are nothing": "services:\n",
    "services in a list": "services: [a]\n",
    "service that is a text": "services:\n  a: foo\n",
    "service that is nothing": "services:\n  a:\n",
    "name from a variable": "name: ${Q:-hey}\n" + SERVICE + "    environment: {P: '${COMPOSE_PROJECT_NAME}'}\n",
    "name with capitals": "name: Bad_Name\n" + SERVICE + "    environment: {P: '${COMPOSE_PROJECT_NAME}'}\n",
    "documents in one file": SERVICE
    + "    ports: ['80:80']\n---\nservices:\n  a:\n    ports: ['81:81']\n    image: y\n",
    "merge key of nothing": SERVICE + "    <<:\n",
    "merge keys": "x-a: &a {image: x, hostname: a}\nx-b: &b {image: y, hostname: h, environment: {B: 1}}\n"
    "services:\n  a:\n    <<: [*a, *b]\n    container_name: own\n",
    "merge key between others": "x-a: &a {A: 1, C: 1}\nservices:\n  a:\n    image: x\n    environment:\n"
    "      B: 1\n      <<: *a\n      A: 2\n",
    "extends": SERVICE
    + "    extends: b\n    environment: [A=own]\n  b: {extends: c, ports: ['1:1'], environment: [A=b, B=b]}\n"
    "  c: {image: z, environment: {A: c, C: c}, profiles: []}\n",
    "extends takes profiles": SERVICE + "    extends: b\n  b: {image: y, profiles: [p]}\n",
    "extends with networks and links": SERVICE + "    extends: b\n    networks: [n]\n"
    "  b: {image: y, networks: [m], links: [c]}\n  c: {image: z}\nnetworks: {n: , m: }\n",
    "extends in a ring": SERVICE + "    extends: b\n  b: {image: y, extends: a}\n",
    "extends itself": SERVICE + "    extends: a\n",
    "extends nothing": SERVICE + "    extends:\n",
    "extends what does not exist": SERVICE + "    extends: zzz\n",
    "extends a file that is not there": SERVICE + "    extends: {file: q.yaml, service: z}\n",
    "extends with reset and override": SERVICE
    + "    extends: b\n    ports: !reset []\n    environment: !override {C: 1}\n"
    "  b: {image: y, ports: ['1:1'], environment: {A: 1}}\n",
    "boolean that is none": SERVICE + "    privileged: '${P:-maybe}'\n",
    "boolean as text": SERVICE + "    privileged: 'true'\n    tty: '${P:-yes}'\n",
    "number that is none": SERVICE + "    cpus: '${P:-a}'\n",
    "number that is empty": SERVICE + "    healthcheck: {test: x, retries: '${P}'}\n",
    "size that is none": SERVICE + "    mem_limit: '${P:-12x}'\n",
    "duration that is none": SERVICE + "    stop_grace_period: '${P:-12x}'\n",
    "sizes and durations": SERVICE + "    mem_limit: 1.5g\n    shm_size: '64m'\n    stop_grace_period: 1m30s\n",
}

NULLS = [
    "build",
    "cap_add",
    "cap_drop",
    "configs",
    "container_name",
    "depends_on",
    "devices",
    "dns",
    "dns_opt",
    "dns_search",
    "env_file",
    "environment",
    "expose",
    "external_links",
    "extra_hosts",
    "group_add",
    "healthcheck",
    "hostname",
    "labels",
    "links",
    "logging",
    "network_mode",
    "networks",
    "ports",
    "profiles",
    "restart",
    "secrets",
    "security_opt",
    "sysctls",
    "tmpfs",
    "ulimits",
    "user",
    "volumes",
    "volumes_from",
    "working_dir",
    "command",
    "entrypoint",
    "deploy",
]

PORTS = [
    "80",
    "'80'",
    "'80:81'",
    "'127.0.0.1:80:81/udp'",
    "'[::1]:80:81'",
    "'::1:6000:6000'",
    "'3000-3002'",
    "'3000-3002:4000-4002'",
    "'3000-3002:4000'",
    "'3000-3001:4000-4002'",
    "'80:'",
    "':80'",
    "'127.0.0.1::80'",
    "'80:81/TCP'",
    "'80/foo'",
    "'abc:80'",
    "'80:80:80'",
    "'65536:1'",
    "'0:80'",
    "22:22",
    "80.5",
    "'localhost:80:80'",
    "''",
    "'08:80'",
    "'3002-3000:1-3'",
    "'80/'",
    "'80:80/'",
    "'+80'",
    "'0x50'",
    "'80:81:82:83'",
    "'256.1.1.1:80:80'",
    "'1.2.3:80:80'",
    "{target:_80}",
    "{target:_'80',_published:_81}",
    "{published:_80}",
    "{target:_80-81}",
    "{target:_abc}",
    "{target:_80,_published:_'81-83',_host_ip:_1.2.3.4,_protocol:_udp,_mode:_host}",
    "${NO:-8080}:80",
    "'${NO}:80'",
]

HOSTS = [
    "['a:1.2.3.4', 'b=::1']",
    "{a: 1.2.3.4, b: ['::1', '1.1.1.1']}",
    "['a']",
    "['h:host-gateway']",
    "['a:[::1]']",
    "['a:::1']",
]


@pytest.mark.parametrize("text", ALONE.values(), ids=list(ALONE))
def test_one_file_is_read_as_compose_reads_it(
    text: str, compose_judge: Any, written: Callable[[dict[str, str]], Path]
) -> None:
    compose_judge.compare(written({"compose.yaml": text}))


@pytest.mark.parametrize("key", NULLS)
def test_a_key_with_nothing_below_it_is_refused_where_compose_refuses_it(
    key: str, compose_judge: Any, written: Callable[[dict[str, str]], Path]
) -> None:
    folder = written({"compose.yaml": f"{SERVICE}    {key}:\n"})
    refused = compose_judge.load(folder)[0] is None
    project = compose_judge.project(folder)
    assert any(problem.kind == "empty-mapping" for problem in project.problems) == refused


@pytest.mark.parametrize("port", PORTS)
def test_a_port_is_read_as_compose_reads_it(
    port: str, compose_judge: Any, written: Callable[[dict[str, str]], Path]
) -> None:
    compose_judge.compare(written({"compose.yaml": f"{SERVICE}    ports: [{port.replace('_', ' ')}]\n"}))


@pytest.mark.parametrize("hosts", HOSTS)
def test_extra_hosts_are_read_as_compose_reads_them(
    hosts: str, compose_judge: Any, written: Callable[[dict[str, str]], Path]
) -> None:
    compose_judge.compare(written({"compose.yaml": f"{SERVICE}    extra_hosts: {hosts}\n"}))
