"""Handing out attachments: never as a page of ours, pictures shown, the rest saved."""

from datetime import datetime

from django.http import FileResponse, HttpRequest, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from accounts.errors import Refused
from tickets import attachments
from web import words
from web.policies import policy


@require_safe
@policy("public")
def download(request: HttpRequest, key: str) -> HttpResponseBase:
    """Give the file to who may read its message.

    :raises NotFound: it is not there, was redacted, or may not be seen.
    """
    return serve(key, actor=_actor(request), at=timezone.now())


def serve(key: str, *, actor: Actor, at: datetime) -> HttpResponseBase:
    """Answer with the bytes of a file this actor may read.

    :raises NotFound: it is not there, was redacted, or may not be seen.
    """
    found = attachments.find(key, actor=actor, at=at)
    inline = found.media_type in attachments.SHOWN_INLINE
    kind = found.media_type if found.media_type in attachments.SERVED_AS_IS else ""
    answer = FileResponse(
        attachments.path_of(found.sha256).open("rb"),
        as_attachment=not inline,
        filename=found.name,
        content_type=kind or "application/octet-stream",
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cache-Control"] = "private, max-age=3600"
    return answer


def take(request: HttpRequest, *, visitor: str = "") -> JsonResponse:
    """Take one uploaded file in and say its id, or the refusal's sentence."""
    file = request.FILES.get("file")
    if file is None:
        return JsonResponse({"detail": _("No file came.")}, status=400)
    try:
        upload = attachments.take_in(
            file, actor=_actor(request), at=timezone.now(), visitor=visitor
        )
    except Refused as refusal:
        return JsonResponse({"detail": str(refusal)}, status=422)
    return JsonResponse(
        {"id": str(upload.pk), "name": upload.name, "size": words.size(upload.size)}, status=201
    )


@require_POST
@policy("person")
def upload(request: HttpRequest) -> HttpResponseBase:
    """Take a file of somebody signed in, before it is sent with a message."""
    return take(request)


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by web.middleware.Viewer
    return actor
