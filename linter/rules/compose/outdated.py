"""What older versions of Compose wanted or misread: the `version` key, ports that look like a time of day."""

from __future__ import annotations

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
    LatePattern,
    ScalarNode,
    SequenceNode,
    Severity,
    YamlMapping,
    rule,
)

# YAML 1.1's integers to the base of 60 (yaml.org/type/int.html).
_BASE_60 = LatePattern(r"[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+")

_BLANK_LINE = LatePattern(r"[ \t]*\r?\n")


@rule("CMP007", "obsolete-version", Deployment, Severity.INFO, fix=Applicability.SAFE)
def obsolete_version(deployment: Deployment) -> Diagnostics:
    """A `version` at the top of the file."""
    for tree in deployment.project.files:
        for root in tree.roots:
            entry = root.entry("version") if isinstance(root, YamlMapping) else None
            if entry is None or not isinstance(root, YamlMapping):
                continue
            from ...kit import yaml_edits

            anchored = getattr(entry.value, "anchor", None) is not None
            edit = _with_blank_line(yaml_edits.remove_entry(tree, root, entry))
            fixes = () if anchored else (Fix("Remove `version`", (edit,), Applicability.SAFE),)
            yield Diagnostic(
                tree.document.place(*entry.key.span),
                "`version` has no meaning any more; Compose warns about it at every start",
                fixes=fixes,
            )


def _with_blank_line(edit: Edit) -> Edit:
    """A removal at the very top of a file, with the blank line that set the first line apart."""
    document, span = edit.place
    head = document.text[: span.start].strip("\ufeff")
    blank = _BLANK_LINE.match(document.text, span.end)
    if head or edit.text or blank is None:
        return edit
    return Edit(document.place(span.start, blank.end()), "")


@rule("CMP008", "base60-port", Deployment, Severity.WARNING, fix=Applicability.SAFE)
def base60_port(deployment: Deployment) -> Diagnostics:
    """An unquoted port pair that YAML 1.1 reads as one number to the base of 60."""
    for service in deployment.services.values():
        node = service.get("ports")
        for item in node.items if isinstance(node, SequenceNode) else ():
            if not isinstance(item, ScalarNode) or item.style or not _BASE_60.fullmatch(item.place.text):
                continue
            port = item.place.text
            fix = Fix("Put the port in quotes", (Edit(item.place, f'"{port}"'),), Applicability.SAFE)
            yield Diagnostic(
                item.place,
                "older YAML readers take `{port}` for one number to the base of 60; put it in quotes",
                (("port", port),),
                fixes=(fix,),
                # Compose 2 reads what is written.
                severity=Severity.INFO,
            )
