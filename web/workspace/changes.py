"""Changing one thing about a ticket: each form of the page posts here, one action follows."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.actions import people
from accounts.actor import Actor
from accounts.errors import Invalid, NotFound, Refused
from accounts.models import Organisation, Team, User
from products.models import Component, Product, Release
from tickets import actions
from web.policies import policy
from web.workspace import effort, handing, views
from web.workspace.clashes import clash
from web.workspace.pages import chosen, key_in, who
from web.workspace.ticket import show

Change = Callable[[int, QueryDict, Actor, datetime], Any]


@require_POST
@policy("agent")
def change(request: HttpRequest, number: int, what: str) -> HttpResponse:
    """Change the named thing; a refusal, or another's change of it, shows the page again.

    :raises NotFound: there is no such thing to change.
    """
    actor, at = who(request)
    if what not in CHANGES:
        raise NotFound
    if both := clash(number, what, request.POST, actor=actor):
        return show(request, number, pointer=what, clash=both, status=422)
    try:
        if what == "team" and (warning := _warning(request.POST, actor)):
            sure = request.POST["to"]
            return show(request, number, refusal=warning, pointer=what, sure=sure, status=422)
        CHANGES[what](number, request.POST, actor, at)
    except NotFound:
        raise
    except Refused as refusal:
        return show(
            request, number, refusal=str(refusal), pointer=refusal.pointer or what, status=422,
            logging=request.POST if what == "log_time" else None,
        )  # fmt: skip
    views.forget(actor)
    if handing.hid(request, [number]):
        queue = reverse("workspace:queue")
        is_part = "HX-Request" in request.headers  # a part of the page is no place for the queue
        return HttpResponseClientRedirect(queue) if is_part else redirect(queue)
    return redirect(reverse("workspace:ticket", args=[number]))


def _plain(action: Callable[..., Any], name: str = "to") -> Change:
    def run(number: int, form: QueryDict, actor: Actor, at: datetime) -> None:
        action(number, form.get(name, ""), actor=actor, at=at)

    return run


def _without_value(action: Callable[..., Any]) -> Change:
    def run(number: int, form: QueryDict, actor: Actor, at: datetime) -> None:
        action(number, actor=actor, at=at)

    return run


def _row(action: Callable[..., Any], model: Any) -> Change:
    def run(number: int, form: QueryDict, actor: Actor, at: datetime) -> None:
        action(number, chosen(model.objects.all(), form.get("to", "")), actor=actor, at=at)

    return run


def _status(number: int, form: QueryDict, actor: Actor, at: datetime) -> None:
    actions.set_status(
        number, form.get("to", ""), actor=actor, at=at, reason=form.get("reason", "")
    )


def _category(number: int, form: QueryDict, actor: Actor, at: datetime) -> None:
    actions.set_category(number, form.get("to") or None, actor=actor, at=at)


def _assignee(number: int, form: QueryDict, actor: Actor, at: datetime) -> None:
    person = chosen(User.objects.working(), form.get("to", ""))
    if person is None:
        actions.unassign(number, actor=actor, at=at)
    else:
        actions.assign(number, person, actor=actor, at=at)


def _emergency(number: int, form: QueryDict, actor: Actor, at: datetime) -> None:
    actions.set_emergency(number, form.get("to") == "on", actor=actor, at=at)


def _team(number: int, form: QueryDict, actor: Actor, at: datetime) -> None:
    team = chosen(Team.objects.taking_from(actor), form.get("to", ""))
    actions.hand_over(number, team, actor=actor, at=at)


def _warning(form: QueryDict, actor: Actor) -> str:
    team = chosen(Team.objects.taking_from(actor), form.get("to", ""))
    return handing.warning(team, form, actor=actor)


def _tags(number: int, form: QueryDict, actor: Actor, at: datetime) -> None:
    names = [name for name in form.get("to", "").split(",") if name.strip()]
    actions.set_tags(number, names, actor=actor, at=at)


def _field(number: int, form: QueryDict, actor: Actor, at: datetime) -> None:
    key, value = form.get("key", ""), form.get("to", "")
    actions.set_fields(number, {key: value or None}, actor=actor, at=at)


@transaction.atomic
def _requester(number: int, form: QueryDict, actor: Actor, at: datetime) -> None:
    person = people.vouched_person(form.get("to", ""), actor=actor, at=at, pointer="requester")
    actions.set_requester(number, person, actor=actor, at=at)


@transaction.atomic
def _add_cc(number: int, form: QueryDict, actor: Actor, at: datetime) -> None:
    person = people.vouched_person(form.get("to", ""), actor=actor, at=at, pointer="cc")
    actions.add_cc(number, person, actor=actor, at=at)


def _remove_cc(number: int, form: QueryDict, actor: Actor, at: datetime) -> None:
    actions.remove_cc(number, _key(form.get("to", "")), actor=actor, at=at)


def _organisation(number: int, form: QueryDict, actor: Actor, at: datetime) -> None:
    name = form.get("to", "").strip()
    organisation = Organisation.objects.filter(name__iexact=name).first() if name else None
    if name and organisation is None:
        raise Invalid(_("There is no organisation of this name."), pointer="organisation")
    actions.set_organisation(number, organisation, actor=actor, at=at)


def _spam(number: int, form: QueryDict, actor: Actor, at: datetime) -> None:
    actions.mark_spam(number, actor=actor, at=at, block_sender=form.get("block") == "on")


def _redact_message(number: int, form: QueryDict, actor: Actor, at: datetime) -> None:
    actions.redact_message(number, _key(form.get("message", "")), actor=actor, at=at)


def _redact_file(number: int, form: QueryDict, actor: Actor, at: datetime) -> None:
    actions.redact_attachment(number, form.get("file", ""), actor=actor, at=at)


def _undo(number: int, form: QueryDict, actor: Actor, at: datetime) -> None:
    actions.withdraw(number, _key(form.get("message", "")), actor=actor, at=at)


def _split(number: int, form: QueryDict, actor: Actor, at: datetime) -> None:
    actions.split(number, _key(form.get("message", "")), actor=actor, at=at)


def _link(number: int, form: QueryDict, actor: Actor, at: datetime) -> None:
    other = key_in(form.get("to", "").strip().removeprefix("#"))
    if other is None:
        raise Invalid(_("Give the number of the other ticket."), pointer="ticket")
    actions.link(number, other, form.get("relation", ""), actor=actor, at=at)


def _unlink(number: int, form: QueryDict, actor: Actor, at: datetime) -> None:
    actions.unlink(number, _key(form.get("link", "")), actor=actor, at=at)


def _add_item(number: int, form: QueryDict, actor: Actor, at: datetime) -> None:
    actions.add_item(number, form.get("to", ""), actor=actor, at=at)


def _rename_item(number: int, form: QueryDict, actor: Actor, at: datetime) -> None:
    pk = _key(form.get("item", ""))
    actions.change_item(number, pk, text=form.get("to", ""), actor=actor, at=at)


def _tick_item(number: int, form: QueryDict, actor: Actor, at: datetime) -> None:
    pk = _key(form.get("item", ""))
    actions.change_item(number, pk, is_done=form.get("to") == "on", actor=actor, at=at)


def _move_item(number: int, form: QueryDict, actor: Actor, at: datetime) -> None:
    pk, place = _key(form.get("item", "")), _key(form.get("to", ""))
    actions.change_item(number, pk, place=place, actor=actor, at=at)


def _remove_item(number: int, form: QueryDict, actor: Actor, at: datetime) -> None:
    actions.remove_item(number, _key(form.get("item", "")), actor=actor, at=at)


def _key(text: str) -> int:
    key = key_in(text)
    if key is None:
        raise NotFound
    return key


CHANGES: dict[str, Change] = {
    "subject": _plain(actions.set_subject),
    "status": _status,
    "category": _category,
    "confirm": _without_value(actions.confirm_category),
    "priority": _plain(actions.set_priority),
    "assignee": _assignee,
    "take": _without_value(actions.take),
    "team": _team,
    "product": _row(actions.set_product, Product),
    "component": _row(actions.set_component, Component),
    "affected_release": _row(actions.set_affected_release, Release),
    "fixed_in": _row(actions.set_fixed_in, Release),
    "emergency": _emergency,
    "tags": _tags,
    "field": _field,
    "requester": _requester,
    "organisation": _organisation,
    "add_cc": _add_cc,
    "remove_cc": _remove_cc,
    "add_item": _add_item,
    "rename_item": _rename_item,
    "tick_item": _tick_item,
    "move_item": _move_item,
    "remove_item": _remove_item,
    "log_time": effort.log,
    "link": _link,
    "unlink": _unlink,
    "split": _split,
    "unmerge": _without_value(actions.unmerge),
    "wake": _without_value(actions.wake),
    "watch": _without_value(actions.watch),
    "unwatch": _without_value(actions.unwatch),
    "spam": _spam,
    "not_spam": _without_value(actions.unmark_spam),
    "redact_message": _redact_message,
    "redact_file": _redact_file,
    "undo": _undo,
}
