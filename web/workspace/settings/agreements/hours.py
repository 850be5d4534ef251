"""An agreement’s included hours: what each of the last months used, on its page and as CSV."""

import csv
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.actor import Actor
from sla.included_hours import Use, newest
from sla.models import Agreement
from web import words
from web.exports import neutral
from web.policies import policy
from web.workspace.pages import who
from web.workspace.settings.agreements import listing

SHOWN, MOST = 12, 120  # months on the page, and in a file


@dataclass(frozen=True)
class Line:
    """What a month used, the address of its tickets, and how much of a bar to fill."""

    use: Use
    href: str

    @property
    def share(self) -> int:
        """The per cent that a bar can show."""
        return min(self.use.percent or 0, 100)


@require_safe
@policy("agent")
def hours(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the use of an agreement's hours in the last ten years as a file."""
    actor, at = who(request)
    agreement = listing.find(pk)
    answer = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="hours-{pk}.csv"'},
    )
    writer = csv.writer(answer)
    writer.writerow([_("Organisation"), _("Month"), _("Included hours"), _("Hours used")])
    for use in newest(agreement, actor, at, MOST):
        used = round(use.seconds / words.HOUR, 2)
        name = neutral(agreement.organisation.name)
        writer.writerow([name, f"{use.first:%Y-%m}", agreement.hours_a_month, used])
    return answer


def lines(agreement: Agreement, actor: Actor, at: datetime) -> list[Line]:
    """Give the last months, the newest first; none where no hours are included."""
    return [Line(use, _tickets(use)) for use in newest(agreement, actor, at, SHOWN)]


def _tickets(use: Use) -> str:
    """Give the address of the tickets on which the work was done; "" when there was none."""
    if not use.seconds:
        return ""
    products = [cover.product.key for cover in use.agreement.covers.all() if cover.product]
    contacts = [str(person.pk) for person in use.agreement.contacts.all()]
    asked = {
        "view": "all", "status": "any", "organisation": use.agreement.organisation_id,
        "effort": f"{use.first},{use.last},billable:true",
        **({"product": ",".join(products)} if products else {}),
        **({"requester": ",".join(contacts)} if contacts else {}),
    }  # fmt: skip
    return f"{reverse('workspace:queue')}?{urlencode(asked)}"
