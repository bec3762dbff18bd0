"""The junit format: a test suite for each file, for CI services that show test results.

The output is ASCII with character references, so that it is well-formed in whatever encoding it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TextIO

from ..report import Report, Reported
from .portable import unicode_text
from .summary import visible


def write(report: Report, out: TextIO, *, color: bool = False, verbose: bool = False) -> None:  # noqa: ARG001
    """Write the document: a failed case for each finding, a passed one for each file without any.

    When not everything could be checked, a suite called `stackmend` has an error with the reasons.
    """
    shown = visible(report, verbose=verbose)
    by_path: dict[str, list[Reported]] = {path: [] for path in report.paths}
    for reported in shown:
        by_path.setdefault(reported.place.document.path, []).append(reported)
    suites = [_suite(report, path, found) for path, found in sorted(by_path.items())]
    tests = sum(max(len(found), 1) for found in by_path.values())
    if report.failed:
        suites.append(_broken(report))
        tests += 1
    counts = _attributes(name="stackmend", tests=tests, failures=len(shown), errors=int(report.failed))
    out.write(f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites{counts}>\n')
    out.writelines(suites)
    out.write("</testsuites>\n")


def escape_xml(text: str) -> str:
    """Text for an attribute or an element: markup and all but ASCII as references; what XML 1.0 forbids is left out."""
    text = re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", unicode_text(text))
    for character, reference in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(character, reference)
    # An attribute's white space would be read as spaces.
    for character in "\t\n\r":
        text = text.replace(character, f"&#{ord(character)};")
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _suite(report: Report, path: str, found: list[Reported]) -> str:
    name = report.shown_path(path)
    cases = [_case(report, reported, name) for reported in found]
    if not cases:
        cases = [f"    <testcase{_attributes(name='stackmend', classname=name)}/>\n"]
    counts = _attributes(name=name, tests=len(cases), failures=len(found), errors=0)
    return f"  <testsuite{counts}>\n{''.join(cases)}  </testsuite>\n"


def _case(report: Report, reported: Reported, name: str) -> str:
    rule = reported.rule
    line, column = reported.place.document.position(reported.place.span.start)
    case = _attributes(name=f"{rule.code} {rule.name}", classname=name, line=line, column=column)
    failure = _attributes(message=reported.message, type=reported.severity.value)
    return (
        f"    <testcase{case}>\n      <failure{failure}>"
        f"{_lines(_details(report, reported, f'{name}:{line}:{column}'))}</failure>\n    </testcase>\n"
    )


def _details(report: Report, reported: Reported, where: str) -> Iterable[str]:
    """The finding and its other places, a line each."""
    yield f"{where}: {reported.rule.code} {reported.message}"
    for related in reported.diagnostic.related:
        place = related.place
        line, column = place.document.position(place.span.start)
        other = f"{report.shown_path(place.document.path)}:{line}:{column}"
        yield f"{other}: {report.text(related.message, related.values)}"


def _broken(report: Report) -> str:
    counts = _attributes(name="stackmend", tests=1, failures=0, errors=1)
    case = _attributes(name="everything was checked", classname="stackmend")
    error = _attributes(message="not everything could be checked", type="error")
    text = _lines(report.errors)
    return (
        f"  <testsuite{counts}>\n    <testcase{case}>\n      <error{error}>{text}</error>\n"
        "    </testcase>\n  </testsuite>\n"
    )


def _attributes(**values: str | int) -> str:
    return "".join(f' {name}="{escape_xml(str(value))}"' for name, value in values.items())


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(escape_xml(line) for line in lines)
