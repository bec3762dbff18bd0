"""nginx itself judges the files of many projects: we find an error where it stops, and none in what it takes."""

from __future__ import annotations

import glob
import os
import re
from collections import Counter
from collections.abc import Callable

import pytest

from stackmend.linter.rules.nginx.directives import argument_count, misplaced_directive, unknown_directive
from stackmend.linter.rules.nginx.duplicates import duplicate_directive
from stackmend.linter.rules.nginx.syntax import syntax
from stackmend.linter.rules.nginx.variables import unknown_variable
from stackmend.schemas.parsers.document import Document
from stackmend.schemas.parsers.nginx import NginxTree, parse_nginx

from .conftest import Judge
from .nginx_site import filled, stop

SHARED = os.path.join(os.path.dirname(__file__), "..", "..", "..", "shared")
CORPUS = f"{SHARED}/corpus/dev"

pytestmark = [pytest.mark.oracle, pytest.mark.skipif(not os.path.isdir(CORPUS), reason="no shared files")]

RULES = (syntax, unknown_directive, misplaced_directive, argument_count, duplicate_directive, unknown_variable)
# What a file by itself shows.
OURS = re.compile(
    r'unexpected ("|end of)|is not terminated by|has no opening|invalid number of arguments|is not allowed here|'
    r"unknown directive|is duplicate|duplicate (?:location|upstream|default)|must be .on. or .off.|"
    r"directive invalid|invalid (?:URL prefix|value|parameter|port|number)|cannot have URI part|no port in"
)
# Where nginx and we differ, and why. Nothing may be added here without a reason.
DIFFERENT = {
    "mattermost+docker__nginx__conf.d__default.conf": "`http2 on` is of nginx 1.25, and the judge is older",
    "laradock+laradock__nginx__sites__default.conf": "the upstream `php-upstream` is defined in another file",
}


def files() -> list[str]:
    """The nginx files of the corpus."""
    wild = glob.glob(f"{CORPUS}/wild/nginx/*")
    shipped = glob.glob(f"{CORPUS}/[df]*/**/*nginx*/**/*.conf*", recursive=True)
    return sorted({*wild, *shipped})


def agreement(nginx: Judge, path: str) -> tuple[str, str]:
    """How nginx and the rules get on with a file, in a word, and what each of them said."""
    with open(path, "rb") as file:
        text = Document.decode(path, file.read()).text
    tree: NginxTree = parse_nginx(Document("/nginx.conf.template" if ".template" in path else "/nginx.conf", text))
    found = sorted(d.place.line for rule in RULES for d in rule.check(tree))
    said, line = stop(nginx, filled(text))
    if not said:
        return ("taken" if not found else "only we stop"), f"{found}"
    if tree.template:
        return "of another template language", ""
    # A block that is never closed is noticed at the end of the file.
    if OURS.search(said) or found:
        return ("stopped" if line in found or (found and not line) else "different"), f"{said}; {found}"
    return "set apart", said


def test_nginx_and_we_agree_about_the_files_of_the_corpus(
    nginx: Judge, record_property: Callable[[str, object], None]
) -> None:
    counted: Counter[str] = Counter()
    different: dict[str, str] = {}
    for path in files():
        how, why = agreement(nginx, path)
        counted[how] += 1
        if how in ("different", "only we stop"):
            different[os.path.basename(path)] = why
    record_property("agreement", dict(counted))
    assert different.keys() == DIFFERENT.keys(), different
    assert counted["taken"] >= 89
    # Hosts, variables and files that are elsewhere.
    assert counted["set apart"] <= 7
