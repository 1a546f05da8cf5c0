"""Settings of every Jiceng process, read from the environment.

Environment:
    DATABASE_URL        PostgreSQL to use; unset: the embedded server under ``var/`` (``governance.config.supervisor``)
    JICENG_VAR          folder for data, secrets and uploads (default ``var`` beside manage.py)
    JICENG_SECRET_KEY   signing key; unset: ``var/secret_key``, made on first use, mode 600
    JICENG_PRODUCTION   1: cookies only over HTTPS, HSTS, DEBUG off
    DEMO                0: no demo city
    JICENG_DEBUG        1: Django's debug pages
    ALLOWED_HOSTS       comma-separated host names; default: this machine only
    WEB_ORIGINS         comma-separated origins that may open WebSockets and post forms
    PORT, LIVE_PORT     web and live ports (8000 and PORT+1)
    LIVE_URL            ws(s)://... address of the live server as browsers see it; unset: this host, LIVE_PORT
    DATABASE_POOL       most database connections of one process (12); 0: no pool
    REDIS_URL           channel layer for more than one live process; unset: in-process
    MAP_TILES           tile URL template of the maps; unset: maps without a background
    TRUSTED_PROXIES     number of reverse proxies in front (0): how far X-Forwarded-For is believed
    SMS_GATEWAY         where sign-in codes go (``governance.sms``); unset: the log, in production nowhere
    SMS_GATEWAY_SECRET  key that signs messages to an https gateway
    NOTICE_INTERNAL_HOSTS  comma-separated hosts of the own network that notice channels may call (a mail server)
    WECHAT_APPID, WECHAT_SECRET  the mini-program residents may sign in from; unset: not offered
    WECHAT_API          host of WeChat's interface
    MQTT_URL            broker of the devices, mqtt(s)://user:password@host:port; unset: no MQTT bridge (docs/mqtt.md)
    MQTT_VERSION        5 or 3.1.1 (5)
    MQTT_CLIENT_ID      name of the bridge's session at the broker (jiceng-bridge); one of its own for each bridge
    MQTT_SHARED_GROUP   group of a shared subscription, for several bridges; unset: none
    MQTT_IN_FLIGHT      messages that may be under way between broker and commit (1000)
    MQTT_CA_FILE        certificates that a broker's mqtts is checked against; unset: those of the system
    MQTT_SOURCE         code of the named source that keeps messages that cannot be taken (mqtt)
    MQTT_BROKER_SECRET  with which a broker may ask whom to let in (``devices.mqtt.access``); unset: it may not
"""

import os
import secrets
from importlib.util import find_spec
from pathlib import Path

import dj_database_url
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from governance.config.embedded import database_url as embedded_database_url
from governance.config.schema_names import ENUM_NAMES
from governance.config.skin import UNFOLD  # noqa: F401  (read by django-unfold)

BASE_DIR = Path(__file__).resolve().parents[2]
VAR = Path(os.environ.get("JICENG_VAR") or BASE_DIR / "var").resolve()
PRODUCTION = os.environ.get("JICENG_PRODUCTION") == "1"
DEBUG = os.environ.get("JICENG_DEBUG") == "1" and not PRODUCTION


def _secret_key() -> str:
    """Return the signing key, making ``var/secret_key`` (mode 600) the first time."""
    if key := os.environ.get("JICENG_SECRET_KEY"):
        return key
    path = VAR / "secret_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(64))
        except FileExistsError:
            pass  # another process of the same start made it
    return path.read_text()


def _listed(name: str, default: str) -> list[str]:
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


SECRET_KEY = _secret_key()
PORT = int(os.environ.get("PORT", "8000"))
LIVE_PORT = int(os.environ.get("LIVE_PORT", PORT + 1))
LIVE_URL = os.environ.get("LIVE_URL", "")
ALLOWED_HOSTS = _listed("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
WEB_ORIGINS = _listed("WEB_ORIGINS", f"http://localhost:{PORT},http://127.0.0.1:{PORT}")
CSRF_TRUSTED_ORIGINS = WEB_ORIGINS
TRUSTED_PROXIES = int(os.environ.get("TRUSTED_PROXIES", "0"))

INSTALLED_APPS = [
    "governance.apps.GovernanceConfig",  # before the skin: our templates win
    "governance.config.apps.ConfigurationConfig",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "cases.apps.CasesConfig",
    "devices.apps.DevicesConfig",
    "mediation.apps.MediationConfig",
    "partners.apps.PartnersConfig",
    "property.apps.PropertyConfig",
    "governance.config.apps.OurAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "knox",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "allauth.usersessions",
    "channels",
    "procrastinate.contrib.django",
    "axes",
    "import_export",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "governance.identity.sessions.SeenMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "governance.config.urls"
WSGI_APPLICATION = "governance.config.wsgi.application"
ASGI_APPLICATION = "governance.config.asgi.application"
AUTH_USER_MODEL = "governance.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "governance.live_settings.live_settings",
            ],
        },
    },
]

DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("DATABASE_URL") or embedded_database_url(VAR),
        conn_max_age=0,
        conn_health_checks=True,
    )
}
if "postgresql" not in DATABASES["default"]["ENGINE"]:
    raise RuntimeError("DATABASE_URL must name a PostgreSQL database")
DATABASES["default"].setdefault("OPTIONS", {})
DATABASES["default"]["OPTIONS"] |= {
    "connect_timeout": 5,
    # A transaction forgotten by a crashed caller must not hold locks for ever.
    "options": f"-c idle_in_transaction_session_timeout=120000 {os.environ.get('PGOPTIONS', '')}".strip(),
}
if DATABASE_POOL := int(os.environ.get("DATABASE_POOL", "12")):
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 0, "max_size": DATABASE_POOL, "timeout": 10}

CACHES = {
    # Shared by every process, so that rate limits hold across workers.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "governance_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

if REDIS_URL := os.environ.get("REDIS_URL"):
    # The layer waits for messages in one blocking read; the client's own limit of 5 s would end every quiet socket.
    REDIS = {"address": REDIS_URL, "socket_timeout": None}
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [REDIS]}}}
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 1000}}}

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "governance.permissions.PersonBackend",
    "governance.identity.people.ResidentBackend",
    "governance.permissions.RoleBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_IPWARE_PROXY_COUNT = TRUSTED_PROXIES or None
AXES_LOCKOUT_TEMPLATE = "governance/locked_out.html"
# Residents sign in by phone and one-time code: allauth's flow behind our own doors (governance/identity).
ACCOUNT_ADAPTER = "governance.identity.adapter.ResidentAdapter"
ACCOUNT_LOGIN_METHODS = {"phone"}
ACCOUNT_SIGNUP_FIELDS = ["phone*"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 300  # seconds
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_TIMEOUT = 900  # seconds a session that waits for a code is kept
ACCOUNT_PHONE_VERIFICATION_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ACCOUNT_RATE_LIMITS = False  # ours hold across processes in one statement (DEFAULT_THROTTLE_RATES)
HEADLESS_ONLY = True
HEADLESS_CLIENTS = ("browser", "app")
USERSESSIONS_TRACK_ACTIVITY = False  # a write for each request; governance.identity.sessions notes visits instead
SMS_GATEWAY = os.environ.get("SMS_GATEWAY", "" if PRODUCTION else "log")
SMS_GATEWAY_SECRET = os.environ.get("SMS_GATEWAY_SECRET", "")
NOTICE_INTERNAL_HOSTS = _listed("NOTICE_INTERNAL_HOSTS", "")
WECHAT_APPID = os.environ.get("WECHAT_APPID", "")
WECHAT_SECRET = os.environ.get("WECHAT_SECRET", "")
WECHAT_API = os.environ.get("WECHAT_API", "https://api.weixin.qq.com")

LOGIN_URL = reverse_lazy("admin:login")
LOGIN_REDIRECT_URL = reverse_lazy("admin:index")

SESSION_COOKIE_NAME = "jiceng_session"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_NAME = "jiceng_csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked on this machine, without TLS
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
X_FRAME_OPTIONS = "DENY"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "governance" / "locale"]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = None  # nothing is collected: the web process serves the packages' own static files
WHITENOISE_USE_FINDERS = True
# Only django-leaflet's static files: as an installed app its admin module imports GDAL, a system library.
STATICFILES_DIRS = [Path(find_spec("leaflet").origin).parent / "static"]
MEDIA_ROOT = VAR / "media"
MEDIA_URL = None  # uploads are never served as files, only through governance.attachments
FIXTURE_DIRS = [BASE_DIR / "fixtures"]

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
ATTACHMENT_MAX_BYTES = 10 * 1024 * 1024
ATTACHMENT_MAX_COUNT = 9

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "governance.api.authentication.TokenAuthentication",
        "governance.api.authentication.SessionTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "governance.api.paging.NewestFirst",
    "DEFAULT_SCHEMA_CLASS": "governance.api.schema.Schema",
    "EXCEPTION_HANDLER": "governance.api.errors.handle",
    "DEFAULT_THROTTLE_RATES": {
        "public-report": "20/hour",
        "public-read": "600/hour",
        "public-answer": "30/hour",
        "survey-answer": "60/hour",  # anonymous questionnaires, by address: a block of flats may share one
        "intake": "6000/hour",
        "open311-read": "600/hour",
        "open311-report": "600/hour",
        "calendar-feed": "600/hour",
        "search": "1200/hour",
        "registry-lookup": "600/hour",
        "registry-claim": "30/hour",
        # Codes: of one phone (one a minute, five an hour, ten a day), and of one address, which a block may share.
        "sign-in-code-minute": "1/minute",
        "sign-in-code-hour": "5/hour",
        "sign-in-code-day": "10/day",
        "sign-in-code-address": "30/hour",
        "sign-in-try-address": "60/hour",
        "coupon-try": "60/minute",
        "gift-try": "30/hour",
        "party-link": "120/hour",  # the own page of a party by link, by address
    },
    "NUM_PROXIES": TRUSTED_PROXIES,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
REST_KNOX = {"TOKEN_TTL": None, "AUTH_HEADER_PREFIX": "Token"}
SPECTACULAR_SETTINGS = {
    "TITLE": "Jiceng",
    "DESCRIPTION": "Grassroots governance: cases, devices and what happens to them.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": ENUM_NAMES,
}

MQTT_URL = os.environ.get("MQTT_URL", "")
MQTT_VERSION = os.environ.get("MQTT_VERSION", "5")
MQTT_CLIENT_ID = os.environ.get("MQTT_CLIENT_ID", "jiceng-bridge")
MQTT_SHARED_GROUP = os.environ.get("MQTT_SHARED_GROUP", "")
MQTT_IN_FLIGHT = os.environ.get("MQTT_IN_FLIGHT", "1000")
MQTT_CA_FILE = os.environ.get("MQTT_CA_FILE", "")
MQTT_SOURCE = os.environ.get("MQTT_SOURCE", "mqtt")
MQTT_BROKER_SECRET = os.environ.get("MQTT_BROKER_SECRET", "")
# Processes beside worker, timers and live that must give signs of life.
EXPECTED_PROCESSES = ("mqtt",) if MQTT_URL else ()

MAP_TILES = os.environ.get("MAP_TILES", "")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "WARNING")},
    "loggers": {
        "governance": {"level": "INFO"},
        "cases": {"level": "INFO"},
        "devices": {"level": "INFO"},
        # Their lines hold whole phone numbers, and addresses with secrets in them.
        "apprise": {"level": "CRITICAL"},
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
        "urllib3": {"level": "ERROR"},
    },
}
