"""What each mail says, in its reader's language and time zone, as text and as HTML."""

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from typing import Protocol
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.actions.signing_in import make_sign_in_link
from accounts.actor import Actor
from accounts.models import DeskSettings, User
from channels import links
from channels.models import Outgoing
from channels.readers import sees
from sla import service_report
from sla.agreement_days import DeskDays
from sla.answers import answer_due
from sla.expiry import is_news
from sla.models import ExpiryNotice, ReportNotice
from sla.models.policies import Metric
from sla.report_notices import is_for
from tickets import attachments
from tickets.actions import make_link
from tickets.models import Event, Message, Ticket
from tickets.rendering import to_html

Kind = Outgoing.Kind
TO_REQUESTER = frozenset({Kind.CONFIRMATION, Kind.FOLLOW_UP, Kind.REPLY, Kind.SOLVED})
TO_COPIED = frozenset({Kind.FOLLOW_UP, Kind.REPLY})
OF_THE_DESK = frozenset({Kind.MENTION, Kind.WOKEN})  # also where a colleague is the requester


@dataclass(frozen=True)
class Button:
    """A link with what it does."""

    label: str
    url: str


@dataclass(frozen=True)
class Letter:
    """The words of one mail; text and HTML are made of the same parts."""

    subject: str
    sentences: list[str]
    buttons: list[Button]
    quote: str = ""
    quoted_from: str = ""
    files: int = 0
    footnote: str = ""
    signature: str = ""
    is_personal: bool = False
    body: str = ""


@dataclass(frozen=True)
class Written:
    """A letter in its reader's language, ready to leave."""

    letter: Letter
    text: str
    html: str


class Secrets(Protocol):
    """Where a letter gets its private links from."""

    def for_ticket(self, ticket: Ticket, person: User) -> str: ...

    def for_sign_in(self, person: User, *, is_invitation: bool) -> str: ...


@dataclass(frozen=True)
class _Fresh:
    """Real links, made now and stored as digests only."""

    at: datetime

    def for_ticket(self, ticket: Ticket, person: User) -> str:
        return make_link(ticket, at=self.at, was_mailed=True, person=person)

    def for_sign_in(self, person: User, *, is_invitation: bool) -> str:
        return make_sign_in_link(person, at=self.at, is_invitation=is_invitation)


class _Hidden:
    """Placeholders, for an admin who reads what waits."""

    def for_ticket(self, ticket: Ticket, person: User) -> str:
        return "made-when-sent"

    def for_sign_in(self, person: User, *, is_invitation: bool) -> str:
        return "made-when-sent"


def write(mail: Outgoing, at: datetime) -> Written | None:
    """Write the mail with fresh private links; None when there is nothing left to say.

    That is: its message was withdrawn or redacted, the ticket is spam, or the reader may not
    see it any more or has handed over what it is about.
    """
    return _written(mail, at, _Fresh(at))


def preview(mail: Outgoing, at: datetime) -> Written | None:
    """Write the mail as it would leave now, without any working private link."""
    return _written(mail, at, _Hidden())


def as_message(mail: Outgoing, written: Written, sender: str) -> EmailMessage:
    """Put the letter into a mail with the headers that mail programs go by (RFC 5322, 3834)."""
    message = EmailMessage()
    message["From"] = formataddr((DeskSettings.current().company, sender))
    message["To"] = mail.address or formataddr((mail.reader.name, mail.reader.email))
    message["Subject"] = written.letter.subject
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = mail.message_id
    if mail.event:
        side = mail.event.message.side_id if mail.event.message else None
        thread = f"side-{side}" if side else f"ticket-{mail.event.ticket_id}"
        thread = f"<{thread}@{links.host()}>"
        message["In-Reply-To"] = thread
        message["References"] = thread
    if not written.letter.is_personal:
        answers = mail.kind in (Kind.CONFIRMATION, Kind.FOLLOW_UP)
        message["Auto-Submitted"] = "auto-replied" if answers else "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
    message.set_content(written.text)
    message.add_alternative(written.html, subtype="html")
    if mail.kind == Kind.SIDE and mail.event and mail.event.message:
        _enclose(message, mail.event.message)
    return message


def _enclose(mail: EmailMessage, message: Message) -> None:
    """Put the files into the mail: a third party has no link behind which they could wait."""
    for file in message.attachments.filter(redacted_at__isnull=True).order_by("pk"):
        main, _slash, sub = file.media_type.partition("/")
        content = attachments.path_of(file.sha256).read_bytes()
        mail.add_attachment(content, maintype=main, subtype=sub or "*", filename=file.name)


def _written(mail: Outgoing, at: datetime, secrets: Secrets) -> Written | None:
    zone, language = ZoneInfo(DeskSettings.current().time_zone), ""
    if mail.recipient is not None:
        zone, language = mail.recipient.zone(zone.key), mail.recipient.language
    with translation.override(language or settings.LANGUAGE_CODE), timezone.override(zone):
        letter = _letter(mail, at, secrets)
        if letter is None:
            return None
        context = {
            "letter": letter,
            "quote_html": to_html(letter.quote),
            "body_html": to_html(letter.body),
            "language": translation.get_language(),
            "company": DeskSettings.current().company,
        }
        text = render_to_string("mail/letter.txt", context).strip() + "\n"
        return Written(letter, text, render_to_string("mail/letter.html", context))


def _letter(mail: Outgoing, at: datetime, secrets: Secrets) -> Letter | None:
    if mail.expiry is not None:
        return _expiry_letter(mail.expiry, mail.reader, at)
    if mail.report is not None:
        return _report_letter(mail.report, mail.reader)
    if mail.event is None:
        return _account_letter(mail, secrets) if mail.reader.is_active else None
    ticket, message = mail.event.ticket, mail.event.message
    if mail.kind == Kind.SIDE:
        return _side_letter(ticket, message)
    if ticket.is_spam or not sees(mail.reader, ticket):
        return None
    if message and mail.kind in (Kind.REPLY, Kind.ANSWER) and not _may_leave(message):
        return None
    if message and mail.kind == Kind.MENTION and _is_gone(message):
        return None
    is_copied = mail.kind in TO_COPIED and mail.recipient_id != ticket.requester_id
    is_requesters = mail.recipient_id == ticket.requester_id and mail.kind not in OF_THE_DESK
    if is_requesters or (is_copied and not mail.reader.is_staff_member):
        return _to_customer(mail, ticket, message, secrets)
    if mail.kind in TO_REQUESTER:  # the ticket has another requester by now
        return None
    return _to_staff(mail, mail.event, ticket, message)


def _may_leave(message: Message) -> bool:
    return not (_is_gone(message) or message.is_note)


def _is_gone(message: Message) -> bool:
    return bool(message.withdrawn_at or message.redacted_at)


def _side_letter(ticket: Ticket, message: Message | None) -> Letter | None:
    """Say to a third party what was written to it, and nothing else of the ticket."""
    if message is None or message.side is None or _is_gone(message):
        return None
    return Letter(
        subject=f"{message.side.subject} [#{ticket.number}]",
        sentences=[], buttons=[], body=message.body, signature=_signature(ticket),
        is_personal=not message.is_automatic,
    )  # fmt: skip


def _account_letter(mail: Outgoing, secrets: Secrets) -> Letter:
    company = DeskSettings.current().company
    is_invitation = mail.kind == Kind.INVITATION
    secret = secrets.for_sign_in(mail.reader, is_invitation=is_invitation)
    url = links.for_sign_in(secret, mail.next_path)
    if is_invitation:
        return Letter(
            subject=_("Your account at %(company)s") % {"company": company},
            sentences=[_("You were invited to work at this helpdesk."),
                       _("The link works once and for seven days.")],
            buttons=[Button(_("Open your account"), url)],
        )  # fmt: skip
    return Letter(
        subject=_("Sign in to %(company)s") % {"company": company},
        sentences=[_("Here is the link that you asked for. It works once and for 15 minutes."),
                   _("If you did not ask for it, do nothing.")],
        buttons=[Button(_("Sign in"), url)],
    )  # fmt: skip


def _expiry_letter(notice: ExpiryNotice, manager: User, at: datetime) -> Letter | None:
    if not (manager.is_active and manager.is_staff_member and is_news(notice, at)):
        return None
    agreement, days = notice.agreement, DeskDays()
    words = {
        "organisation": agreement.organisation.name,
        "plan": agreement.policy.name,
        "day": date_format(days.last_before(notice.valid_until), _("j M Y")),
    }
    return Letter(
        subject=_("The agreement of %(organisation)s ends on %(day)s") % words,
        sentences=[
            _("The agreement “%(plan)s” of %(organisation)s holds until %(day)s.") % words,
            _("Nothing follows it yet: from then on its tickets are out of cover."),
            _("You are told because you are its account manager."),
        ],
        buttons=[Button(_("Open the agreement"), links.for_agreement(agreement.pk))],
    )


def _report_letter(notice: ReportNotice, manager: User) -> Letter | None:
    if not (manager.is_active and manager.is_staff_member and is_for(notice, manager)):
        return None
    period = service_report.month_of(notice.organisation, notice.month)
    report = service_report.make(
        notice.organisation, period, Actor.of(manager, door="email")
    )  # fmt: skip
    words = {
        "organisation": notice.organisation.name,
        "month": date_format(notice.month, "YEAR_MONTH_FORMAT"),
        "filed": report.total.filed, "solved": report.total.solved, "open": report.total.open,
        "met": report.kept.met, "judged": report.kept.judged, "percent": report.kept.percent,
    }  # fmt: skip
    kept = _("SLA targets met: %(met)s of %(judged)s, %(percent)s %%.")
    return Letter(
        subject=_("Service report of %(organisation)s, %(month)s") % words,
        sentences=[
            _("This is how %(organisation)s was served in %(month)s.") % words,
            _("Tickets filed: %(filed)s, solved: %(solved)s, open at the end: %(open)s.") % words,
            (kept if report.kept.judged else _("No SLA target ended in this month.")) % words,
            _("The whole report is ready to be printed or sent to the customer."),
            _("You are told because you are its account manager."),
        ],
        buttons=[
            Button(
                _("Open the report"),
                links.for_report(notice.organisation_id, f"{notice.month:%Y-%m}"),
            )
        ],
    )


def _to_customer(
    mail: Outgoing, ticket: Ticket, message: Message | None, secrets: Secrets
) -> Letter:
    secret = secrets.for_ticket(ticket, mail.reader)
    read = Button(_("Read and answer"), links.for_requester(secret))
    words = {"number": ticket.number, "subject": ticket.subject}
    sentences, buttons = [], [read]
    is_ours = message is not None and message.author_is_agent and _may_leave(message)
    quote = message if is_ours and mail.kind in (Kind.REPLY, Kind.FOLLOW_UP) else None
    if mail.kind == Kind.CONFIRMATION:
        sentences = [
            _("We have received your request. Its number is #%(number)s.") % words,
            *_expected(ticket),
        ]
    elif mail.kind == Kind.FOLLOW_UP:
        sentences = [
            _("Your request #%(old)s is closed, so we continue with the new number #%(number)s.")
            % {**words, "old": ticket.follows_up_id},
            *_expected(ticket),
        ]
    elif mail.kind == Kind.SOLVED:
        sentences = [
            _("We think that your request is solved."),
            _("If it is not, say so: it is opened again at once."),
        ]
        buttons.append(Button(_("It is not solved"), links.for_objection(secret)))
    elif mail.kind == Kind.REOPENED:
        sentences = [_("Your request is open again: we are working on it.")]
    return Letter(
        subject=f"[#{ticket.number}] {ticket.subject}",
        sentences=sentences,
        buttons=buttons,
        quote=quote.body if quote else "",
        quoted_from=quote.author_name if quote else "",
        files=_files(quote),
        footnote=_("Please answer through this link: a reply to this mail is not read."),
        signature=_signature(ticket),
        is_personal=quote is not None and not quote.is_automatic,
    )


def _to_staff(mail: Outgoing, event: Event, ticket: Ticket, message: Message | None) -> Letter:
    words = {
        "number": ticket.number,
        "who": message.author_name if message else ticket.requester.display_name,
        "metric": _metric(event),
        "why": event.after.get("why", ""),
    }
    first = {
        Kind.NEW_TICKET: _("There is a new ticket from %(who)s."),
        Kind.ASSIGNED: _("Ticket #%(number)s is yours now."),
        Kind.ANSWER: _("%(who)s has answered."),
        Kind.MENTION: _("%(who)s named you in a note on ticket #%(number)s."),
        Kind.WOKEN: _("Ticket #%(number)s is back: its snooze is over."),
        Kind.REOPENED: _("The ticket is open again."),
        Kind.WARNING: _("Time is running out on ticket #%(number)s: %(metric)s."),
        Kind.BREACH: _("Ticket #%(number)s has breached its SLA: %(metric)s."),
        Kind.ESCALATION: _("Ticket #%(number)s is still overdue: %(metric)s."),
        Kind.CORRECTION: _("Ticket #%(number)s has not breached its SLA after all: %(metric)s."),
        Kind.NOTICE: _("You are to know of ticket #%(number)s: %(why)s."),
    }[Kind(mail.kind)]
    quote = message if mail.kind == Kind.ANSWER else None
    if mail.kind == Kind.NEW_TICKET:
        quote = _opening(ticket)
    return Letter(
        subject=f"[#{ticket.number}] {ticket.subject}",
        sentences=[first % words, *_due(ticket)],
        buttons=[Button(_("Open the ticket"), links.for_agent(ticket.number))],
        quote=quote.body if quote else "",
        quoted_from=quote.author_name if quote else "",
        files=_files(quote),
        footnote=_("Please answer through this link: a reply to this mail is not read."),
        signature=_signature(ticket),
    )


def _expected(ticket: Ticket) -> list[str]:
    due_at = answer_due(ticket)
    if due_at is None:
        return []
    return [_("You can expect an answer by %(when)s.") % {"when": _moment(due_at)}]


def _due(ticket: Ticket) -> list[str]:
    if ticket.due_at is None:
        return []
    return [_("Next due: %(when)s.") % {"when": _moment(ticket.due_at)}]


def _metric(event: Event) -> str:
    metric = event.after.get("metric")
    return str(Metric(metric).label) if metric in Metric.values else ""


def _moment(instant: datetime) -> str:
    local = timezone.localtime(instant)
    return f"{date_format(local, _('D j M Y'))}, {date_format(local, _('H:i'))} ({local:%Z})"


def _opening(ticket: Ticket) -> Message | None:
    return (
        ticket.messages.filter(
            kind=Message.Kind.REPLY, withdrawn_at__isnull=True, redacted_at__isnull=True
        )
        .order_by("created_at", "id")
        .first()
    )


def _files(message: Message | None) -> int:
    return message.attachments.filter(redacted_at__isnull=True).count() if message else 0


def _signature(ticket: Ticket) -> str:
    of_team = ticket.team.signature if ticket.team else ""
    return of_team or DeskSettings.current().signature or DeskSettings.current().company
