"""The addresses of my account that are ours, and those of django-allauth that ask or keep more than it does."""

from allauth.account import views as allauth_account
from allauth.mfa.webauthn import views as allauth_passkeys
from allauth.socialaccount import views as allauth_elsewhere
from django.urls import path

from accounts import views
from accounts.freshness import fresh_sign_in_required
from accounts.returning import place_kept
from accounts.signing_up import confirm_email

app_name = "accounts"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("sessions/", views.end_others, name="end-others"),  # in place of allauth's page of this address
    path("sessions/<int:pk>/end", views.end, name="end"),
    # allauth asks who is there when these forms are sent, or not at all. Its other pages ask when they are opened.
    path("email/", fresh_sign_in_required(allauth_account.email)),
    path("password/set/", fresh_sign_in_required(allauth_account.password_set)),
    path("3rdparty/", fresh_sign_in_required(allauth_elsewhere.connections)),
    # allauth forgets where somebody wanted to go once they fail.
    path("login/code/confirm/", place_kept(allauth_account.confirm_login_code)),
    path("confirm-email/", place_kept(confirm_email)),
    path("2fa/webauthn/login/", place_kept(allauth_passkeys.login_webauthn)),
    path("2fa/webauthn/reauthenticate/", place_kept(allauth_passkeys.reauthenticate_webauthn)),
]
