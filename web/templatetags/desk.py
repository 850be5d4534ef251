"""Tags and filters of every template: icons, glyphs with their words, times, rendered text."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from typing import Any

from django import template
from django.forms import BoundField
from django.template import engines
from django.template.backends.utils import csrf_input
from django.templatetags.static import static
from django.utils import timezone
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from accounts.models import User
from sla.models import Metric
from tickets.models import Category, Priority, Status
from tickets.rendering import to_html
from web import words

register = template.Library()
_MEANING = {
    "ok": gettext_lazy("due in"),
    "warn": gettext_lazy("due soon, in"),
    "late": gettext_lazy("overdue by"),
}


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """Draw an icon of the sprite; `size` is "", "small" or "large". Hidden from screen readers."""
    return _icon(name, size)


@register.simple_tag
def status(value: str) -> SafeString:
    """Draw a status: ring glyph and the agents' word."""
    return _glyph("status", value, get_language() or "")


@register.simple_tag
def plain_status(value: str) -> SafeString:
    """Draw a status with the customer's wording; the internal word is never shown to them."""
    plain = Status(value).plain_words
    return format_html(
        '<span class="glyph status-{}">{}<span class="word">{}</span></span>',
        value, _icon(f"status-{value}", ""), plain,
    )  # fmt: skip


@register.simple_tag
def category(value: str | None) -> SafeString:
    """Draw a category: its shape and word; an empty one is “Not classed”."""
    return _glyph("category", value or "none", get_language() or "")


@register.simple_tag
def priority(value: str) -> SafeString:
    """Draw a priority: bars and word."""
    return _glyph("priority", value, get_language() or "")


@register.simple_tag
def avatar(person: User | None, size: str = "") -> SafeString:
    """Draw a person's initials in a circle; nobody is an empty ring. For show only: name them."""
    if person is None:
        return format_html(
            '<span class="avatar nobody {}" aria-hidden="true">{}</span>',
            size, _icon("user-round", "small"),
        )  # fmt: skip
    return initials(person.display_name, size)


@register.simple_tag
def assignee(person: User | None) -> SafeString:
    """Draw who has a ticket, with their initials; “Nobody” for nobody."""
    return _assignee(person.display_name if person else "", get_language() or "")


@register.simple_tag
def initials(name: str, size: str = "") -> SafeString:
    """Draw the initials of a name in a circle whose colour is always the same for that name."""
    parts = name.replace(".", " ").replace("@", " ").split() or ["?"]
    letters = parts[0][0] + (parts[1][0] if len(parts) > 1 else "")
    hue = sum(name.encode()) % 8
    return format_html(
        '<span class="avatar h{} {}" aria-hidden="true">{}</span>', hue, size, letters.upper()
    )


@register.simple_tag(takes_context=True)
def when(context: dict[str, Any], moment: datetime | None, never: str = "") -> SafeString | str:
    """Show an instant in the viewer's zone, with the full date as its title."""
    if moment is None:
        return never
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        _written(moment),
        full(moment),
        words.moment(moment, _now(context)),
    )


@register.simple_tag(takes_context=True)
def ago(context: dict[str, Any], moment: datetime | None, never: str = "") -> SafeString | str:
    """Show how long ago an instant was; the page keeps it true and adds the date on hovering."""
    if moment is None:
        return never
    text = words.age(moment, _now(context))
    return format_html('<time datetime="{}" data-ago>{}</time>', _written(moment), text)


@register.simple_tag
def sla_badge(promise: Any) -> SafeString:
    """Draw what is left of a promise. Needs `state` (ok, warn, late, paused, met, none), `words`
    and `due_at`."""
    if promise is None or promise.state == "none":
        return format_html('<span class="sla none"><span class="hidden-text">{}</span></span>',
                           _("No deadline"))  # fmt: skip
    mark = {"paused": "pause", "met": "check"}.get(promise.state)
    due = _written(promise.due_at) if promise.due_at else ""
    return format_html(
        '<span class="sla {}" data-due="{}">{}<span class="hidden-text">{} </span>{}</span>',
        promise.state,
        due,
        _icon(mark, "small") if mark else "",
        _MEANING.get(promise.state, ""),
        promise.words,
    )


@register.simple_tag(takes_context=True)
def part(context: Any, name: str, **given: object) -> SafeString:
    """Draw a part of this page by Jinja2 (web/parts.py): it sees what the page sees, and what it
    is given."""
    values = {**context.flatten(), **given}
    values["csrf_input"] = SimpleLazyObject(partial(csrf_input, context.get("request")))
    drawing = engines["jinja2"].get_template(name).template  # type: ignore[attr-defined]
    drawn: SafeString = mark_safe(drawing.render(values))  # noqa: S308 - it escapes
    return drawn


@register.filter
def full(moment: datetime | None) -> str:
    """Say an instant completely, with the viewer's zone."""
    return "" if moment is None else words.full(moment)


@register.filter
def day_and_time(moment: datetime | None) -> str:
    """Say an instant with its day in the zone in force, where the year is plain."""
    return "" if moment is None else words.day_and_time(moment)


@register.filter
def day(on: date) -> str:
    """Say a day."""
    return words.day(on)


@register.filter
def duration(seconds: float | None) -> str:
    """Say a span of seconds in its two largest units."""
    return "" if seconds is None else words.duration(seconds)


@register.filter
def hours(seconds: float) -> str:
    """Say business time in hours and minutes."""
    return words.hours(seconds)


@register.filter
def clock(minute: int) -> str:
    """Say a minute of the day as clocks show it: 570 is 09:30."""
    return f"{minute // 60:02}:{minute % 60:02}"


@register.filter
def unread_notices(count: int) -> str:
    """Say how many notices are unread."""
    return ngettext("%(unread)s unread notice", "%(unread)s unread notices", count) % {
        "unread": count
    }


@register.filter
def earlier(count: int) -> str:
    """Say how many lines of a list are folded away."""
    return ngettext("%(count)s earlier", "%(count)s earlier", count) % {"count": count}


@register.filter
def minus(number: int, less: int) -> int:
    """Take one number from another."""
    return number - less


@register.filter
def percent(share: float) -> str:
    """Say a share in whole per cent: “37 %”."""
    return f"{share * 100:.0f} %"


@register.filter
def size(count: int) -> str:
    """Say a number of bytes."""
    return words.size(count)


@register.filter
def plain_category(value: str) -> str | Promise:
    """Say a category in the words of the customer's form."""
    return Category(value).plain_words if value else _("Not sure")


@register.filter
def metric(value: str) -> str | Promise:
    """Say what is promised: “First response”."""
    return Metric(value).label


@register.filter
def markdown(text: str, names: Iterable[str] = ()) -> SafeString:
    """Render what somebody wrote, marking these names behind an `@`; the answer is sanitised."""
    return mark_safe(to_html(text, names))  # noqa: S308 - tickets.rendering sanitises


@register.filter
def control(field: BoundField) -> SafeString:
    """Draw a form field's control with our class, its hint and error tied to it."""
    widget = field.field.widget
    kind = getattr(widget, "input_type", "")
    attrs: dict[str, Any] = {} if kind in {"checkbox", "radio", "hidden"} else {"class": "input"}
    if field.errors:
        attrs |= {"aria-invalid": "true", "aria-describedby": f"{field.id_for_label}-error"}
    elif field.help_text:
        attrs["aria-describedby"] = f"{field.id_for_label}-hint"
    return field.as_widget(attrs=attrs)


@register.filter
def is_check(field: BoundField) -> bool:
    """Whether the control is a single box to tick, so its label stands behind it."""
    return getattr(field.field.widget, "input_type", "") == "checkbox" and not hasattr(
        field.field.widget, "choices"
    )


@register.filter
def is_group(field: BoundField) -> bool:
    """Whether the control is several boxes or buttons under one legend."""
    return bool(field.use_fieldset)


@lru_cache(maxsize=512)
def _icon(name: str, size: str) -> SafeString:
    return format_html(
        '<svg class="icon {}" aria-hidden="true"><use href="{}#{}"/></svg>',
        size, static("icons.svg"), name,
    )  # fmt: skip


@lru_cache(maxsize=128)
def _glyph(noun: str, value: str, language: str) -> SafeString:
    return format_html(
        '<span class="glyph {0}-{1}" title="{3}">{2}<span class="word">{3}</span></span>',
        noun, value, _icon(f"{noun}-{value}", ""), _label(noun, value),
    )  # fmt: skip


@lru_cache(maxsize=512)
def _assignee(name: str, language: str) -> SafeString:
    said, tone = (name, "") if name else (_("Nobody"), "faint")
    circle = initials(name, "small") if name else avatar(None, "small")
    return format_html(
        '<span title="{0}">{1} <span class="name {2}">{0}</span></span>', said, circle, tone
    )


def _label(noun: str, value: str) -> str:
    if noun == "category":
        return str(Category(value).label) if value != "none" else _("Not classed")
    choices = Status if noun == "status" else Priority
    return str(choices(value).label)


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _now(context: dict[str, Any]) -> datetime:
    moment: datetime | None = context.get("now")
    return moment or timezone.now()
