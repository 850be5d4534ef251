"""Files in and out: never handed out as a page of ours; pictures shown, the rest saved."""

from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpRequest, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import throttle
from accounts.actor import Actor
from accounts.errors import Refused
from tickets import attachments
from tickets.models import Upload
from web import words
from web.addresses import address_of
from web.policies import policy

HOUR = 3600
MOST_AN_HOUR = 200  # files from one address, unless an agent sends them


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


def gather(request: HttpRequest, *, visitor: str = "") -> tuple[list[str], list[str]]:
    """Give the ids of a form's files, sent before or with it, and the sentences of refusals."""
    ids = [text for text in request.POST.getlist("uploads") if text]
    regrets = []
    for file in request.FILES.getlist("files"):
        try:
            ids.append(str(_take_in(request, file, visitor).pk))
        except Refused as refusal:
            regrets.append(str(refusal))
    return ids, regrets


def take(request: HttpRequest, *, visitor: str = "") -> JsonResponse:
    """Take one uploaded file in and say its id, or the refusal's sentence."""
    file = request.FILES.get("file")
    if file is None:
        return JsonResponse({"detail": _("No file came.")}, status=400)
    try:
        upload = _take_in(request, file, visitor)
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


def _take_in(request: HttpRequest, file: "UploadedFile[Any]", visitor: str) -> Upload:
    actor, now = _actor(request), timezone.now()
    if not actor.is_agent:
        throttle.refuse_after(MOST_AN_HOUR, f"upload:{address_of(request)}", at=now, seconds=HOUR)
    return attachments.take_in(file, actor=actor, at=now, visitor=visitor)


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by web.middleware.Viewer
    return actor
