"""The parts of both web applications: security headers, host checks, static files, templates.

The headers are added by the outermost WSGI middleware, so that static files, error pages and answers of Werkzeug have
them too. Templates are strict: an unknown name is an error at the first rendering, and ``config``, ``request`` and
``session`` are not there to leak.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

import jinja2
from flask import Flask
from flask import Request
from flask.sessions import SessionInterface
from whitenoise import WhiteNoise

from screener.errors import UserError
from screener.settings import PACKAGE
from screener.settings import ROOT
from screener.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse
    from _typeshed.wsgi import WSGIApplication
    from _typeshed.wsgi import WSGIEnvironment

#: The most that a POST may weigh, in bytes; our longest honest page weighs about 8,000.
MAX_BODY_BYTES = 64 * 1024
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
DISABLED_FEATURES = (
    "accelerometer",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "microphone",
    "payment",
    "usb",
)
SECURITY_HEADERS = (
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    # What frame-ancestors says, for software that reads no policy.
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", ", ".join(f"{feature}=()" for feature in DISABLED_FEATURES)),
)
PRODUCTION_HEADERS = (("Strict-Transport-Security", "max-age=63072000; includeSubDomains"),)
DEVELOPMENT_HEADERS = (("X-Robots-Tag", "noindex"),)
NO_STORE = ("Cache-Control", "no-store")
#: Names of this machine, and the addresses that they stand for.
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})
#: What proxies add to a request, as WSGI spells it.
FORWARDED_HEADERS = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_", "HTTP_X_REAL_IP", "HTTP_VIA")
FOREIGN_HOST = "This address is not served here.\n"


class SecurityHeadersMiddleware:
    """Add the security headers to every response, and ``no-store`` where a response says nothing about caching."""

    def __init__(self, application: "WSGIApplication", settings: Settings, *, referrer: str = "no-referrer") -> None:
        self.application = application
        here = PRODUCTION_HEADERS if settings.in_production else DEVELOPMENT_HEADERS
        self.headers = (*SECURITY_HEADERS, ("Referrer-Policy", referrer), *here)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            kept = any(name.lower() == "cache-control" for name, _ in headers)
            return start_response(status, [*headers, *self.headers, *(() if kept else (NO_STORE,))], exc_info)

        return self.application(environ, start)


class LoopbackOnlyMiddleware:
    """Refuse every request of another machine, of a proxy or under a foreign host name with 403; for development.

    In development one process user reads all keys, so only this machine may reach the process. In production Flask's
    ``TRUSTED_HOSTS`` compares the host.
    """

    def __init__(self, application: "WSGIApplication") -> None:
        self.application = application

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        host = host_without_port(environ.get("HTTP_HOST", ""))
        forwarded = any(name.startswith(FORWARDED_HEADERS) for name in environ)
        if host in LOOPBACK_HOSTS and not forwarded and environ.get("REMOTE_ADDR", "127.0.0.1") in LOOPBACK_HOSTS:
            return self.application(environ, start_response)
        start_response("403 Forbidden", [("Content-Type", "text/plain; charset=utf-8")])
        return [FOREIGN_HOST.encode()]


def lowercase_host(application: "WSGIApplication") -> "WSGIApplication":
    """*application* with the Host header in lower case: host names know no case (RFC 9110, 4.2.3), Werkzeug's do."""

    def call(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        environ["HTTP_HOST"] = environ.get("HTTP_HOST", "").lower()
        return application(environ, start_response)

    return call


def host_without_port(header: str) -> str:
    """The host that a Host header names, in lower case and without its port."""
    name, colon, port = header.lower().rpartition(":")
    return name if colon and port.isdecimal() else header.lower()


def require_separate_hosts(settings: Settings) -> None:
    """Raise *UserError* when the public host and the desk host are the same, or one is a subdomain of the other.

    Cookies know no ports, and a parent's cookies reach its children.
    """
    desk = settings.desk_host
    for public in settings.public_hosts if desk else ():
        if public != desk and not public.endswith(f".{desk}") and not desk.endswith(f".{public}"):
            continue
        raise UserError(
            f"SCREENER_PUBLIC_HOST ({public}) and SCREENER_DESK_HOST ({desk}) must be two names, neither inside the "
            "other: browsers would send the cookies of one to the other. Use two names side by side."
        )


class DisabledSessionInterface(SessionInterface):
    """No cookie is ever set or read; code that uses ``session`` gets a *RuntimeError*."""

    def open_session(self, app: Flask, request: Request) -> None:
        return None


class StaticFiles:
    """The style sheets, script and icon, each at a URL with a hash of its content.

    A browser may therefore cache them for years, and a page never gets the style of another release.
    """

    def __init__(self, folder: Path = PACKAGE / "static") -> None:
        self.files = {path.name: (self._url(path), path) for path in sorted(folder.iterdir()) if path.is_file()}

    @staticmethod
    def _url(path: Path) -> str:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        return f"/static/{path.stem}.{digest}{path.suffix}"

    def url_of(self, name: str) -> str:
        """The URL of *name* (``screener.css``). Raises *KeyError* for an unknown name, at the first rendering."""
        return self.files[name][0]

    def wrap(self, application: "WSGIApplication") -> "WSGIApplication":
        """*application*, with the static files served before it is called (WhiteNoise)."""
        white = WhiteNoise(application, allow_all_origins=False, immutable_file_test=lambda path, url: True)
        for address, path in self.files.values():
            white.add_file_to_dictionary(address, str(path))
        served: WSGIApplication = white
        return served


class TemplateCache(jinja2.BytecodeCache):
    """A Jinja bytecode cache in memory.

    A process that creates several applications (the demo, the tests) would otherwise compile all templates for each.
    One cache serves environments with the same options.
    """

    def __init__(self) -> None:
        self._bytecode: dict[str, bytes] = {}

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        if bytecode := self._bytecode.get(bucket.key):
            bucket.bytecode_from_string(bytecode)

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        self._bytecode[bucket.key] = bucket.bytecode_to_string()


def create_template_environment(folder: Path = ROOT / "templates", **shared: object) -> jinja2.Environment:
    """Create the strict Jinja environment of the templates in *folder*, with the globals *shared*."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(shared)
    return environment


def create_sessionless_app(name: str) -> Flask:
    """Create a Flask application without sessions and without a static folder."""
    app = Flask(name, static_folder=None, template_folder=None, root_path=str(PACKAGE))
    app.session_interface = DisabledSessionInterface()
    app.config.update(MAX_CONTENT_LENGTH=MAX_BODY_BYTES, PROVIDE_AUTOMATIC_OPTIONS=False)
    return app
