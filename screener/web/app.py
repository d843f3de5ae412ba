"""What every web process of ours does alike: headers, static files, templates, a Flask without sessions.

The headers are put on by the outermost layer, below which nothing can forget them: static files, error
pages and answers that werkzeug gives by itself have them too. Templates are ours and strict: an unknown
name is an error at the first rendering, and ``config``, ``request`` and ``session`` are not there to leak.
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
MOST_BYTES = 64 * 1024
POLICY = "; ".join(
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
UNUSED = ("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "microphone", "payment", "usb")
ALWAYS = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", ", ".join(f"{feature}=()" for feature in UNUSED)),
)
IN_PRODUCTION = (("Strict-Transport-Security", "max-age=63072000; includeSubDomains"),)
IN_DEVELOPMENT = (("X-Robots-Tag", "noindex"),)
NOT_KEPT = ("Cache-Control", "no-store")
#: Names of this machine, and the addresses that they stand for.
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})
#: What proxies add to a request, as WSGI spells it.
FORWARDED_HEADERS = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_", "HTTP_X_REAL_IP", "HTTP_VIA")
FOREIGN_HOST = "This address is not served here.\n"


class SafeHeaders:
    """The layer around everything that adds our headers to each answer, whoever gave it."""

    def __init__(self, application: "WSGIApplication", settings: Settings, *, referrer: str = "no-referrer") -> None:
        self.application = application
        here = IN_PRODUCTION if settings.in_production else IN_DEVELOPMENT
        self.headers = (*ALWAYS, ("Referrer-Policy", referrer), *here)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            kept = any(name.lower() == "cache-control" for name, _ in headers)
            return start_response(status, [*headers, *self.headers, *(() if kept else (NOT_KEPT,))], exc_info)

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


def refuse_one_host(settings: Settings) -> None:
    """Raise *UserError* when public side and desk share a host name, or one's name lies inside the other's.

    Cookies know no ports, and a parent's cookies reach its children.
    """
    public, desk = settings.public_host, settings.desk_host
    if public and desk and (public == desk or public.endswith(f".{desk}") or desk.endswith(f".{public}")):
        raise UserError(
            f"SCREENER_PUBLIC_HOST ({public}) and SCREENER_DESK_HOST ({desk}) must be two names, neither inside the "
            "other: browsers would send one's cookies to the other. Take two names side by side."
        )


class NoSession(SessionInterface):
    """No cookie is ever set or read: whoever reaches for ``session`` gets an error instead of one."""

    def open_session(self, app: Flask, request: Request) -> None:
        return None


class StaticFiles:
    """Our style sheet, script and mark, each under a name that changes with its content.

    A browser may therefore keep them for years, and a page never meets the style of another release.
    """

    def __init__(self, folder: Path = PACKAGE / "static") -> None:
        self.files = {path.name: (self._address(path), path) for path in sorted(folder.iterdir()) if path.is_file()}

    @staticmethod
    def _address(path: Path) -> str:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        return f"/static/{path.stem}.{digest}{path.suffix}"

    def address(self, name: str) -> str:
        """Where *name* (``screener.css``) is found; an unknown name is a defect, seen at the first rendering."""
        return self.files[name][0]

    def around(self, application: "WSGIApplication") -> "WSGIApplication":
        """*application*, with the static files answered before it is asked."""
        white = WhiteNoise(application, allow_all_origins=False, immutable_file_test=lambda path, url: True)
        for address, path in self.files.values():
            white.add_file_to_dictionary(address, str(path))
        served: WSGIApplication = white
        return served


class CompiledOnce(jinja2.BytecodeCache):
    """What a template was compiled to, kept for as long as the process lives.

    Whoever makes several applications in one process (the demo, the tests) would otherwise compile all templates for
    each. One of these serves environments that compile alike.
    """

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        if kept := self._kept.get(bucket.key):
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


def templates(folder: Path = ROOT / "templates", **shared: object) -> jinja2.Environment:
    """The strict environment of our templates, with *shared* known to all of them."""
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


def new_flask(name: str) -> Flask:
    """A Flask that keeps nothing between two requests and has no folder of its own to serve."""
    app = Flask(name, static_folder=None, template_folder=None, root_path=str(PACKAGE))
    app.session_interface = NoSession()
    app.config.update(MAX_CONTENT_LENGTH=MOST_BYTES, PROVIDE_AUTOMATIC_OPTIONS=False)
    return app
