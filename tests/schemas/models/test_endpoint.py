"""Addresses are found in a service's environment and taken apart, every part at its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.models.endpoint import Endpoint, endpoints
from stackmend.schemas.models.loading import load_deployment
from stackmend.schemas.models.project import Options
from stackmend.schemas.workspace import Workspace


def found(name: str, value: str) -> list[Endpoint]:
    """The addresses of a service with one variable."""
    quoted = "'" + value.replace("'", "''").replace("$", "$$") + "'"
    text = f"services:\n  app:\n    image: x\n    environment:\n      {name}: {quoted}\n"
    workspace = Workspace(MemoryFiles({"/p/compose.yaml": text.encode()}))
    deployment = load_deployment(workspace, "/p", Options(shell={}))
    return list(endpoints(deployment.services["app"]))


def parts(endpoint: Endpoint) -> tuple[str, str | None, str | None, str, str | None, str]:
    user, password, port = (p.text if p else None for p in (endpoint.user, endpoint.password, endpoint.port))
    return endpoint.scheme, user, password, endpoint.host.text, port, endpoint.rest


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        pytest.param("X_URL", "http://web:80/a?b#c", ("http", None, None, "web", "80", "/a?b#c"), id="url"),
        pytest.param("X_URL", "HTTP://web", ("http", None, None, "web", None, ""), id="scheme-in-capitals"),
        pytest.param("X", "redis://:pw@r:6379/1", ("redis", "", "pw", "r", "6379", "/1"), id="password-alone"),
        pytest.param("X", "mongodb://u:p@m/db?x=1", ("mongodb", "u", "p", "m", None, "/db?x=1"), id="user"),
        pytest.param("X", "pg://u%40t:p@h:1", ("pg", "u%40t", "p", "h", "1", ""), id="encoded-user"),
        pytest.param("X", "http://[::1]:80", ("http", None, None, "[::1]", "80", ""), id="ipv6"),
        pytest.param("X", "  http://web  ", ("http", None, None, "web", None, ""), id="blanks-around"),
        pytest.param("DB_HOST", "db", ("", None, None, "db", None, ""), id="host-variable"),
        pytest.param("DB_HOST", "db:5432", ("", None, None, "db", "5432", ""), id="host-and-port"),
        pytest.param(
            "X", "jdbc:mysql://u:p@db:3306/a?b=1", ("mysql", "u", "p", "db", "3306", "/a?b=1"), id="jdbc-with-login"
        ),
        pytest.param(
            "X",
            "jdbc:postgresql://db/a?ssl=0&user=u&password=p%40",
            ("postgresql", "u", "p%40", "db", None, "/a?ssl=0&user=u&password=p%40"),
            id="jdbc-with-the-login-behind",
        ),
        pytest.param(
            "SQL_DSN",
            "root:p@w:d@tcp(mysql:3306)/oneapi",
            ("mysql", "root", "p@w:d", "mysql", "3306", "/oneapi"),
            id="go",
        ),
        pytest.param(
            "X", "host=db port=5432 user=u password='p w'", ("postgresql", "u", "p w", "db", "5432", ""), id="libpq"
        ),
        pytest.param(
            "X",
            "Host=db;Port=5432;Username=u;Password=p;Database=a",
            ("postgresql", "u", "p", "db", "5432", ""),
            id="npgsql",
        ),
        pytest.param("ETCD_ENDPOINT", "etcd:2379", ("", None, None, "etcd", "2379", ""), id="endpoint-variable"),
    ],
)
def test_an_address_is_taken_apart(name: str, value: str, wanted: tuple[str | None, ...]) -> None:
    assert [parts(e) for e in found(name, value)] == [wanted]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("X", "web:80", id="no-url-and-no-host-variable"),
        pytest.param("DB_HOST", "", id="empty"),
        pytest.param("DB_HOST", "a b", id="a-sentence"),
        pytest.param("X", "redis://:p@ss/w@r:6379", id="a-raw-sign-in-the-password"),
        pytest.param("X", "mongodb://a:1,b:2/db", id="several-hosts"),
        pytest.param("X", "see http://web", id="a-url-in-a-text"),
        pytest.param("X", "host=db and more words", id="a-sentence-with-a-pair"),
        pytest.param("X", "host=db color=blue", id="pairs-of-something-else"),
        pytest.param("X", "u:p@unix(/run/mysql.sock)/db", id="a-socket"),
        pytest.param("X", "http://", id="no-host"),
    ],
)
def test_what_is_no_single_address_gives_none(name: str, value: str) -> None:
    assert found(name, value) == []


def test_an_unknown_value_gives_no_address() -> None:
    text = b"services:\n  app:\n    image: x\n    environment:\n      DB_HOST: ${HOST:?}\n"
    deployment = load_deployment(Workspace(MemoryFiles({"/p/compose.yaml": text})), "/p", Options(shell={}))
    assert list(endpoints(deployment.services["app"])) == []


WORD = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)


@given(
    WORD, st.none() | WORD, st.none() | st.from_regex(r"[A-Za-z0-9!:;.,]{1,9}", fullmatch=True), st.integers(1, 65535)
)
def test_every_part_stands_where_it_says(host: str, user: str | None, password: str | None, port: int) -> None:
    login = "" if user is None else user + (f":{password}" if password else "") + "@"
    value = f" postgres+x://{login}{host}:{port}/db"
    (endpoint,) = found("X", value)
    text = endpoint.variable.value.text
    assert text is not None
    for part in (endpoint.user, endpoint.password, endpoint.host, endpoint.port):
        assert part is None or text[part.start : part.end] == part.text
    assert (endpoint.host.text, endpoint.protocol) == (host, "postgres")
    assert (endpoint.user.text if endpoint.user else None) == user
    assert (endpoint.password.text if endpoint.password else None) == (password if user is not None else None)


@pytest.mark.parametrize(
    "text", [pytest.param("http://" + "a:" * 5000, id="colons"), pytest.param("x://" + "@" * 9999, id="ats")]
)
def test_long_nonsense_is_read_in_no_time(text: str) -> None:
    assert found("X", text) == []


@pytest.mark.parametrize(
    ("host", "loopback", "single"),
    [
        pytest.param("localhost", True, True, id="localhost"),
        pytest.param("0.0.0.0", True, False, id="all-addresses"),
        pytest.param("[::1]", True, False, id="ipv6-loopback"),
        pytest.param("db_postgres", False, True, id="service"),
        pytest.param("db.example.com", False, False, id="full-name"),
        pytest.param("10.0.0.7", False, False, id="number"),
    ],
)
def test_hosts_are_told_apart(host: str, loopback: bool, single: bool) -> None:
    (endpoint,) = found("X", f"http://{host}:1")
    assert (endpoint.loopback, endpoint.single_label) == (loopback, single)
