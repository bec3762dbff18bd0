"""A small deployment with one finding of every kind, as the reports get it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from stackmend.fixers.edit import Applicability, Edit, Fix
from stackmend.linter.diagnostic import Diagnostic, Related, Severity, render
from stackmend.linter.masking import Masker
from stackmend.linter.report import DeploymentSummary, FixedDiagnostic, Report, Reported
from stackmend.linter.rule import Rule
from stackmend.schemas.parsers.document import Document, Place

ROOT = "/srv/stack"
SECRET = "kastanien-7431"

COMPOSE = """\
version: "3"
services:
  api:
    image: example/api:1.0
    environment:
      名前: "値", 東京: "見て"  # 全角
      DB_PASSWORD: ${DB_PASSWORD:-kastanien-7431}
\t  ports: ["80:80"]
  web:
    image: example/web:1.0
    depends_on:
      - api
      - cache
    ports:
      - "80:8080"
"""

DOTENV = (
    "DB_PASSWORD=kastanien-7431\nNAME=a 🐘 VECTOR_STORE\nBELL=\x1b[31m\x07 red \u202egnp\nLONG=" + "x" * 300 + " END\n"
)


def nothing(_subject: object) -> Iterator[Diagnostic]:
    """A check that finds nothing: reports do not run rules."""
    return iter(())


def make_rule(code: str, name: str, severity: Severity, faq: tuple[str, ...] = ()) -> Rule:
    return Rule(code, name, object, severity, nothing, faq)


PORT = make_rule("CMP018", "duplicate-host-port", Severity.ERROR, ("D14", "F3.7"))
VERSION = make_rule("CMP007", "obsolete-version", Severity.INFO)
UNUSED = make_rule("ENV012", "unused-variable", Severity.WARNING)
STORE = make_rule("STK008", "default-secret", Severity.WARNING)
DEPENDS = make_rule("CMP012", "unknown-service-reference", Severity.ERROR)


@pytest.fixture
def compose() -> Document:
    return Document(f"{ROOT}/docker-compose.yaml", COMPOSE)


@pytest.fixture
def dotenv() -> Document:
    return Document(f"{ROOT}/.env", DOTENV)


def find(document: Document, text: str, after: str = "") -> Place:
    """The place of the first occurrence of a text, behind the first occurrence of another."""
    at = document.text.index(text, document.text.index(after))
    return document.place(at, at + len(text))


@pytest.fixture
def place_of() -> Callable[[Document, str, str], Place]:
    return find


@pytest.fixture
def diagnostics(compose: Document, dotenv: Document) -> list[Diagnostic]:
    second = find(compose, '"80:8080"')
    password = find(dotenv, SECRET)
    return [
        Diagnostic(
            find(compose, '"80:80"'),
            "host port {port} is published twice, so only the first container to start gets it",
            (("port", "80"),),
            related=(Related(second, "service {name} publishes it too", (("name", "web"),)),),
            fixes=(
                Fix(
                    "Publish {port} instead", (Edit(second, '"8080:8080"'),), Applicability.UNSAFE, (("port", "8080"),)
                ),
            ),
            rule=PORT,
        ),
        Diagnostic(
            find(compose, "- api\n      - cache", "depends_on"),
            "service {name} is not defined",
            (("name", "cache"),),
            rule=DEPENDS,
        ),
        Diagnostic(
            find(compose, 'version: "3"\n'),
            "`version` has no meaning any more",
            fixes=(Fix("Remove it", (Edit(find(compose, 'version: "3"\n'), ""),), Applicability.SAFE),),
            rule=VERSION,
        ),
        Diagnostic(find(compose, "東京"), "the key is not `{name}`", (("name", "名前"),), rule=UNUSED),
        Diagnostic(
            password,
            "the password {value} is the one of the documentation",
            (("value", SECRET),),
            related=(Related(find(compose, "${DB_PASSWORD:-kastanien-7431}"), "asked for here"),),
            fixes=(
                Fix("Write {value} to both", (Edit(password, SECRET),), Applicability.DISPLAY, (("value", SECRET),)),
            ),
            rule=STORE,
        ),
        Diagnostic(
            find(dotenv, "VECTOR_STORE"),
            "nothing reads VECTOR_STORE",
            fixes=(Fix("Remove it", (Edit(find(dotenv, " VECTOR_STORE"), ""),), Applicability.SAFE),),
            rule=UNUSED,
        ),
        Diagnostic(find(dotenv, "red"), "nothing reads \x1b[2JBELL\n::error::", rule=UNUSED),
        Diagnostic(find(dotenv, "END"), "nothing reads LONG", rule=UNUSED),
    ]


@pytest.fixture
def make_report() -> Callable[[list[Diagnostic]], Report]:
    """A report of some diagnostics, rendered and masked as the engine does it."""

    def make(diagnostics: list[Diagnostic]) -> Report:
        masker = Masker(lambda: [SECRET])
        reported = tuple(
            Reported(d, partial(masker.mask, render(d.message, d.values)), partial(str, f"print-{number}"))
            for number, d in enumerate(diagnostics)
        )
        files = (f"{ROOT}/.env", f"{ROOT}/docker-compose.yaml", f"{ROOT}/nginx/nginx.conf")
        return Report(
            diagnostics=reported,
            deployments=(DeploymentSummary(ROOT, files, "dify", "1.0.0"),),
            errors=("nginx/proxy.conf: not a regular file",),
            fixed=(FixedDiagnostic(VERSION, "Remove it", f"{ROOT}/docker-compose.yaml", 1),),
            files=3,
            masker=masker,
            cwd=ROOT,
            paths=files,
        )

    return make


@pytest.fixture
def report(diagnostics: list[Diagnostic], make_report: Callable[[list[Diagnostic]], Report]) -> Report:
    return make_report(diagnostics)
