"""The web process: gunicorn on a socket that the parent bound, so that a restart drops nobody."""

from __future__ import annotations

import errno
import gc
import http.client
import os
import socket
from typing import Any
from urllib.parse import urlsplit

from gunicorn.app.base import BaseApplication

from portal.settings.environment import EnvironmentRefused

#: Each worker answers this many requests at once; most of their time is the database's.
THREADS = 4
HIGHEST_PORT = 65_535
TIMEOUT_SECONDS = 60
GRACE_SECONDS = 20
#: So many new objects, instead of 700, before a worker looks for cycles: an answer with all facets
#: makes some twenty thousand, which go without it.
COLLECT_AFTER = 20_000


def bind(host: str, port: int) -> socket.socket:
    """Return a socket bound to HOST:PORT that does not listen yet.

    A port in use shows before anything is migrated, and until the web process listens a visitor
    is refused rather than kept waiting. Raises EnvironmentRefused with the variable at fault.
    Two that are still preparing may both bind: the first to listen has the port (`WebServer.run`).
    """
    if port > HIGHEST_PORT:
        raise EnvironmentRefused("PORT", f"is {port}; the highest is {HIGHEST_PORT}")
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError) as error:
        raise EnvironmentRefused("HOST", f"{host!r} is no address of a machine ({error})") from None
    bound = socket.socket(family, kind)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(address)
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            raise EnvironmentRefused("PORT", f"{port} is in use on {host}") from None
        name = "HOST" if error.errno == errno.EADDRNOTAVAIL else "PORT"
        raise EnvironmentRefused(name, f"can't listen on {host}:{port} ({error})") from None
    return bound


class WebServer(BaseApplication):
    """Gunicorn with the settings of the portal, inside the process that calls `run`."""

    def __init__(self, listener: socket.socket, workers: int) -> None:
        self.listener = listener
        self.workers = workers
        super().__init__()

    def run(self) -> None:
        """Listen and serve; raises EnvironmentRefused if another program listens here by now."""
        try:
            self.listener.listen()
        except OSError as error:
            port = self.listener.getsockname()[1]
            raise EnvironmentRefused("PORT", f"{port} is in use by now ({error})") from None
        super().run()

    def load_config(self) -> None:
        """Set what differs from gunicorn's defaults."""
        settings: dict[str, Any] = {
            "bind": f"fd://{os.dup(self.listener.fileno())}",
            "workers": self.workers,
            "worker_class": "gthread",
            "threads": THREADS,
            "preload_app": True,  # imported once, shared by the workers
            "timeout": TIMEOUT_SECONDS,
            "graceful_timeout": GRACE_SECONDS,
            "limit_request_line": 8190,  # the most; Hebrew takes six bytes a letter in an address
            "loglevel": "warning",
            "proc_name": "portal",
            "control_socket_disable": True,
            "post_fork": _collect_less,
        }
        if os.path.isdir("/dev/shm"):  # noqa: S108  a heartbeat on disk can stall a worker
            settings["worker_tmp_dir"] = "/dev/shm"  # noqa: S108
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Import what the first request would import; leave no connection to share."""
        from django.db import connections
        from django.template import engines
        from django.urls import get_resolver

        from portal.wsgi import application

        engines.all()
        _ = get_resolver().url_patterns
        connections.close_all()
        return application


def _collect_less(_arbiter: object, _worker: object) -> None:
    """Let the collector of a new worker leave alone what was there, and come less often."""
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, *gc.get_threshold()[1:])


def answers(bound: socket.socket, base_url: str) -> int:
    """Return the status of `/healthz` on the bound socket, or 0 if nothing answers within 2 s.

    While the socket does not listen, whoever answers at its address is somebody else. The request
    looks as the proxy's would (host and scheme of BASE_URL), since production refuses other hosts
    and sends plain HTTP on.
    """
    if not bound.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        return 0
    host, port = bound.getsockname()[:2]
    own = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    parts = urlsplit(base_url)
    connection = http.client.HTTPConnection(own, port, timeout=2)
    try:
        connection.request(
            "GET", "/healthz", headers={"Host": parts.netloc, "X-Forwarded-Proto": parts.scheme}
        )
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
