"""nginx itself judges the table of its variables: which it knows, where it looks for them, and what it stops at."""

from __future__ import annotations

import os
import random
import re

import pytest

from stackmend.linter.rules.nginx.variables import unknown_variable
from stackmend.schemas.parsers.document import Document
from stackmend.schemas.parsers.nginx import parse_nginx
from stackmend.schemas.parsers.nginx_directives import table
from stackmend.schemas.parsers.nginx_variables import defined, names

from .conftest import Judge
from .test_nginx_mutations_oracle import SHARED, bases

pytestmark = pytest.mark.oracle

UNKNOWN = re.compile(r'unknown "(\w+)" variable')
FRAME = "pid nginx.pid; events {} http { %s server { %s location / { %s } } }"
# Variables of later releases, of modules that Debian builds apart, and of the stream module.
ABSENT = re.compile(
    r"http3|quic_connection|is_request_port|request_port|proxy_internal_chunked|bytes_received|protocol|session_time|"
    r"ssl_(?:alpn_protocol|client_sigalg|curve|ech_\w+|sigalg)|upstream_(?:bytes_received|cache_(?:age|etag|key)|"
    r"first_byte_time|last_addr|last_server_name|queue_time|session_time)|(?:ancient|modern)_browser|msie|"
    r"uid_\w+|secure_link\w*|slice_range|memcached_key"
)
# A line for each directive in which `%s` stands where the table says that nginx evaluates.
LINES = {
    "location": """access_log %s|add_header X %s|add_trailer X %s|alias /a%s|auth_basic %s|auth_basic_user_file %s|
        auth_request_set $a %s|charset %s|error_page 404 /%s|expires %s|fastcgi_cache %s|fastcgi_cache_bypass %s|
        fastcgi_cache_key %s|fastcgi_no_cache 1 %s|fastcgi_param A %s|fastcgi_pass %s|fastcgi_store %s|grpc_pass %s|
        grpc_set_header A %s|grpc_ssl_name %s|index a %s|limit_rate %s|limit_rate_after %s|proxy_bind %s|
        proxy_cache %s|proxy_cache_bypass %s|proxy_cache_key %s|proxy_cookie_domain a %s|proxy_cookie_path /a %s|
        proxy_method %s|proxy_no_cache %s|proxy_pass http://%s|proxy_redirect /a %s|proxy_set_body %s|
        proxy_set_header X a%s|proxy_ssl_name %s|proxy_store %s|return 200 %s|rewrite ^ %s|root %s|scgi_cache %s|
        scgi_cache_bypass %s|scgi_cache_key %s|scgi_no_cache %s|scgi_param A %s|scgi_pass %s|scgi_store %s|
        set $b %s|sub_filter %s b|try_files a %s|uwsgi_cache %s|uwsgi_cache_bypass %s|uwsgi_cache_key %s|
        uwsgi_no_cache %s|uwsgi_param A %s|uwsgi_pass %s|uwsgi_ssl_name %s|uwsgi_store %s""",
    "http": """log_format a b %s|limit_req_zone %s zone=a:1m rate=1r/s|limit_conn_zone %s zone=a:1m""",
}
BLOCKS = ("if (%s) { }", "map %s $m { }", "map $host $m { a %s; }", "split_clients %s $s { * a; }")
# Directives of later releases or other builds, for which the documentation stands alone.
UNJUDGED = {"proxy_limit_rate", "secure_link", "secure_link_md5", "hash"}


def found(text: str) -> list[str]:
    """The variables in which the rule sees a mistake."""
    return [dict(d.values)["name"] for d in unknown_variable.check(parse_nginx(Document("/nginx.conf", text)))]


def test_nginx_knows_the_variables_of_the_table(nginx: Judge) -> None:
    for name in sorted(names()):
        said = nginx(FRAME % (f"log_format a ${name};", "", ""))
        assert said == "" or ABSENT.fullmatch(name), said


@pytest.mark.parametrize("place", ["location", "http"])
def test_nginx_looks_for_variables_in_the_arguments_of_the_table(nginx: Judge, place: str) -> None:
    for line in re.split(r"\|\s*", LINES[place]):
        text = line % "$requset_uri" + ";"
        whole = FRAME % ((text, "", "") if place == "http" else ("", "", text))
        assert 'unknown "requset_uri" variable' in nginx(whole), line
        assert found(whole) == ["requset_uri"], line


@pytest.mark.parametrize("block", BLOCKS)
def test_nginx_looks_for_variables_in_what_blocks_begin_with(nginx: Judge, block: str) -> None:
    text = block % "$requset_uri"
    whole = FRAME % (("", text, "") if block.startswith("if") else (text + " log_format x $m$s;", "", ""))
    if block.startswith(("map", "split")):
        whole = whole.replace("$m$s", "$m" if block.startswith("map") else "$s")
    assert 'unknown "requset_uri" variable' in nginx(whole)
    assert found(whole) == ["requset_uri"]


def test_each_directive_of_the_table_is_judged_or_said_not_to_be() -> None:
    judged = {line.split()[0] for text in LINES.values() for line in re.split(r"\|\s*", text)}
    assert judged | {block.split()[0] for block in BLOCKS} | UNJUDGED == set(table()["evaluated"])


def _misspelt(name: str, chance: random.Random) -> str:
    at = chance.randrange(len(name) - 1)
    return chance.choice(
        (name[:at] + name[at + 1 :], name[:at] + name[at + 1] + name[at] + name[at + 2 :], name[:at] + "x" + name[at:])
    )


@pytest.mark.skipif(not os.path.isdir(SHARED), reason="no shared files")
def test_a_misspelt_variable_of_a_real_file_is_found_where_nginx_stops_and_no_other(nginx: Judge) -> None:
    chance = random.Random(7)
    # Headers to pass on are looked at only where something is passed on.
    texts = [text for text in bases(lambda text: nginx("pid nginx.pid;" + text)) if "proxy_pass" in text]
    refused = hit = 0
    for _ in range(150):
        text = chance.choice(texts)
        places = list(re.finditer(r"(?<=\$)[a-z_]{4,}", text))
        if not places:
            assert found(text) == []
            continue
        match = chance.choice(places)
        wrong = text[: match.start()] + _misspelt(match[0], chance) + text[match.end() :]
        said = UNKNOWN.search(nginx("pid nginx.pid;" + wrong))
        ours = found(wrong)
        assert set(ours) <= ({said[1]} if said else set()), (ours, said, wrong)
        if said is not None and said[1] not in defined(parse_nginx(Document("/nginx.conf", wrong))):
            refused += 1
            hit += ours != []
    assert refused > 50
    # The others are as near to another variable, or short names in a file that is a part.
    assert hit / refused > 0.85
