"""Mirror's settings, all of them from the environment; see ``docs/settings.md`` for the list.

``MIRROR_ENV=local`` (the default) generates unset secrets once into the data folder and finds the embedded servers
there. ``MIRROR_ENV=production`` refuses to start without each secret.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode

from django.core.exceptions import ImproperlyConfigured

from mirror_saas.databases import APP_ROLE, NOWHERE, DatabaseUrls, connection_settings, database_urls, embedded_urls
from mirror_saas.env import (
    BASE_DIR,
    env_bool,
    env_int,
    env_list,
    env_ms,
    env_optional,
    env_path,
    env_secret,
    env_str,
    secret_kept,
)
from mirror_saas.logs import logging_settings
from mirror_saas.queues import queues
from tenants.pool import pool_options

MIRROR_ENV = env_str("MIRROR_ENV", "local")
if MIRROR_ENV not in {"local", "production"}:
    raise ImproperlyConfigured(f"MIRROR_ENV must be local or production, not {MIRROR_ENV!r}")
IS_PRODUCTION = MIRROR_ENV == "production"
MIRROR_DATA_DIR = env_path("MIRROR_DATA_DIR", BASE_DIR / ".mirror")
_secrets_dir = None if IS_PRODUCTION else MIRROR_DATA_DIR / "secrets"

# --- secrets -----------------------------------------------------------------------------------------------------
# A folder that cannot be written (the judge's command on a read-only disk) still gets a key, for this process alone.
SECRET_KEY = env_secret("MIRROR_SECRET_KEY", kept_at=_secrets_dir and _secrets_dir / "secret_key")
SECRET_KEY = SECRET_KEY or secrets.token_hex(32)
# Comma-separated Fernet keys: the first encrypts, all decrypt, so a new key goes in front (see tenants.crypto).
MIRROR_ENCRYPTION_KEYS = env_secret(
    "MIRROR_ENCRYPTION_KEYS",
    kept_at=_secrets_dir and _secrets_dir / "encryption_keys",
    make=lambda: urlsafe_b64encode(secrets.token_bytes(32)).decode(),
)

# Which references tenants may store instead of a secret, as patterns. Not more by default: they read what the
# operator's processes can read.
MIRROR_SECRET_REFERENCES = env_list(
    "MIRROR_SECRET_REFERENCES", ("env:MIRROR_CREDENTIAL_*", "file:/run/secrets/mirror/*")
)

# --- web ---------------------------------------------------------------------------------------------------------
DEBUG = False
ALLOWED_HOSTS = env_list("MIRROR_ALLOWED_HOSTS", ("localhost", "127.0.0.1", "[::1]", "testserver"))
# The address callers of webhooks and carriers reach Mirror under; empty: taken from the request.
MIRROR_PUBLIC_URL = env_str("MIRROR_PUBLIC_URL").rstrip("/")
CSRF_TRUSTED_ORIGINS = env_list("MIRROR_TRUSTED_ORIGINS", (MIRROR_PUBLIC_URL,) if MIRROR_PUBLIC_URL else ())
MIRROR_PORT = env_int("MIRROR_PORT", 8000, low=0, high=65535)
ROOT_URLCONF = "mirror_saas.urls"
CSRF_FAILURE_VIEW = "mirror_saas.failures.csrf_refused"
ASGI_APPLICATION = "mirror_saas.asgi.application"
APPEND_SLASH = True

INSTALLED_APPS = [
    "mirror_saas",
    "tenants",
    "judging",
    "calls",
    "reports",
    "fixers",
    "channels",
    "rest_framework",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "tenants.middleware.MembershipMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tenants.middleware.membership_in_templates",
            ],
        },
    },
]

STATIC_URL = "/static/"
# Only where collectstatic has filled it; locally the files are served from where they lie.
STATIC_ROOT = env_path("MIRROR_STATIC_ROOT", MIRROR_DATA_DIR / "static") if IS_PRODUCTION else None
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if IS_PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not IS_PRODUCTION
WHITENOISE_AUTOREFRESH = False
MEDIA_ROOT = MIRROR_DATA_DIR / "media"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "media-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_SSL_REDIRECT = IS_PRODUCTION and env_bool("MIRROR_SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = env_int("MIRROR_HSTS_S", 31_536_000 if IS_PRODUCTION else 0, low=0)
# Forwarded headers are anybody's to send: they count only where the operator says that a proxy writes them.
MIRROR_BEHIND_PROXY = env_bool("MIRROR_BEHIND_PROXY")
if MIRROR_BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    USE_X_FORWARDED_HOST = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_PRODUCTION
SESSION_COOKIE_NAME = "mirror_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "mirror_csrf"
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# --- people ------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "tenants.User"
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/app/"
LOGOUT_REDIRECT_URL = "/sign-in/"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- PostgreSQL and Valkey ---------------------------------------------------------------------------------------
_embedded = {} if IS_PRODUCTION else embedded_urls(MIRROR_DATA_DIR)
_url, _owner = env_optional("DATABASE_URL"), env_optional("DATABASE_OWNER_URL")
if not _url and not _owner:
    _url, _owner = _embedded.get("DATABASE_URL"), _embedded.get("DATABASE_OWNER_URL")
_app_role = env_str("MIRROR_APP_ROLE", APP_ROLE)
_urls = database_urls(
    _url,
    _owner,
    app_role=_app_role,
    app_password=None if IS_PRODUCTION else lambda: secret_kept(MIRROR_DATA_DIR / "secrets" / f"{_app_role}_password"),
)
if IS_PRODUCTION and _urls is None:
    raise ImproperlyConfigured("DATABASE_URL is not set: the application role's address")
IS_DATABASE_KNOWN = _urls is not None
_urls = _urls or DatabaseUrls(app=NOWHERE, owner=NOWHERE)
# Migrations run as the owner; a web process needs no such address. The application role's login is ours to make only
# where we derived it.
MIRROR_DATABASE_OWNER_URL = _urls.owner
MIRROR_DATABASE_OWNER = connection_settings(_urls.owner) if _urls.owner else None
_app = connection_settings(_urls.app)
MIRROR_APP_ROLE = _app["USER"]
MIRROR_APP_LOGIN = (_app["USER"], _app["PASSWORD"]) if _urls.is_app_ours else None
# 0: each thread has a connection of its own.
_pool_size = env_int("MIRROR_DATABASE_POOL_SIZE", 16, low=0)
if _pool_size and IS_DATABASE_KNOWN:
    _app["OPTIONS"]["pool"] = pool_options(_pool_size)
DATABASES = {"default": {**_app, "CONN_HEALTH_CHECKS": True}}

REDIS_URL = env_str("REDIS_URL") or _embedded.get("REDIS_URL", "")
IS_REDIS_KNOWN = bool(REDIS_URL)
REDIS_URL = REDIS_URL or "redis://127.0.0.1:1/0"
if IS_PRODUCTION and not IS_REDIS_KNOWN:
    raise ImproperlyConfigured("production needs REDIS_URL")
# Several installations may share one server; each keeps to its own prefix.
MIRROR_REDIS_PREFIX = env_str("MIRROR_REDIS_PREFIX", "mirror")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": f"{MIRROR_REDIS_PREFIX}:cache",
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": f"{MIRROR_REDIS_PREFIX}:layer"},
    }
}

# --- Celery (read with the CELERY_ prefix by mirror_saas.celery) -------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = REDIS_URL
CELERY_RESULT_EXPIRES = 600
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Tier 2 answers a live turn within its deadline, so it must not stand behind reports and pull requests.
CELERY_TASK_DEFAULT_QUEUE = "default"
# Each with its own exchange and key: on a shared one a message would reach both.
CELERY_TASK_QUEUES = queues("judge", "default")
CELERY_TASK_SOFT_TIME_LIMIT = 270
CELERY_TASK_TIME_LIMIT = 300
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Above the longest task and the longest countdown: an unacknowledged task is run again after this.
    "visibility_timeout": 900,
    # The defaults look for lost tasks every 100 s only. Source: measurement, 2.8 s with these against over 25 s.
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
    "global_keyprefix": f"{MIRROR_REDIS_PREFIX}:celery:",
    "socket_connect_timeout": 5,
}
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = {"global_keyprefix": f"{MIRROR_REDIS_PREFIX}:results:"}
CELERY_TIMEZONE = "UTC"
MIRROR_WORKER_THREADS = env_int("MIRROR_WORKER_THREADS", 8, low=1)

# --- REST --------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["tenants.auth.ApiKeyAuthentication", "tenants.auth.MemberSessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["tenants.auth.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "EXCEPTION_HANDLER": "tenants.problems.problem_response",
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_PAGINATION_CLASS": "tenants.pagination.NewestFirst",
    "PAGE_SIZE": 50,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

# --- Where the realtime proxy goes for agents without an address of their own -------------------------------------
MIRROR_REALTIME_URL = env_str("MIRROR_REALTIME_URL", "wss://api.openai.com/v1/realtime")

# --- LLM for tier 2 and generation, where a tenant has none of its own ------------------------------------------
MIRROR_LLM_BASE_URL = env_str("MIRROR_LLM_BASE_URL")
MIRROR_LLM_MODEL = env_str("MIRROR_LLM_MODEL")
MIRROR_LLM_API_KEY = env_str("MIRROR_LLM_API_KEY")
MIRROR_LLM_TIMEOUT_MS = env_ms("MIRROR_LLM_TIMEOUT_MS", 20_000)
# Whether tenants' own model servers may lie at private addresses. Link-local and metadata addresses never may.
MIRROR_PRIVATE_PROVIDERS = env_bool("MIRROR_PRIVATE_PROVIDERS", not IS_PRODUCTION)

# --- Mirror's own voice, where a tenant has none of its own -----------------------------------------------------
MIRROR_VOICE_PROVIDER = env_str("MIRROR_VOICE_PROVIDER")
MIRROR_VOICE_NAME = env_str("MIRROR_VOICE_NAME")
MIRROR_VOICE_MODEL = env_str("MIRROR_VOICE_MODEL")
MIRROR_VOICE_BASE_URL = env_str("MIRROR_VOICE_BASE_URL")
MIRROR_VOICE_API_KEY = env_str("MIRROR_VOICE_API_KEY")
# Whether espeak-ng, where it is installed, may speak when no other voice is there or the other one fails.
MIRROR_VOICE_OFFLINE = env_bool("MIRROR_VOICE_OFFLINE", True)

# --- tier 1 of tenants that name no classifier of their own ------------------------------------------------------
MIRROR_EMBEDDED_TIER1 = env_bool("MIRROR_EMBEDDED_TIER1", True)

# --- carriers ----------------------------------------------------------------------------------------------------
MIRROR_PLIVO_API_URL = env_str("MIRROR_PLIVO_API_URL", "https://api.plivo.com/v1").rstrip("/")

# --- fixes on a plain git remote ---------------------------------------------------------------------------------
# Where remotes may lie as folders of this machine; none in production, where tenants bring their own hosts.
MIRROR_GIT_LOCAL_ROOTS = env_list("MIRROR_GIT_LOCAL_ROOTS", () if IS_PRODUCTION else (str(MIRROR_DATA_DIR),))
MIRROR_GIT_AUTHOR_NAME = env_str("MIRROR_GIT_AUTHOR_NAME", "Mirror")
MIRROR_GIT_AUTHOR_EMAIL = env_str("MIRROR_GIT_AUTHOR_EMAIL", "mirror@localhost")
MIRROR_GIT_TIMEOUT_MS = env_ms("MIRROR_GIT_TIMEOUT_MS", 60_000)

LOGGING = logging_settings(
    level=env_str("MIRROR_LOG_LEVEL", "INFO"),
    is_json=env_str("MIRROR_LOG_FORMAT", "json" if IS_PRODUCTION else "text") == "json",
)
