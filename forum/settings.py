"""The one settings file. Every environment variable is read in the block below; docs/operations.md has their table."""

import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from forum.secret_key import key_in
from forum.shapes import check_shapes, media_storage
from forum.version import VERSION as VERSION

BASE_DIR = Path(__file__).resolve().parent.parent

check_shapes(os.environ)
env = environ.Env()
DEBUG = env.bool("DEBUG", default=False)
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
SITE_NAME = env.str("SITE_NAME", default="Forum agenda").strip()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
BACKUP_DIR = Path(env.str("BACKUP_DIR", default=str(VAR_DIR / "backups")))
STATIC_DIR = Path(env.str("STATIC_DIR", default=str(VAR_DIR / "static")))
SECRET_KEY_FILE = VAR_DIR / "secret-key"
SECRET_KEY = env.str("SECRET_KEY", default="") or key_in(SECRET_KEY_FILE)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{quote(str(VAR_DIR))}/db.sqlite3")}
MEDIA_STORAGE = env.str("MEDIA_STORAGE", default="")
REDIS_URL = env.str("REDIS_URL", default="")
EMAIL_URL = env.str("EMAIL_URL", default="")
OFFLINE = env.bool("OFFLINE", default=True)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="agenda@localhost")
CALENDAR_SECRETS = env.list("CALENDAR_SECRETS", default=[])
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
SIGN_UP = env.str("SIGN_UP", default="open")
IMPRINT_URL = env.str("IMPRINT_URL", default="")
PRIVACY_URL = env.str("PRIVACY_URL", default="")
CONTACT = env.str("CONTACT", default="")
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
LOG_FORMAT = env.str("LOG_FORMAT", default="line")
SENTRY_DSN = env.str("SENTRY_DSN", default="")
HSTS_SECONDS = env.int("HSTS_SECONDS", default=60 * 60 * 24 * 365)
HSTS_SUBDOMAINS = env.bool("HSTS_SUBDOMAINS", default=False)
HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=False)
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
GITHUB_CLIENT_ID = env.str("GITHUB_CLIENT_ID", default="")
GITHUB_CLIENT_SECRET = env.str("GITHUB_CLIENT_SECRET", default="")
GOOGLE_CLIENT_ID = env.str("GOOGLE_CLIENT_ID", default="")
GOOGLE_CLIENT_SECRET = env.str("GOOGLE_CLIENT_SECRET", default="")
OIDC_NAME = env.str("OIDC_NAME", default="Single sign-on")
OIDC_SERVER_URL = env.str("OIDC_SERVER_URL", default="")
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", default="")

# manage.py restore needs none, as it puts one into an empty place.
if not SECRET_KEY and sys.argv[1:2] != ["restore"]:
    raise ImproperlyConfigured(
        f"Set SECRET_KEY to a long random text, or keep one in {SECRET_KEY_FILE}, as make run and make serve do."
    )
# The first makes the digests of new calendar keys, each is tried on old ones: SECRET_KEY may change without them.
CALENDAR_SECRETS = CALENDAR_SECRETS or [SECRET_KEY]

LONGEST_SITE_NAME = 60  # characters: titles, mails and the names of calendars contain it
if not SITE_NAME or len(SITE_NAME) > LONGEST_SITE_NAME or not SITE_NAME.isprintable():
    raise ImproperlyConfigured(
        f"SITE_NAME is {SITE_NAME!r}; write 1 to {LONGEST_SITE_NAME} characters on one line, like Forum agenda"
    )
site = urlsplit(SITE_URL)
HTTPS = site.scheme == "https"
THIS_MACHINE = ["127.0.0.1", "localhost", "[::1]"]
SITE_HOST = f"[{site.hostname}]" if ":" in site.hostname else site.hostname
IS_PUBLIC = SITE_HOST not in THIS_MACHINE
ALLOWED_HOSTS = [*dict.fromkeys([SITE_HOST, *ALLOWED_HOSTS, *([] if IS_PUBLIC else THIS_MACHINE)])]

# Other sites' accounts: each appears only where its keys are set. A form that leads there needs the CSP's leave.
SOCIALACCOUNT_PROVIDERS: dict[str, dict[str, Any]] = {}
SIGN_IN_ELSEWHERE: list[str] = []
if GITHUB_CLIENT_ID:
    SOCIALACCOUNT_PROVIDERS["github"] = {
        "APPS": [{"client_id": GITHUB_CLIENT_ID, "secret": GITHUB_CLIENT_SECRET}],
        "SCOPE": ["user:email"],
        "OAUTH_PKCE_ENABLED": True,
    }
    SIGN_IN_ELSEWHERE.append("https://github.com")
if GOOGLE_CLIENT_ID:
    SOCIALACCOUNT_PROVIDERS["google"] = {
        "APPS": [{"client_id": GOOGLE_CLIENT_ID, "secret": GOOGLE_CLIENT_SECRET}],
        "SCOPE": ["openid", "email"],
        "OAUTH_PKCE_ENABLED": True,
    }
    SIGN_IN_ELSEWHERE.append("https://accounts.google.com")
if OIDC_CLIENT_ID:
    if not urlsplit(OIDC_SERVER_URL).netloc:
        raise ImproperlyConfigured("OIDC_SERVER_URL is missing, or has no https://; OIDC_CLIENT_ID needs it.")
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "APPS": [
            {
                "provider_id": "oidc",
                "name": OIDC_NAME,
                "client_id": OIDC_CLIENT_ID,
                "secret": OIDC_CLIENT_SECRET,
                "settings": {"server_url": OIDC_SERVER_URL, "scope": ["openid", "email"], "oauth_pkce_enabled": True},
            }
        ]
    }
    SIGN_IN_ELSEWHERE.append("{0.scheme}://{0.netloc}".format(urlsplit(OIDC_SERVER_URL)))

if SIGN_UP == "elsewhere" and not SIGN_IN_ELSEWHERE:
    raise ImproperlyConfigured(
        "SIGN_UP is elsewhere, but no other site is set: OIDC_SERVER_URL and the like say which."
    )

INSTALLED_APPS = [
    "agenda",
    "accounts",
    "forum",
    "forum.editing.EditingConfig",  # django.contrib.admin, without what libraries add to it
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "csp",
    "django_htmx",
]
MIDDLEWARE = [
    "forum.middleware.AccessLogMiddleware",
    # What only adds headers comes first: redirects to https, files and refusals get them, too.
    "forum.middleware.PermissionsPolicyMiddleware",
    "forum.middleware.ContentSecurityPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "forum.middleware.BodyLimitMiddleware",
    "forum.middleware.CharsetMiddleware",
    "forum.middleware.HealthMiddleware",  # before anything that asks for the host
    "forum.middleware.NulMiddleware",
    "forum.static_files.StaticFilesMiddleware",
    "forum.middleware.PageCompressionMiddleware",
    "forum.middleware.FormerNamesMiddleware",
    "forum.middleware.PrivateMiddleware",
    "forum.middleware.StorageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "forum.middleware.PageMethodsMiddleware",
    "accounts.browsers.BrowserMiddleware",
    "forum.middleware.SamePersonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "forum.middleware.RefusalsMiddleware",
    "accounts.devices.DevicesMiddleware",
    "accounts.unfinished.UnfinishedMiddleware",
]
ROOT_URLCONF = "forum.urls"
WSGI_APPLICATION = "forum.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["accounts.templatetags.own_forms"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "agenda.context_processors.header",
            ],
        },
    }
]

# A review asks about thousands of sessions: agenda/editing/decisions.py. The size of a body stays limited.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 15_000
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["CONN_MAX_AGE"] = None
    DATABASES["default"]["OPTIONS"] = {
        # A transaction takes its write lock at the start: it waits for it (seconds) and never fails midway.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
elif DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    DATABASES["default"].setdefault("CONN_MAX_AGE", 600)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["OPTIONS"] = {
        # Of the statements that database/prepared.py sends; Django's own are never prepared.
        "prepare_threshold": 0,
        # A row that somebody holds must not hold up each thread that wants it: after this, the page is a 503.
        "options": "-c lock_timeout=5s",
        "connect_timeout": 5,  # seconds
    } | DATABASES["default"].get("OPTIONS", {})
CACHES = {
    "default": (
        {
            "BACKEND": "accounts.counters.RedisCounters",
            "LOCATION": REDIS_URL,
            "OPTIONS": {"socket_connect_timeout": 5, "socket_timeout": 5},  # seconds
        }
        if REDIS_URL
        # A table that all workers share: each for itself would give a guesser as many tries as there are workers.
        else {"BACKEND": "accounts.counters.DatabaseCache"}
    )
}

FIXTURE_DIRS = [BASE_DIR / "fixtures"]
STATIC_URL = "/static/"
STATIC_ROOT = STATIC_DIR
WHITENOISE_ALLOW_ALL_ORIGINS = False  # no other site needs our files
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": media_storage(MEDIA_STORAGE),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "forum.small_files.SmallStaticFilesStorage"
    },
}

LANGUAGE_CODE = "en-gb"
USE_TZ = True
TIME_ZONE = "UTC"  # of rows and logs; pages name the event's zone themselves

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.Backend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "agenda:agenda"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.forms.LoginForm",
    "request_login_code": "accounts.forms.RequestLoginCodeForm",
    "signup": "accounts.forms.SignupForm",
    "add_email": "accounts.forms.AddEmailForm",
    "change_email": "accounts.forms.ChangeEmailForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "set_password": "accounts.forms.SetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
}
ACCOUNT_FORMS |= {
    "confirm_login_code": "accounts.codes.ConfirmLoginCodeForm",
    "confirm_email_verification_code": "accounts.codes.ConfirmEmailVerificationCodeForm",
    "confirm_password_reset_code": "accounts.codes.ConfirmPasswordResetCodeForm",
}
MFA_FORMS = {
    "authenticate": "accounts.codes.AuthenticateForm",
    "reauthenticate": "accounts.codes.ReauthenticateForm",
    "activate_totp": "accounts.codes.ActivateTOTPForm",
}
MFA_FORMS |= {
    "login_webauthn": "accounts.passkeys.LoginWebAuthnForm",
    "authenticate_webauthn": "accounts.passkeys.AuthenticateWebAuthnForm",
    "reauthenticate_webauthn": "accounts.passkeys.ReauthenticateWebAuthnForm",
    "add_webauthn": "accounts.passkeys.AddWebAuthnForm",
    "signup_webauthn": "accounts.passkeys.SignupWebAuthnForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1"]  # without a password, people log in by mailed code
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
# A mailed code ends after so many wrong tries or seconds (mail can be slow). docs/security.md promises both.
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = ACCOUNT_PASSWORD_RESET_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = ACCOUNT_LOGIN_TIMEOUT = 15 * 60
ACCOUNT_REAUTHENTICATION_TIMEOUT = 5 * 60  # seconds after a log-in in which it need not be repeated
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_CHANGE_EMAIL = True
# A conference's Wi-Fi is one address: what comes from it is counted generously, what is tried on one account is not.
ACCOUNT_RATE_LIMITS = {
    "signup": "600/m/ip",
    "login": "600/m/ip",
    "login_failed": "300/m/ip,5/5m/key",
    "request_login_code": "600/m/ip,3/m/key",
    "confirm_email": "3/m/key",  # a sign-up may be begun again at once; accounts.limits counts mails by the hour
    "reset_password": "600/m/ip,5/m/key",
}
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_REAUTHENTICATION_METHODS = ["password", "mfa"]  # not by a mailed code: those users log in again
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a mail for each change of a way to log in
ACCOUNT_DEFAULT_HTTP_PROTOCOL = site.scheme

# An account at another site, with an email address verified there, logs in to the account of that address.
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5  # seconds, for all that a page asks of the other site: accounts/elsewhere.py
SOCIALACCOUNT_FORMS = {"signup": "accounts.forms.SocialSignupForm"}
SOCIALACCOUNT_ADAPTER = "accounts.adapter.SocialAccountAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = MFA_PASSKEY_SIGNUP_ENABLED = True
MFA_TOTP_ISSUER = site.hostname
MFA_TOTP_TOLERANCE = 1  # steps of half a minute, early and late: RFC 6238 section 5.2
# Browsers take localhost for secure, and nothing else without https. accounts/passkeys.py compares the whole origin.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
MFA_RATE_LIMITS = {"webauthn_login": "600/m/ip"}  # generous to the Wi-Fi, as above: a passkey cannot be guessed
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT

EMAIL_TIMEOUT = 10  # seconds; a mail server that hangs holds a thread for so long at most
if EMAIL_URL:
    vars().update(env.email_url_config(EMAIL_URL))
else:
    # No mail server: mail is written to files, and while DEBUG is on shown at /dev/mailbox/.
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"

SESSION_ENGINE = "accounts.backends"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 180  # half a year: a visitor's stars outlive the weeks between programme and event
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
BROWSER_COOKIE_NAME = "__Host-browser" if HTTPS else "browser"  # accounts/browsers.py
if HTTPS:  # a name that browsers take only from this very host, over https
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "forum.errors.csrf_failure"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = ["^health/", "^metrics$"]  # monitoring on the machine itself speaks http
# Without a proxy in front that overwrites it, anyone could send this header.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS and TRUSTED_PROXY_COUNT > 0 else None
SECURE_HSTS_SECONDS = HSTS_SECONDS if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS, SECURE_HSTS_PRELOAD = HSTS_SUBDOMAINS, HSTS_PRELOAD
# What holds for other subdomains is for their owner to say, who may not be ours.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF, *SIGN_IN_ELSEWHERE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "forum.logs.DiscreetFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        },
        "json": {"()": "forum.logs.JsonFormatter"},
    },
    "filters": {"one line": {"()": "forum.logs.OneLine"}, "hosts": {"()": "forum.logs.StrangeHosts"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["one line"]}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": ["console"], "level": LOG_LEVEL, "propagate": False},
        # Its debug lines repeat all that a page is made of, an authenticator app's secret, say.
        "django.template": {"level": "INFO"},
        "django.security.DisallowedHost": {"filters": ["hosts"]},
        # The development server's own request lines; AccessLogMiddleware writes ours.
        "django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False},
    },
}
