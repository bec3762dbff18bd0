"""Setting a variable that a deployment asks for and nothing sets: a line at the end of its env file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...fixers import dotenv as dotenv_edits
from ...fixers.edit import Edit
from ...schemas.models.deployment import Deployment
from ...schemas.models.examples import env_examples
from ...schemas.models.project import VariableUse
from ...schemas.parsers.document import Span
from ...schemas.parsers.dotenv import DotenvTree
from ...schemas.parsers.interpolation import Reference, Text, template_of
from .analysis import Analysis
from .subject import named_at


class Addition(NamedTuple):
    """A variable, the name of the env file that would set it, and the edit that does."""

    name: str
    file: str
    edit: Edit


def additions(analysis: Analysis, path: str, span: Span) -> Iterator[Addition]:
    """The variables in a stretch of a file that its deployments look for in an env file, and do not find.

    In a template that a container fills in, those that the container is given by an expression of that name.
    """
    for deployment in analysis.readers(path):
        files = deployment.project.env_files
        # Behind a quote that is not closed a new line would be a part of the value.
        if not files or files[-1].problems:
            continue
        for use in _uses(analysis, deployment, path, span):
            text = _text(deployment, use)
            edit = dotenv_edits.append(files[-1], use.name, text)
            yield Addition(use.name, files[-1].document.path.rpartition("/")[2], edit)


def _uses(analysis: Analysis, deployment: Deployment, path: str, span: Span) -> Iterator[VariableUse]:
    """The uses of variables that are not set, the first of each name."""
    unset = [use for use in deployment.project.uses if not use.bound]
    found = [u for u in unset if u.place.document.path == path and _touch(u.place.span, span)]
    named = None if found else named_at(analysis, path, span.start)
    if named is not None and named.mention.form == "template":
        found = [u for u in unset if u.name == named.name and _fills(deployment, path, u)]
    seen = {use.name: use for use in reversed(found)}
    yield from reversed(seen.values())


def _fills(deployment: Deployment, path: str, use: VariableUse) -> bool:
    """Whether a template's container has the variable of a use, and from this very use."""
    for file in deployment.mounted:
        if file.template and file.tree is not None and file.tree.document.path == path:
            variable = file.service.environment.get(use.name)
            if variable is not None and variable.place.document is use.place.document:
                return variable.place.span.covers(use.place.span)
    return False


def _text(deployment: Deployment, use: VariableUse) -> str:
    """What an example or an `env_file` sets the variable to, else its fallback, else nothing."""
    trees: list[DotenvTree] = [*deployment.project.service_env_files]
    trees += env_examples(deployment.workspace, deployment.root)
    given = [entry.text for tree in trees if (entry := tree.last(use.name)) is not None and entry.text]
    return given[-1] if given else _fallback(use)


def _fallback(use: VariableUse) -> str:
    """The fallback of an expression, "" where it has none, or one that takes more than reading."""
    whole = template_of(use.place.text).parts
    reference = whole[0] if len(whole) == 1 else None
    argument = reference.argument if isinstance(reference, Reference) and reference.operator in (":-", "-") else None
    parts = argument.parts if argument is not None else ()
    text = "".join(part.text for part in parts if isinstance(part, Text))
    # Quotes and backslashes mean something in the Compose file, and something else in an env file.
    return text if len(parts) <= 1 and not set("'\"\\").intersection(text) else ""


def _touch(one: Span, other: Span) -> bool:
    return one.start <= other.end and other.start <= one.end
