"""Files: taken in, bound to messages, served and wiped (docs/architecture.md, Attachments)."""

import hashlib
import os
import tempfile
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import puremagic
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.actor import Actor
from accounts.errors import NotAllowed, NotFound
from tickets.errors import Invalid, TooLarge
from tickets.models import Attachment, Message, Ticket, Upload

SHOWN_INLINE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
SERVED_AS_IS = SHOWN_INLINE | {"application/pdf", "text/plain", "application/zip"}
UNSENT_LIFETIME = timedelta(hours=24)
_UNSAFE = {ord(letter): "_" for letter in '/\\\r\n\t\0"<>|:*?'}


def take_in(file: "UploadedFile[Any]", *, actor: Actor, at: datetime, visitor: str = "") -> Upload:
    """Store a file under its SHA-256 and remember whose it is until it is sent.

    `visitor` names the session of somebody anonymous.

    :raises TooLarge: a limit for one file or for one day is passed.
    """
    size = file.size or 0
    if size > settings.MAX_FILE_BYTES:
        raise TooLarge(
            _("A file may have at most %(limit)s MB.")
            % {"limit": settings.MAX_FILE_BYTES // 1024**2},
            pointer="file",
        )
    if _sent_today(actor, visitor, at) + size > settings.DAILY_UPLOAD_BYTES:
        raise TooLarge(
            _("At most %(limit)s MB a day can be sent.")
            % {"limit": settings.DAILY_UPLOAD_BYTES // 1024**2},
            pointer="file",
        )
    sha256, head = _store(file)
    return Upload.objects.create(
        uploader=actor.user,
        token=actor.token if actor.is_bot else None,
        visitor=visitor if actor.user is None and actor.token is None else "",
        sha256=sha256,
        name=clean_name(file.name or ""),
        size=size,
        media_type=_media_type(head),
        created_at=at,
    )


def waiting(ids: Iterable[str], *, actor: Actor, visitor: str = "") -> list[Upload]:
    """Give those of these uploads that are still the actor's to send, oldest first."""
    keys = []
    for text in ids:
        try:
            keys.append(uuid.UUID(text))
        except ValueError:
            continue
    mine = Upload.objects.filter(_owner(actor, visitor), pk__in=keys) if keys else []
    return sorted(mine, key=lambda upload: (upload.created_at, upload.pk))


@transaction.atomic
def bind(uploads: Iterable[str], message: Message, *, actor: Actor, at: datetime) -> None:
    """Make attachments of the actor's own uploads; each can be sent once.

    An anonymous visitor's uploads are handed over as `<id>@<visitor>`.

    :raises Invalid: an upload is not there, not the actor's, or was sent before.
    :raises TooLarge: too many files on one message.
    """
    wanted = list(dict.fromkeys(uploads))
    if not wanted:
        return
    if len(wanted) > settings.MAX_FILES_PER_MESSAGE:
        limit = settings.MAX_FILES_PER_MESSAGE
        raise TooLarge(
            ngettext_lazy(
                "A message may have at most %(limit)s file.",
                "A message may have at most %(limit)s files.",
                limit,
            )
            % {"limit": limit},
            pointer="attachments",
        )
    found = [_own_upload(text, actor) for text in wanted]
    Attachment.objects.bulk_create([
        Attachment(
            message=message, sha256=upload.sha256, name=upload.name, size=upload.size,
            media_type=upload.media_type, created_at=at,
        )
        for upload in found
    ])  # fmt: skip
    Upload.objects.filter(pk__in=[upload.pk for upload in found]).delete()


def find(key: str, *, actor: Actor, at: datetime) -> Attachment:
    """Give the attachment if the actor may see its message.

    :raises NotFound: it is not there, was redacted, or may not be seen.
    """
    seen = Ticket.objects.visible_to(actor).only("pk")
    attachment = (
        Attachment.objects.select_related("message__ticket")
        .filter(
            Q(message__ticket__in=seen) | Q(message__sent_to__in=seen),
            key=key,
            redacted_at__isnull=True,
            message__in=Message.objects.visible_to(actor, at).values("pk"),
        )
        .first()
    )
    if attachment is None or not path_of(attachment.sha256).exists():
        raise NotFound
    return attachment


def redact(attachment: Attachment, at: datetime) -> None:
    """Wipe name and bytes of an attachment; the bytes go when nothing else has them."""
    sha256 = attachment.sha256
    attachment.redacted_at = at
    attachment.name = ""
    attachment.sha256 = ""
    attachment.save(update_fields=["redacted_at", "name", "sha256"])
    transaction.on_commit(lambda: remove_if_unused(sha256))


def clear_old_uploads(at: datetime) -> int:
    """Forget uploads that nobody sent within 24 hours; say how many."""
    old = Upload.objects.filter(created_at__lt=at - UNSENT_LIFETIME)
    contents = set(old.values_list("sha256", flat=True))
    count, _rows = old.delete()
    for sha256 in contents:
        remove_if_unused(sha256)
    return count


@transaction.atomic
def remove_if_unused(sha256: str) -> None:
    """Delete the bytes when no upload and no attachment has them."""
    _lock_content(sha256)
    used = (
        Upload.objects.filter(sha256=sha256).exists()
        or Attachment.objects.filter(sha256=sha256).exists()
    )
    if not used:
        path_of(sha256).unlink(missing_ok=True)


def path_of(sha256: str) -> Path:
    """Say where the bytes with this digest lie, outside the web root."""
    return Path(settings.MEDIA_ROOT) / sha256[:2] / sha256[2:4] / sha256


def clean_name(name: str) -> str:
    """Give a file name that no system trips over, at most 200 characters."""
    plain = name.translate(_UNSAFE).encode("utf-8", "replace").decode()
    plain = "".join(letter for letter in plain if letter.isprintable()).strip(". ")
    stem, dot, ending = plain.rpartition(".")
    if len(plain) > 200 and dot:
        plain = f"{stem[: 190 - len(ending[:9])]}.{ending[:9]}"
    return plain[:200] or "file"


def _store(file: "UploadedFile[Any]") -> tuple[str, bytes]:
    folder = Path(settings.MEDIA_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    head = b""
    with tempfile.NamedTemporaryFile(dir=folder, prefix="incoming-", delete=False) as copy:
        for chunk in file.chunks():
            head = head or chunk[:4096]
            digest.update(chunk)
            copy.write(chunk)
        copy.flush()
        os.fsync(copy.fileno())
    target = path_of(digest.hexdigest())
    target.parent.mkdir(parents=True, exist_ok=True)
    Path(copy.name).replace(target)
    return digest.hexdigest(), head


def _media_type(head: bytes) -> str:
    try:
        known = puremagic.from_string(head, mime=True) if head else ""
    except puremagic.PureError:
        known = ""
    if known in SERVED_AS_IS:
        return str(known)
    try:
        head.decode()
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "text/plain" if b"\0" not in head else "application/octet-stream"


def _sent_today(actor: Actor, visitor: str, at: datetime) -> int:
    since = at - timedelta(days=1)
    uploads = Upload.objects.filter(_owner(actor, visitor), created_at__gte=since)
    total: int = uploads.aggregate(total=Sum("size"))["total"] or 0
    if actor.user is not None:
        sent = Attachment.objects.filter(message__author=actor.user, created_at__gte=since)
        total += sent.aggregate(total=Sum("size"))["total"] or 0
    return total


def _owner(actor: Actor, visitor: str) -> Q:
    if visitor:
        return Q(visitor=visitor, uploader__isnull=True, token__isnull=True)
    if actor.is_bot:
        return Q(token=actor.token)
    if actor.user is not None:
        return Q(uploader=actor.user)
    raise NotAllowed


def _own_upload(text: str, actor: Actor) -> Upload:
    pk, _at, visitor = text.partition("@")
    unknown = Invalid(_("One of the files is not there any more."), pointer="attachments")
    try:
        key = uuid.UUID(pk)
    except ValueError as error:
        raise unknown from error
    if actor.user is None and not actor.is_bot and not visitor:
        raise unknown
    upload = Upload.objects.select_for_update().filter(_owner(actor, visitor), pk=key).first()
    if upload is None:
        raise unknown
    return upload


def _lock_content(sha256: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [sha256])
