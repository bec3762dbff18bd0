"""The compose model against Docker Compose, several files at once: overrides, includes, env files, discovery."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.oracle

SERVICE = "services:\n  a:\n    image: x\n"
OVER = "services:\n  a:\n"

# First file, override file.
PAIRS: dict[str, tuple[str, str]] = {
    "ports": ("    ports: ['80:80', '8000-8002:8000-8002']\n", "    ports: ['81:80', '8001:8001', '80:80']\n"),
    "ports in both forms": ("    ports: ['80:80']\n", "    ports: [{target: 80, published: '80'}, {target: 81}]\n"),
    "volumes": ("    volumes: ['./a:/x', './b:/y']\n", "    volumes: ['./c:/x/', './d:/z']\n"),
    "environment without a value": ("    environment: {A: 1, B: 2}\n", "    environment: [A, C=3]\n"),
    "environment numbers": (
        "    environment: {A: 1.10, B: 1e3, C: true}\n",
        "    environment: {D: 2.0, A: 1e21, B: null}\n",
    ),
    "environment of nothing": ("    environment: {A: 1}\n", "    environment:\n"),
    "commands of nothing": ("    command: a b\n    entrypoint: c\n", "    command:\n    entrypoint:\n"),
    "dependencies": ("    depends_on: [b]\n  b: {image: y}\n", "    depends_on: {b: {condition: service_healthy}}\n"),
    "more dependencies": ("    depends_on: [b]\n  b: {image: y}\n", "    depends_on: [c]\n  c: {image: z}\n"),
    "networks": ("    networks: [n]\nnetworks: {n: , m: }\n", "    networks: {n: {aliases: [q]}, m: }\n"),
    "profiles": ("    profiles: [p]\n", "    profiles: [q, p]\n"),
    "list over map": ("    environment: {A: 1}\n    ports: ['80:80']\n", "    ports: {a: b}\n"),
    "text over map": ("    deploy: {replicas: 1}\n", "    deploy: foo\n"),
    "reset": (
        "    ports: ['80:80']\n    environment: {A: 1, B: 2}\n",
        "    ports: !reset []\n    environment: {A: !reset null}\n",
    ),
    "reset of a list's item": ("    environment: [A=1, B=2]\n", "    environment: {A: !reset null}\n"),
    "override": (
        "    ports: ['80:80']\n    environment: {A: 1, B: 2}\n",
        "    ports: !override ['81:81']\n    environment: !override {C: 3}\n",
    ),
    "override through an anchor": ("    ports: ['80:80']\n", "    <<: *q\nx-q: &p\n  a: b\n"),
    "build": ("    build: ./q\n", "    build: {args: {A: 1}, context: ./r}\n"),
    "hosts": ("    extra_hosts: {a: 1.1.1.1}\n", "    extra_hosts: ['a:2.2.2.2', 'b:3.3.3.3']\n"),
    "lists": (
        "    tmpfs: /a\n    dns: 1.1.1.1\n    cap_add: [A]\n    expose: [80]\n",
        "    tmpfs: [/a, /b]\n    dns: [2.2.2.2, 1.1.1.1]\n    cap_add: [A, B]\n    expose: ['80', 81]\n",
    ),
    "service of nothing": ("", "  b: {image: q}\n"),
    "single values": ("    hostname: one\n    container_name: cc1\n", "    hostname: two\n"),
}

STACKS: dict[str, dict[str, str]] = {
    "env files": {
        "compose.yaml": SERVICE
        + "    env_file: [a.env, b.env]\n    environment:\n      S: svc\n      N:\n      E: ''\n",
        "a.env": "A=1\nN=fromfile\nE=fromfile\n",
        "b.env": "B=${A}-${S}-${N}\nA=2\nC=$A\nINH\nD: colon\n",
    },
    "env files that see the project": {
        "compose.yaml": SERVICE + "    env_file: [{path: a.env}, {path: none.env, required: false}]\n",
        "a.env": "A=${P}\nB=${P:-x}${HOME}\n",
        ".env": "P=project\n",
    },
    "raw env file": {
        "compose.yaml": SERVICE + "    env_file: [{path: a.env, format: raw}]\n",
        "a.env": "A='1'\nB=$A # x\n#c\n  D=2\nE\n",
    },
    "env file in an unknown format": {
        "compose.yaml": SERVICE + "    env_file: [{path: a.env, format: foo}]\n",
        "a.env": "A=1\n",
    },
    "env file that is not there": {"compose.yaml": SERVICE + "    env_file: [zz.env]\n"},
    "env file twice": {
        "compose.yaml": SERVICE + "    env_file: [a.env, b.env, a.env]\n",
        "a.env": "A=a\n",
        "b.env": "A=b\n",
    },
    "expansion in .env": {
        "compose.yaml": SERVICE
        + "    environment: ['A=${A}', 'B=${B}', 'C=${C}', 'D=${D}', 'P=${PWD}', 'H=${HOME}', 'U=${U}']\n",
        ".env": "A=${B}-x\nB=1\nC=${B}-${HOME}\nD='${B}'\nINH\nU=$NOPE\nHOME=mine\n",
    },
    "required variable in .env": {"compose.yaml": SERVICE, ".env": "A=${B:?no}\n"},
    "broken expression in .env": {"compose.yaml": SERVICE, ".env": "A=${B\nC=1\n"},
    "profiles in .env": {"compose.yaml": SERVICE + "    profiles: [p]\n", ".env": "Q=p\nCOMPOSE_PROFILES= ${Q} , q\n"},
    "COMPOSE_FILE": {
        "x.yaml": SERVICE,
        "sub/y.yaml": "services:\n  b: {image: q, volumes: ['./k:/k']}\n",
        ".env": "COMPOSE_FILE=x.yaml,sub/y.yaml\nCOMPOSE_PATH_SEPARATOR=,\n",
    },
    "COMPOSE_FILE in a folder": {
        "sub/y.yaml": SERVICE + "    environment: ['A=$A', 'B=$B']\n",
        "sub/.env": "A=sub\nB=sub\n",
        ".env": "COMPOSE_FILE=sub/y.yaml\nA=top\n",
    },
    "project name": {"compose.yaml": SERVICE, ".env": "COMPOSE_PROJECT_NAME=Bad.x\n"},
    "discovery": {
        "compose.yaml": SERVICE,
        "docker-compose.yml": "services:\n  b: {image: q}\n",
        "docker-compose.override.yml": OVER + "    image: one\n",
        "compose.override.yaml": OVER + "    image: two\n",
    },
    "extends of a file": {
        "compose.yaml": SERVICE + "    extends: {file: sub/b.yaml, service: base}\n",
        "sub/b.yaml": "services:\n  base:\n    volumes: ['./i:/i']\n    env_file: e.env\n    environment:"
        " {A: '${A}', B: '1'}\n"
        "    extends: {file: ../other/c.yaml, service: c}\n",
        "other/c.yaml": "services:\n  c:\n    hostname: h\n    volumes: ['./o:/o']\n",
        "sub/e.env": "EE=1\n",
        ".env": "A=q\n",
    },
    "extends of a service that the file lacks": {
        "compose.yaml": SERVICE + "    extends: {file: b.yaml, service: none}\n",
        "b.yaml": "services: {c: {image: x}}\n",
    },
    "include": {
        "compose.yaml": "include: [{path: sub/c.yaml, env_file: sub/q.env}]\n"
        + SERVICE
        + "    environment: ['Q=${Q:-none}']\n",
        "sub/c.yaml": "services:\n  z: {image: 'q$$x', environment: ['Q=${Q}', 'D=$$d'], env_file: e.env,"
        " volumes: ['./v:/v'],"
        " extends: {file: ext.yaml, service: e}}\n  l: {image: l, environment: [N, M]}\n",
        "sub/q.env": "Q=subq\nN=subn\n",
        "sub/e.env": "E=${Q:-unset}\n",
        "sub/ext.yaml": "services:\n  e: {hostname: h, volumes: ['./w:/w']}\n",
    },
    "include with its own .env": {
        "compose.yaml": "include: [sub/c.yaml]\n" + SERVICE,
        ".env": "T=top\n",
        "sub/c.yaml": "services: {e: {image: 'q-${T}-${U}', volumes: ['./v:/v']}}\n",
        "sub/.env": "T=sub\nU=${T}\n",
    },
    "include from another folder": {
        "compose.yaml": "include: [{path: sub/c.yaml, project_directory: .}]\n" + SERVICE,
        "sub/c.yaml": "services:\n  z: {image: q, volumes: ['./v:/v'], extends: {file: ext.yaml, service: e}}\n",
        "ext.yaml": "services:\n  e: {hostname: h, volumes: ['./w:/w']}\n",
    },
    "include of a list": {
        "compose.yaml": "include: [{path: [sub/c.yaml, sub2/d.yaml]}]\n" + SERVICE,
        "sub/c.yaml": "services:\n  z: {image: q, volumes: ['./v:/v']}\n",
        "sub2/d.yaml": "services:\n  z: {environment: {A: 1}, volumes: ['./u:/u']}\n",
    },
    "include that is not there": {"compose.yaml": "include: [zz.yaml]\n" + SERVICE},
    "include of itself": {"compose.yaml": "include: [compose.yaml]\n" + SERVICE},
    "include in a ring": {
        "compose.yaml": "include: [c.yaml]\n" + SERVICE,
        "c.yaml": "include: [compose.yaml]\nservices: {b: {image: q}}\n",
    },
    "include of one file by two": {
        "compose.yaml": "include: [c.yaml, d.yaml]\n" + SERVICE,
        "c.yaml": "include: [e.yaml]\nservices: {c: {image: q}}\n",
        "d.yaml": "include: [e.yaml]\nservices: {d: {image: q}}\n",
        "e.yaml": "services: {e: {image: q, ports: ['80:80']}}\n",
    },
    "include that is a text": {"compose.yaml": "include: c.yaml\n" + SERVICE},
    "include without an environment": {
        "compose.yaml": "include: [{path: c/c.yaml, env_file: /dev/null}]\n" + SERVICE,
        "c/c.yaml": "services: {e: {image: 'q${T}'}}\n",
        "c/.env": "T=t\n",
    },
    "include without its env file": {
        "compose.yaml": "include: [{path: c.yaml, env_file: qq.env}]\n" + SERVICE,
        "c.yaml": "services: {e: {image: 'q${T}'}}\n",
    },
    "include of the same network": {
        "compose.yaml": "include: [c.yaml]\n" + SERVICE + "networks: {n: {driver: bridge}}\n",
        "c.yaml": "services: {e: {image: q}}\nnetworks: {n: {driver: bridge}}\n",
    },
}

# Where Docker Compose versions disagree we follow the newer one: what it accepts is no mistake to report.
NEWER: dict[str, tuple[dict[str, str], str]] = {
    "include before extends": (
        {
            "compose.yaml": "include: [c.yaml]\n" + SERVICE + "    extends: e\n",
            "c.yaml": "services: {e: {image: q, hostname: h}}\n",
        },
        "not found",
    ),
    "a service that an included file has too": (
        {"compose.yaml": "include: [c.yaml]\n" + SERVICE, "c.yaml": OVER + "    image: other\n    hostname: h\n"},
        "conflicts with imported resource",
    ),
    "a fallback that is not needed may require a variable": (
        {"compose.yaml": SERVICE + "    hostname: '${A:-${B:?need B}}'\n", ".env": "A=h\n"},
        "required variable B",
    ),
}

Write = Callable[[dict[str, str]], Path]


@pytest.mark.parametrize(("first", "second"), PAIRS.values(), ids=list(PAIRS))
def test_an_override_file_is_laid_over_as_compose_does_it(
    first: str, second: str, compose_judge: Any, written: Write
) -> None:
    anchor = "x-s: &q\n  ports: !override ['9:9']\n"
    over = (anchor if "*q" in second else "") + OVER + (second or "    hostname: h\n")
    folder = written({"sub/a.yaml": SERVICE + first, "over/b.yaml": over})
    compose_judge.compare(folder, ("sub/a.yaml", "over/b.yaml"), ("*",))


@pytest.mark.parametrize("files", STACKS.values(), ids=list(STACKS))
def test_a_stack_of_files_is_read_as_compose_reads_it(
    files: dict[str, str], compose_judge: Any, written: Write
) -> None:
    compose_judge.compare(written(files))


@pytest.mark.parametrize(("files", "older_says"), NEWER.values(), ids=list(NEWER))
def test_what_newer_versions_accept_is_accepted(
    files: dict[str, str], older_says: str, compose_judge: Any, written: Write
) -> None:
    folder = written(files)
    model, message = compose_judge.load(folder)
    assert model is not None or older_says in message
    assert compose_judge.project(folder).services["a"].hostname == "h"
    assert compose_judge.refusals(folder) == []


def test_a_reset_under_an_anchor_works_as_in_newer_versions(compose_judge: Any, written: Write) -> None:
    over = "x-q: &q\n  ports: !reset []\n" + OVER + "    <<: *q\n"
    folder = written({"a.yaml": SERVICE + "    ports: ['80:80']\n", "b.yaml": over})
    assert compose_judge.project(folder, ("a.yaml", "b.yaml")).services["a"].ports == ()


@pytest.mark.parametrize(
    ("shell", "expected"),
    [
        pytest.param({"A": "shell"}, "shell", id="the shell wins"),
        pytest.param({"COMPOSE_ENV_FILES": "1.env"}, "one", id="another file"),
        pytest.param({"COMPOSE_ENV_FILES": "1.env,2.env"}, "two", id="the later file"),
        pytest.param({"COMPOSE_DISABLE_ENV_FILE": "1"}, "", id="no file"),
    ],
)
def test_the_shell_chooses_the_env_files(
    shell: dict[str, str], expected: str, compose_judge: Any, written: Write
) -> None:
    folder = written(
        {
            "compose.yaml": SERVICE + "    environment: ['A=${A}']\n",
            ".env": "A=env\n",
            "1.env": "A=one\n",
            "2.env": "A=two\n",
        }
    )
    project = compose_judge.compare(folder, shell=shell)
    assert project.services["a"].environment["A"].value.text == expected
