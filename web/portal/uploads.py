"""Files of customers and strangers: taken in, shown again after a refusal, handed to actions."""

from django.forms import Form
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_POST

from tickets import attachments
from tickets.models import Upload
from web import files
from web.policies import policy
from web.portal import visitors
from web.viewer import actor_of


@require_POST
@policy("public")
def upload(request: HttpRequest) -> HttpResponseBase:
    """Take a file of somebody who may be a stranger, before it is sent."""
    return files.take(request, visitor=visitors.visitor_of(request))


def gather(request: HttpRequest, form: Form) -> list[str]:
    """Give the ids of a form's files; what is refused becomes an error of the form."""
    ids, regrets = files.gather(request, visitor=visitors.visitor_of(request))
    for sentence in regrets:
        form.add_error(None, sentence)
    return ids


def shown(request: HttpRequest, ids: list[str]) -> list[Upload]:
    """Give those of these uploads that still wait, so that a form can show them again."""
    if not ids:
        return []
    visitor = visitors.visitor_of(request)
    return attachments.waiting(ids, actor=actor_of(request), visitor=visitor)


def named(request: HttpRequest, ids: list[str]) -> list[str]:
    """Name uploads as the actions want them: a stranger's with the session that made them."""
    visitor = visitors.visitor_of(request)
    return [f"{pk}@{visitor}" for pk in ids] if visitor else ids
