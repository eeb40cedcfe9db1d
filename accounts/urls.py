"""The addresses of my account: our own, and allauth's where we ask for a recent log-in or keep the next page."""

from allauth.account import views as allauth_account
from allauth.mfa.webauthn import views as allauth_passkeys
from allauth.socialaccount import views as allauth_elsewhere
from django.urls import path

from accounts import provider, views
from accounts.next_page import begun_log_in_told, next_page_kept
from accounts.reauthentication import recent_login_required

app_name = "accounts"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("sessions/", views.end_others, name="end-others"),  # in place of allauth's page of this address
    path("sessions/<int:pk>/end", views.end, name="end"),
    path("calendars/close", views.close_calendars, name="close-calendars"),
    # allauth asks for a recent log-in only when these forms are sent, or never. Its other pages ask when opened.
    path("email/", recent_login_required(allauth_account.email)),
    path("password/set/", recent_login_required(allauth_account.password_set)),
    path("3rdparty/", recent_login_required(allauth_elsewhere.connections)),
    # Other sites send people back here, with answers that may be odd.
    path("github/login/callback/", provider.github_callback),
    path("google/login/callback/", provider.google_callback),
    path("oidc/<provider_id>/login/callback/", provider.openid_callback),
    path("login/", begun_log_in_told(allauth_account.login)),
    path("login/code/", begun_log_in_told(allauth_account.request_login_code)),
    path("signup/", begun_log_in_told(allauth_account.signup)),
    path("signup/passkey/", begun_log_in_told(allauth_account.signup_by_passkey)),
    # allauth forgets the next page when a code or passkey is refused for good.
    path("login/code/confirm/", next_page_kept(allauth_account.confirm_login_code)),
    path("confirm-email/", next_page_kept(views.confirm_email)),
    path("2fa/webauthn/signup/", views.first_passkey),
    path("2fa/webauthn/login/", next_page_kept(allauth_passkeys.login_webauthn)),
    path("2fa/webauthn/reauthenticate/", next_page_kept(allauth_passkeys.reauthenticate_webauthn)),
]
