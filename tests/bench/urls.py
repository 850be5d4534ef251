"""The desk's addresses and the reference page."""

from django.urls import path

from helpdesk.urls import handler400, handler403, handler404, handler500, urlpatterns
from tests.bench.reference import reference

__all__ = ["handler400", "handler403", "handler404", "handler500"]

urlpatterns = [path("reference/", reference), *urlpatterns]
