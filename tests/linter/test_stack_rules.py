"""Rules for the stack as a whole: what they prove against the readers themselves, leave alone, and never show."""

from __future__ import annotations

from urllib.parse import quote, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackmend.linter.diagnostic import Severity
from stackmend.linter.pages import Example, ExampleFile
from stackmend.linter.report import Reported
from stackmend.linter.rules import all_rules
from stackmend.linter.testing import lint_example, mend_example

RULES = {r.code: r for r in all_rules()}
APP = "services:\n  app:\n    image: example/app:1.0\n"
CACHE = "  cache:\n    image: redis:7\n"


def example(files: dict[str, str]) -> Example:
    return Example("", 1, tuple(ExampleFile("", path, text, ()) for path, text in files.items()), ())


def linted(code: str, files: dict[str, str]) -> tuple[Reported, ...]:
    report = lint_example(example(files), [RULES[code]])
    assert not report.errors
    return tuple(report.diagnostics)


def mended(code: str, files: dict[str, str]) -> dict[str, str]:
    outcome = mend_example(example(files), RULES[code])
    assert not outcome.report.errors
    return {c.path.removeprefix("/project/"): c.after.decode() for c in outcome.changes}


def url_files(scheme: str, password: str) -> dict[str, str]:
    """A stack whose `.env` gives an address with this password."""
    compose = APP + "    environment:\n      TARGET_URL: ${TARGET_URL}\n" + CACHE
    return {"compose.yaml": compose, ".env": f"TARGET_URL='{scheme}://user:{password}@cache:6379/1'\n"}


PASSWORDS = st.text(st.sampled_from("abC19:/?#[]@%!&=+.-_~*()"), min_size=1, max_size=12)


@given(PASSWORDS)
def test_a_redis_address_that_is_left_alone_leads_pythons_reader_to_the_server(password: str) -> None:
    files = url_files("redis", password)
    if linted("STK006", files):
        return
    parts = urlsplit(f"redis://user:{password}@cache:6379/1")
    assert (parts.hostname, parts.port, parts.password) == ("cache", 6379, password)


@given(PASSWORDS.filter(lambda text: set(text) & set("/?#")))
def test_an_address_that_pythons_reader_takes_apart_elsewhere_is_found_and_mended(password: str) -> None:
    files = url_files("redis", password)
    found = linted("STK006", files)
    assert [d.severity for d in found] == [Severity.ERROR]
    after = mended("STK006", files)[".env"]
    parts = urlsplit(after.removeprefix("TARGET_URL=").strip("'\n"))
    assert (parts.hostname, parts.port) == ("cache", 6379)
    assert unquote(parts.password or "") in (password, unquote(password))
    assert not linted("STK006", files | {".env": after})


@given(st.sampled_from(["redis", "mongodb", "postgresql", "amqp", "mysql+pymysql", "https"]), st.text(max_size=20))
def test_an_encoded_password_is_no_finding(scheme: str, password: str) -> None:
    encoded = quote(password.encode("utf-8", "surrogatepass"), safe="")
    assert not linted("STK006", url_files(scheme, encoded))


@pytest.mark.parametrize(
    ("scheme", "password", "severity"),
    [
        pytest.param("mongodb", "a%b", Severity.ERROR, id="a lone percent sign for mongo"),
        pytest.param("mongodb+srv", "a]b", Severity.ERROR, id="a bracket for mongo by DNS"),
        pytest.param("postgresql", "a/b", Severity.WARNING, id="postgres in a program nobody knows"),
        pytest.param("mysql+pymysql", "a@b", Severity.ERROR, id="SQLAlchemy"),
        pytest.param("rediss", "a[b", Severity.WARNING, id="a bracket"),
        pytest.param("https", "a?b", Severity.ERROR, id="a web address"),
    ],
)
def test_how_bad_a_raw_character_is_depends_on_who_reads_it(scheme: str, password: str, severity: Severity) -> None:
    (found,) = linted("STK006", url_files(scheme, password))
    assert found.severity is severity


def test_a_product_whose_driver_is_known_makes_sure_of_it() -> None:
    compose = "services:\n  fastgpt:\n    image: ghcr.io/labring/fastgpt:v4.8.11\n    environment:\n      PG_URL: {}\n"
    (found,) = linted("STK006", {"compose.yaml": compose.format("'postgresql://user:a#b@db.internal.example/x'")})
    assert found.severity is Severity.ERROR


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("https://host:443/@a/b", id="a port and a path"),
        pytest.param("redis://:a@b:6379/c@d", id="a path with an at sign"),
        pytest.param("amqp://a:b#c@h1;amqp://a:b#c@h2", id="several addresses in one"),
        pytest.param("ssh://git:org/repo@v2", id="a scheme of another kind"),
        pytest.param("jdbc:postgresql://db/x?password=a#b@c", id="JDBC"),
        pytest.param("mongodb://user:pw@h1:27017,h2:27017/x?replicaSet=rs", id="several hosts"),
        pytest.param("https://user:" + "a/@" * 1500, id="longer than any address"),
    ],
)
def test_what_is_no_password_or_cannot_be_told_is_no_finding(text: str) -> None:
    assert not linted("STK006", {"compose.yaml": APP + f"    environment:\n      TARGET_URL: '{text}'\n"})


def test_no_message_shows_the_password() -> None:
    secret = "q7#Zx81-not-shown"
    (found,) = linted("STK006", url_files("redis", secret))
    texts = [found.message, *(r.message for r in found.diagnostic.related), *(f.title for f in found.diagnostic.fixes)]
    assert all("Zx81" not in text for text in texts)
    assert "Zx81" not in repr(found.diagnostic)


DIFY = """\
services:
  api:
    image: langgenius/dify-api:1.11.4
    environment: {MODE: api, DB_HOST: "${DB_HOST:-db_postgres}"}
  db_postgres:
    image: postgres:15-alpine
    profiles: ["", postgresql]
"""
DATABASE = DIFY.replace('"", ', "")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("A=1\n", "A=1\nCOMPOSE_PROFILES=postgresql\n", id="none"),
        pytest.param("COMPOSE_PROFILES=\n", "COMPOSE_PROFILES=postgresql\n", id="empty"),
        pytest.param("COMPOSE_PROFILES='a' # b\n", "COMPOSE_PROFILES='a,postgresql' # b\n", id="quoted"),
        pytest.param("COMPOSE_PROFILES=a # b\r\n", "COMPOSE_PROFILES=a,postgresql # b\r\n", id="a comment, CRLF"),
        pytest.param("A=x\nCOMPOSE_PROFILES=${A:-y}", "A=x\nCOMPOSE_PROFILES=${A:-y},postgresql", id="an expression"),
        pytest.param(
            "COMPOSE_PROFILES=a\nCOMPOSE_PROFILES=b\n",
            "COMPOSE_PROFILES=a\nCOMPOSE_PROFILES=b,postgresql\n",
            id="twice",
        ),
    ],
)
def test_the_missing_profile_joins_those_that_are_chosen(before: str, after: str) -> None:
    assert mended("STK009", {"compose.yaml": DATABASE, ".env": before})[".env"] == after


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"compose.yaml": DATABASE}, id="nobody has chosen anything yet"),
        pytest.param({"compose.yaml": DIFY, ".env": "A=1\n"}, id="the empty profile is on"),
        pytest.param({"compose.yaml": DATABASE, ".env": "COMPOSE_PROFILES=*\n"}, id="every profile is on"),
        pytest.param({"compose.yaml": DATABASE, ".env": "DB_HOST=10.0.0.4\n"}, id="another host"),
    ],
)
def test_a_service_that_is_or_may_be_started_is_no_inactive_target(files: dict[str, str]) -> None:
    assert not linted("STK009", files)


def servers(first: str, second: str) -> dict[str, str]:
    """Two containers of PostgreSQL with these lines below their images."""
    service = "    image: postgres:16\n"
    return {"compose.yaml": f"services:\n  a:\n{service}{first}  b:\n{service}{second}volumes:\n  data:\n"}


MOUNT = "    volumes: [data:/var/lib/postgresql/data]\n"


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(MOUNT.replace("data]", "data:ro]"), id="read only"),
        pytest.param(MOUNT + "    entrypoint: [pg_dump]\n", id="another program"),
        pytest.param(MOUNT + "    command: pg_basebackup -h a\n", id="another command"),
        pytest.param(MOUNT + "    environment: {PGDATA: /var/lib/postgresql/data/b}\n", id="a folder below"),
        pytest.param(MOUNT + '    environment: {PGDATA: "${PGDATA:?set it}"}\n', id="a folder that is unknown"),
        pytest.param(MOUNT + "    environment: {PGDATA: /elsewhere}\n", id="a folder elsewhere"),
        pytest.param(
            "    volumes: [{type: volume, source: data, target: /var/lib/postgresql/data, volume: {subpath: b}}]\n",
            id="a folder in the volume",
        ),
        pytest.param("    volumes: [data:/var/lib/postgresql]\n", id="mounted above the image's own volume"),
        pytest.param(MOUNT + "    profiles: [other]\n", id="not started"),
    ],
)
def test_a_data_folder_that_is_not_surely_shared_is_no_finding(second: str) -> None:
    assert linted("STK012", servers(MOUNT, MOUNT))
    assert not linted("STK012", servers(MOUNT, second))


def test_a_folder_is_the_same_however_it_is_written() -> None:
    files = servers(
        "    volumes: [./db:/var/lib/postgresql/data]\n",
        "    volumes: [./x/../db/:/var/lib/postgresql/]\n    environment: {PGDATA: /var/lib/postgresql/}\n",
    )
    assert len(linted("STK012", files)) == 1


def proxied(bypass: str, host: str = "search", proxy: str = "http://proxy.corp.example.com:3128") -> dict[str, str]:
    """A program that calls a service of its stack, with a proxy and a list of what goes past it."""
    environment = f"    environment:\n      INDEX_URL: http://{host}:8080\n      HTTP_PROXY: {proxy}\n"
    given_list = f"      NO_PROXY: '{bypass}'\n" if bypass else ""
    search = "  search:\n    image: example/search:1.0\n    networks: {default: {aliases: [search.stack.internal]}}\n"
    return {"compose.yaml": APP + environment + given_list + search}


@pytest.mark.parametrize(
    ("bypass", "host", "goes_past"),
    [
        pytest.param("search", "search", True, id="the name"),
        pytest.param(" a, SEARCH ", "search", True, id="among others, in capitals"),
        pytest.param("a b search", "search", True, id="parted by blanks"),
        pytest.param("search:8080", "search", True, id="with its port"),
        pytest.param("search:9090", "search", False, id="with another port"),
        pytest.param("*", "search", True, id="everything"),
        pytest.param(".internal", "search.stack.internal", True, id="a domain"),
        pytest.param("*.stack.internal", "search.stack.internal", True, id="a pattern"),
        pytest.param("nal", "search.stack.internal", False, id="the end of a word"),
        pytest.param("research,searching", "search", False, id="longer names"),
        pytest.param("10.0.0.0/8,172.16.0.0/12", "search", False, id="address ranges"),
        pytest.param("", "search", False, id="nothing"),
    ],
)
def test_a_list_covers_what_its_readers_send_past_the_proxy(bypass: str, host: str, goes_past: bool) -> None:
    files = proxied(bypass, host)
    assert (not linted("STK016", files)) is goes_past
    if not goes_past:
        after = mended("STK016", files)
        assert not linted("STK016", after)


@pytest.mark.parametrize(
    "proxy",
    [
        pytest.param("http://search:3128", id="of the stack"),
        pytest.param("''", id="none"),
        pytest.param("${HTTP_PROXY:?set it}", id="unknown"),
        pytest.param("http://user@search", id="of the stack, with a user"),
        pytest.param("off the record", id="no address"),
    ],
)
def test_a_proxy_that_may_know_the_names_is_no_finding(proxy: str) -> None:
    assert not linted("STK016", proxied("", proxy=proxy))


def test_a_proxy_for_several_services_is_bypassed_in_all_of_them_at_once() -> None:
    service = "    image: example/app:1.0\n    environment:\n      - INDEX_URL=http://c\n      - HTTP_PROXY=${P}\n"
    files = {
        "compose.yaml": f"services:\n  a:\n{service}  b:\n{service}  c:\n    image: example/c:1\n",
        ".env": "P=http://10.1.1.1:1\n",
    }
    (found,) = linted("STK016", files)
    assert len(found.diagnostic.fixes[0].edits) == 2
    assert mended("STK016", files)["compose.yaml"].count("      - NO_PROXY=localhost,127.0.0.1,c\n") == 2


HOST = "    environment: {OLLAMA_BASE_URL: 'http://host.docker.internal:11434'}\n"


def test_extra_hosts_that_services_share_are_left_to_a_person() -> None:
    shared = "x-hosts: &hosts\n  - a:10.0.0.1\n" + APP + HOST + "    extra_hosts: *hosts\n"
    (found,) = linted("STK017", {"compose.yaml": shared})
    assert not found.diagnostic.fixes


@pytest.mark.parametrize(
    "more",
    [
        pytest.param("    extra_hosts: ['Host.Docker.Internal=host-gateway']\n", id="the line is there"),
        pytest.param("    network_mode: host\n", id="on the host's network"),
        pytest.param("    dns: 10.0.0.53\n", id="a name server of its own"),
        pytest.param("    volumes: ['/Users/someone/data:/data']\n", id="a Mac"),
        pytest.param(
            "    networks: [default]\n  relay:\n    image: example/relay:1\n"
            "    networks: {default: {aliases: [host.docker.internal]}}\n",
            id="a service with that name",
        ),
    ],
)
def test_where_the_hosts_name_may_be_known_is_no_finding(more: str) -> None:
    assert linted("STK017", {"compose.yaml": APP + HOST})
    assert not linted("STK017", {"compose.yaml": APP + HOST + more})


@pytest.mark.parametrize(
    ("item", "after"),
    [
        pytest.param("'8080:8080'", "'8080:6379'", id="both"),
        pytest.param("127.0.0.1:8080:80/tcp", "127.0.0.1:8080:6379/tcp", id="an address and a protocol"),
        pytest.param("{target: 80, published: '8080'}", "{target: 6379, published: '8080'}", id="the long form"),
        pytest.param("'80'", None, id="no host port"),
        pytest.param("{target: '80', published: '8080'}", None, id="quoted"),
    ],
)
def test_only_the_containers_port_changes(item: str, after: str | None) -> None:
    compose = "services:\n" + CACHE + "    ports: [{}]\n"
    assert linted("STK022", {"compose.yaml": compose.format(item)})
    changed = mended("STK022", {"compose.yaml": compose.format(item)})
    assert changed == ({"compose.yaml": compose.format(after)} if after else {})


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param("    ports: ['8080-8081:8080-8081']\n", id="a range"),
        pytest.param("    ports: ['8080:8080/udp']\n", id="UDP"),
        pytest.param("    ports: ['${PORT:?set it}:${PORT:?set it}']\n", id="unknown"),
        pytest.param("    ports: ['7000:7000']\n    command: redis-server --port 7000\n", id="told by a flag"),
        pytest.param("    ports: ['7000:7000']\n    environment: {EXTRA: --port 7000}\n", id="named in a setting"),
        pytest.param("    ports: ['7000:7000']\n    entrypoint: /start.sh\n", id="a program of one's own"),
        pytest.param("    ports: ['7000:7000']\n    profiles: [other]\n", id="not started"),
    ],
)
def test_a_port_that_may_be_listened_on_is_no_finding(lines: str) -> None:
    assert not linted("STK022", {"compose.yaml": "services:\n" + CACHE + lines})


def test_an_example_address_is_replaced_only_where_all_others_agree() -> None:
    names = ("CONSOLE_API_URL", "CONSOLE_WEB_URL", "APP_WEB_URL")
    compose = "services:\n  api:\n    image: langgenius/dify-api:1.4.0\n    environment:\n      MODE: api\n"
    compose += "".join(f"      {name}: ${{{name}:-}}\n" for name in names)
    agreed = "CONSOLE_API_URL=https://api.dify.ai/x\nCONSOLE_WEB_URL=http://a.example\nAPP_WEB_URL=http://a.example/\n"
    files = {"compose.yaml": compose, ".env": agreed}
    assert mended("STK023", files)[".env"].startswith("CONSOLE_API_URL=http://a.example/x\n")
    files[".env"] = agreed.replace("http://a.example/\n", "http://b.example\n")
    assert len(linted("STK023", files)) == 1
    assert not mended("STK023", files)
