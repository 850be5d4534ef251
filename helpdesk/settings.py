"""Every setting of the helpdesk, read once from the environment; README.md has the table."""

import os
import tomllib
import zoneinfo
from pathlib import Path
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF

from helpdesk import embedded, environment

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION: str = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]["version"]
KNOWN = {
    "HELPDESK_SECRET_KEY", "HELPDESK_DATA", "HELPDESK_DEBUG", "HELPDESK_TRUSTED_PROXIES",
    "HELPDESK_SMTP_URL", "HELPDESK_MAIL_FROM", "HELPDESK_LOG_LEVEL", "HELPDESK_READS_PER_MINUTE",
    "HELPDESK_WRITES_PER_MINUTE", "HELPDESK_MAX_FILE_MB", "HELPDESK_MAX_FILES",
    "HELPDESK_DAILY_UPLOAD_MB", "HELPDESK_WEB_WORKERS", "HELPDESK_WEB_THREADS",
    "HELPDESK_WORKER_PROCESSES", "HELPDESK_SWEEP_SECONDS",
}  # fmt: skip

environment.refuse_unknown(KNOWN)

# --- Where things are -------------------------------------------------------------------------

DATA_DIR = Path(os.environ.get("HELPDESK_DATA") or embedded.default_data_dir())
SITE_URL = environment.address(
    "SITE_URL", embedded.site_url(DATA_DIR), ["http", "https"], "https://desk.example"
).rstrip("/")
DATABASE_URL = environment.address(
    "DATABASE_URL", embedded.database_url(DATA_DIR), ["postgresql", "postgres"],
    "postgresql://user:password@host:5432/name",
)  # fmt: skip
REDIS_URL = environment.address(
    "REDIS_URL", embedded.redis_url(DATA_DIR), ["redis", "rediss", "redis+socket"],
    "redis://host:6379/0",
)  # fmt: skip

# --- Safety -----------------------------------------------------------------------------------

DEBUG = environment.switch("HELPDESK_DEBUG")
SECRET_KEY = os.environ.get("HELPDESK_SECRET_KEY") or embedded.secret_key(DATA_DIR)
_over_tls = SITE_URL.startswith("https://")
_name = urlsplit(SITE_URL).hostname or ""
_host = f"[{_name}]" if ":" in _name else _name
ALLOWED_HOSTS = sorted({_host, "localhost", "127.0.0.1", "[::1]"})
CSRF_TRUSTED_ORIGINS = [SITE_URL]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _over_tls
SECURE_SSL_REDIRECT = False  # the proxy in front speaks TLS and knows its own ports
SECURE_HSTS_SECONDS = 31_536_000 if _over_tls else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _over_tls else None
TRUSTED_PROXIES = environment.number("HELPDESK_TRUSTED_PROXIES", 0)
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "desk_session"
CSRF_COOKIE_NAME = "desk_csrf"
CSRF_FAILURE_VIEW = "web.failures.csrf"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SILENCED_SYSTEM_CHECKS = [
    "security.W008",  # see SECURE_SSL_REDIRECT above
    # Subdomains and the preload list bind names beside the desk's own, which it may not speak for.
    "security.W005",
    "security.W021",
]
if not _over_tls:  # a desk on http://localhost cannot have these; doctor says so in a sentence
    SILENCED_SYSTEM_CHECKS += ["security.W004", "security.W012", "security.W016"]

# --- The parts --------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "django_htmx",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "helpdesk",
    "accounts",
    "products",
    "tickets",
    "sla",
    "channels",
    "automation",
    "web",
]
MIDDLEWARE = [
    "web.middleware.RequestId",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "web.middleware.SmallPages",
    "web.middleware.PlainInput",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "web.middleware.Viewer",
]
ROOT_URLCONF = "helpdesk.urls"
WSGI_APPLICATION = "helpdesk.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "web.context.desk",
            ],
            "builtins": ["web.templatetags.desk"],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
        },
    },
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"environment": "web.parts.environment"},
    },
]


def _database(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "helpdesk",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.get("host", "")) or (parts.hostname or ""),
        "PORT": str(parts.port or query.get("port", "")),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 5,
            "options": "-c statement_timeout=30s -c lock_timeout=10s"
            " -c idle_in_transaction_session_timeout=60s"
            # Rows join their few neighbours by key, in the order written: weighing every order
            # of nine joins took 60 ms of planning for a list that runs in 1 ms.
            " -c join_collapse_limit=2 -c jit=off",
        },
    }


DATABASES = {"default": _database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


def _redis(url: str, database: int) -> str:
    """The address of one numbered database, for the cache (a socket is spelled unix:// there)."""
    if url.startswith(("redis+socket://", "unix://")):
        return f"unix://{urlsplit(url).path}?db={database}"
    return f"{url.split('?')[0].rstrip('/').removesuffix('/0')}/{database}"


CACHES = {
    "default": {
        "BACKEND": "helpdesk.cache.ForgivingRedisCache",
        "LOCATION": _redis(REDIS_URL, 1),
        "KEY_PREFIX": "desk",
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 0.5},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 600, "socket_timeout": 5}
CELERY_TASK_PUBLISH_RETRY = False  # a doorbell rings once; the sweep finds what it missed
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # wait for the broker as long as it takes
CELERY_WORKER_CONCURRENCY = environment.number("HELPDESK_WORKER_PROCESSES", 2, least=1)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
SWEEP_SECONDS = environment.number("HELPDESK_SWEEP_SECONDS", 15, least=1)

WEB_WORKERS = environment.number("HELPDESK_WEB_WORKERS", 2, least=1)
WEB_THREADS = environment.number("HELPDESK_WEB_THREADS", 4, least=1)

# --- Who is who -------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "signin:sign_in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "web.signin.adapter.DeskAdapter"
ACCOUNT_RATE_LIMITS = False  # counted in PostgreSQL by accounts.throttle, so Valkey may be down

# --- News about tickets: read from top to bottom, like MIDDLEWARE ------------------------------

TICKET_EVENT_PROJECTIONS = [  # inside the transaction of the change
    "tickets.search.project",
    "sla.projection.project",
]
TICKET_EVENT_SUBSCRIBERS = [  # after the commit, from the published event
    "channels.notices.on_events",
    "channels.third_parties.on_events",
]
TICKET_FILTERS = [  # name → operators, values, Q
    "tickets.filters.FIELDS",
    "tickets.filters.OF_TIME",
    "sla.filters.FIELDS",
]
TICKET_MEASURES = [  # what reports count of each day
    "tickets.measures.MEASURES",
    "sla.measures.MEASURES",
]
TICKET_STEPS = [  # name → what runs it, besides tickets.steps
    "sla.steps.STEPS",
    "automation.steps.STEPS",
]
TICKET_WRITTEN_STEPS = [  # name → how it is written, checked and read
    "tickets.written_steps.FORMS",
    "automation.steps.FORMS",
]

# --- Files ------------------------------------------------------------------------------------

MEDIA_ROOT = DATA_DIR / "files"
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MAX_FILE_BYTES = environment.number("HELPDESK_MAX_FILE_MB", 100) * 1024 * 1024
MAX_FILES_PER_MESSAGE = environment.number("HELPDESK_MAX_FILES", 20)
DAILY_UPLOAD_BYTES = environment.number("HELPDESK_DAILY_UPLOAD_MB", 5 * 1024) * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600

# --- REST -------------------------------------------------------------------------------------

READS_PER_MINUTE = environment.number("HELPDESK_READS_PER_MINUTE", 600, least=1)
WRITES_PER_MINUTE = environment.number("HELPDESK_WRITES_PER_MINUTE", 120, least=1)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["web.api.v1.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["web.api.v1.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["web.api.v1.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "web.api.v1.problems.handler",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Helpdesk API",
    "DESCRIPTION": "Everything the pages can do, through the same actions and permissions.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "TicketStatus": "tickets.models.Status",
        "ReleaseStatus": "products.models.Release.Status",
        "MessageKind": "tickets.models.Message.Kind",
        "EventKind": "tickets.models.Event.Kind",
    },
}

# --- Words and time ---------------------------------------------------------------------------

zoneinfo.reset_tzpath(())  # the locked tzdata wins over the system's (docs/sla.md C8)
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

# --- Mail: the environment wins over the settings page -----------------------------------------

SMTP_URL = environment.mail_server("HELPDESK_SMTP_URL")
MAIL_FROM = environment.mail_address("HELPDESK_MAIL_FROM")

# --- Logs -------------------------------------------------------------------------------------

LOG_LEVEL = environment.log_level("HELPDESK_LOG_LEVEL")
_of_tasks = "DEBUG" if LOG_LEVEL == "DEBUG" else "WARNING"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "level": LOG_LEVEL},
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "level": LOG_LEVEL},
        # A traceback for each empty variable of a page, two lines for each task: they would
        # drown what matters.
        "django.template": {"level": "INFO"},
        "celery.app.trace": {"level": _of_tasks},
        "celery.worker.strategy": {"level": _of_tasks},
    },
}
