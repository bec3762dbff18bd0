"""No secret and no control character survives masking, and what is no secret does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackmend.linter.masking import MASK, Masker, escape
from stackmend.linter.secrets import of_trees, secret_name, secrets_of
from stackmend.linter.session import Request, run
from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.workspace import Workspace


@pytest.mark.parametrize(
    "name",
    [
        "DB_PASSWORD", "POSTGRES_PASSWORD", "SECRET_KEY", "apiKey", "accessToken", "DEFAULT_ROOT_PSW", "ADMIN_KEY",
        "TOKEN_KEY", "AES256_SECRET_KEY", "AIPROXY_API_TOKEN", "PASSWORD", "DB_PASSWORD_OLD", "SECRET_KEY_2",
        "PGPASSWORD", "AUTHENTICATION_APIKEY_ALLOWED_KEYS",
    ],
)  # fmt: skip
def test_names_of_secrets_are_known(name: str) -> None:
    assert secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "PWD", "KEY", "SSL_KEY_FILE", "NGINX_SSL_CERT_KEY_FILENAME", "ACCESS_TOKEN_EXPIRE_MINUTES", "maxToken",
        "quoteMaxToken", "PUBLIC_KEY", "AWS_ACCESS_KEY_ID", "CACHE_KEY", "MONKEY", "COMPASS", "VECTOR_STORE", "",
    ],
)  # fmt: skip
def test_names_that_only_look_like_secrets_are_not_taken_for_them(name: str) -> None:
    assert not secret_name(name)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        pytest.param("DB_PASSWORD=qz 7x  # note", f"DB_PASSWORD={MASK}  # note", id="dotenv"),
        pytest.param("  DB_PASSWORD: 'qz7x'", f"  DB_PASSWORD: '{MASK}'", id="yaml, quotes stay"),
        pytest.param("  - DB_PASSWORD=qz7x", f"  - DB_PASSWORD={MASK}", id="list item"),
        pytest.param("# DB_PASSWORD=qz7x", f"# DB_PASSWORD={MASK}", id="commented out"),
        pytest.param("+DB_PASSWORD=qz7x", f"+DB_PASSWORD={MASK}", id="diff line"),
        pytest.param("export DB_PASSWORD=qz7x", f"export DB_PASSWORD={MASK}", id="export"),
        pytest.param('{"name": "a", "apiKey": "qz7x"}', f'{{"name": "a", "apiKey": "{MASK}"}}', id="json member"),
        pytest.param("a: ${DB_PASSWORD:-qz7x}", f"a: ${{DB_PASSWORD:-{MASK}}}", id="fallback"),
        pytest.param("DB_PASSWORD: ${DB_PASSWORD:-qz7x}", f"DB_PASSWORD: ${{DB_PASSWORD:-{MASK}}}", id="in place"),
        pytest.param("postgres://u:q@z:7/x@db:5432/d", f"postgres://u:{MASK}@db:5432/d", id="url, raw password"),
        pytest.param("root:qz7x@tcp(db:3306)/d", f"root:{MASK}@tcp(db:3306)/d", id="go dsn"),
        pytest.param("redis-server --requirepass qz7x --x", f"redis-server --requirepass {MASK} --x", id="option"),
        pytest.param("the key sk-" + "a1" * 12, f"the key {MASK}", id="api key by shape"),
        pytest.param("AKIA" + "Q" * 16, MASK, id="aws key"),
        pytest.param("Authorization: Bearer abcdefgh12", f"Authorization: Bearer {MASK}", id="bearer"),
        pytest.param("-----BEGIN PRIVATE KEY-----\nMI\n-----END", f"-----BEGIN PRIVATE KEY-----{MASK}-----END", id="p"),
    ],
)  # fmt: skip
def test_what_is_secret_by_its_place_or_shape_is_hidden(text: str, masked: str) -> None:
    assert Masker().mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("SSL_KEY_FILE=/etc/ssl/a.key", id="path"),
        pytest.param("SECRET_KEY: ${SECRET_KEY}", id="reference"),
        pytest.param("SECRET_KEY=", id="empty"),
        pytest.param("http://api:5001/a@b", id="port, then @"),
        pytest.param("image: registry:5000/a@sha256:0123", id="digest"),
        pytest.param("`DB_PASSWORD` is not the same in api and worker", id="message"),
        pytest.param("TOKENS_KEY: 3000", id="count"),
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert Masker().mask(text) == text


def test_a_known_secret_is_hidden_wherever_it_stands_also_percent_encoded() -> None:
    masker = Masker(lambda: ["p@ss/w0rd!"])
    assert masker.mask("x p@ss/w0rd! y p%40ss%2Fw0rd%21") == f"x {MASK} y {MASK}"
    assert masker.holds_secret("p@ss/w0rd!")


def test_a_short_secret_is_hidden_as_a_word_only() -> None:
    assert Masker(lambda: ["abcd"]).mask("abcd abcde (abcd)") == f"{MASK} abcde ({MASK})"


@pytest.mark.parametrize("word", ["postgres", "password", "true", "web"])
def test_common_words_and_service_names_are_not_hidden_in_messages(word: str) -> None:
    assert Masker(lambda: [word], public=("web",)).mask(f"the {word} service") == f"the {word} service"


def test_a_password_that_is_a_word_of_our_message_hides_only_what_was_put_into_it() -> None:
    masker = Masker(lambda: ["host", "the host"])
    template = "names the host `{host}`, and {nothing} has that name: {value}"
    assert masker.message(template, (("host", "host"), ("value", "a host"))) == (
        f"names the host `{MASK}`, and {{nothing}} has that name: a {MASK}"
    )


def test_a_secret_that_a_message_puts_together_is_hidden_whole() -> None:
    masker = Masker(lambda: ["one-two"])
    assert masker.message("say {a}-two", (("a", "one"),)) == f"say {MASK}"


def test_a_password_that_is_a_part_of_a_services_name_is_hidden_only_where_it_stands_by_itself() -> None:
    masker = Masker(lambda: ["shop-web"], public=["shop-web-db", "my-shop-web"])
    assert masker.mask("`shop-web-db`, my-shop-web: shop-web, shop-web-dbs") == (
        f"`shop-web-db`, my-shop-web: {MASK}, {MASK}-dbs"
    )


def test_each_line_of_a_secret_of_several_lines_is_hidden() -> None:
    assert Masker(lambda: ["first-line\nsecond-line"]).mask("a second-line b") == f"a {MASK} b"


def test_with_show_nothing_is_hidden_but_control_characters_are_escaped() -> None:
    assert Masker(lambda: ["hunter22"], show=True).mask("A_KEY=hunter22\x1b[2J") == "A_KEY=hunter22\\x1b[2J"


def test_thousands_of_secrets_are_all_found() -> None:
    secrets = [f"s3cr3t-{n:05}" for n in range(3000)]
    assert Masker(lambda: secrets).mask(f"a {secrets[7]} b {secrets[2999]}") == f"a {MASK} b {MASK}"


@settings(max_examples=150, deadline=None)
@given(st.text("aB3$%@/:= \n\té", min_size=8, max_size=14), st.text(max_size=20), st.text(max_size=20))
def test_a_secret_is_in_no_masked_text(secret: str, before: str, after: str) -> None:
    if secret.strip() == secret and len(set(secret)) > 3:
        assert secret not in Masker(lambda: [secret]).mask(before + secret + after)


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(codec=None), max_size=40))
def test_no_control_character_and_no_surrogate_is_left(text: str) -> None:
    shown = escape(text)
    assert all(c.isprintable() or c == "\t" or c.isspace() for c in shown if ord(c) < 256)
    assert "\x1b" not in shown
    assert "\n" not in shown
    shown.encode("utf-8")


def test_bytes_that_are_not_utf8_are_shown_as_the_bytes_they_are() -> None:
    assert escape(b"a\xffb".decode("utf-8", "surrogateescape")) == "a\\xffb"


def test_secrets_of_files_are_collected_by_name_and_by_shape() -> None:
    files = {
        "/p/.env": b"A_TOKEN=t0ken-one\nURL=redis://:pw-two@r:6379\nPLAIN=three-three\n",
        "/p/c.json": b'{"models": [{"apiKey": "key-four", "name": "five-five"}]}',
        "/p/c.yaml": b"x:\n  API_KEY: key-six\n  list: [DB_PASSWORD=pw-seven]\n",
    }
    workspace = Workspace(MemoryFiles(files))
    trees = (workspace.dotenv("/p/.env"), workspace.json("/p/c.json"), workspace.yaml("/p/c.yaml"))
    assert set(of_trees(trees)) == {"t0ken-one", "pw-two", "key-four", "key-six", "pw-seven"}


@pytest.mark.parametrize("text", ["/run/secrets/key", "true", "8080", "${OTHER}", ""])
def test_a_value_that_is_no_secret_in_itself_is_not_collected(text: str) -> None:
    assert list(secrets_of("SOME_KEY", text)) == []


def test_a_variable_that_is_given_very_often_is_masked_in_no_time() -> None:
    given = "".join(f"API_SECRET=hush-{number}\n" for number in range(3000))
    compose = 'services:\n  a:\n    image: x\n    env_file: [.env]\n    environment: {API_SECRET: "${API_SECRET}"}\n'
    files = {"/p/.env": given.encode(), "/p/compose.yaml": compose.encode()}
    report = run(Request(("/p",), "/p", isolated=True), Workspace(MemoryFiles(files, ("/p",)))).report
    assert report.masker.mask("was hush-2999, hush-2998 and hush-0") == "was ****, **** and ****"
