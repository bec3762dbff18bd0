"""No hover, offer, hint, link or outline shows a secret, wherever in the files the pointer rests."""

from __future__ import annotations

from stackmend.linter.server.completion import completions, documentation
from stackmend.linter.server.hover import hover
from stackmend.linter.server.navigation import Refusal, prepare_rename, rename
from stackmend.linter.server.outline import Symbol, inlay_hints, links, symbols
from stackmend.schemas.parsers.document import Span

from .conftest import COMPOSE, ENV, ROOT, STACK, analysis_of

SECRETS = ("hunter2hunter2", "correcthorse", "plaintextsecret", "anothersecret", "nobodyknows", "ab1", "peerpass")
IN_API = """\
MODE: api
      ADMIN_API_KEY: ab1
      MIXED: x-${SECRET_KEY}-y
"""
IN_PROXY = """\
LINK: https://u:nobodyknows@${DB_HOST}/
      NGINX_KEY: ${SECRET_KEY:-nobodyknows}
      LISTEN_PORT: $"""
FILES = {
    **STACK,
    # A short secret, some behind names that do not tell, in URLs, and in the text of a command.
    "compose.yaml": COMPOSE.replace("MODE: api\n", IN_API).replace("LISTEN_PORT: $", IN_PROXY),
    ".env": ENV + "MAIL_LINK=https://user:nobodyknows@host/\nCOPY=${SECRET_KEY}\nADMIN_API_KEY=ab1\n",
    "squid.conf.template": STACK["squid.conf.template"] + "cache_peer db parent 80 0 login=user:peerpass\n",
    "nginx.conf.template": STACK["nginx.conf.template"].replace("listen", "set $k ${NGINX_KEY};\n    listen"),
}


def leaks(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


def test_no_hover_shows_a_secret() -> None:
    analysis = analysis_of(FILES)
    seen = 0
    for name, text in FILES.items():
        for offset in range(0, len(text), 3):
            found = hover(analysis, f"{ROOT}/{name}", offset)
            if found is not None:
                seen += "****" in found.markdown
                assert not leaks(found.markdown), (name, offset, found.markdown)
    assert seen > 20


def test_no_offer_shows_a_secret() -> None:
    analysis = analysis_of(FILES)
    for name, text in FILES.items():
        for offset in range(0, len(text), 11):
            for each in completions(analysis, f"{ROOT}/{name}", offset):
                said = f"{each.label}\n{each.detail}\n{each.text}"
                assert not leaks(said), (name, offset, each)
    found = {c.label: c for c in completions(analysis, f"{ROOT}/compose.yaml", FILES["compose.yaml"].index("${") + 2)}
    for each in found.values():
        assert not leaks(documentation(analysis, f"{ROOT}/.env", each.key))


def test_no_hint_link_or_outline_shows_a_secret() -> None:
    analysis = analysis_of(FILES)
    hints = 0
    for name, text in FILES.items():
        path = f"{ROOT}/{name}"
        for hint in inlay_hints(analysis, path, Span(0, len(text))):
            hints += "****" in hint.text
            assert not leaks(hint.text + hint.tooltip)
        for link in links(analysis, path):
            assert not leaks(link.path + link.url + link.tooltip)
        assert not leaks(said(symbols(analysis, path)))
    assert hints >= 5


def test_no_refusal_shows_a_secret() -> None:
    analysis = analysis_of(FILES)
    for name, text in FILES.items():
        for offset in range(0, len(text), 7):
            refused = prepare_rename(analysis, f"{ROOT}/{name}", offset)
            assert not isinstance(refused, Refusal) or not leaks(refused.words)
            edits = rename(analysis, f"{ROOT}/{name}", offset, "NEW")
            assert not isinstance(edits, Refusal) or not leaks(edits.words)


def said(tree: tuple[Symbol, ...]) -> str:
    return "\n".join(f"{s.name} {s.detail}\n{said(s.children)}" for s in tree)
