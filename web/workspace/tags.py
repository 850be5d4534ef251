"""Tags that exist, offered to the fields and keys that set them."""

from typing import Any

from django import forms
from django.http import HttpRequest, JsonResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from tickets import tagging
from web.policies import policy
from web.workspace.pages import who


class TagsInput(forms.TextInput):
    """A field of tags, separated by commas, in which those that exist are offered."""

    def __init__(self, **attrs: Any) -> None:
        suggest_at = reverse_lazy("workspace:suggest_tags")
        super().__init__({"data-tags": suggest_at, "data-tags-label": _("Tags"), **attrs})


@require_safe
@policy("agent")
def suggest(request: HttpRequest) -> JsonResponse:
    """Give the tags that hold the letters in `begun`, the most used first."""
    actor, _at = who(request)
    return JsonResponse({"tags": tagging.offered(request.GET.get("begun", "")[:60], actor)})
