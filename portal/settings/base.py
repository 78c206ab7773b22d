"""What every environment shares. Values that differ come from the environment (README, table)."""

from __future__ import annotations

from . import environment
from .environment import BASE_DIR, env

DATA_DIR = environment.data_directory("DATA_DIR", BASE_DIR)
VAR_DIR = DATA_DIR / "var"

DEBUG = False
SITE_NAME = "Partnership2Gether"
WAGTAIL_SITE_NAME = SITE_NAME
HOST = env.str("HOST", default="127.0.0.1")
PORT = environment.integer("PORT", 8000)
BASE_URL = environment.url("BASE_URL", ("http", "https"), f"http://{HOST}:{PORT}").rstrip("/")
WAGTAILADMIN_BASE_URL = BASE_URL
WEB_WORKERS = environment.integer("WEB_WORKERS", 2)
DEMO = False  # `make run` loads the network of Partnerships, and demo accounts with it
NETWORK_DATA_DIR = BASE_DIR / "home"  # its data files; loaded again when one changes
RATE_LIMITS = environment.choice("RATE_LIMITS", "on", ("on", "off")) == "on"

INSTALLED_APPS = [
    "home",
    "stories",
    "partnerships",
    "search",
    "portal",
    "wagtail.contrib.settings",
    "wagtail.contrib.redirects",
    "wagtail.contrib.simple_translation",
    "wagtail.contrib.table_block",
    "wagtail.embeds",
    "wagtail.sites",
    "portal.apps.PortalUsersConfig",  # wagtail.users
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_tasks",
    "django_tasks_db",
    "allauth",
    "allauth.account",
    "csp",
    "ninja",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
    "django.contrib.humanize",
    "django.forms",  # its templates, since ours include them
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.middleware.AdminContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "portal.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "portal.middleware.PublicationRefusalMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            # `auth` and `messages` are here because Wagtail's admin needs them. Public templates
            # must not touch them (no cookie, no `Vary: Cookie`): a test holds it.
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context_processors.portal",
            ],
            "builtins": ["django.templatetags.i18n", "portal.templatetags.portal_tags"],
        },
    },
]

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"  # widgets from templates/ too

DATABASES = {"default": environment.database(VAR_DIR / "portal.sqlite3")}
CACHES = {"default": environment.cache(environment.url("CACHE_URL", ("redis", "rediss", "locmem")))}

# Identity: our own user from the first migration; allauth is the only door.
AUTH_USER_MODEL = "portal.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/admin/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "portal.accounts.InvitationOnlyAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # strangers get no mail from us
ACCOUNT_RATE_LIMITS: dict[str, str] | bool = {} if RATE_LIMITS else False
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Languages: one page tree each. A third language is a line here and `ensure_language_tree`.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("he", "עברית")]
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES
WAGTAIL_I18N_ENABLED = True
WAGTAILSIMPLETRANSLATION_SYNC_PAGE_TREE = False  # aliases across languages are never made
# Ours, then words of the admin that Wagtail's own Hebrew lacks; both before the apps' catalogues.
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "portal" / "wagtail_locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise warns without it
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "var" / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# Wagtail
WAGTAILADMIN_LOGIN_URL = "account_login"
WAGTAIL_FRONTEND_LOGIN_URL = "/accounts/login/"
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAIL_ENABLE_UPDATE_CHECK = False  # no call to another host
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_AUTOSAVE_INTERVAL = 3000  # half a second churns SQLite (TRAPS 35)
WAGTAIL_WORKFLOW_ENABLED = True
WAGTAIL_MODERATION_ENABLED = False
WAGTAIL_ALLOW_UNICODE_SLUGS = True
WAGTAILIMAGES_IMAGE_MODEL = "portal.PortalImage"
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 20 * 1024 * 1024
WAGTAILIMAGES_EXTENSIONS = ["avif", "gif", "heic", "jpg", "jpeg", "png", "webp"]
WAGTAILDOCS_DOCUMENT_MODEL = "portal.PortalDocument"
WAGTAILDOCS_MAX_UPLOAD_SIZE = 20 * 1024 * 1024
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "ics", "odt", "pdf", "pptx", "txt", "xlsx"]
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "portal.admin_search"}}
WAGTAILEMBEDS_FINDERS: list[dict[str, str]] = []  # nothing is fetched from another host
TAGGIT_CASE_INSENSITIVE = True
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

# The library
SEARCH_ENGINE = environment.choice("SEARCH_ENGINE", "auto", ("auto", "database", "elasticsearch"))
SEARCH_REPORT_DAYS = environment.integer("SEARCH_REPORT_DAYS", 365, minimum=0)  # 0: none
SEARCH_VECTORS = environment.choice("SEARCH_VECTORS", "off", ("on", "off")) == "on"
ELASTICSEARCH_URL = environment.url("ELASTICSEARCH_URL", ("http", "https"))
ELASTICSEARCH_TIMEOUT = environment.integer("ELASTICSEARCH_TIMEOUT", 3)  # seconds of a search
ELASTICSEARCH_PREFIX = env.str("ELASTICSEARCH_PREFIX", default="p2g-library")  # of its indexes
if SEARCH_ENGINE == "elasticsearch" and not ELASTICSEARCH_URL:
    raise environment.EnvironmentRefused("ELASTICSEARCH_URL", "is not set; SEARCH_ENGINE needs it")

# Work beside the web process
TASKS = {
    "default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []},
}
EMAIL_URL = environment.url(
    "EMAIL_URL",
    ("smtp", "smtps", "smtp+tls", "smtp+ssl", "consolemail", "filemail", "memorymail", "dummymail"),
    f"filemail://{VAR_DIR.absolute() / 'mail'}",
)
globals().update(environment.email(EMAIL_URL))
# Every mail goes through the outbox; the worker delivers it as EMAIL_URL says.
MAIL_DELIVERY_BACKEND = environment.email(EMAIL_URL)["EMAIL_BACKEND"]
EMAIL_BACKEND = "portal.mail_backend.OutboxBackend"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="portal@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 20

# Security
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
# Wagtail's editor needs inline scripts and styles (ECOSYSTEM 4.2); only /admin/ gets them.
ADMIN_CONTENT_SECURITY_POLICY = {
    "default-src": ["'self'"],
    "script-src": ["'self'", "'unsafe-inline'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:", "blob:"],
    "object-src": ["'none'"],
    "base-uri": ["'self'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'self'"],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        # What robots send must not fill the log: one line each is enough, or none.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "gunicorn.http.wsgi": {"level": "ERROR"},  # warns at each HEAD, which Django leaves to it
    },
}
SILENCED_SYSTEM_CHECKS: list[str] = []
