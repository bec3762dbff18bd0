"""Files that Windows programs wrote in UTF-16: each format names the encoding once, and mends it to UTF-8."""

from __future__ import annotations

import codecs

import pytest

import stackmend

COMPOSE = """\
services:
  nginx:
    image: nginx:1.27
    volumes: [./default.conf:/etc/nginx/conf.d/default.conf]
  squid:
    image: ubuntu/squid:5.7
    volumes: [./squid.conf:/etc/squid/squid.conf]
  fastgpt:
    image: ghcr.io/labring/fastgpt:v4.14.7
    volumes: [./config.json:/app/data/config.json]
"""
TEXTS = {
    "default.conf": "server {\r\n  listen 80;\r\n  return 204;\r\n}\r\n",
    "squid.conf": "http_port 3128\r\n# für alle: 𝄞\r\nhttp_access deny all\r\n",
    "config.json": '// 配置\r\n{"feConfigs": {"lafEnv": "https://laf.dev"}}\r\n',
    "compose.yaml": COMPOSE,
    ".env": "A=1\r\n",
}
ENCODINGS = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("default.conf", "NGX001"),
        ("squid.conf", "SQD001"),
        ("config.json", "JSN001"),
        ("compose.yaml", "CMP001"),
        (".env", "ENV019"),
    ],
)
def test_a_file_in_utf16_is_named_once_and_written_in_utf8(name: str, code: str, encoding: str) -> None:
    written = ENCODINGS[encoding] + TEXTS[name].encode(encoding)
    files: dict[str, str | bytes] = {f"/p/{each}": text for each, text in TEXTS.items()}
    files[f"/p/{name}"] = written
    found = [d for d in stackmend.lint(files=files, isolated=True).diagnostics if d.place.document.path == f"/p/{name}"]
    assert [(d.rule.code, d.place.span.start) for d in found] == [(code, 0)]
    assert "UTF-16" in found[0].message
    fixed = stackmend.fix(files=files, select=[code], isolated=True, unsafe=True)
    assert fixed.files == {f"/p/{name}": TEXTS[name].encode()}


def test_half_a_character_at_the_end_is_left_to_a_person() -> None:
    files: dict[str, str | bytes] = {
        "/p/compose.yaml": COMPOSE,
        "/p/config.json": codecs.BOM_UTF16_LE + "{}".encode("utf-16-le") + b"\n",
    }
    assert [d.rule.code for d in stackmend.lint(files=files, select=["JSN001"], isolated=True).diagnostics] == [
        "JSN001"
    ]
    assert stackmend.fix(files=files, select=["JSN001"], isolated=True, unsafe=True).files == {}
