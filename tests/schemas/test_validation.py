"""Mistakes against a schema: told once, on their place, in words; and silence where nothing is wrong."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from stackmend.linter.diagnostic import render
from stackmend.schemas.instances import JsonReader
from stackmend.schemas.models.node import Entry, MappingNode, Node, SequenceNode
from stackmend.schemas.parsers.document import Document, Span
from stackmend.schemas.parsers.json import JsonArray, JsonMember, JsonNode, JsonObject, JsonScalar
from stackmend.schemas.validation import conforms, load_schema, violations
from stackmend.schemas.violation import Violation

COMPOSE = load_schema("compose")
NOWHERE = Document("/nowhere", "").place(0, 0)

TreeOf = Callable[[str], Node]


def words(violation: Violation) -> str:
    return render(violation.message, violation.values)


def told(tree: Node) -> list[tuple[str, str, str]]:
    """Kind, marked text and message of every violation; and the quick walk must agree that there are some or none."""
    found = violations(COMPOSE, tree)
    assert conforms(COMPOSE, tree) == (not found)
    return [(v.kind, v.place.text, words(v)) for v in found]


def service(body: str) -> str:
    """A file whose service `api` has this body."""
    return "services:\n  api:\n" + "".join(f"    {line}\n" for line in body.splitlines())


MISTAKES = [
    pytest.param(
        "enviroment: {A: b}",
        ("unknown-key", "enviroment", "`enviroment` is not a key of a service; did you mean `environment`?"),
        id="a misspelt key names the near one",
    ),
    pytest.param(
        "whatever: 1",
        ("unknown-key", "whatever", "`whatever` is not a key of a service"),
        id="an unknown key with nothing near",
    ),
    pytest.param(
        "retries: 3",
        ("misplaced-key", "retries", "`retries` is a key of `healthcheck`, not of a service"),
        id="a key that belongs one level below",
    ),
    pytest.param(
        "restart_policy: {condition: any}",
        ("misplaced-key", "restart_policy", "`restart_policy` is a key of `deploy`, not of a service"),
        id="a mapping that belongs one level below",
    ),
    pytest.param(
        "build: {context: ., ports: [80]}",
        ("misplaced-key", "ports", "`ports` is a key of a service, not of `build`"),
        id="a key that belongs one level above",
    ),
    pytest.param(
        "worker: {image: a}",
        (
            "misplaced-service",
            "worker",
            "`worker` looks like a service, but stands in a service and not directly under `services`",
        ),
        id="a service within a service",
    ),
    pytest.param(
        "ports:\n  -80:80\n  -443:443",
        (
            "wrong-type",
            "-80:80\n      -443:443",
            "`services.api.ports` must be a list, not a text; a list item has a blank after its `-`",
        ),
        id="a list without the blanks after its dashes",
    ),
    pytest.param(
        "environment:\n  A=b",
        (
            "wrong-type",
            "A=b",
            "`services.api.environment` must be a mapping or a list, not a text; a list item begins with `- `",
        ),
        id="a list without its dashes",
    ),
    pytest.param(
        "ports: 80",
        ("wrong-type", "80", "`services.api.ports` must be a list, not a number"),
        id="a scalar where a list belongs",
    ),
    pytest.param(
        "environment: [{A: b}]",
        ("mapping-item", "{A: b}", "`services.api.environment[0]` must be a text, not a mapping"),
        id="a mapping in a list of texts is one mistake",
    ),
    pytest.param(
        "build: [a]",
        ("wrong-type", "build", "`services.api.build` must be a text or a mapping, not a list"),
        id="no branch fits, so all are named",
    ),
    pytest.param(
        "depends_on: {db: {condition: service_heathy}}",
        (
            "not-allowed",
            "service_heathy",
            (
                "`services.api.depends_on.db.condition` must be `service_started`, `service_healthy` or "
                "`service_completed_successfully`, not `service_heathy`"
            ),
        ),
        id="a word that is not among the allowed ones",
    ),
    pytest.param(
        "depends_on: {db: {contidion: service_healthy}}",
        ("unknown-key", "contidion", "`contidion` is not a key of a dependency; did you mean `condition`?"),
        id="a misspelt required key is not missing too",
    ),
    pytest.param(
        "depends_on: {db: {}}",
        ("missing-key", "db", "a dependency needs the key `condition`"),
        id="a missing key stands at the key of its mapping",
    ),
    pytest.param(
        "depends_on:\n  my db: {condition: service_started}",
        (
            "bad-name",
            "my db",
            "`my db` cannot be a name in `depends_on`: only letters, digits, `.`, `_` and `-` can",
        ),
        id="a name with a blank",
    ),
    pytest.param(
        "depends_on:",
        ("empty-mapping", "depends_on", "`services.api.depends_on` is empty, but must be a list or a mapping"),
        id="nothing where a list or mapping belongs",
    ),
    pytest.param(
        "image:",
        ("empty", "image", "`services.api.image` is empty, but must be a text"),
        id="nothing where a text belongs",
    ),
    pytest.param(
        "user: 1000",
        ("unquoted-text", "1000", "`services.api.user` must be a text, not a number"),
        id="a number where a text belongs",
    ),
    pytest.param(
        "environment: {DAY: 2020-01-01}",
        (
            "unquoted-text",
            "2020-01-01",
            "`services.api.environment.DAY` must be a text, a number or a boolean, not a date",
        ),
        id="a bare date",
    ),
    pytest.param(
        "privileged: maybe",
        ("wrong-type", "maybe", "`services.api.privileged` must be a boolean, not `maybe`"),
        id="a text that is no boolean",
    ),
    pytest.param(
        "cpus: ${}",
        ("wrong-type", "${}", "`services.api.cpus` must be a number, but its text is empty"),
        id="a variable that becomes empty where a number belongs",
    ),
    pytest.param(
        "cpus: ${hunter2}",
        ("wrong-type", "${hunter2}", "`services.api.cpus` must be a number, not another text"),
        id="what a variable brings is not shown",
    ),
    pytest.param(
        "oom_score_adj: 2000",
        ("out-of-range", "2000", "`services.api.oom_score_adj` must lie between -1000 and 1000"),
        id="a number out of its range",
    ),
    pytest.param(
        "cpu_count: -1",
        ("out-of-range", "-1", "`services.api.cpu_count` must be at least 0"),
        id="a number below its bound",
    ),
    pytest.param(
        "security_opt: [a, b, a]",
        ("repeated-item", "a", "`services.api.security_opt[2]` repeats an earlier item of the list"),
        id="an item twice",
    ),
    pytest.param(
        "pull_policy: sometimes",
        (
            "bad-format",
            "sometimes",
            (
                "`services.api.pull_policy` must be `always`, `never`, `missing`, `build`, `daily`, `weekly` or a span "
                "such as `every_12h`"
            ),
        ),
        id="a text of the wrong form",
    ),
    pytest.param(
        "ports: [{target: 80, publish: 81}]",
        ("unknown-key", "publish", "`publish` is not a key of a port; did you mean `published`?"),
        id="a mistake within one branch of several",
    ),
    pytest.param(
        "volumes: [{source: a, target: /b}]",
        ("missing-key", "{source: a, target: /b}", "a volume of a service needs the key `type`"),
        id="a missing key of a list item",
    ),
]


@pytest.mark.parametrize(("body", "expected"), MISTAKES)
def test_each_mistake_is_told_once_on_its_place(body: str, expected: tuple[str, str, str], tree_of: TreeOf) -> None:
    assert told(tree_of(service(body))) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "api: {image: a}\nservices: {}\n",
            (
                "misplaced-service",
                "api",
                "`api` looks like a service, but stands in the top level and not directly under `services`",
            ),
            id="a service beside services",
        ),
        pytest.param(
            "environment: {A: b}\nservices: {}\n",
            ("misplaced-key", "environment", "`environment` is a key of a service, not of the top level"),
            id="a service's key at the top level",
        ),
        pytest.param(
            "service: {}\n",
            ("unknown-key", "service", "`service` is not a key of the top level; did you mean `services`?"),
            id="a misspelt section",
        ),
        pytest.param(
            "services: {}\nnetworks: {a: {drivr: x}}\n",
            ("unknown-key", "drivr", "`drivr` is not a key of a network; did you mean `driver`?"),
            id="a key of a network",
        ),
        pytest.param(
            "services: {a: {networks: {n: {}}, b: 1}}\nvolumes: {'a b': {}}\n",
            None,
            id="two mistakes are two",
        ),
        pytest.param(
            "- a\n", ("wrong-type", "- a", "`(the file)` must be a mapping, not a list"), id="a list as the whole file"
        ),
    ],
)
def test_mistakes_outside_of_services(text: str, expected: tuple[str, str, str] | None, tree_of: TreeOf) -> None:
    found = told(tree_of(text))
    assert found == [expected] if expected else len(found) == 2


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("services: {}", id="no service"),
        pytest.param("services: {api: {restart: always}}", id="an override without image"),
        pytest.param(service("x-anything: {deep: [1, 2020-01-01]}"), id="extension keys"),
        pytest.param("x-top: 2020-01-01\nservices: {a: {image: b}}", id="a date under an extension key"),
        pytest.param(service("cpus: ${?}\nprivileged: ${?}\npull_policy: ${?}"), id="unknown values"),
        pytest.param(service("ports: ['${?}', '${?}']\nsecurity_opt: ['${?}', '${?}']"), id="unknown items may differ"),
        pytest.param(service("depends_on: {db: {condition: '${?}'}}"), id="an unknown word"),
        pytest.param(
            service("cpus: ${0.5}\nprivileged: ${true}\nscale: ${3}"), id="variables that become what is wanted"
        ),
        pytest.param(service("privileged: 'on'\ninit: 'No'"), id="Compose's older booleans"),
        pytest.param(
            service("ports: ['80:80', '80:80']\ncap_add: [A, A]\ndns: [a, a]"), id="equal items that Compose joins"
        ),
        pytest.param(service("command:\nentrypoint:\nenvironment:\n  A:"), id="nothing, where nothing is allowed"),
        pytest.param(service("healthcheck: {retries: '3'}\nports: [{target: '80'}]"), id="numbers in quotes"),
        pytest.param(service("scale: 3.0\nulimits: {NOFILE: 3}"), id="what the specification leaves open"),
    ],
)
def test_fine_files_are_silent(text: str, tree_of: TreeOf) -> None:
    assert told(tree_of(text)) == []


def test_one_mistake_in_an_anchor_is_told_once(tree_of: TreeOf) -> None:
    text = "services:\n  a: {build: &b {contxt: .}}\n  b: {build: *b}\n"
    assert told(tree_of(text)) == [
        ("unknown-key", "contxt", "`contxt` is not a key of `build`; did you mean `context`?")
    ]


def test_violations_come_in_the_order_of_the_text(tree_of: TreeOf) -> None:
    text = "services:\n  a:\n    image: 1\n    ports: 2\n    zzz: 3\n    user: 4\n"
    assert [v.place.line for v in violations(COMPOSE, tree_of(text))] == [3, 4, 5, 6]


def test_an_unknown_key_carries_what_a_rename_needs(tree_of: TreeOf) -> None:
    (violation,) = violations(COMPOSE, tree_of(service("imge: a")))
    assert (violation.near, violation.path) == ("image", ("services", "api", "imge"))
    assert violation.key is not None
    assert violation.key.text == "imge"


def test_a_file_of_mistakes_is_bounded_in_number_and_time(node_of: Callable[[Any], Node]) -> None:
    items: list[Any] = list(range(50_000))
    keys: dict[str, Any] = {f"k{i}": i for i in items}
    service: dict[str, Any] = {"environment": [{"A": 1}, *items], "security_opt": [[], *items], **keys}
    data: dict[str, Any] = {"services": {"a": service}}
    start = time.process_time()
    found = violations(COMPOSE, node_of(data))
    assert len(found) == 500
    assert time.process_time() - start < 20


def test_depth_below_a_wrong_key_costs_nothing(node_of: Callable[[Any], Node]) -> None:
    deep: Node = node_of(1)
    for _ in range(5_000):
        deep = SequenceNode((deep,), NOWHERE)
    root = MappingNode({"x-deep": Entry("x-deep", NOWHERE, deep), "wrong": Entry("wrong", NOWHERE, deep)}, NOWHERE)
    assert [v.kind for v in violations(COMPOSE, root)] == ["unknown-key"]
    assert not conforms(COMPOSE, root)


SETTINGS: dict[str, Any] = {
    "type": "object",
    "required": ["models"],
    "properties": {
        "models": {"type": "array", "items": {"type": "object", "properties": {"size": {"type": "integer"}}}}
    },
    "additionalProperties": False,
}


def test_json_trees_are_judged_by_the_same_walk() -> None:
    text = '{"models": [{"size": "3"}, {"size": 4}], "modles": true}'

    def string(value: str, kind: Any = "string") -> JsonScalar:
        written = f'"{value}"' if kind == "string" else value
        start = text.index(written)
        return JsonScalar(Span(start, start + len(written)), kind, value)

    def size(value: JsonScalar) -> JsonNode:
        return JsonObject(value.span, [JsonMember(string("size"), value)])

    models = JsonArray(Span(11, 39), [size(string("3")), size(string("4", "number"))])
    members = [JsonMember(string("models"), models), JsonMember(string("modles"), string("true", "true"))]
    tree = JsonObject(Span(0, len(text)), members)
    reader = JsonReader(Document("/config.json", text))
    assert not conforms(SETTINGS, tree, reader)
    assert [(v.kind, v.place.text, v.near) for v in violations(SETTINGS, tree, reader)] == [
        ("wrong-type", '"3"', None),
        ("unknown-key", '"modles"', None),
    ]


@pytest.mark.oracle
@pytest.mark.parametrize("body", [pytest.param(case.values[0], id=case.id) for case in MISTAKES])
def test_compose_refuses_the_mistakes_too(body: str, compose_refuses: Callable[[str], bool]) -> None:
    if "${" not in body:
        assert compose_refuses(service(body) + "  db: {image: a}\n")
