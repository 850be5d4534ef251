"""The desk's addresses and the pages that others are compared with."""

from django.urls import path

from helpdesk.urls import handler400, handler403, handler404, handler500, urlpatterns
from tests.bench.reference import counts, queue_alone, reference

__all__ = ["handler400", "handler403", "handler404", "handler500"]

urlpatterns = [
    path("reference/", reference),
    path("reference/queue/", queue_alone),
    path("reference/counts/", counts),
    *urlpatterns,
]
