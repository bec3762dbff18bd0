"""What the machine formats share: paths as URIs, text that is valid Unicode, edits that give no secret away."""

from __future__ import annotations

import os
import re

from ...fixers.edit import Edit, Fix
from ...schemas.parsers.document import Place
from ..report import Report, relative
from ..rule import Rule

_URI_SAFE = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/:")


def unicode_text(text: str) -> str:
    """The text with lone surrogates (bytes that are not UTF-8) as U+FFFD: strict JSON readers refuse them."""
    if text.isascii():
        return text
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def file_uri(path: str) -> str:
    """The `file:` URI of an absolute path with `/` (RFC 8089); bytes that a URI cannot hold are percent-encoded."""
    rooted = path if path.startswith("/") else "/" + path
    return "file://" + _quoted(rooted)


def relative_uri(path: str) -> str:
    """A relative path as a URI reference (RFC 3986, 4.2), an absolute one as a `file:` URI."""
    if path.startswith("/") or path[1:3] == ":/":
        return file_uri(path)
    # A first segment with a colon would be read as a scheme.
    return ("./" if ":" in path.partition("/")[0] else "") + _quoted(path)


def _quoted(path: str) -> str:
    data = path.encode("utf-8", "surrogateescape")
    return "".join(chr(b) if b in _URI_SAFE else f"%{b:02X}" for b in data)


def checkout(cwd: str, variable: str) -> str:
    """The folder that a CI service shows paths relative to: what it says in an environment variable, else `cwd`."""
    return (os.environ.get(variable) or cwd).replace(os.sep, "/").rstrip("/") or "/"


def docs_uri(rule: Rule) -> str:
    """Where the rule's page lies in this installation, as a URI that an editor opens."""
    from ..pages import page_path

    return file_uri(os.path.abspath(page_path(rule)).replace(os.sep, "/"))


def shown_file(cwd: str, path: str) -> str:
    """A path relative to the working directory, valid Unicode."""
    return unicode_text(relative(path, cwd))


def span_range(place: Place) -> dict[str, dict[str, int]]:
    """A place's start and end as 1-based lines and columns in code points."""
    document, span = place
    (start_line, start_column), (end_line, end_column) = document.position(span.start), document.position(span.end)
    return {
        "start": {"line": start_line, "column": start_column},
        "end": {"line": end_line, "column": end_column},
    }


def portable_edits(report: Report, fix: Fix) -> tuple[Edit, ...]:
    """The edits of a fix, or none of them where one holds a secret or text that is not Unicode.

    A fix is whole or nothing, so one edit that cannot be shown withholds all; title and applicability still tell of it.
    """
    secret = report.masker.holds_secret
    if any(secret(edit.text) or unicode_text(edit.text) != edit.text for edit in fix.edits):
        return ()
    return fix.edits
