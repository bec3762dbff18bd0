"""Settings of nginx that show or open more than was meant."""

from __future__ import annotations

from ...kit import (
    Applicability,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
    LatePattern,
    NginxDirective,
    NginxTree,
    Severity,
    nginx_edits,
    rule,
)

# RFC 7568 and RFC 8996 forbid them.
_OLD_TLS = frozenset(("SSLv2", "SSLv3", "TLSv1", "TLSv1.1"))
# Variables whose text the client chooses, at the place of the host.
_OF_THE_CLIENT = LatePattern(r"[a-z]+://\$\{?(?P<name>http_host|arg_\w+|cookie_\w+|http_x_\w+)\b")


@rule("NGX025", "security-basics", NginxTree, Severity.INFO, fix=Applicability.UNSAFE)
def security_basics(tree: NginxTree) -> Diagnostics:
    """Paths that lead out of a folder, requests that choose their target, old TLS, and the release in every answer."""
    if tree.template:
        return
    for directive, parents in tree.walk():
        name = directive.name.text
        if not directive.arguments or directive.placeholder:
            continue
        found = None
        if name == "alias" and parents:
            found = _alias(tree, directive, parents[-1])
        elif name == "proxy_pass":
            found = _chosen_target(tree, directive)
        elif name == "ssl_protocols":
            found = _old_tls(tree, directive)
        elif name == "server_tokens" and directive.arguments[0].text == "on":
            found = _release(tree, directive)
        if found is not None:
            yield found


def _alias(tree: NginxTree, alias: NginxDirective, location: NginxDirective) -> Diagnostic | None:
    words = location.arguments
    if location.name.text != "location" or not (len(words) == 1 or words[0].text == "^~"):
        return None
    path, folder = words[-1].text, alias.arguments[0].text
    if not path.startswith("/") or path.endswith("/") or not folder.endswith("/") or "$" in path + folder:
        return None
    edit = nginx_edits.set_argument(tree, location, len(words) - 1, f"{path}/")
    values = (("path", path), ("folder", folder))
    return Diagnostic(
        tree.document.place(*words[-1].span),
        "`{path}../` leads out of `{folder}`: the location has no `/` at its end and the `alias` has, so the rest "
        "`../` is put behind the folder; write `{path}/`",
        values,
        fixes=(Fix("Write `{path}/`", (edit,), Applicability.UNSAFE, values),),
    )


def _chosen_target(tree: NginxTree, directive: NginxDirective) -> Diagnostic | None:
    match = _OF_THE_CLIENT.match(directive.arguments[0].text)
    if match is None:
        return None
    return Diagnostic(
        tree.document.place(*directive.arguments[0].span),
        "the client chooses with `${name}` where this request goes, to hosts that only nginx can reach, too; name the "
        "host, or allow only known ones with a `map`",
        (("name", match["name"]),),
    )


def _old_tls(tree: NginxTree, directive: NginxDirective) -> Diagnostic | None:
    words = directive.arguments
    old = [word for word in words if word.text in _OLD_TLS]
    if not old:
        return None
    fixes: tuple[Fix, ...] = ()
    if len(old) < len(words) and not any("$" in word.text for word in words):
        before = [directive.name, *words]
        edits = tuple(
            Edit(tree.document.place(before[at].span.end, word.span.end), "")
            for at, word in enumerate(words)
            if word in old
        )
        fixes = (Fix("Keep only what is safe", edits, Applicability.UNSAFE),)
    return Diagnostic(
        tree.document.place(old[0].span.start, old[-1].span.end),
        "{versions} can be broken, and browsers have not spoken it for years; leave `TLSv1.2 TLSv1.3`",
        (("versions", ", ".join(f"`{word.text}`" for word in old)),),
        fixes=fixes,
    )


def _release(tree: NginxTree, directive: NginxDirective) -> Diagnostic:
    edit = nginx_edits.set_argument(tree, directive, 0, "off")
    return Diagnostic(
        tree.document.place(*directive.span),
        "every answer and error page names the release of nginx; `server_tokens off` keeps it to itself",
        fixes=(Fix("Write `off`", (edit,), Applicability.UNSAFE),),
    )
