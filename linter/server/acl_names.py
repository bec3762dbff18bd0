"""Where squid's acls are defined and used."""

from __future__ import annotations

from collections.abc import Iterator

from ...schemas.parsers import squid_directives
from ...schemas.parsers.document import Document
from ...schemas.parsers.squid import SquidDirective, SquidTree, SquidWord
from .mention import Form, Mention

# Directives whose last words are acls, and how many words stand before these at least.
_WITH_ACLS = {
    "deny_info": 1, "reply_body_max_size": 1, "tcp_outgoing_address": 1, "tcp_outgoing_tos": 1, "tcp_outgoing_mark": 1,
    "clientside_tos": 1, "clientside_mark": 1, "mark_client_packet": 1, "mark_client_connection": 1, "qos_flows": 9,
    "access_log": 1, "ssl_bump": 1, "sslproxy_cert_error": 1, "sslproxy_cert_adapt": 1, "sslproxy_cert_sign": 1,
    "request_header_add": 2, "reply_header_add": 2, "note": 2, "always_direct": 1, "cache_log_message": 1,
}  # fmt: skip
_OF_ACLS = ("any-of", "all-of")


def acl_names(tree: SquidTree, owners: tuple[str, ...]) -> Iterator[Mention]:
    """Every acl that is named in a squid file; `owners` are the services that read it."""
    document = tree.document
    for directive in tree.directives:
        words = directive.arguments
        if directive.name.text == "acl":
            if words:
                yield from _name(document, words[0], "definition", owners)
            if len(words) > 1 and words[1].text in _OF_ACLS:
                for word in words[2:]:
                    yield from _name(document, word, "use", owners)
        else:
            for word in words[acls_from(directive) :]:
                yield from _name(document, word, "use", owners)


def acls_from(directive: SquidDirective) -> int:
    """The number of words of a directive that stand before its acls; past the end where it takes none."""
    name = directive.name.text
    before = squid_directives.access().get(name)
    if before is not None:
        return before + 1
    return _WITH_ACLS.get(name, len(directive.arguments))


def _name(document: Document, word: SquidWord, form: Form, owners: tuple[str, ...]) -> Iterator[Mention]:
    text = word.text.removeprefix("!")
    # A word with quotes or a line break in it is not written as it reads.
    end = word.span.end - len(word.quote)
    start = end - len(text)
    if text and "$" not in text and "/" not in text and document.text[start:end] == text:
        yield Mention("acl", text, document.place(start, end), form, owners)
