"""The addresses of the way in."""

from django.urls import path

from web.signin import setting_up, views

app_name = "signin"

urlpatterns = [
    path("", views.sign_in, name="sign_in"),
    path("password/", views.password, name="password"),
    path("new-password/", views.new_password, name="new_password"),
    path("link/<str:secret>/", views.link, name="link"),
    path("out/", views.sign_out, name="sign_out"),
    path("setup/<str:secret>/", setting_up.setup, name="set_up"),
]
