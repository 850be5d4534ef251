"""The addresses of the customers' pages."""

from django.urls import path

from web.portal import filing, reading, uploads

app_name = "portal"

urlpatterns = [
    path("", reading.start, name="start"),
    # new/
    path("new/", filing.new, name="new"),
    path("new/about/", filing.about, name="about"),
    path("new/upload/", uploads.upload, name="upload"),
    path("new/sent/", filing.filed, name="filed"),
    # t/: private links
    path("t/<str:secret>/", reading.link, name="link"),
    path("t/<str:secret>/object/", reading.objection, name="objection"),
    # my/
    path("my/", reading.my_tickets, name="my_tickets"),
    path("ticket/<int:number>/", reading.ticket, name="ticket"),
    path("ticket/<int:number>/answer/", reading.answer, name="answer"),
    path("ticket/<int:number>/solve/", reading.solve, name="solve"),
    path("ticket/<int:number>/reopen/", reading.reopen, name="reopen"),
    path("ticket/<int:number>/files/<str:key>/", reading.file, name="file"),
]
