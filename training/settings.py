"""Settings of the site, all from the environment, with defaults that are safe on a single machine.

Read by Django. Every variable is described in docs/deployment.md; a test fails when one is missing there.
"""

from pathlib import Path

import environ
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DEBUG = env.bool("DEBUG", default=False)
#: Everything that is not code: database, uploads, keys, the collected static files.
VAR_DIR = Path(env("VAR_DIR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)


def _kept_secret(name: str) -> str:
    """A random secret made at the first start and kept beside the database, so that no default is public."""
    from django.core.management.utils import get_random_secret_key

    path = VAR_DIR / name
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(get_random_secret_key())
    return path.read_text()


SECRET_KEY = env("SECRET_KEY", default="") or _kept_secret("secret_key")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
#: True behind a proxy that speaks TLS and sets X-Forwarded-Proto and X-Forwarded-For.
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)

INSTALLED_APPS = [
    "training",
    "training.officials",
    "training.records",
    "training.sync",
    "training.reports",
    "courses",
    "quizzes",
    "pwa",
    "axes",
    "django_tasks",
    "django_tasks_db",
    "wagtail.contrib.settings",
    "wagtail.contrib.simple_translation",
    "wagtail.locales",
    "wagtail.embeds",
    "wagtail.sites",
    "training.officials.users_app.UsersConfig",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "wagtailmedia",
    "modelcluster",
    "taggit",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "training.headers.HeadersOfPagesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "training.staticfiles.FilesMiddleware",
    "training.headers.SecurityHeadersMiddleware",
    "training.nul.RefuseNulMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "training.language.PathLocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "training.officials.set_password.SetPasswordFirstMiddleware",
    "training.officials.grants_today.GrantsOfTodayMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "axes.middleware.AxesMiddleware",
    "courses.refusals.SayRefusalsMiddleware",
]

ROOT_URLCONF = "training.urls"
WSGI_APPLICATION = "training.wsgi.application"
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
                "wagtail.contrib.settings.context_processors.settings",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- storage ---------------------------------------------------------------------------------------------------

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'site.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # WAL lets readers go on while one writes; IMMEDIATE takes the write lock at the start of a transaction, so
    # that two writers queue for it instead of failing half-way.
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        }
    )
elif env.bool("PREPARED_STATEMENTS", default=True):
    # Statements that come again are planned once for each connection: half of PostgreSQL's share of a delivery.
    # A pooler that hands out a connection for each transaction may not know them: PREPARED_STATEMENTS=false.
    DATABASES["default"].setdefault("OPTIONS", {}).update({"server_side_binding": True, "prepare_threshold": 3})
# Opening a connection anew for each request costs more than the request itself, on SQLite too.
DATABASES["default"]["CONN_MAX_AGE"] = env.int("DATABASE_CONN_MAX_AGE", default=60)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

MEDIA_ROOT = VAR_DIR / "media"
MEDIA_URL = "/media/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "training.staticfiles.HashedStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = False
#: No other site has a use for our files, and every answer would carry the header that allows it.
WHITENOISE_ALLOW_ALL_ORIGINS = False

_redis = env("REDIS_URL", default="")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": _redis}
    if _redis
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # Values keyed by the hash of their content: never stale, so a cache of each process is enough.
    "content": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "content",
        "TIMEOUT": None,
        "OPTIONS": {"MAX_ENTRIES": 500},
    },
}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# --- people ----------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "officials.Official"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "training.officials.sign_in.StaffNumberBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("staff_number", "full_name", "email")},
    },
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "me"
LOGOUT_REDIRECT_URL = "login"
#: Days for which a session lasts since the last sign-in.
SESSION_COOKIE_AGE = env.int("SESSION_DAYS", default=30) * 86_400
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"

# Lock-out by staff number and address, with a rising delay: training.officials.lockout says how.
AXES_FAILURE_LIMIT = env.int("SIGN_IN_FAILURE_LIMIT", default=5)
AXES_USERNAME_FORM_FIELD = "username"
AXES_HANDLER = "training.officials.lockout.LockoutHandler"
AXES_CLIENT_IP_CALLABLE = "training.officials.lockout.address_of"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_CALLABLE = "training.officials.lockout.refuse"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True
AXES_IPWARE_PROXY_COUNT = env.int("PROXY_COUNT", default=1) if BEHIND_PROXY else 0

# --- language and time -----------------------------------------------------------------------------------------

LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES
WAGTAIL_I18N_ENABLED = True
#: Ours, and what Wagtail lacks in Vietnamese.
LOCALE_PATHS = [BASE_DIR / "training" / "locale", BASE_DIR / "training" / "locale_wagtail"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Ho_Chi_Minh"
#: Nobody chooses another: dates on record are days of the institution, whoever works at the screen.
WAGTAIL_USER_TIME_ZONES = [TIME_ZONE]
FORMAT_MODULE_PATH = "training.formats"

# --- the institution and the work ------------------------------------------------------------------------------

SITE_NAME = env("SITE_NAME", default="Bồi dưỡng cán bộ")
SITE_OWNER = env("SITE_OWNER", default="Tỉnh Lai Châu")
SITE_NAME_EN = env("SITE_NAME_EN", default="Training for officials")
SITE_OWNER_EN = env("SITE_OWNER_EN", default="Lai Châu province")
WAGTAIL_SITE_NAME = SITE_NAME
WAGTAILADMIN_BASE_URL = env("BASE_URL", default="http://127.0.0.1:8000")
#: Addresses of lessons are read aloud, typed and cut off in Zalo; a phone looks them up by their exact letters.
WAGTAIL_ALLOW_UNICODE_SLUGS = False
WAGTAILADMIN_RICH_TEXT_EDITORS = {"default": {"WIDGET": "courses.editor_input.RichTextArea"}}
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
# One way to a password beside HR's one-time codes would be one too many.
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAILIMAGES_EXTENSIONS = ["jpg", "jpeg", "png", "webp", "avif"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 15 * 1024 * 1024
#: Unpacked, a picture takes three to four bytes a pixel of the server's memory.
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 64_000_000
WAGTAILIMAGES_IMAGE_FORM_BASE = "courses.uploads.PictureForm"
WAGTAILDOCS_EXTENSIONS = ["pdf", "docx", "xlsx", "pptx", "vtt"]
WAGTAILDOCS_DOCUMENT_FORM_BASE = "courses.uploads.DocumentForm"
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILEMBEDS_FINDERS = []
WAGTAILMEDIA = {
    "MEDIA_MODEL": "wagtailmedia.Media",
    "MEDIA_FORM_BASE": "courses.uploads.MediaForm",
    "AUDIO_EXTENSIONS": ["mp3", "m4a", "ogg", "opus"],
    "VIDEO_EXTENSIONS": ["mp4", "webm"],
}
WAGTAIL_WORKFLOW_ENABLED = True
#: Where the drawings that come with the code lie; lessons name them by path below it.
COURSES_DRAWINGS_DIR = BASE_DIR / "static" / "drawings"
#: Bytes a lesson may weigh on a phone before its author is warned.
COURSES_LESSON_BUDGET = env.int("LESSON_BUDGET_BYTES", default=150_000)
#: Days without contact from any phone after which a person who has not completed counts as "not heard from".
REPORTS_SILENT_DAYS = env.int("SILENT_DAYS", default=7)
#: Share of assigned courses a unit is expected to complete: the upright line in the report's chart.
REPORTS_TARGET_PERCENT = env.int("TARGET_PERCENT", default=80)
#: Days for which sign-ins and sign-outs are kept.
SIGN_IN_RECORD_DAYS = env.int("SIGN_IN_RECORD_DAYS", default=366)
#: Modules whose HANDLERS say what an event of each kind does; sync loads them by name and knows no kind itself.
SYNC_EVENT_HANDLERS = ["quizzes.events", "training.records.events", "training.sync.decisions"]
#: PEM file of the key that signs replies and what the server itself witnesses; made at the first start.
SYNC_SIGNING_KEY = env("SIGNING_KEY_FILE", default=str(VAR_DIR / "signing_key.pem"))
SYNC_MAX_EVENTS = 500
SYNC_MAX_BYTES = 1_000_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

# --- the app (django-pwa) --------------------------------------------------------------------------------------


def _static(path: str) -> str:
    from django.templatetags.static import static

    return static(path)


_icon = lazy(_static, str)
PWA_APP_NAME = SITE_NAME
PWA_APP_DESCRIPTION = _("Lessons and quizzes for officials, also without signal")
PWA_APP_THEME_COLOR = "#1e2257"
PWA_APP_BACKGROUND_COLOR = "#fbfaf6"
PWA_APP_DISPLAY = "standalone"
PWA_APP_SCOPE = "/"
PWA_APP_ORIENTATION = "any"
PWA_APP_START_URL = "/me/"
PWA_APP_STATUS_BAR_COLOR = "default"
PWA_APP_DIR = "ltr"
PWA_APP_LANG = "vi"
PWA_APP_ICONS = [
    {"src": _icon("icons/icon-192.png"), "sizes": "192x192", "type": "image/png"},
    {"src": _icon("icons/icon-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "any maskable"},
]
PWA_APP_ICONS_APPLE = [{"src": _icon("icons/apple-touch-icon.png"), "sizes": "180x180"}]
PWA_APP_SPLASH_SCREEN = []
PWA_APP_DEBUG_MODE = False

# --- safety ----------------------------------------------------------------------------------------------------

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
#: Who may frame a page is said by frame-ancestors (training/headers.py), not by X-Frame-Options.
SILENCED_SYSTEM_CHECKS = ["security.W002"]
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env("FROM_EMAIL", default="boiduong@localhost")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
    # axes names accounts and addresses in its lines; what is needed of that is in the database.
    "loggers": {"axes": {"level": "CRITICAL"}, "wagtail": {"level": "WARNING"}},
}
