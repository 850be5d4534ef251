"""Who acts through a page, and under which request id: what the middleware found out."""

from django.http import HttpRequest

from accounts.actor import Actor


def actor_of(request: HttpRequest) -> Actor:
    """Give who acts, as web.middleware.Viewer found it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def request_id_of(request: HttpRequest) -> str:
    """Give the id under which this request is logged, as web.middleware.RequestId gave it."""
    request_id: str = request.request_id  # type: ignore[attr-defined]
    return request_id
