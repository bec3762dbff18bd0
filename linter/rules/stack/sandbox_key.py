"""The key of Dify's sandbox where its own configuration file gives it, and no variable does."""

from __future__ import annotations

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Fix,
    Related,
    Service,
    Variable,
    YamlMapping,
    YamlScalar,
    YamlTree,
    within,
)

# dify-sandbox reads this file first; `API_KEY` in its environment has the last word (internal/static/config.go).
CONFIG = "/conf/config.yaml"
SENT = "CODE_EXECUTION_API_KEY"


def sandbox_keys(deployment: Deployment) -> Diagnostics:
    """The sandboxes whose file has no key, or another one than the api sends."""
    for sandbox in deployment.playing("dify", "sandbox"):
        sent = _sent(deployment, sandbox)
        if sent is None or "API_KEY" in sandbox.environment or not all(file.read for file in sandbox.env_files):
            continue
        tree = _config(deployment, sandbox)
        root = tree.roots[0] if tree is not None and len(tree.roots) == 1 and not tree.problems else None
        if tree is not None and isinstance(root, YamlMapping):
            yield from _judged(sandbox, sent, tree, root)


def _sent(deployment: Deployment, sandbox: Service) -> tuple[Service, Variable] | None:
    """The key that the api sends to this sandbox, with the service that sends it."""
    for endpoint in deployment.endpoints:
        if endpoint.variable.name != "CODE_EXECUTION_ENDPOINT" or deployment.role(endpoint.reader) != "api":
            continue
        key = endpoint.reader.environment.get(SENT)
        if key is not None and key.value.text:
            found = deployment.lookup(endpoint.reader, endpoint.host.text)
            if found.reach == "reached" and found.services == (sandbox,):
                return endpoint.reader, key
    return None


def _config(deployment: Deployment, sandbox: Service) -> YamlTree | None:
    """The configuration file that a sandbox mounts; None where it has its image's, or one that cannot be read."""
    for mount in sandbox.mounts:
        target = (mount.target or "").rstrip("/")
        if mount.kind != "bind" or mount.path is None or not (target == CONFIG or CONFIG.startswith(f"{target}/")):
            continue
        path = mount.path + CONFIG[len(target) :]
        files = deployment.workspace.files
        if files.kind(path) != "file" or not within(files.real(path), files.real(deployment.boundary)):
            return None
        try:
            return deployment.workspace.yaml(path)
        except OSError:
            return None
    return None


def _judged(sandbox: Service, sent: tuple[Service, Variable], tree: YamlTree, root: YamlMapping) -> Diagnostics:
    reader, variable = sent
    app = root.entry("app")
    inside = app.value if app is not None else None
    found = inside.entry("key") if isinstance(inside, YamlMapping) else None
    key = found.value if found is not None else None
    if key is not None and not isinstance(key, YamlScalar):
        return
    if key is not None and key.text == variable.value.text:
        return
    span = key.span if key is not None and key.text else app.key.span if app is not None else root.span
    values = (("service", sandbox.name), ("reader", reader.name), ("variable", SENT))
    if key is not None and key.text:
        message = (
            "`key` is not what `{reader}` sends in `{variable}`, so `{service}` refuses to run any code; write one "
            "value in both places"
        )
    else:
        message = (
            "the configuration of `{service}` has no `key` under `app`, and `{reader}` sends one in `{variable}`, so "
            "`{service}` refuses to run any code; write the same value here, or give it to `{service}` as API_KEY"
        )
    place = variable.edit_place
    yield Diagnostic(
        tree.document.place(*span),
        message,
        values,
        (Related(place, "`{reader}` gets its key here", values),),
        _given(tree, inside, key, variable),
    )


def _given(tree: YamlTree, app: object, key: YamlScalar | None, variable: Variable) -> tuple[Fix, ...]:
    from ...kit import yaml_edits

    text = variable.value.text or ""
    if key is not None:
        edit = yaml_edits.set_value(tree, key, text)
    elif isinstance(app, YamlMapping):
        edit = yaml_edits.insert_key(tree, app, "key", text)
    else:
        return ()
    return (Fix("Write the key of `{variable}`", (edit,), Applicability.UNSAFE, (("variable", SENT),)),)
