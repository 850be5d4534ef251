"""Customers: finding, reading, making and changing them, and merging two that are one."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions import people as accounts
from accounts.errors import NotFound, Refused
from accounts.models import User
from accounts.permissions import may
from tickets import actions
from tickets.models import Ticket
from web.policies import policy
from web.workspace.forms import Person
from web.workspace.pages import attempt, key_in, page, regret, say, who

ROWS = 50
NAMES = ("email", "name", "organisation", "sees_organisation", "phone", "time_zone", "is_blocked")


@require_safe
@policy("agent")
def people(request: HttpRequest) -> HttpResponse:
    """List customers by name, or those that match."""
    wanted = request.GET.get("q", "").strip()[:100]
    rows = matching(wanted).select_related("organisation")
    found, following = by_name(rows, request.GET.get("after", ""))
    context = {
        "people": found,
        "wanted": wanted,
        "page": pages_of("workspace:people", request, following),
        "here": "people",
    }
    return page(request, "workspace/people/people.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@policy("agent")
def new_person(request: HttpRequest) -> HttpResponse:
    """Make a customer; the agent vouches for the address."""
    actor, at = who(request)
    form = Person(request.POST or None, initial=request.GET.dict())
    if request.method == "POST":
        person = attempt(form, lambda clean: accounts.create_person(actor=actor, at=at, **clean))
        if person is not None:
            say(request, _("%(name)s added") % {"name": person.display_name})
            return redirect("workspace:person", person.pk)
    context = {
        "form": form, "title": _("New person"), "up": reverse("workspace:people"),
        "up_name": _("People"), "here": "people",
    }  # fmt: skip
    return page(
        request, "workspace/settings/form.html", context, status=422 if form.errors else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
@policy("agent")
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a customer with their tickets, and change them."""
    actor, at = who(request)
    shown = find(pk)
    form = Person(request.POST or None, initial={name: getattr(shown, name) for name in NAMES})
    if request.method == "POST" and not shown.is_staff_member:
        changed = attempt(
            form, lambda clean: actions.change_person(shown, actor=actor, at=at, **clean)
        )
        if changed is not None:
            say(request, _("Saved"))
            return redirect("workspace:person", pk)
    tickets = Ticket.objects.visible_to(actor).filter(requester=pk)
    context = {
        "person": shown,
        "form": form,
        "tickets": list(tickets.order_by("-updated_at", "-number")[:20]),
        "may_merge": may(actor, "people.merge") and not shown.is_staff_member,
        "here": "people",
    }
    return page(
        request, "workspace/people/person.html", context, status=422 if form.errors else 200
    )


@require_POST
@policy("admin")
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Give everything of this person to another; this account closes."""
    actor, at = who(request)
    source = find(pk)
    address = request.POST.get("into", "").strip().lower()
    target = User.objects.filter(email=address).first()
    if target is None:
        regret(request, _("Nobody has this address."))
        return redirect("workspace:person", pk)
    try:
        count = actions.merge_people(source, target, actor=actor, at=at)
    except Refused as refusal:
        regret(request, str(refusal))
        return redirect("workspace:person", pk)
    say(request, _("Merged; %(count)d tickets moved") % {"count": count})
    return redirect("workspace:person", target.pk)


@require_safe
@policy("agent")
def suggest(request: HttpRequest) -> HttpResponse:
    """Give addresses for a field that is being typed in."""
    wanted = (request.GET.get("to") or request.GET.get("requester") or "").strip()[:100]
    found = list(matching(wanted).order_by("name", "pk")[:8]) if len(wanted) > 1 else []
    return page(request, "workspace/people/_suggest.html", {"rail": None, "people": found})


def find(pk: int) -> User:
    """Read one person.

    :raises NotFound: there is none.
    """
    found = User.objects.select_related("organisation", "merged_into").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def matching(wanted: str) -> QuerySet[User]:
    """Keep customers whose name, surname or address begins with what was typed."""
    rows = User.objects.filter(role=User.Role.CUSTOMER, merged_into__isnull=True)
    if not wanted:
        return rows
    return rows.filter(
        Q(email__startswith=wanted.lower())
        | Q(name__istartswith=wanted)
        | Q(name__icontains=f" {wanted}")
    )


def by_name(rows: QuerySet[Any], after: str) -> tuple[list[Any], str]:
    """Give one page in the order of names, and the mark after which the next one goes on."""
    text, _bar, name = after.partition("|")
    if pk := key_in(text):
        rows = rows.filter(Q(name__gt=name) | Q(name=name, pk__gt=pk))
    found = list(rows.order_by("name", "pk")[: ROWS + 1])
    if len(found) <= ROWS:
        return found, ""
    last = found[ROWS - 1]
    return found[:ROWS], f"{last.pk}|{last.name}"


def pages_of(url: str, request: HttpRequest, following: str) -> dict[str, str]:
    """Give the addresses of the first and the next page of a list by name."""
    kept = {"q": request.GET["q"]} if request.GET.get("q") else {}
    here = reverse(url)
    return {
        "first": f"{here}?{urlencode(kept)}" if request.GET.get("after") else "",
        "next": f"{here}?{urlencode({**kept, 'after': following})}" if following else "",
    }
