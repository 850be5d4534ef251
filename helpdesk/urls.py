"""Every address of the desk, by door."""

from django.urls import include, path

from web import files, health

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("api/v1/", include("web.api.v1.urls")),
    path("agent/", include("web.workspace.urls")),
    path("signin/", include("web.signin.urls")),
    path("files/upload/", files.upload, name="upload"),
    path("files/<str:key>/", files.download, name="file"),
    path("", include("web.portal.urls")),
]

handler400 = "web.failures.bad_request"
handler403 = "web.failures.forbidden"
handler404 = "web.failures.not_found"
handler500 = "web.failures.server_error"
