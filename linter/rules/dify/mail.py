"""Mail: what the chosen way of sending needs, and the address that invitation links lead to."""

from __future__ import annotations

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
    Source,
    Variable,
    rule,
)
from .settings import filled_in, is_filled, known_choices, missing, nearest_choice, no_such_choice, text_of

SENDER = "MAIL_DEFAULT_SEND_FROM"
LATER = "SMTP_OPPORTUNISTIC_TLS"
# Implicit TLS has a port of its own, and so has STARTTLS (RFC 8314, RFC 6409).
TLS_PORT, STARTTLS_PORTS = "465", ("25", "587", "2525")
NEEDS_TO_START = {"resend": ("RESEND_API_KEY",), "smtp": ("SMTP_SERVER",), "sendgrid": ("SENDGRID_API_KEY",)}
_ADDRESS = LatePattern(r"[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}")
_FALSE = ("false", "0", "no", "off", "f", "n")
_TRUE = ("true", "1", "yes", "on", "t", "y")


class Fault(NamedTuple):
    """What mail lacks, where, and what that does."""

    place: Place
    message: str
    name: str
    severity: Severity | None = None
    mended: str = ""


@rule("DFY060", "mail-settings", Deployment, Severity.ERROR, faq=("D12",), fix=Applicability.UNSAFE)
def mail_settings(deployment: Deployment) -> Diagnostics:
    """A way of sending mail is chosen, and something that it needs is not set."""
    seen: set[tuple[str, Place]] = set()
    for service in deployment.playing("dify", "api", "worker"):
        choice = service.environment.get("MAIL_TYPE")
        kind = choice.value.text if choice is not None else None
        if choice is None or kind is None or kind not in NEEDS_TO_START:
            unknown = _unknown(deployment, service, choice) if choice is not None and kind else None
            if unknown is not None and ("MAIL_TYPE", unknown.place) not in seen:
                seen.add(("MAIL_TYPE", unknown.place))
                yield unknown
            continue
        for fault in _faults(deployment, service, choice, kind):
            if (fault.name, fault.place) not in seen:
                seen.add((fault.name, fault.place))
                yield _diagnostic(deployment, fault, service, choice, kind)


def _unknown(deployment: Deployment, service: Service, choice: Variable) -> Diagnostic | None:
    """A way of sending mail that this release does not know."""
    text, known = choice.value.text or "", known_choices(deployment, "MAIL_TYPE")
    if known is None or text in known:
        return None
    message = "`MAIL_TYPE` is `{kind}`, and `{service}` does not start with that; write one of {known}"
    return no_such_choice(deployment, service, choice, message, known=known, meant=nearest_choice(text, known))


def _tls(deployment: Deployment, service: Service) -> Iterator[Fault]:
    """A port of the mail server where the other way of encryption is spoken than the one that is set."""
    table, version = deployment.table("dify"), deployment.versions["dify"]
    variable, port = service.environment.get("SMTP_PORT"), _text(service, "SMTP_PORT")
    # Before that setting came, TLS on its own was STARTTLS.
    if variable is None or not table or not version or LATER not in table.variables(version, "api"):
        return
    place = variable.edit_place
    tls, later = _text(service, "SMTP_USE_TLS"), _text(service, LATER)
    if port in STARTTLS_PORTS and tls in _TRUE and later in ("", *_FALSE):
        message = (
            "mail servers start port 587 in plain text and change to TLS then, but with `SMTP_USE_TLS=true` alone "
            "`{service}` begins with TLS, so no mail is sent: set `{name}` to `{mended}`, or use port 465"
        )
        yield Fault(place, message.replace("587", port), LATER, Severity.WARNING, "true")
    elif port == TLS_PORT and (tls in _FALSE or later in _TRUE):
        yield Fault(
            place,
            "mail servers expect TLS from the start on port 465, but `{service}` is told to begin in plain text, so no "
            "mail is sent: set `{name}` to `{mended}`",
            *(("SMTP_USE_TLS", Severity.WARNING, "true") if tls in _FALSE else (LATER, Severity.WARNING, "false")),
        )


def _diagnostic(deployment: Deployment, fault: Fault, service: Service, choice: Variable, kind: str) -> Diagnostic:
    at = choice.edit_place
    edit = filled_in(deployment, service, fault.name, fault.mended) if fault.mended else None
    values = (("service", service.name), ("kind", kind), ("name", fault.name), ("mended", fault.mended))
    related = (Related(at, "`{service}` is to send mail by `{kind}`", values),) if at != fault.place else ()
    fixes = (Fix("Set `{name}` to `{mended}`", (edit,), Applicability.UNSAFE, values),) if edit else ()
    return Diagnostic(fault.place, fault.message, values, related, fixes, fault.severity)


def _faults(deployment: Deployment, service: Service, choice: Variable, kind: str) -> Iterator[Fault]:
    at = choice.edit_place
    incomplete = False
    for name in NEEDS_TO_START[kind]:
        lacks = missing(deployment, service, name)
        incomplete |= lacks is not None
        # What the compose file falls back on was chosen by nobody.
        if lacks is not None and choice.value.pieces[0].source is not Source.DEFAULT:
            yield Fault(
                lacks.place or at,
                "`MAIL_TYPE` is `{kind}`, but `{name}` is empty: `{service}` refuses to start without it",
                name,
            )
    if (
        kind == "smtp"
        and _text(service, "SMTP_USE_TLS") in _FALSE
        and _text(service, "SMTP_OPPORTUNISTIC_TLS") in _TRUE
    ):
        variable = service.environment["SMTP_OPPORTUNISTIC_TLS"]
        incomplete = True
        yield Fault(
            variable.edit_place,
            "`SMTP_OPPORTUNISTIC_TLS` needs `SMTP_USE_TLS=true`: `{service}` refuses to start with this pair",
            "SMTP_OPPORTUNISTIC_TLS",
        )
    elif kind == "smtp" and _is_own(service, "SMTP_SERVER"):
        yield from _tls(deployment, service)
    if incomplete or (kind == "resend" and not is_filled(text_of(service, "RESEND_API_KEY"))):
        return
    sender = missing(deployment, service, SENDER)
    if sender is not None:
        yield Fault(
            sender.place or at,
            "`MAIL_TYPE` is `{kind}`, but `{name}` is empty, so no mail is ever sent: an invitation is recorded and "
            "nobody hears of it; write the address that mail comes from",
            SENDER,
            mended=_sender(service) if kind == "smtp" else "",
        )
    console = missing(deployment, service, "CONSOLE_WEB_URL")
    if console is not None:
        yield Fault(
            console.place or at,
            "mail is set up, but `CONSOLE_WEB_URL` is empty: the links in invitations lead to no host; write the "
            "address of the console",
            "CONSOLE_WEB_URL",
            Severity.WARNING,
        )


def _is_own(service: Service, name: str) -> bool:
    """Whether somebody filled a setting in: another text than the example files have."""
    text = text_of(service, name)
    return is_filled(text) and "your" not in (text or "")


def _sender(service: Service) -> str:
    """The address that signs in to the mail server, which mail servers let their users send from."""
    user = text_of(service, "SMTP_USERNAME") or ""
    return user if _ADDRESS.fullmatch(user) else ""


def _text(service: Service, name: str) -> str:
    return (text_of(service, name) or "").strip().lower()
