"""squid itself judges the fixes: what it refused for a finding it takes afterwards, and what it took it still takes."""

from __future__ import annotations

import difflib
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from stackmend.linter.cli import cli
from stackmend.linter.pages import Example, read_page
from stackmend.linter.rules.squid import RULES
from stackmend.schemas.parsers.document import Document
from stackmend.schemas.parsers.squid import parse_squid

from .conftest import Judge
from .squid_corpus import SHARED, STOP, Real, errors, filled, mutants, real_files, without

pytestmark = pytest.mark.oracle

# squid reads on behind a directive that it does not know, and does not start.
UNKNOWN = re.compile(r"squid\.conf\((\d+)\): unrecognized: ")
COMPOSE = """\
services:
  api:
    image: langgenius/dify-api:1.4.3
    environment:
      SSRF_PROXY_HTTP_URL: http://ssrf_proxy:3128
  sandbox:
    image: langgenius/dify-sandbox:0.2.12
    environment:
      SANDBOX_PORT: 8194
      HTTP_PROXY: http://ssrf_proxy:3128
  ssrf_proxy:
    image: ubuntu/squid:latest
    environment:
      HTTP_PORT: 3128
      COREDUMP_DIR: /var/spool/squid
      REVERSE_PROXY_PORT: 8194
      SANDBOX_HOST: sandbox
      SANDBOX_PORT: 8194
    volumes:
      - ./squid.conf.template:/etc/squid/squid.conf.template
"""


def pages() -> Iterator[Any]:
    """The examples that show what the fixes of a rule leave behind of squid's files."""
    for rule in RULES:
        for example in read_page(rule).found:
            own = [file for file in example.files if file.language == "squid"]
            # Several files at once are for `test_squid_includes_oracle`.
            if any(file.after is not None for file in own) and len(own) == 1:
                yield pytest.param(rule.code, example, id=f"{rule.code}: {example.title}")


def refused(said: str) -> int | None:
    """The line at which squid stops; 0 where it names none, None where it takes the file."""
    stop = STOP.search(said) or UNKNOWN.search(said)
    return int(stop[1]) if stop else 0 if "FATAL" in said else None


def complaints(said: str) -> int:
    """How often squid stops, passes over a line, or finds two values of an acl that overlap."""
    return len(re.findall(r"FATAL: Bungled|unrecognized: |expecting 'allow' or 'deny'|no ACL's|should.* remove", said))


def words(text: str) -> list[str]:
    """A line in words and what stands between them, the comment at its end as one piece."""
    body, note = re.fullmatch(r"(.*?)((?:\s+#.*)?\s*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    return [*re.split(r"(\s+)", body), note]


def careless(one: str, other: str) -> list[str]:
    """What a mended text has lost beside the words that it changes: comments, placeholders, alignment, line ends."""
    before, after = one.split("\n"), other.split("\n")
    lost: list[str] = []
    for kind, i, j, k, m in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "replace" and j - i == m - k:
            lost += [f"{a} -> {b}" for a, b in zip(before[i:j], after[k:m], strict=True) if not alike(a, b)]
        elif kind == "replace":
            # A line may become several, which keep its words, the blanks before its comment, and that.
            gone = Counter(w for line in before[i:j] for w in words(line)) - Counter(
                w for line in after[k:m] for w in words(line)
            )
            lost += [f"{before[i:j]} -> {after[k:m]}"] if gone - Counter({" ": sum(gone.values())}) else []
        elif kind == "delete":
            # A whole line may move, or go away as needless.
            lost += [line for line in before[i:j] if line not in after and not line.startswith("acl ")]
    return lost


def alike(one: str, other: str) -> bool:
    """Whether two lines have one comment and the same words and blanks but for one run of them."""
    a, b = words(one), words(other)
    if len(a) == len(b) and a[1::2] != b[1::2]:
        return False
    if a[-1] != b[-1] or Counter(re.findall(r"\$\{\w+\}", one)) != Counter(re.findall(r"\$\{\w+\}", other)):
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rest = next((i for i, (x, y) in enumerate(zip(a[::-1], b[::-1], strict=False)) if x != y), min(len(a), len(b)))
    return max(len(a), len(b)) - start - rest <= 3


def test_lost_comments_placeholders_and_alignment_are_noticed() -> None:
    assert not careless("acl a sr\t10.0.0.1  # lan\n", "acl a src\t10.0.0.1  # lan\n")
    assert careless("acl a sr\t10.0.0.1  # lan\n", "acl a src\t10.0.0.1 # lan\n")
    assert careless("acl a sr\t10.0.0.1\n", "acl a src 10.0.0.1\n")
    assert careless("htpp_port ${HTTP_PORT}\n", "http_port 3128\n")
    assert careless("via of\r\n", "via off\n")
    assert careless("# lan\nvia of\n", "via off\n")
    assert not careless("allow a b  # c\n", "allow a  # c\nallow b\n")
    assert careless("allow a b  # c\n", "allow a\nallow b\n")
    assert careless("allow a b  # c\n", "allow a # c\nallow b\n")


@pytest.mark.parametrize(("code", "example"), list(pages()))
def test_squid_takes_what_the_fixes_of_a_page_leave_behind(code: str, example: Example, squid: Judge) -> None:
    for file in example.files:
        if file.after is not None and file.language == "squid":
            left = errors(parse_squid(Document("/squid.conf", file.after)))
            # What has no fix stands there as before, and is found.
            after = [without(line) if n in left else line for n, line in enumerate(file.after.split("\n"), 1)]
            said = squid(filled("\n".join(after)))
            assert refused(said) is None, said
            assert complaints(squid(filled(file.after))) <= complaints(squid(filled(file.text)))
            # It is the placeholders that SQD013 mends.
            assert code == "SQD013" or not careless(file.text, file.after)


def mend(folder: Path, texts: list[str]) -> list[str]:
    """What `stackmend lint --fix --unsafe-fixes` makes of the template of a deployment, for each of these texts."""
    paths = [folder / f"{number:03}" / "squid.conf.template" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.parent.mkdir()
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        (path.parent / "compose.yaml").write_text(COMPOSE, encoding="utf-8")
    words = ["lint", "--fix", "--unsafe-fixes", "--isolated", "--select", "SQD", "--exit-zero", "-q", str(folder)]
    result = CliRunner().invoke(cli, words)
    assert result.exit_code == 0, result.output
    return [path.read_bytes().decode("utf-8", "surrogateescape") for path in paths]


def shipped() -> list[Real]:
    """Each text that a release of Dify ships, once."""
    return list({real.text: real for real in real_files() if real.shipped}.values())


@pytest.mark.skipif(not os.path.isdir(SHARED), reason="no shared files")
def test_squid_takes_mended_copies_of_the_files_that_dify_ships(
    squid: Judge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "whole").mkdir()
    (tmp_path / "broken").mkdir()
    # What is found in them as they are shipped: values that overlap.
    whole = mend(tmp_path / "whole", [real.text for real in shipped()])
    broken = list(mutants(whole, int(os.environ.get("MUTANTS", "150")), seed=3))
    mended = 0
    for before, after in zip(broken, mend(tmp_path / "broken", broken), strict=True):
        stop, still = refused(squid(filled(before))), refused(said := squid(filled(after)))
        assert still is None or stop is not None, said
        assert not careless(before, after)
        if stop is not None and after != before:
            mended += still is None
            # What is left is another mistake, and is found.
            assert still is None or still in errors(parse_squid(Document("/squid.conf", after)))
    assert mended >= len(broken) / 8
