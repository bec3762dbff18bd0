"""Services that wait for the health of a service whose health nobody checks."""

from __future__ import annotations

from collections.abc import Iterator

from ...kit import (
    Applicability,
    Dependency,
    Deployment,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
    MappingNode,
    Place,
    Related,
    ScalarNode,
    SequenceNode,
    Service,
    Severity,
    rule,
)

# With `CMD` nothing reads these as a shell would.
_OPERATORS = frozenset(("||", "&&", "|", ";", ">", ">>", "2>&1"))
_SHELLS = frozenset(("sh", "bash", "ash", "dash", "zsh"))
# Programs that do nothing good without arguments.
_NEEDY = frozenset(("curl", "wget", "mysqladmin"))
_NO_PROGRAM = (
    "after `CMD` each item is one word, so Docker looks for a program that has the whole command (`{word} …`) as its "
    "name: `{service}` never counts as healthy; write `CMD-SHELL`, or one item for each word"
)
_NO_SHELL = (
    "after `CMD` there is no shell, so the program is handed `{word}` as an argument and fails: `{service}` never "
    "counts as healthy; write `CMD-SHELL` and the whole command as one item"
)
_ONE_WORD = (
    "after `CMD-SHELL` only the next item is run, here `{word}` without its arguments: `{service}` never counts as "
    "healthy; write the whole command as one item"
)


@rule("CMP016", "healthy-without-healthcheck", Deployment, Severity.ERROR, fix=Applicability.UNSAFE)
def healthy_without_healthcheck(deployment: Deployment) -> Diagnostics:
    """`condition: service_healthy` on a service without a health check."""
    for service, dependency in _waiting(deployment):
        target = deployment.services.get(dependency.service)
        if target is None or not target.active:
            continue
        values = (("service", service.name), ("other", target.name))
        off = _switched_off(target)
        if off is not None:
            yield Diagnostic(
                dependency.place,
                "`{service}` waits until `{other}` is healthy, but the health check of `{other}` is switched off: "
                "Compose stops here instead of starting `{service}`",
                values,
                (Related(off, "switched off here"),),
            )
        elif not _has_test(target) and _brings_none(deployment, target):
            related = (Related(target.image_place, "an image without a health check"),) if target.image_place else ()
            yield Diagnostic(
                dependency.place,
                "`{service}` waits until `{other}` is healthy, but `{other}` has no `healthcheck`, and its image brings"
                " none: Compose stops here instead of starting `{service}`",
                values,
                related,
            )
    yield from _never_passing(deployment)


def _never_passing(deployment: Deployment) -> Iterator[Diagnostic]:
    """Tests that fail whatever the service does."""
    seen: set[Place] = set()
    waiting: dict[str, Place] = {}
    for _, dependency in _waiting(deployment):
        waiting.setdefault(dependency.service, dependency.place)
    for service in deployment.project.active:
        words, message, at, fixes = _test(service)
        if not message or words[at].place in seen:
            continue
        seen.add(words[at].place)
        # Of a command the program alone: what follows may be a password.
        values = (("service", service.name), ("word", (words[at].text or "").split(" ")[0]))
        waits = waiting.get(service.name)
        related = (Related(waits, "this waits for it"),) if waits is not None else ()
        yield Diagnostic(
            words[at].place, message, values, related, fixes, Severity.ERROR if waits is not None else Severity.WARNING
        )


def _test(service: Service) -> tuple[list[ScalarNode], str, int, tuple[Fix, ...]]:
    """The words of a test, what is wrong with it, "" for nothing, and in which word; with the edits that mend it."""
    node = service.get("healthcheck", "test")
    items = node.items if isinstance(node, SequenceNode) else ()
    words = [item for item in items if isinstance(item, ScalarNode) and item.text is not None]
    if len(words) < len(items) or len(words) < 2 or _switched_off(service) is not None:
        return [], "", 0, ()
    texts = [word.text or "" for word in words]
    if texts[0] == "CMD-SHELL" and len(words) > 2 and texts[1] in _NEEDY:
        return words, _ONE_WORD, 1, ()
    if texts[0] != "CMD":
        return [], "", 0, ()
    if len(words) == 2 and " " in texts[1].strip() and not texts[1].startswith("/"):
        place = words[0].place
        edits = (Edit(place, place.text.replace("CMD", "CMD-SHELL")),) if "CMD" in place.text else ()
        fix = (Fix("Let a shell run it, with `CMD-SHELL`", edits, Applicability.UNSAFE),) if edits else ()
        return words, _NO_PROGRAM, 1, fix
    if texts[1].rpartition("/")[2] not in _SHELLS:
        for at, text in enumerate(texts):
            if text in _OPERATORS:
                return words, _NO_SHELL, at, ()
    return [], "", 0, ()


def _waiting(deployment: Deployment) -> Iterator[tuple[Service, Dependency]]:
    """The active services that wait for the health of another, once for each place in the files."""
    seen: set[Place] = set()
    for service in deployment.project.active:
        for dependency in service.depends_on:
            if dependency.condition == "service_healthy" and dependency.required and dependency.place not in seen:
                seen.add(dependency.place)
                yield service, dependency


def _switched_off(service: Service) -> Place | None:
    """Where a service's health check is switched off: `disable: true` or the test `NONE`."""
    disable = service.get("healthcheck", "disable")
    if isinstance(disable, ScalarNode) and (disable.text or "").lower() in ("true", "yes", "on"):
        return disable.place
    test = service.get("healthcheck", "test")
    if isinstance(test, SequenceNode) and test.items:
        first = test.items[0]
        if isinstance(first, ScalarNode) and first.text == "NONE":
            return first.place
    return None


def _has_test(service: Service) -> bool:
    """Whether the Compose file may give the service a test; one that says only how often leaves it to the image."""
    node = service.get("healthcheck")
    return node is not None and (not isinstance(node, MappingNode) or "test" in node.entries)


def _brings_none(deployment: Deployment, service: Service) -> bool:
    """Whether the service's image is known to bring no HEALTHCHECK; nobody knows it of an image that is built."""
    server, image = deployment.server(service), deployment.image(service)
    if server is None or image is None or service.get("build") is not None:
        return False
    repository = image.repository.removeprefix("docker.io/").removeprefix("library/")
    return repository in server.facts.get("no_healthcheck", ())
