"""What every call has in common: limits, strict query, repeated POSTs, one set of headers."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import wraps
from typing import Any, ClassVar, cast

from django.db import OperationalError, connection, transaction
from django.utils import timezone
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actor import Actor
from accounts.models import StoredAnswer
from tickets.errors import BadFilter
from web.addresses import address_of
from web.api.v1.limits import Allowance, count_call
from web.api.v1.permissions import SAFE
from web.api.v1.problems import Problem

KEPT = timedelta(hours=24)
PATIENCE, USUAL_PATIENCE = "1s", "10s"  # the second as in settings.DATABASES
LOCK_NOT_AVAILABLE = "55P03"
Handler = Callable[..., Response]


class Door(APIView):
    """One address of the API; `read_scope` and `write_scope` say what a token needs."""

    policy: ClassVar[str] = "api"
    read_scope: ClassVar[str | None] = None
    write_scope: ClassVar[str | None] = None
    allowance: Allowance | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Count the call before anything is read.

        :raises Problem: 429, too many calls in this minute.
        """
        self.perform_authentication(request)
        owner = f"token:{request.auth.pk}" if request.auth else f"address:{address_of(request)}"
        self.allowance = count_call(owner, is_read=request.method in SAFE)
        if self.allowance.is_spent:
            raise Problem(429, "too_many_requests", "Too many calls in this minute.")
        super().initial(request, *args, **kwargs)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Add the rate-limit headers to every answer."""
        if self.allowance:
            for name, value in self.allowance.headers().items():
                response.headers[name] = value
        return super().finalize_response(request, response, *args, **kwargs)

    @property
    def actor(self) -> Actor:
        """Who calls."""
        return cast("Actor", self.request.user)  # what TokenAuthentication gives


def refuse_unknown(request: Request, allowed: Iterable[str]) -> None:
    """Refuse query parameters that the call does not have, or that stand twice.

    :raises BadFilter: `pointer` names the parameter.
    """
    known = set(allowed)
    for name, values in request.query_params.lists():
        if name not in known:
            raise BadFilter(f"There is no parameter “{name[:60]}”.", pointer=name)
        if len(values) > 1:
            raise BadFilter("This parameter stands more than once.", pointer=name)


def limit_of(request: Request) -> int:
    """Read `limit`: 1 to 100, 50 unless given.

    :raises BadFilter: it is something else.
    """
    text = request.query_params.get("limit", "50")
    if not re.fullmatch("[0-9]{1,3}", text) or not 1 <= int(text) <= 100:
        raise BadFilter("Give a limit from 1 to 100.", pointer="limit")
    return int(text)


def idempotent(post: Handler) -> Handler:
    """Answer a repeated POST with the first answer (docs/api.md, Idempotency-Key).

    The answer is stored in the transaction of its effect; refused calls are not stored.

    :raises Problem: 400 for a bad key, 409 while the first call runs, 422 for another body.
    """

    @wraps(post)
    def guarded(self: Door, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            with transaction.atomic():
                return post(self, request, *args, **kwargs)
        if not 1 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
            raise Problem(
                400, "bad_idempotency_key", "An Idempotency-Key has 1 to 255 characters."
            )
        with transaction.atomic():
            return _once(self, request, key, lambda: post(self, request, *args, **kwargs))

    guarded.is_idempotent = True  # type: ignore[attr-defined]  # a test asks every POST for it
    return guarded


def _once(door: Door, request: Request, key: str, run: Callable[[], Response]) -> Response:
    owner = f"token:{request.auth.pk}"
    name = {"owner": owner, "method": "POST", "path": request.path[:500], "key": key}
    if not _try_lock("\n".join(name.values())):
        detail = "The first call with this key is still running."
        raise Problem(409, "in_progress", detail, Retry_After="1")
    print_of_body = _fingerprint(request)
    now = timezone.now()
    stored = StoredAnswer.objects.filter(**name).first()
    if stored and stored.created_at > now - KEPT:
        if stored.fingerprint != print_of_body:
            detail = "This key was used with another body."
            raise Problem(422, "idempotency_key_reused", detail)
        headers = {**stored.headers, "Idempotency-Replayed": "true"}
        return Response(json.loads(stored.body), status=stored.status, headers=headers)
    if stored:
        stored.delete()
    response = run()
    StoredAnswer.objects.create(
        **name,
        fingerprint=print_of_body,
        status=response.status_code,
        headers={
            header: response.headers[header]
            for header in ("Location", "ETag")
            if header in response.headers
        },
        body=JSONRenderer().render(response.data).decode(),
        created_at=now,
    )
    return response


def _try_lock(name: str) -> bool:
    """Wait a moment for a twin that runs; most have finished by then."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 24))", [name])
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [USUAL_PATIENCE])
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", "") != LOCK_NOT_AVAILABLE:
            raise
        return False
    return True


def _fingerprint(request: Request) -> str:
    digest = hashlib.sha256()
    if request.FILES:
        for field in sorted(request.POST):
            digest.update(f"{field}={request.POST.getlist(field)}\n".encode())
        for field, file in sorted(request.FILES.items()):
            digest.update(f"{field}:{file.name}\n".encode())
            for chunk in file.chunks():
                digest.update(chunk)
            file.seek(0)
    else:
        digest.update(json.dumps(request.data, sort_keys=True, default=str).encode())
    return digest.hexdigest()
