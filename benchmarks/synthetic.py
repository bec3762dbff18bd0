"""Writes a made-up deployment of the size of a large real one: Compose, dotenv, nginx and squid."""

from __future__ import annotations

import os

SHARED = 500
"""Variables that the application's services share; with everything else this gives about 1,600 lines of Compose."""


def write_stack(folder: str, *, times: int = 1) -> str:
    """Write a clean stack into a folder and return the path of its Compose file. `times` multiplies its size."""
    variables = [f"OPTION_{number:04}" for number in range(SHARED * times)]
    stores = [f"store{number}" for number in range(25 * times)]
    files = {
        "docker-compose.yaml": _compose(variables, stores),
        ".env": _dotenv(variables, stores),
        "nginx/nginx.conf": _nginx(),
        "squid/squid.conf": _squid(),
    }
    for name, text in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    return os.path.join(folder, "docker-compose.yaml")


def _compose(variables: list[str], stores: list[str]) -> str:
    lines = ["x-shared: &shared"]
    lines += [f"  {name}: ${{{name}:-value-{number}}}" for number, name in enumerate(variables)]
    lines.append("services:")
    for name, port in (("api", 5001), ("worker", 5002), ("beat", 5003)):
        lines += [
            f"  {name}:",
            "    image: example/app:1.4.2",
            "    restart: always",
            "    environment:",
            "      <<: *shared",
            f"      MODE: {name}",
            f'      PORT: "{port}"',
            "    depends_on:",
            "      - store0",
        ]
    for number, name in enumerate(stores):
        lines += _store(name, number)
    lines += [
        "  web:",
        "    image: nginx:1.27.3-alpine",
        "    volumes:",
        "      - ./nginx/nginx.conf:/etc/nginx/nginx.conf:ro",
        "    ports:",
        '      - "127.0.0.1:8080:80"',
        "  proxy:",
        "    image: ubuntu/squid:5.2-22.04_beta",
        "    volumes:",
        "      - ./squid/squid.conf:/etc/squid/squid.conf:ro",
    ]
    return "\n".join(lines) + "\n"


def _store(name: str, number: int) -> list[str]:
    lines = [
        f"  {name}:",
        f"    image: example/{name}:2.{number}.0",
        f"    profiles: [{name}]" if number else "    restart: always",
        "    environment:",
    ]
    lines += [f"      {name.upper()}_SETTING_{item}: ${{{name.upper()}_SETTING_{item}:-{item}}}" for item in range(30)]
    lines += [
        "    volumes:",
        f"      - ./volumes/{name}:/var/lib/{name}",
        "    healthcheck:",
        '      test: ["CMD", "true"]',
        "      interval: 5s",
        "      timeout: 3s",
        "      retries: 30",
    ]
    return lines


def _dotenv(variables: list[str], stores: list[str]) -> str:
    lines: list[str] = []
    for number, name in enumerate(variables):
        if number % 2 == 0:
            lines += ["", f"# what {name} is for, in a sentence of usual length"]
        lines.append(f"{name}=value-{number}")
    for name in stores:
        lines += ["", f"# {name}"]
        lines += [f"{name.upper()}_SETTING_{item}={item}" for item in range(30)]
    return "\n".join(lines) + "\n"


def _nginx() -> str:
    locations = "".join(
        f"        location /part{number}/ {{\n            proxy_pass http://api:5001;\n"
        "            proxy_set_header Host $host;\n        }\n"
        for number in range(12)
    )
    return f"events {{}}\nhttp {{\n    server {{\n        listen 80;\n{locations}    }}\n}}\n"


def _squid() -> str:
    domains = "".join(f"acl allowed dstdomain part{number}.example.com\n" for number in range(40))
    head = "http_port 3128\nacl clients src 10.0.0.0/8\n"
    return f"{head}{domains}http_access allow clients allowed\nhttp_access deny all\n"
