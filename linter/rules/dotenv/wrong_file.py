"""Settings that a person wrote into a file which the deployment does not read."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    DotenvEntry,
    DotenvTree,
    Edit,
    Fix,
    MountedFile,
    Place,
    Related,
    Severity,
    SquidDirective,
    SquidTree,
    example_beside,
    rule,
    squid_edits,
    within,
)
from .reading import written_names

# What a program that runs beside its databases is told, and what a container never is.
_LOCAL = ("localhost", "127.0.0.1", "0.0.0.0")  # noqa: S104 - text to look for
_SHOWN = 3
_OWN_KEYS = 3
# The acl types that people add lines of: ports and addresses to be reached.
_TARGETS = frozenset(("port", "dst", "dstdomain", "dstdom_regex"))


@rule("ENV018", "wrong-file", Deployment, Severity.WARNING, faq=("D18",), fix=Applicability.UNSAFE)
def wrong_file(deployment: Deployment) -> Diagnostics:
    """An env file or a squid file that was edited, and that no container of this deployment is given."""
    for table in deployment.tables:
        for path, role in table.data.get("source_env_files", {}).items():
            yield from _of_the_source(deployment, os.path.normpath(f"{deployment.root}/{path}"), role)
        for path in table.data.get("moved_files", {}):
            yield from _moved(deployment, f"{deployment.root}/{path}", table.data["moved_files"][path])
    if deployment.tables:
        yield from _copied_from_another(deployment)


def _readable(deployment: Deployment, path: str) -> bool:
    files = deployment.workspace.files
    inside = within(path, deployment.boundary) and within(files.real(path), files.real(deployment.boundary))
    return inside and files.kind(path) == "file"


def _shown(deployment: Deployment, path: str) -> str:
    """A path as the folder above the project's own one sees it."""
    return os.path.relpath(path, os.path.dirname(deployment.root)).replace(os.sep, "/")


# ---- the env file of a program's own source folder


def _of_the_source(deployment: Deployment, path: str, role: str) -> Iterator[Diagnostic]:
    """Settings of a file that only a program run from its source reads, with other values than the containers get."""
    own = next((tree for tree in deployment.project.env_files if tree.document.path == f"{deployment.root}/.env"), None)
    services = deployment.playing(deployment.product or "", role)
    if own is None or not services or not _readable(deployment, path):
        return
    # Who runs the program from its source starts the other services with an env file of their own.
    if any(name.startswith("middleware") and name.endswith(".env") for name in deployment.entries(deployment.root)):
        return
    tree = deployment.workspace.dotenv(path)
    example = example_beside(deployment.workspace, path)
    lines = set(deployment.workspace.document(example).text.splitlines()) if example is not None else set[str]()
    found: list[tuple[DotenvEntry, Place]] = []
    for entry in {entry.key: entry for entry in tree.entries}.values():
        variable = services[0].environment.get(entry.key)
        if variable is None or not _is_own(tree, entry, lines):
            continue
        asked = any(piece.variable == entry.key for piece in variable.value.pieces)
        if asked and variable.value.text is not None and variable.value.text != entry.text:
            found.append((entry, variable.place))
    if found:
        yield _unread(deployment, tree, own, found)


def _is_own(tree: DotenvTree, entry: DotenvEntry, example: set[str]) -> bool:
    """Whether a statement is a setting that somebody made for a deployment."""
    text = entry.text
    if not text or entry.template is not None:
        return False
    statement = tree.document.text[entry.key_span.start : entry.value_span.end]
    return not any(word in text for word in _LOCAL) and statement not in example


def _unread(
    deployment: Deployment, tree: DotenvTree, own: DotenvTree, found: Sequence[tuple[DotenvEntry, Place]]
) -> Diagnostic:
    from ...kit import dotenv_edits

    edits: list[Edit] = []
    added: list[Edit] = []
    for entry, _ in found:
        ours, text = own.last(entry.key), entry.text or ""
        (edits if ours else added).append(
            dotenv_edits.set_value(own, ours, text) if ours else dotenv_edits.append(own, entry.key, text)
        )
    if added:
        edits.append(Edit(added[0].place, "".join(edit.text for edit in added)))
    values = (
        ("file", _shown(deployment, tree.document.path)),
        ("own", _shown(deployment, own.document.path)),
        ("names", ", ".join(f"`{entry.key}`" for entry, _ in found[:_SHOWN])),
        ("more", str(len(found) - _SHOWN)),
    )
    first, place = found[0]
    return Diagnostic(
        tree.document.place(*first.key_span),
        "the containers do not read `{file}`, and get other values for {names} and {more} more: set them in `{own}`"
        if len(found) > _SHOWN
        else "the containers do not read `{file}`, and get another value for {names}: set it in `{own}`",
        values,
        (Related(place, "the container gets its value here"),),
        (Fix("Set them in `{own}`", tuple(edits), Applicability.UNSAFE, values),),
    )


# ---- the example of another env file


def _copied_from_another(deployment: Deployment) -> Iterator[Diagnostic]:
    """A `.env` that is a copy of the example of some other env file, e.g. of `middleware.env`."""
    own = next((tree for tree in deployment.project.env_files if tree.document.path == f"{deployment.root}/.env"), None)
    if own is None or _is_in(deployment, own, f"{deployment.root}/.env.example"):
        return
    keys = {entry.key for entry in own.entries if entry.key}
    asked = {use.name for use in deployment.project.uses}
    if len(keys) < 2 * _OWN_KEYS or len(keys - asked) < _OWN_KEYS:
        return
    for folder in (deployment.root, f"{deployment.root}/envs"):
        for name in deployment.entries(folder):
            path = f"{folder}/{name}"
            if name == ".env.example" or not name.endswith(".env.example") or not _readable(deployment, path):
                continue
            example = deployment.workspace.document(path)
            if keys <= written_names(example.text).keys():
                shown = path.removeprefix(f"{deployment.root}/")
                yield Diagnostic(
                    own.document.place(*own.entries[0].key_span),
                    "this `.env` is a copy of `{example}`, which belongs to another Compose file: this one asks for "
                    "variables that it lacks; copy `.env.example`",
                    (("example", shown),),
                    (Related(example.place(0, 0), "the example that was copied"),),
                )
                return


def _is_in(deployment: Deployment, own: DotenvTree, path: str) -> bool:
    """Whether the file was copied from, or edited after, the example at a path, or there is no such example."""
    if not _readable(deployment, path):
        return True
    theirs = written_names(deployment.workspace.document(path).text).keys()
    return len({entry.key for entry in own.entries} - theirs) < _OWN_KEYS


# ---- a file at the place from which an older release mounted it


def _moved(deployment: Deployment, old: str, new: str) -> Iterator[Diagnostic]:
    """Lines of a squid file at its old place that the file which is mounted now lacks."""
    target = f"{deployment.root}/{new}"
    mounted = next((m for m in deployment.mounted if m.path == target), None)
    read = any(within(old, m.path) for m in deployment.mounted) or mounted is None
    if read or mounted is None or not isinstance(mounted.tree, SquidTree) or not _readable(deployment, old):
        return
    tree = deployment.workspace.squid(old)
    missing = [d for d in tree.directives if _is_missing(d, mounted.tree)]
    if missing:
        yield _lost(deployment, tree, mounted, missing)


def _words(directive: SquidDirective) -> tuple[str, ...]:
    return tuple(word.text for word in directive.arguments)


def _is_missing(directive: SquidDirective, now: SquidTree) -> bool:
    """Whether a line gives an acl of the mounted file a port or an address that it does not have there."""
    words = _words(directive)
    if directive.name.text != "acl" or len(words) < 3 or words[1] not in _TARGETS:
        return False
    have = {
        word for d in now.directives if d.name.text == "acl" and _words(d)[:2] == words[:2] for word in _words(d)[2:]
    }
    return bool(have) and not have.issuperset(words[2:])


def _lost(
    deployment: Deployment, tree: SquidTree, mounted: MountedFile, missing: Sequence[SquidDirective]
) -> Diagnostic:
    values = (
        ("file", tree.document.path.removeprefix(f"{deployment.root}/")),
        ("now", mounted.path.removeprefix(f"{deployment.root}/")),
        ("service", mounted.service.name),
    )
    related = [Related(mounted.mount.place, "`{service}` mounts `{now}` here", values)]
    related += [
        Related(tree.document.place(*d.span), "this line has no effect either") for d in missing[1 : _SHOWN + 1]
    ]
    return Diagnostic(
        tree.document.place(*missing[0].span),
        "no service reads `{file}` in this release: `{service}` is given `{now}`, which lacks this line, so it has no "
        "effect",
        values,
        tuple(related),
        tuple(_carried_over(tree, mounted, missing, values)),
    )


def _carried_over(
    tree: SquidTree, mounted: MountedFile, missing: Sequence[SquidDirective], values: tuple[tuple[str, str], ...]
) -> Iterator[Fix]:
    now = mounted.tree
    assert isinstance(now, SquidTree)
    edits: dict[str, tuple[SquidDirective, list[str]]] = {}
    for directive in missing:
        name = _words(directive)[0]
        last = [d for d in now.directives if d.name.text == "acl" and _words(d)[:1] == (name,)][-1]
        edits.setdefault(name, (last, []))[1].append(tree.document.text[directive.span.start : directive.span.end])
    added = (squid_edits.insert_line(now, now.document.newline.join(lines), after=d) for d, lines in edits.values())
    yield Fix("Add these lines to `{now}`", tuple(added), Applicability.UNSAFE, values)
