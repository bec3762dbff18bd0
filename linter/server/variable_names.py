"""Where variables are written: env files, `${NAME}`, keys of `environment`, and the templates that containers fill."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ...schemas.models.examples import env_examples
from ...schemas.models.service import Service, Variable
from ...schemas.parsers.document import Document, Place, Span
from ...schemas.parsers.dotenv import DotenvTree
from ...schemas.parsers.interpolation import names
from .mention import Form, Mention

if TYPE_CHECKING:
    from ...schemas.models.deployment import Deployment

_BRACED = re.compile(r"\$\{(\w+)\}")
PROFILES = "COMPOSE_PROFILES"


def variable_names(deployment: Deployment) -> Iterator[Mention]:
    """Every place of a deployment where a variable is named, but for those in scripts."""
    project = deployment.project
    for use in project.uses:
        yield Mention("variable", use.name, use.name_place, "interpolation")
    own = {tree.document.path for tree in project.env_files}
    for tree in project.env_files:
        yield from dotenv_names(tree, "env")
    for tree in project.service_env_files:
        yield from dotenv_names(tree, "env" if tree.document.path in own else "env_file")
    for tree in env_examples(deployment.workspace, deployment.root):
        if tree.document.path not in own:
            yield from dotenv_names(tree, "example")
    yield from _environments(project.services.values())
    yield from _templates(deployment)


def dotenv_names(tree: DotenvTree, form: Form) -> Iterator[Mention]:
    """The variables that an env file sets, those that its values ask for, and the profiles that it switches on."""
    document = tree.document
    for entry in tree.entries:
        if entry.key:
            yield Mention("variable", entry.key, Place(document, entry.key_span), form)
        if entry.template is not None:
            for reference in names(entry.template):
                yield Mention("variable", reference.name, Place(document, reference.name_span), "interpolation")
        if entry.key == PROFILES:
            yield from _profiles(document, entry.value_span)


def template_names(document: Document, known: set[str], owners: tuple[str, ...]) -> Iterator[Mention]:
    """The `${NAME}` in a template that a container fills in: those that its environment has, or written in capitals."""
    for found in _BRACED.finditer(document.text):
        if found[1] in known or found[1].isupper():
            yield Mention("variable", found[1], document.place(*found.span(1)), "template", owners)


def _profiles(document: Document, span: Span) -> Iterator[Mention]:
    text = document.text[span.start : span.end]
    plain = re.sub(r"\$\{[^}]*\}?", lambda m: "," * len(m[0]), text)
    for found in re.finditer(r"[\w.-]+", plain):
        place = document.place(span.start + found.start(), span.start + found.end())
        yield Mention("profile", found[0], place, "use")


def _environments(services: Iterable[Service]) -> Iterator[Mention]:
    """The keys of all environments. Services that share one by an anchor or a file share its places, too."""
    given: dict[tuple[int, int], tuple[Variable, list[str]]] = {}
    for service in services:
        for variable in service.environment.values():
            for each in (variable, *variable.shadowed):
                place = each.key_place
                given.setdefault((id(place.document), place.span.start), (each, []))[1].append(service.name)
    for variable, owners in given.values():
        form: Form = "environment"
        if variable.form in ("env_file", "inherited"):
            form = variable.form
        yield Mention("variable", variable.name, variable.key_place, form, tuple(dict.fromkeys(owners)))


def _templates(deployment: Deployment) -> Iterator[Mention]:
    for file in deployment.mounted:
        if file.template and file.tree is not None:
            yield from template_names(file.tree.document, set(file.service.environment), (file.service.name,))
