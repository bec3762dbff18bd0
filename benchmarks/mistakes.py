"""The mistakes that `found.py` puts into the examples, each in one place of one file."""

from __future__ import annotations

from typing import NamedTuple


class Mistake(NamedTuple):
    """At the text `at` of a file stands `right` without the mistake and `wrong` with it, in as many lines."""

    what: str
    example: str
    file: str
    at: str
    right: str
    wrong: str


DIFY, NGINX, SQUID = "docker-compose.yaml", "nginx/conf.d/default.conf", "ssrf_proxy/squid.conf"
FASTGPT = "docker-compose.yml"

MENDED = {
    "dify": {DIFY: ("qdrant", "weaviate"), NGINX: ("api:5000", "api:5001")},
    "fastgpt": {FASTGPT: ("oneapi:3001", "oneapi:3000"), "config.json": ("", '{"llmModels": []}\n')},
}
"""What is wrong with the examples as they are."""

WEB = "    image: langgenius/dify-web:0.6.16\n"
DATABASE = "    image: postgres:15-alpine\n"

MISTAKES = (
    Mistake("a key that Compose does not know", "dify", DIFY, "image: nginx", "image: nginx", "imgae: nginx"),
    Mistake(
        "a key written twice",
        "dify",
        DIFY,
        '    ports: ["80:80"]\n',
        '    ports: ["80:80"]\n    expose: ["80"]\n',
        '    ports: ["80:80"]\n    ports: ["81:80"]\n',
    ),
    Mistake("a tab as indentation", "dify", DIFY, "    image: nginx", "    image: nginx", "\timage: nginx"),
    Mistake(
        "a volume that is not declared", "dify", DIFY, '"./volumes/weaviate:', '"./volumes/weaviate:', '"weaviate:'
    ),
    Mistake("`depends_on` names no service", "dify", DIFY, "[api, web]", "[api, web]", "[api, www]"),
    Mistake(
        "one port of the host for two services",
        "dify",
        DIFY,
        WEB,
        f'{WEB}    ports: ["127.0.0.1:81:3000"]\n',
        f'{WEB}    ports: ["127.0.0.1:80:3000"]\n',
    ),
    Mistake(
        "a database open to everybody",
        "dify",
        DIFY,
        DATABASE,
        f'{DATABASE}    ports: ["127.0.0.1:5432:5432"]\n',
        f'{DATABASE}    ports: ["0.0.0.0:5432:5432"]\n',
    ),
    Mistake("a file to mount is not there", "fastgpt", FASTGPT, "./config.json:", "./config.json:", "./conf.json:"),
    Mistake(
        "api and worker use two vector stores",
        "dify",
        DIFY,
        "VECTOR_STORE: weaviate",
        "VECTOR_STORE: weaviate",
        "VECTOR_STORE: qdrant",
    ),
    Mistake(
        "the password of redis is not the client's",
        "dify",
        DIFY,
        "--requirepass ${REDIS_PASSWORD}",
        "--requirepass ${REDIS_PASSWORD}",
        "--requirepass ${DB_PASSWORD}",
    ),
    Mistake(
        "the published port used between containers",
        "fastgpt",
        FASTGPT,
        "oneapi:3000/v1",
        "oneapi:3000/v1",
        "oneapi:3001/v1",
    ),
    Mistake("a variable that nobody sets", "dify", DIFY, "${DB_PASSWORD}", "${DB_PASSWORD}", "${DB_PASWORD}"),
    Mistake(
        "a variable set twice in `.env`",
        "dify",
        ".env",
        "VECTOR_STORE=weaviate\n",
        "# VECTOR_STORE=milvus\nVECTOR_STORE=weaviate\n",
        "VECTOR_STORE=milvus\nVECTOR_STORE=weaviate\n",
    ),
    Mistake(
        "a value of `.env` cut at ` #`", "dify", ".env", "meadow-8841-lantern", "meadow-8841-lantern", "meadow #8841"
    ),
    Mistake("an nginx line without its `;`", "dify", NGINX, "listen 80;", "listen 80;", "listen 80"),
    Mistake("a directive that nginx does not know", "dify", NGINX, "server_name _;", "server_name _;", "servername _;"),
    Mistake("nginx asks a service that is not there", "dify", NGINX, "web:3000", "web:3000", "webb:3000"),
    Mistake(
        "nginx asks a port where nothing listens",
        "dify",
        NGINX,
        "location /v1 {\n        proxy_pass http://api:5001",
        "location /v1 {\n        proxy_pass http://api:5001",
        "location /v1 {\n        proxy_pass http://api:5000",
    ),
    Mistake("a squid acl that is not defined", "dify", SQUID, "allow clients", "allow clients", "allow client"),
    Mistake("squid lets everybody through", "dify", SQUID, "deny !web_ports", "deny !web_ports", "allow all"),
)
