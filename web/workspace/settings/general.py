"""The front page of the settings, and what holds for the whole desk."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import DeskSettings
from channels import smtp
from tickets.actions import change_desk
from web.context import forget_desk_facts
from web.policies import policy
from web.workspace.pages import me, page, regret, say, who
from web.workspace.settings.forms import General
from web.workspace.settings.pattern import at_settings, editing

INDEX = (
    ("general", "settings", gettext_lazy("General"),
     gettext_lazy("Company, time zone, closing, outgoing mail server.")),
    ("agents", "user-round", gettext_lazy("Agents"),
     gettext_lazy("Who works at the desk, and as what.")),
    ("teams", "users-round", gettext_lazy("Teams"),
     gettext_lazy("Who shares a queue; private teams.")),
    ("organisations", "building-2", gettext_lazy("Organisations"),
     gettext_lazy("Customers, their mail domains and people.")),
    ("agreements", "shield-check", gettext_lazy("Agreements"),
     gettext_lazy("Who bought which plan, until when, and who looks after them.")),
    ("policies", "timer", gettext_lazy("Policies"),
     gettext_lazy("What is promised to which tickets, and a simulator.")),
    ("products", "package", gettext_lazy("Products"),
     gettext_lazy("What is supported: components and releases.")),
    ("fields", "text-cursor-input", gettext_lazy("Fields"),
     gettext_lazy("What else a ticket tells.")),
    ("macros", "zap", gettext_lazy("Macros"),
     gettext_lazy("Texts and changes that are used again and again.")),
    ("calendars", "calendar", gettext_lazy("Calendars"),
     gettext_lazy("Opening hours and holidays, which SLA clocks are counted by.")),
    ("rollouts", "history", gettext_lazy("SLA changes"),
     gettext_lazy("How far open tickets have followed each change.")),
    ("tokens", "key", gettext_lazy("API tokens"),
     gettext_lazy("Keys for integrations and people.")),
    ("outgoing_mail", "mail", gettext_lazy("Outgoing mail"),
     gettext_lazy("What was sent, waits, or could not be delivered.")),
    ("system", "monitor", gettext_lazy("System"),
     gettext_lazy("Is everything running, what waits, and the nightly SLA audit.")),
    ("style", "eye", gettext_lazy("Style"),
     gettext_lazy("The parts that every page is put together from.")),
)  # fmt: skip
# What agents may look at, so that nobody has to guess what was promised.
FOR_AGENTS = {"organisations", "agreements", "policies", "calendars", "rollouts", "macros"}
NAMES = tuple(name for name in General.base_fields if name != "smtp_password")


@require_safe
@policy("agent")
def index(request: HttpRequest) -> HttpResponse:
    """Show where everything can be set, or, to agents, looked at."""
    actor, _at = who(request)
    cards = [
        {"href": at_settings(name), "icon": icon, "name": words, "about": about}
        for name, icon, words, about in INDEX
        if actor.is_admin or name in FOR_AGENTS
    ]
    return page(request, "workspace/settings/index.html", {"cards": cards, "here": "settings"})


@require_http_methods(["GET", "HEAD", "POST"])
@policy("admin")
def general(request: HttpRequest) -> HttpResponse:
    """Change what holds for the whole desk."""
    actor, at = who(request)
    desk = DeskSettings.current()
    form = General(request.POST or None, initial={name: getattr(desk, name) for name in NAMES})

    def save(clean: dict[str, Any]) -> DeskSettings:
        if not clean["smtp_password"]:
            del clean["smtp_password"]
        changed = change_desk(actor=actor, at=at, **clean)
        forget_desk_facts()
        return changed

    return editing(
        request, form, save, title=_("General"), up=at_settings("general"),
        up_name=_("Settings"), template="workspace/settings/general.html",
        more={"desk_row": desk, "settings_up": at_settings("settings")},
    )  # fmt: skip


@require_POST
@policy("admin")
def test_mail(request: HttpRequest) -> HttpResponse:
    """Send a mail to oneself and say what became of it."""
    _actor, at = who(request)
    person = me(request)
    server = smtp.current()
    if server is None:
        regret(request, _("Name a mail server first."))
        return redirect("workspace:general")
    _tell(request, smtp.try_out(server, person.email), person.email, at)
    return redirect("workspace:general")


def _tell(request: HttpRequest, trouble: str, address: str, at: datetime) -> None:
    if trouble:
        regret(request, trouble)
        return
    actor, _at = who(request)
    change_desk(actor=actor, at=at, mail_tested_at=at)
    say(request, _("A mail is on its way to %(address)s") % {"address": address})
