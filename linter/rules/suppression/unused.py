"""A comment that silences nothing hides the next mistake on its line."""

from __future__ import annotations

from ...kit import Applicability, Diagnostic, Diagnostics, Edit, Fix, Severity, Suppression, Suppressions, near, rule


@rule("SUP001", "unused-suppression", Suppressions, Severity.WARNING, fix=Applicability.DISPLAY)
def unused_suppression(subject: Suppressions) -> Diagnostics:
    """An `ignore` comment whose code is not known, or that no finding needs any more."""
    known = {r.code: r for r in subject.known} | {r.name: r for r in subject.known}
    names = [r.code for r in subject.known]
    for path in sorted(subject.by_path):
        for each in subject.by_path[path]:
            rule_meant = known.get(each.code.upper()) or known.get(each.code)
            values: tuple[tuple[str, str], ...] = (("code", each.code),)
            if not each.code:
                yield Diagnostic(each.place, "this comment names no rule, so it silences nothing: write `ignore[CODE]`")
            elif rule_meant is None:
                meant = near(each.code.upper(), names)
                hint = "; did you mean `{meant}`?" if meant else ""
                values += (("meant", meant or ""),)
                yield Diagnostic(
                    each.place, "there is no rule `{code}`, so this comment silences nothing" + hint, values
                )
            elif not each.head:
                yield Diagnostic(
                    each.place,
                    "`ignore-file` counts only above the first line of content: `{code}` is not silenced",
                    values,
                )
            elif not each.used and subject.judged(rule_meant, path):
                yield Diagnostic(
                    each.place, "nothing here needs `{code}` silenced any more", values, fixes=(_removal(each, values),)
                )


def _removal(suppression: Suppression, values: tuple[tuple[str, str], ...]) -> Fix:
    edit = Edit(suppression.comment, "")
    return Fix("Remove the comment that silences `{code}`", (edit,), Applicability.DISPLAY, values)
