"""dotenv files as Compose 2.40.3, docker's raw format and python-dotenv read them; places of mistakes; any input."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dotenv import dotenv_values
from hypothesis import given, settings
from hypothesis import strategies as st

from stackmend.schemas.parsers.document import Document
from stackmend.schemas.parsers.dotenv import Dialect, DotenvTree, parse_dotenv
from stackmend.schemas.parsers.interpolation import MissingVariableError, expand, names

Linear = Callable[[Callable[[int], Callable[[], object]]], None]

SHELL = {"B": "b", "EMPTY": "", "S": "s"}
SHARED = Path(__file__).parents[4] / "shared"


def parse(data: bytes, dialect: Dialect = "compose") -> DotenvTree:
    return parse_dotenv(Document.decode("/project/.env", data), dialect)


def values(tree: DotenvTree) -> dict[str, str] | None:
    """What a container gets from the file, None when Compose refuses it."""
    if tree.refusals:
        return None
    found: dict[str, str] = {}
    for entry in tree.entries:
        if entry.text is None:
            if entry.key in SHELL:
                found[entry.key] = SHELL[entry.key]
        else:
            try:
                template = entry.template
                found[entry.key] = (
                    entry.text if template is None else expand(template, lambda n: SHELL.get(n, found.get(n)))
                )
            except MissingVariableError:
                return None
    return {k: "".join("\ufffd" if "\udc80" <= c <= "\udcff" else c for c in v) for k, v in found.items()}


# What `docker-compose config` (2.40.3) put into the environment of a service with this env_file.
COMPOSE: list[tuple[bytes, dict[str, str]]] = [
    (b"\xe9\x94\xae=1\n", {"键": "1"}),
    (b"\xe2\x85\xa7=1\n", {"Ⅷ": "1"}),
    (b"A=1\nS\n", {"A": "1", "S": "s"}),
    (b"A=1\nS", {"A": "1", "": "S"}),
    (b"=5\n", {"": "5"}),
    (b":\n", {"": ""}),
    (b"export =5\n", {"": "5"}),
    (b"export", {"": "export"}),
    (b"export\n", {}),
    (b"export\nS\n", {"S": "s"}),
    (b"export\n#c\nA=1\n", {"A": "1"}),
    (b"export FOO\n", {}),
    (b"export S\n", {"S": "s"}),
    (b"export \x0bS\n", {"S": "s"}),
    (b"export\x0bA=1\n", {"export\x0bA": "1"}),
    (b"exportA=1\n", {"exportA": "1"}),
    (b"A= #x\n", {"A": "#x"}),
    (b"A=#x\n", {"A": "#x"}),
    (b"A=a\t#x\n", {"A": "a\t#x"}),
    (b"A=a #x\n", {"A": "a"}),
    (b"A=a#b\n", {"A": "a#b"}),
    (b"A=a  \t \n", {"A": "a"}),
    (b"A==1\n", {"A": "=1"}),
    (b"A: b\n", {"A": "b"}),
    (b"A:b=c\n", {"A": "b=c"}),
    (b"A =1\n", {"A": "1"}),
    (b"A\tB=1\n", {"A\tB": "1"}),
    (b"A\xc2\xa0=1\n", {"A": "1"}),
    (b"A.B-C[0]=1\n", {"A.B-C[0]": "1"}),
    (b'A="a\\\\"\n', {"A": "a\\"}),
    (b"A='a\\\\'\n", {"A": "a\\\\"}),
    (b"A='a\\'b'\n", {"A": "a'b"}),
    (b"A='a\\nb'\n", {"A": "a\\nb"}),
    (b'A="a\\"b"\n', {"A": 'a"b'}),
    (b'A="\\012"\n', {"A": "\\12"}),
    (b'A="\\0101"\n', {"A": "A"}),
    (b'A="\\0"\n', {"A": "\\"}),
    (b'A="\\0777"\n', {"A": "\\777"}),
    (b'A="\\0377"\n', {"A": "ÿ"}),
    (b'A="\\c\\q\\x41"\n', {"A": "\\c\\q\\x41"}),
    (b'A="\\n$S\\t"\n', {"A": "\ns\t"}),
    (b'A="\\$B"\n', {"A": "$B"}),
    (b'A="$\\$B"\n', {"A": "$b"}),
    (b'A="\\$${S}"\n', {"A": "$s"}),
    (b'A="\\0044{S}"\n', {"A": "s"}),
    (b'A="${U:-\\"q\\"}"\n', {"A": '"q"'}),
    (b'A="$$B"\n', {"A": "$B"}),
    (b"A=$$B\n", {"A": "$B"}),
    (b"A=\\$B\n", {"A": "\\b"}),
    (b"A='${1}'\n", {"A": "${1}"}),
    (b"C=$A\nA=1\nD=$A\n", {"C": "", "A": "1", "D": "1"}),
    (b'A="a"b\n', {"A": "a"}),
    (b'A="a"b=2\n', {"A": "a", "b": "2"}),
    (b'A="a"b', {"A": "a", "": "b"}),
    (b'A="a" # c\n', {"A": "a"}),
    (b'A="a\r\nb"\n', {"A": "a\r\nb"}),
    (b"A='\n' B=1\n", {"A": "\n", "B": "1"}),
    (b"\xef\xbb\xbfA=1\n", {"A": "1"}),
    (b"A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
    (b"A=1\rB=2\r", {"A": "1\rB=2"}),
    (b"\xe3\x80\x80A=1\n", {"A": "1"}),
    (b"A=\xe3\x80\x80b\xe3\x80\x80\n", {"A": "\u3000b"}),
    (b"A=\xff\n", {"A": "\ufffd"}),
    (b"A=x\x1c\n", {"A": "x\x1c"}),
    (b"A= x \n", {"A": "x"}),
    (b"A=x\x0b\x0c\xc2\x85\xc2\xa0\n", {"A": "x"}),
    (b"A\xc2\x85=1\n", {"A": "1"}),
    (b"A=a\\nb\\\\\n", {"A": "a\\nb\\\\"}),
    (b'A="\\a\\b\\f\\v\\r"\n', {"A": "\a\b\f\v\r"}),
    (b'A="x\ny" # c\nB=1\n', {"A": "x\ny", "B": "1"}),
    (b"A='x # y'\n", {"A": "x # y"}),
    (b"  # c\n\t# d\nA=1\n", {"A": "1"}),
    (b"A=1\nA=2\n", {"A": "2"}),
    (b"A=${U:-d}\nC=${A:+r}\nD=${A+r}\nE=${U-d}\n", {"A": "d", "C": "r", "D": "r", "E": "d"}),
    (b"E=\nA=${E:-x}\nC=${E-x}\nD=${E+r}\nF=${E:+r}\n", {"E": "", "A": "x", "C": "", "D": "r", "F": ""}),
    (b"A=${U:-${V-${S}}}\n", {"A": "s"}),
    (b"B=file\nA=${B}\n", {"B": "file", "A": "b"}),
    (b"", {}),
    (b"\xef\xbb\xbf", {}),
]

# What Compose refuses, and where we say it is.
COMPOSE_REFUSED = [
    (b"A=1\nA/B=1\n", "bad-key", "A/B"),
    (b"-----BEGIN KEY-----\n", "blank-in-key", "-----BEGIN KEY-----"),
    (b"A B=1\n", "blank-in-key", "A B"),
    (b"- A=1\n", "blank-in-key", "- A"),
    (b"export export A=1\n", "blank-in-key", "export A"),
    (b"export # c\n", "bad-key", "# c"),
    (b"A=1\nexport ", "bad-key", "export"),
    (b'A="a\nB=1\n', "unterminated-quote", '"'),
    (b"A='a\\'\nB=1\n", "unterminated-quote", "'"),
    (b"A=1\n'\n", "bad-key", "'"),
    (b'A="a" "b"\n', "bad-key", '"b"'),
    (b"A='x'\\''y'\n", "bad-key", "\\''y'"),
    (b"A=x${1}y\n", "invalid-template", "${1}"),
    (b'A="\\n${1}"\n', "invalid-template", "${1}"),
    (b"A=${S:-${1}}\n", "invalid-template", "${1}"),
    ("A＝1\n".encode(), "full-width", "＝"),
    ("A：1\n".encode(), "full-width", "："),
    ("“A”=1\n".encode(), "full-width", "“"),
    ("A\u3000=1\n".encode(), "full-width", "\u3000"),
    (b"\x1cA=1\n", "bad-key", "\x1cA"),
    (b"\xef\xbb\xbf\xef\xbb\xbfA=1\n", "bad-key", "\ufeffA"),
    (b"\xff=1\n", "bad-key", "\udcff"),
    (b"\xff\xfeA\x00=\x001\x00\n\x00", "not-utf8", "\udcff"),
]

RAW: list[tuple[bytes, dict[str, str]]] = [
    (b"A=1\n", {"A": "1"}),
    (b" A= 1 \n", {"A": " 1 "}),
    (b"A\n", {}),
    (b"S", {"S": "s"}),
    (b"S\r\n", {"S": "s"}),
    (b"A=1 # c\n", {"A": "1 # c"}),
    (b"A='1'\n", {"A": "'1'"}),
    (b"A=$B\n", {"A": "$B"}),
    (b"#c\nA=1\r\n", {"A": "1"}),
    (b"\xef\xbb\xbfA=1\n", {"A": "1"}),
    (b"A/B=1\n", {"A/B": "1"}),
    (b"A=1\r\r\n", {"A": "1\r"}),
    (b"A\xc2\xa0=1\n", {"A\u00a0": "1"}),
    (b"A=" + b"x" * 65533 + b"\n", {"A": "x" * 65533}),
]
RAW_REFUSED = [
    (b"A B=1\n", "blank-in-key"),
    (b"A =1\n", "blank-in-key"),
    (b"A\tB\n", "blank-in-key"),
    (b"export A=1\n", "blank-in-key"),
    (b"=1\n", "bad-key"),
    (b"A=\xff\n", "not-utf8"),
    (b"A=" + b"x" * 65534 + b"\n", "line-too-long"),
]


@pytest.mark.parametrize(("data", "expected"), [pytest.param(*case, id=repr(case[0])) for case in COMPOSE])
def test_compose_dialect_gives_the_values_that_compose_gives(data: bytes, expected: dict[str, str]) -> None:
    assert values(parse(data)) == expected


@pytest.mark.oracle
@pytest.mark.parametrize(("data", "expected"), [pytest.param(*case, id=repr(case[0])) for case in COMPOSE])
def test_the_table_of_compose_is_what_compose_says(
    data: bytes, expected: dict[str, str], compose_config: Callable[..., dict[str, Any] | None]
) -> None:
    answer = compose_config({"services": {"s": {"image": "i", "env_file": "a.env"}}}, SHELL, {"a.env": data})
    assert answer is not None
    found = answer["services"]["s"].get("environment", {})
    assert {k.replace("$$", "$"): v.replace("$$", "$") for k, v in found.items() if v is not None} == expected


@pytest.mark.parametrize("data", [b"A=${U:?no}\n", b"A=${EMPTY:?no}\n", b"A=${U?no}\n"])
def test_a_required_variable_stops_the_reader(data: bytes) -> None:
    assert values(parse(data)) is None


@pytest.mark.parametrize(("data", "kind", "where"), [pytest.param(*case, id=repr(case[0])) for case in COMPOSE_REFUSED])
def test_what_compose_refuses_is_one_problem_at_its_place(data: bytes, kind: str, where: str) -> None:
    tree = parse(data)
    assert [(p.kind, p.place.text) for p in tree.refusals] == [(kind, where)]


@pytest.mark.parametrize(("data", "expected"), [pytest.param(*case, id=repr(case[0][:30])) for case in RAW])
def test_raw_dialect_gives_the_values_that_docker_gives(data: bytes, expected: dict[str, str]) -> None:
    assert values(parse(data, "raw")) == expected


@pytest.mark.parametrize(("data", "kind"), [pytest.param(*case, id=repr(case[0][:30])) for case in RAW_REFUSED])
def test_what_docker_refuses_in_raw_format_is_a_problem(data: bytes, kind: str) -> None:
    assert [p.kind for p in parse(data, "raw").refusals] == [kind]


def test_every_broken_line_is_told_and_the_others_are_read() -> None:
    tree = parse(b"A=1\nB/=2\nC=3\nD D=4\nE=5\n'F\nG=\"open\n")
    assert [(p.kind, p.place.line) for p in tree.problems] == [
        ("bad-key", 2),
        ("blank-in-key", 4),
        ("bad-key", 6),
        ("unterminated-quote", 7),
    ]
    assert [e.key for e in tree.entries] == ["A", "C", "E"]


@pytest.mark.parametrize(
    ("data", "tail"),
    [
        pytest.param(b'A="a"b\nC=1\n', "b", id="bare word"),
        pytest.param(b'A="a"b=2 # c\n', "b=2 # c", id="assignment"),
        pytest.param(b"A='a'b\r\n", "b", id="CRLF"),
    ],
)
def test_text_after_the_closing_quote_is_told_but_not_as_a_refusal(data: bytes, tail: str) -> None:
    tree = parse(data)
    assert [(p.kind, p.place.text) for p in tree.problems] == [("text-after-quote", tail)]
    assert tree.refusals == ()


def test_forgotten_closing_quote_is_shown_where_the_value_began() -> None:
    tree = parse(b'A="one\nB="two"\n')
    [problem] = tree.problems
    assert (problem.kind, problem.place.line) == ("bad-key", 2)
    assert [place.span.start for place, _ in problem.related] == [2]


def test_full_width_quotes_around_a_value_are_told_but_kept() -> None:
    tree = parse("A=“x”\nB=说“x”\n".encode())
    assert [(p.kind, p.place.line) for p in tree.problems] == [("full-width-quote", 1)]
    assert values(tree) == {"A": "“x”", "B": "说“x”"}


def test_spans_cover_what_they_name() -> None:
    text = "# top\nexport A = 'x y' # why\r\nB: v w # note\r\nC=\nD\n"
    tree = parse(text.encode())

    def cut(span: tuple[int, int] | None) -> str | None:
        return None if span is None else text[span[0] : span[1]]

    found = [(cut(e.span), cut(e.key_span), e.separator, cut(e.value_span), cut(e.comment)) for e in tree.entries]
    assert found == [
        ("export A = 'x y'", "A", "=", "'x y'", "# why"),
        ("B: v w", "B", ":", "v w", "# note"),
        ("C=", "C", "=", "", None),
        ("D", "D", "", "", None),
    ]
    assert [cut(c) for c in tree.comments] == ["# top", "# why", "# note"]
    assert tree.last("B") is tree.entries[1]
    assert tree.last("none") is None


@pytest.mark.parametrize(
    "text",
    ['A="\\t\\"${B:-x\\n$S}\\0101" $', "A=x$B${S}", 'A="é\\$\\\\$B"', 'export A="\\012${EMPTY-\\\\}$S"\n'],
)
def test_template_offsets_count_in_the_document(text: str) -> None:
    [entry] = parse(text.encode()).entries[:1]
    assert entry.template is not None
    found = list(names(entry.template))
    assert found
    for reference in found:
        assert text[reference.name_span.start : reference.name_span.end] == reference.name
        written = text[reference.span.start : reference.span.end]
        assert written.startswith("$")
        assert written.endswith("}" if written[1] == "{" else reference.name)


def test_values_stay_out_of_the_repr() -> None:
    assert "hunter2" not in repr(parse(b"A=hunter2\n").entries[0])


# -- python-dotenv


def library(data: bytes) -> dict[str, str | None]:
    text = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8").read()
    return dict(dotenv_values(stream=io.StringIO(text), interpolate=False))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"A=x # c\nB='#' # d\nC= # e\n#f\n", ["x", "'#'", ""], id="comments"),
        pytest.param(b'\xef\xbb\xbfA=1\r\nB="x\r\ny" # c\r\nC=2\r\n', ["1", '"x\r\ny"', "2"], id="CRLF and BOM"),
        pytest.param(b"export A = 1\n'B' = 2\nD\n", ["1", "2", ""], id="export, quoted key, inherited"),
        pytest.param("A＝1=é\nB=“x”\n".encode(), ["é", "“x”"], id="any character in a key"),
    ],
)
def test_python_dialect_puts_values_on_their_places(data: bytes, expected: list[str]) -> None:
    tree = parse(data, "python-dotenv")
    assert [tree.document.text[e.value_span.start : e.value_span.end] for e in tree.entries] == expected
    assert {e.key: e.text for e in tree.entries} == library(data)
    assert all(tree.document.text[c.start] == "#" for c in tree.comments)


@pytest.mark.parametrize(
    ("data", "kind", "where"),
    [
        pytest.param(b'A=1\nB="a"b\nC=2\n', "bad-line", "b", id="text after the quote"),
        pytest.param(b'A=1\nB="a\nC=2\n', "unterminated-quote", '"', id="open quote"),
        pytest.param(b"A=1\n=x\nC=2\n", "bad-line", "=x", id="no key"),
        pytest.param(b"A=1\r\nfoo bar\r\nC=2\r\n", "bad-line", "foo bar", id="prose"),
    ],
)
def test_lines_that_python_dotenv_skips_are_problems(data: bytes, kind: str, where: str) -> None:
    tree = parse(data, "python-dotenv")
    assert [(p.kind, p.place.text) for p in tree.refusals] == [(kind, where)]
    assert [e.key for e in tree.entries] == ["A", "C"]


def test_python_dotenv_expands_in_every_quote_and_takes_a_default_only_when_unset(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = b"A='${B}'\nC=\"x${EMPTY:-d}${U:-e}\"\nD=$B\nE=${A}\n"
    for name, value in SHELL.items():
        monkeypatch.setenv(name, value)
    assert values(parse(data, "python-dotenv")) == dotenv_values(stream=io.StringIO(data.decode()))


# -- any input

PIECES = [*"=:#'\"\\$ \t\n\r.-é/0", "A", "B", "S", "=", "\n", "\n", "\r\n", "export ", "${B}", "$S", "${U:-", "}", " #"]
PIECES_OF_QUOTES = ['="', '"\n', "='", "'\n", "\\n", "\\0101", "\\$", "\\'", '\\"', "\u3000", "＝", "\xa0", "\ufeff"]
texts = st.lists(st.sampled_from(PIECES + PIECES_OF_QUOTES), max_size=25).map("".join)


@given(texts | st.text(), st.sampled_from(["compose", "raw", "python-dotenv"]))
def test_any_text_is_split_into_ordered_statements(text: str, dialect: Dialect) -> None:
    tree = parse(text.encode("utf-8", "surrogatepass"), dialect)
    text = tree.document.text
    at = 0
    for entry in tree.entries:
        assert at <= entry.span.start <= entry.span.end <= len(text)
        assert entry.span.covers(entry.key_span)
        assert entry.value_span.start >= entry.key_span.start
        assert entry.span.covers(entry.value_span)
        written = text[entry.key_span.start : entry.key_span.end]
        if dialect == "python-dotenv":  # it opens files with universal line ends, and a quoted key may hold one
            written = written.replace("\r\n", "\n").replace("\r", "\n")
        assert written.strip("'") == entry.key.strip("'")
        if entry.quote:
            assert text[entry.value_span.start] == text[entry.value_span.end - 1] == entry.quote
        at = entry.span.end
    for span in tree.comments:
        assert text[span.start] == "#"
    for problem in tree.problems:
        assert 0 <= problem.place.span.start <= problem.place.span.end <= len(text)


@given(texts)
def test_python_dialect_agrees_with_the_library(text: str) -> None:
    data = text.encode()
    tree = parse(data, "python-dotenv")
    assert {e.key: e.text for e in tree.entries} == library(data)


@pytest.mark.oracle
@settings(max_examples=60, deadline=None)
@given(generated=st.lists(texts, min_size=1, max_size=12, unique=True), dialect=st.sampled_from(["compose", "raw"]))
def test_compose_reads_generated_files_alike(
    generated: list[str], dialect: Dialect, compose_config: Callable[..., dict[str, Any] | None]
) -> None:
    def environments(files: list[bytes]) -> list[dict[str, str]] | None:
        shape = {"format": "raw"} if dialect == "raw" else {}
        services = {f"s{i:02}": {"image": "i", "env_file": [{"path": f"{i}.env", **shape}]} for i in range(len(files))}
        answer = compose_config({"services": services}, SHELL, {f"{i}.env": data for i, data in enumerate(files)})
        if answer is None:
            return None
        found = [answer["services"][name].get("environment", {}) for name in sorted(services)]
        return [{k.replace("$$", "$"): v.replace("$$", "$") for k, v in e.items() if v is not None} for e in found]

    files = {text.encode(): values(parse(text.encode(), dialect)) for text in generated}
    fine = {data: expected for data, expected in files.items() if expected is not None}
    if fine:
        assert environments(list(fine)) == list(fine.values())
    for data in [data for data in files if data not in fine][:2]:
        assert environments([data]) is None, data


@pytest.mark.parametrize("dialect", ["compose", "raw"])
@pytest.mark.parametrize(
    "piece", ["A=1\n", "A\n", "'", '"', "A='\\'", 'A="\\"\n', "A='\n' /\n", "# \n", " ", "/\n", "export ", "A=$", "\\"]
)
def test_hostile_repetition_takes_linear_time(piece: str, dialect: Dialect, linear: Linear) -> None:
    def make(times: int) -> Callable[[], object]:
        document = Document("/e", "A='" + piece * times)
        return lambda: parse_dotenv(document, dialect)

    linear(make)


def test_example_file_of_dify_has_no_problem_in_any_dialect() -> None:
    path = SHARED / "corpus/dev/dify/1.11.4/docker/.env.example"
    if not path.exists():
        pytest.skip("the test data is not here")
    data = path.read_bytes()
    assert parse(data).problems == parse(data, "raw").problems == parse(data, "python-dotenv").problems == ()
    assert {e.key: e.text for e in parse(data, "python-dotenv").entries} == library(data)
    assert len(parse(data).entries) > 600
