"""The addresses of my account that are ours; those of signing up, in and out are django-allauth's."""

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("sessions/", views.end_others, name="end-others"),  # in place of allauth's page of this address
    path("sessions/<int:pk>/end", views.end, name="end"),
]
