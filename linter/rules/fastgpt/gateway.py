"""The gateway that FastGPT gets its models from: its address, its key, and that there is one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Fix,
    LatePattern,
    Place,
    Related,
    Service,
    Severity,
    Variable,
    change_value,
    in_range,
    rename_variable,
    rule,
)

URL, KEY, PROXY = "OPENAI_BASE_URL", "CHAT_API_KEY", "AIPROXY_API_ENDPOINT"
# The first and last release that reads each, by the compose files and packages/service/core/ai/config.ts.
URLS = {URL: ("3.5", ""), "ONEAPI_URL": ("3.9.1", "4.0")}
KEYS = {KEY: ("4.2", ""), "OPENAIKEY": ("2.9", "4.0"), "ONEAPI_KEY": ("3.9.1", "4.0")}

# What a client puts behind the base by itself.
_CALLED = LatePattern(r"/(?:chat/completions|completions|embeddings|models|audio/\w+|images/\w+)/*$")
_BASE = LatePattern(r"https?://[^/?#\s]+/?$", re.IGNORECASE)
_OPENAI = LatePattern(r"https?://api\.openai\.com/?$", re.IGNORECASE)
# The key of FastGPT's compose files and of `.env.template`, which stands for one to be filled in.
_PLACEHOLDER = LatePattern(r"sk-x+|sk-\*+|(?:sk-)?your[-_]?(?:api[-_]?)?key", re.IGNORECASE)
# Providers that give keys; not the address that FastGPT ships, beside which the example may simply be left alone.
_ISSUES_KEYS = LatePattern(
    r"https://(?:api\.deepseek\.com|dashscope(?:-intl)?\.aliyuncs\.com|api\.siliconflow\.(?:cn|com)|api\.moonshot\.cn"
    r"|open\.bigmodel\.cn|ark\.[\w-]+\.volces\.com|openrouter\.ai|api\.mistral\.ai|api\.groq\.com)(?=[/:]|$)",
    re.IGNORECASE,
)
# Servers whose interface stands below /v1 and nowhere else.
_BELOW_V1 = ("oneapi", "newapi", "ollama", "xinference", "vllm")


def _proxied(service: Service) -> bool:
    """Whether AI Proxy gives the models, so that the address and the key of a gateway are not looked at."""
    proxy = service.environment.get(PROXY)
    return proxy is not None and proxy.value.text != ""


def _variables(deployment: Deployment, names: dict[str, tuple[str, str]]) -> Iterator[tuple[Service, Variable, str]]:
    """The variables of these names that the release reads, with their text."""
    version = deployment.versions.get("fastgpt")
    seen: set[Place] = set()
    for service in deployment.playing("fastgpt", "app"):
        if PROXY not in names and _proxied(service):
            continue
        for name, (since, until) in names.items():
            variable = service.environment.get(name)
            if variable is None or not variable.value.text or in_range(version, since, until) is False:
                continue
            place = variable.edit_place
            if place not in seen:
                seen.add(place)
                yield service, variable, variable.value.text


class Slip(NamedTuple):
    """What is wrong with an address, and the text that would be right; `tail` is what is too much or missing."""

    message: str
    text: str
    applicability: Applicability
    tail: str = ""


@rule("FGP010", "openai-base-url", Deployment, Severity.ERROR, faq=("F1.2",), fix=Applicability.SAFE)
def openai_base_url(deployment: Deployment) -> Diagnostics:
    """The address of the model gateway is not one that `/chat/completions` can follow."""
    for service, variable, text in _variables(deployment, URLS):
        slip = _badly_written(text) or _ends_early(deployment, service, variable, text)
        if slip is not None:
            yield _slipped(deployment, service, variable, slip)
    for service, variable, text in _variables(deployment, {PROXY: ("4.9.0", "")}):
        slip = _with_path(text)
        if slip is not None:
            yield _slipped(deployment, service, variable, slip)


def _badly_written(text: str) -> Slip | None:
    stripped = text.strip()
    called = _CALLED.search(stripped)
    if stripped != text:
        message = "`{variable}` of `{service}` has blanks around the address, and every call fails: take them out"
        return Slip(message, stripped, Applicability.SAFE)
    if called is not None:
        return Slip(
            "`{variable}` of `{service}` ends with `{tail}`, but FastGPT adds the rest of the path itself and calls it "
            "twice: write the address up to `/v1`",
            stripped[: called.start()],
            Applicability.SAFE,
            called.group().rstrip("/"),
        )
    if "://" not in stripped and re.fullmatch(r"[\w.-]+(?::\d+)?(?:/[\w./-]*)?", stripped):
        scheme = "https://" if "." in re.split("[:/]", stripped)[0] else "http://"
        message = "`{variable}` of `{service}` has no scheme, so it is no address: write `{tail}` before it"
        return Slip(message, scheme + stripped, Applicability.UNSAFE, scheme)
    return None


def _ends_early(deployment: Deployment, service: Service, variable: Variable, text: str) -> Slip | None:
    if not _OPENAI.match(text) and not (_BASE.match(text) and _is_gateway(deployment, service, variable)):
        return None
    return Slip(
        "`{variable}` of `{service}` ends at the host, but the models answer below `{tail}`: every call gets a web "
        "page or nothing",
        text.rstrip("/") + "/v1",
        Applicability.UNSAFE,
        "/v1",
    )


def _is_gateway(
    deployment: Deployment, service: Service, variable: Variable, names: tuple[str, ...] = _BELOW_V1
) -> bool:
    for endpoint in deployment.endpoints:
        if endpoint.reader is service and endpoint.variable.name == variable.name:
            found = deployment.lookup(service, endpoint.host.text)
            servers = [deployment.server(each) for each in found.services]
            return found.reach == "reached" and all(s is not None and s.name in names for s in servers)
    return False


def _with_path(text: str) -> Slip | None:
    tail = re.search(r"/v1(?:/chat/completions)?/*$", text.strip())
    if tail is None:
        return None
    return Slip(
        "`{variable}` of `{service}` ends with `{tail}`, but FastGPT adds `/v1` to it by itself: write the address of "
        "AI Proxy without a path",
        text.strip()[: tail.start()],
        Applicability.SAFE,
        tail.group().rstrip("/"),
    )


def _slipped(deployment: Deployment, service: Service, variable: Variable, slip: Slip) -> Diagnostic:
    edit = change_value(deployment, variable.value, slip.text)
    values = (("variable", variable.name), ("service", service.name), ("tail", slip.tail))
    title = "Write the address as a base" if slip.applicability is Applicability.SAFE else "Add `{tail}`"
    return _at(variable, slip.message, values, (Fix(title, (edit,), slip.applicability, values),) if edit else ())


def _at(
    variable: Variable, message: str, values: tuple[tuple[str, str], ...], fixes: tuple[Fix, ...] = ()
) -> Diagnostic:
    place = variable.edit_place
    passed = variable.place
    related = (Related(passed, "it is passed on here"),) if passed.document is not place.document else ()
    return Diagnostic(place, message, values, related, fixes)


@rule("FGP011", "api-key", Deployment, Severity.ERROR, faq=("F2.5",), fix=Applicability.UNSAFE)
def api_key(deployment: Deployment) -> Diagnostics:
    """A key that no gateway can take, or one in a variable that this release does not read."""
    for service, variable, text in _variables(deployment, KEYS):
        values = (("variable", variable.name), ("service", service.name))
        stripped = text.strip()
        if stripped != text or stripped.lower().startswith("bearer "):
            bare = re.sub(r"(?i)^bearer\s+", "", stripped)
            edit = change_value(deployment, variable.value, bare)
            fix = Fix("Leave only the key", (edit,), Applicability.UNSAFE, values) if edit else None
            yield _at(
                variable,
                "`{variable}` of `{service}` holds more than the key, a blank or the word Bearer, and every call is "
                "turned away: write the key alone",
                values,
                (fix,) if fix else (),
            )
        elif _PLACEHOLDER.fullmatch(stripped) and _asks_for_a_key(deployment, service):
            yield _at(
                variable,
                "`{variable}` of `{service}` still is the example that FastGPT ships, and the gateway knows no such "
                "key: every call is turned away; write the key that you made there",
                values,
            )
        elif not stripped.isascii():
            yield _at(
                variable,
                "`{variable}` of `{service}` is no key: it has characters that cannot be sent in a header, so every "
                "call fails; write the key that the gateway gave you",
                values,
            )
    yield from _misnamed(deployment)


def _asks_for_a_key(deployment: Deployment, service: Service) -> bool:
    """Whether the address is that of a gateway that surely gives keys of its own."""
    address = service.environment.get(URL)
    return address is not None and (
        bool(_ISSUES_KEYS.match(address.value.text or ""))
        or _is_gateway(deployment, service, address, ("oneapi", "newapi"))
    )


def _misnamed(deployment: Deployment) -> Iterator[Diagnostic]:
    """A key under the name that other programs read."""
    # No release ever read it; before 4.2 the right one had another name.
    if in_range(deployment.versions.get("fastgpt"), *KEYS[KEY]) is False:
        return
    for service in deployment.playing("fastgpt", "app"):
        wrong = service.environment.get("OPENAI_API_KEY")
        if wrong is None or KEY in service.environment or _proxied(service):
            continue
        if not all(file.read for file in service.env_files):
            continue
        values = (("variable", wrong.name), ("service", service.name), ("right", KEY))
        edit = rename_variable(wrong, KEY)
        fixes = (Fix("Call it `{right}`", (edit,), Applicability.UNSAFE, values),) if edit else ()
        yield Diagnostic(
            wrong.key_place,
            "`{service}` reads its key from `{right}`, and nothing reads `{variable}`: every call goes out without a "
            "key",
            values,
            (),
            fixes,
        )


@rule("FGP012", "two-gateways", Deployment, Severity.WARNING)
def two_gateways(deployment: Deployment) -> Diagnostics:
    """Two addresses for models of which only one counts."""
    if in_range(deployment.versions.get("fastgpt"), "4.9.0", "") is not True:
        return
    for service in deployment.playing("fastgpt", "app"):
        lost, kept = service.environment.get(URL), service.environment.get(PROXY)
        if lost is None or kept is None or not lost.value.text or not kept.value.text:
            continue
        if _base_of(lost.value.text) == _base_of(kept.value.text):
            continue
        values = (("lost", URL), ("kept", PROXY), ("service", service.name))
        yield Diagnostic(
            lost.edit_place,
            "`{service}` has `{kept}` too, and takes its models from there: `{lost}` does nothing; keep one of the two",
            values,
            (Related(kept.edit_place, "this one counts", values),),
        )


def _base_of(address: str) -> str:
    return address.strip().rstrip("/").removesuffix("/v1")
