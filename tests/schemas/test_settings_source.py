"""Settings classes are read as pydantic would read them, without a line of them being run."""

from __future__ import annotations

import csv
import json
import os
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.models.variable_fact import VariableFact
from stackmend.schemas.settings_depth import parses_safely
from stackmend.schemas.settings_source import read_settings

FACTS = os.path.join(os.path.dirname(__file__), *[os.pardir] * 3, "shared", "corpus", "facts", "dify-settings.tsv")
PIECES = ["class A(B):", "\n    ", "X: int", "= Field(", ")", "'", "|", "[", "]", "from .a import b"]
HEAD = """
from enum import Enum, IntEnum, StrEnum, auto
from typing import Annotated, Any, ClassVar, Literal, Optional, Union
import typing
from pydantic import *
from pydantic_settings import BaseSettings, SettingsConfigDict
"""


def read(files: dict[str, str] | str) -> dict[str, VariableFact]:
    texts = {"__init__.py": files} if isinstance(files, str) else files
    memory = MemoryFiles({f"/dify/api/configs/{path}": text.encode() for path, text in texts.items()})
    return {fact.name: fact for fact in read_settings(memory, "/dify/api/configs")}


def one(line: str, before: str = "") -> VariableFact:
    facts = read(f"{HEAD}\n{before}\nclass Settings(BaseSettings):\n    {line}\n")
    assert len(facts) == 1
    return next(iter(facts.values()))


def told(fact: VariableFact) -> dict[str, Any]:
    """The fields of a fact that are not as they are by default."""
    plain = VariableFact(fact.name)
    return {
        name: new for name, new, old in zip(fact._fields, fact, plain, strict=True) if name != "name" and new != old
    }


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("A: int = 3", {"type": "int", "default": "3"}, id="a-plain-default"),
        pytest.param("A: int", {"type": "int", "required": True}, id="no-default"),
        pytest.param("A: int = Field(...)", {"type": "int", "required": True}, id="dots-for-required"),
        pytest.param(
            "A: int = Field(ge=1)", {"type": "int", "minimum": 1, "required": True}, id="field-without-default"
        ),
        pytest.param("A: int = Field(5, ge=1)", {"type": "int", "minimum": 1, "default": "5"}, id="default-first"),
        pytest.param(
            "A: int = Field(default=60 * 60, gt=0, lt=10)",
            {"type": "int", "minimum": 1, "maximum": 9, "default": "3600"},
            id="arithmetic-and-open-bounds",
        ),
        pytest.param(
            "A: float = Field(default=0.5, gt=0, le=1.0)",
            {"type": "float", "above": 0, "maximum": 1.0, "default": "0.5"},
            id="a-fraction-with-bounds",
        ),
        pytest.param("A: int = Field(default_factory=lambda: 3)", {"type": "int"}, id="a-computed-default"),
        pytest.param("A: int = Field(default=400_000)", {"type": "int", "default": "400000"}, id="digits-in-groups"),
        pytest.param(
            "A: int = Field(default=int(timedelta(days=7).total_seconds()), ge=1)",
            {"type": "int", "minimum": 1},
            id="a-default-that-must-be-run",
        ),
        pytest.param("A: NegativeInt = -5", {"type": "int", "maximum": -1, "default": "-5"}, id="negative"),
        pytest.param("A: PositiveFloat | None = None", {"type": "float", "above": 0, "optional": True}, id="or-none"),
        pytest.param("A: Optional[PositiveInt] = None", {"type": "int", "minimum": 1, "optional": True}, id="optional"),
        pytest.param(
            "A: typing.Optional[bool] = False",
            {"type": "bool", "optional": True, "default": "false"},
            id="a-dotted-name",
        ),
        pytest.param("A: Union[int, None] = 3", {"type": "int", "optional": True, "default": "3"}, id="union"),
        pytest.param("A: 'int | None' = 3", {"type": "int", "optional": True, "default": "3"}, id="a-quoted-type"),
        pytest.param("A: bool | str = False", {"default": "false"}, id="with-text-all-is-taken"),
        pytest.param("A: int | bool = 3", {"default": "3"}, id="two-kinds-are-not-told-apart"),
        pytest.param(
            "A: str = Field(default='a' 'b', min_length=2)", {"default": "ab", "min_length": 2}, id="strings-joined"
        ),
        pytest.param(
            "A: HttpUrl = Field(default=HttpUrl('http://a:1'))", {"type": "url", "default": "http://a:1"}, id="a-url"
        ),
        pytest.param("A: dict[str, Any] | None = None", {"type": "json", "optional": True}, id="a-mapping"),
        pytest.param(
            "A: Annotated[PositiveInt, Field(ge=10, description='x')] = 10",
            {"type": "int", "minimum": 10, "default": "10"},
            id="annotated",
        ),
        pytest.param(
            "A: Annotated[int, Ge(2)] = 10", {"type": "int", "default": "10"}, id="an-unknown-constraint-bounds-nothing"
        ),
        pytest.param(
            "A: conint(ge=2, lt=5) = 3",
            {"type": "int", "minimum": 2, "maximum": 4, "default": "3"},
            id="a-constrained-call",
        ),
        pytest.param(
            "A: Literal['x', 'y'] = 'x'", {"type": "enum", "values": ("x", "y"), "default": "x"}, id="literal"
        ),
        pytest.param(
            "A: Literal['x', None] = 'x'",
            {"type": "enum", "values": ("x",), "optional": True, "default": "x"},
            id="literal-with-none",
        ),
        pytest.param(
            "A: Literal['x'] | Literal['y'] = 'x'",
            {"type": "enum", "values": ("x", "y"), "default": "x"},
            id="two-literals",
        ),
        pytest.param("A: Literal[1, 2] = 1", {"default": "1"}, id="literal-numbers-are-not-judged"),
        pytest.param("A: Unheard = 1", {"default": "1"}, id="an-unknown-type-takes-all"),
        pytest.param("A_PASSWORD: str = 'abc'", {"secret": True}, id="no-default-of-a-secret"),
        pytest.param("A: SecretStr = SecretStr('abc')", {"secret": True}, id="secret-by-type"),
        pytest.param("MAX_TOKENS: int = 3", {"type": "int", "default": "3"}, id="a-number-is-no-secret"),
    ],
)
def test_a_field_becomes_a_fact(line: str, expected: dict[str, Any]) -> None:
    assert told(one(line)) == expected


@pytest.mark.parametrize(
    ("before", "line", "expected"),
    [
        pytest.param(
            "class M(StrEnum):\n    X = 'x'\n    Y = auto()",
            "A: M = M.Y",
            {"type": "enum", "values": ("x", "y"), "default": "y"},
            id="text-enum",
        ),
        pytest.param(
            "class M(str, Enum):\n    X = 'x'",
            "A: M = M.X.value",
            {"type": "enum", "values": ("x",), "default": "x"},
            id="mixed-in-enum",
        ),
        pytest.param("class M(IntEnum):\n    X = 1", "A: M = M.X", {}, id="number-enum-takes-all"),
        pytest.param("class M(Enum):\n    X = 'x'\n    Y = 2", "A: M = M.X", {}, id="enum-of-two-kinds-takes-all"),
        pytest.param(
            "T = Literal['x', 'y']",
            "A: T = cast(T, 'x')",
            {"type": "enum", "values": ("x", "y"), "default": "x"},
            id="a-named-type",
        ),
        pytest.param(
            "type T = Literal['x']",
            "A: T | None = None",
            {"type": "enum", "values": ("x",), "optional": True},
            id="a-type-statement",
        ),
        pytest.param("T: typing.TypeAlias = int", "A: T = 1", {"type": "int", "default": "1"}, id="an-annotated-alias"),
        pytest.param("T = U\nU = T", "A: T = 1", {"default": "1"}, id="names-that-go-round"),
    ],
)
def test_type_names_of_the_module_are_followed(before: str, line: str, expected: dict[str, Any]) -> None:
    assert told(one(line, before)) == expected


def test_a_nested_enumeration_is_known_to_its_class_alone() -> None:
    text = (
        f"{HEAD}\nclass A(BaseSettings):\n    class Mode(Enum):\n        X = 'x'\n    A: Mode = Mode.X\n"
        "class B(BaseSettings):\n    B: Mode = 'z'\nclass C(A, B):\n    C: A.Mode = A.Mode.X\n"
    )
    facts = read(text)
    assert told(facts["A"]) == {"type": "enum", "values": ("x",), "default": "x"}
    assert told(facts["B"]) == {"default": "z"}
    assert facts["C"].values == ("x",)


def test_the_first_alias_names_the_variable_and_the_others_stand_in_for_it() -> None:
    facts = read(
        f"{HEAD}\nclass S(BaseSettings):\n"
        "    FILES: str = Field(validation_alias=AliasChoices('FILES_URL', 'CONSOLE_URL'), default='')\n"
        "    inner_LIST: str = Field(alias='LIST', default='')\n"
        "    CONSOLE_URL: HttpUrl = Field(default='http://a')\n"
        "    OLD: int = Field(validation_alias=AliasChoices('NEW_NAME', 'OLD_NAME'), default=3)\n"
    )
    assert set(facts) == {"FILES_URL", "LIST", "CONSOLE_URL", "NEW_NAME", "OLD_NAME"}
    assert (facts["CONSOLE_URL"].type, facts["CONSOLE_URL"].alias_of) == ("url", "")
    assert (facts["OLD_NAME"].type, facts["OLD_NAME"].alias_of) == ("int", "NEW_NAME")


def test_computed_constant_and_private_names_are_no_variables() -> None:
    text = f"""{HEAD}
class Base(BaseSettings):
    HIDDEN: int = 1
    KEPT: int = 1
class Settings(Base):
    model_config = SettingsConfigDict(env_prefix="app_")
    FIXED: ClassVar[int] = 1
    _private: int = 1
    PLAIN = 3
    @computed_field
    @property
    def HIDDEN(self) -> int:
        return 1
"""
    assert set(read(text)) == {"APP_KEPT"}


def test_the_nearest_class_has_the_say_as_in_python() -> None:
    text = f"""{HEAD}
class Root(BaseSettings):
    A: int = 1
class Left(Root):
    pass
class Right(Root):
    A: int = 2
class Both(Left, Right):
    pass
"""
    assert read(text)["A"].default == "2"


def test_inheritance_is_followed_through_the_files_of_the_package() -> None:
    facts = read(
        {
            "__init__.py": "from .app import Config\nconfig = Config()\n",
            "app.py": "from .feature import FeatureConfig as F\nfrom configs.cache.redis import *\n"
            "class Config(F, RedisConfig):\n    model_config = 1\n",
            "feature/__init__.py": f"{HEAD}\nfrom ..kinds import Mode\nfrom .mail import MailConfig\n"
            "class FeatureConfig(MailConfig):\n    MODE: Mode = Mode.A\n",
            "feature/mail.py": f"{HEAD}\nclass MailConfig(BaseSettings):\n    MAIL: str = ''\n",
            "feature/unused.py": f"{HEAD}\nclass UnusedConfig(BaseSettings):\n    UNUSED: str = ''\n",
            "kinds.py": "from enum import Enum\nclass Mode(Enum):\n    A = 'a'\n",
            "cache/redis.py": f"{HEAD}\nfrom typing import Protocol\nclass Shape(Protocol):\n    REDIS: bytes\n"
            "class RedisConfig(BaseSettings, Shape):\n    REDIS: int = 1\n",
            "broken.py": "class (\n",
            "notes.txt": "no module",
        }
    )
    assert set(facts) == {"MAIL", "MODE", "REDIS"}
    assert (facts["MODE"].values, facts["REDIS"].type) == (("a",), "int")


def test_without_an_instance_the_classes_that_none_inherits_count() -> None:
    text = f"{HEAD}\nclass A(BaseSettings):\n    A: int = 1\nclass B(A):\n    B: int = 1\n"
    assert set(read(f"{text}class C(BaseSettings):\n    C: int = 1\n")) == {"A", "B", "C"}


def test_nothing_is_run() -> None:
    assert (
        read(f"{HEAD}\nraise SystemExit\nclass A(BaseSettings):\n    A: int = __import__('os').abort()\n")["A"].default
        is None
    )


def test_a_folder_without_settings_gives_nothing() -> None:
    assert read({"readme.md": "x"}) == {}
    assert read_settings(MemoryFiles({}), "/nowhere") == ()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x=" + "(" * 9000, id="parentheses"),
        pytest.param("x=" + "-" * 9000 + "1", id="signs"),
        pytest.param("x=" + "not " * 9000 + "1", id="words"),
        pytest.param("x=a" + ".b" * 9000, id="attributes"),
        pytest.param("if 1: pass\n" + "elif 1: pass\n" * 9000, id="branches"),
        pytest.param("@a\n" * 9000 + "class A: pass", id="decorators"),
        pytest.param('x=f"{' + "(" * 9000 + '1}"', id="inside-a-formatted-string"),
        pytest.param("x=1\\\n" + "+1\\\n" * 9000, id="over-joined-lines"),
    ],
)
def test_a_text_that_would_end_the_parser_is_left_out(text: str) -> None:
    assert not parses_safely(text)
    assert read(text) == {}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("'a\\" * 20000, id="quotes-that-stay-open"),
        pytest.param("x = " + "'a' " * 3000, id="many-strings-joined"),
        pytest.param("x = " + "9" * 90000, id="a-number-that-python-does-not-read"),
        pytest.param("x = '\\N{none}' '\\d'\n", id="escapes-that-mean-nothing"),
        pytest.param("from . import *\nfrom .a import *\n" * 200, id="stars-that-go-round"),
        pytest.param("\0\ufeff\x0c", id="no-text-at-all"),
        pytest.param("class A(A): pass\nclass B(C): pass\nclass C(B): pass\n", id="classes-that-inherit-themselves"),
    ],
)
def test_odd_texts_are_read_in_peace(text: str) -> None:
    assert read({"__init__.py": text, "a.py": text}) == {}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([*PIECES, "\n", "@", 'f"{']), max_size=30))
def test_any_text_gives_facts_or_nothing(parts: list[str]) -> None:
    assert all(fact.name for fact in read("".join(parts)).values())


@pytest.mark.skipif(not os.path.isfile(FACTS), reason="the test-data folder is not there")
def test_every_type_that_any_release_uses_is_understood() -> None:
    with open(FACTS, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    kinds = {entry[1] for row in rows for entry in json.loads(row[3])}
    assert len(kinds) > 40
    # Named types are defined elsewhere: what they stand for is no matter of the spelling.
    elsewhere = {"BaseQuantizationType", "DistanceType", "TokenizerType", "TemplateMode", "AuthMethod"}
    elsewhere |= {"RemoteSettingsSourceName | str", "_VALID_STORAGE_TYPE"}
    plain = {"str", "str | None", "bool | str", "SecretStr | None"}
    for kind in sorted(kinds - elsewhere):
        fact = one(f"A: {kind} = None")
        assert (fact.type == "str") is (kind in plain), kind
        assert fact.optional is ("None" in kind), kind
        assert (fact.type == "enum") is ("Literal" in kind), kind
