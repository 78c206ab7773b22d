"""The web process's socket: who has a port that two portals bound while they prepared."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator

import pytest

from portal.settings.environment import EnvironmentRefused
from portal.web import WebServer, answers, bind


class Healthy(http.server.BaseHTTPRequestHandler):
    """Answers 200 to everything."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def bound() -> Iterator[socket.socket]:
    """Give a socket of a portal that is still preparing."""
    with bind("127.0.0.1", 0) as listener:
        yield listener


@pytest.fixture
def other_server(bound: socket.socket) -> Iterator[None]:
    """Let another program listen at the same address meanwhile."""
    server = http.server.HTTPServer(bound.getsockname(), Healthy)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield
    server.shutdown()
    thread.join()
    server.server_close()


def test_another_program_at_the_same_address_is_not_taken_for_the_portal(
    bound: socket.socket, other_server: None
) -> None:
    assert answers(bound, "http://127.0.0.1") == 0


def test_a_port_that_another_program_took_meanwhile_is_refused_in_one_line(
    bound: socket.socket, other_server: None
) -> None:
    with pytest.raises(EnvironmentRefused, match=r"^PORT: \d+ is in use by now"):
        WebServer(bound, 1).run()
