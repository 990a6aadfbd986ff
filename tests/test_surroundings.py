"""What tests/conftest.py promises: nothing reaches the network, and what a page does is seen."""

import http.server
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def local_server() -> Iterator[str]:
    """Address of a web server on this machine that answers every request with a refusal."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_a_connection_beyond_this_machine_fails_the_test():
    with socket.socket() as connection, pytest.raises(AssertionError, match="192.0.2.1"):
        connection.connect(("192.0.2.1", 80))


def test_a_name_is_not_looked_up():
    with pytest.raises(AssertionError, match="example.org"):
        socket.create_connection(("example.org", 80))


@pytest.mark.browser
def test_a_page_that_stays_within_its_file_leaves_no_traffic(page, traffic, tmp_path):
    still = Path(tmp_path, "still.html")
    still.write_text(
        '<!doctype html><img alt="" src="data:image/svg+xml,<svg xmlns=%22http://www.w3.org/2000/svg%22/>">'
    )
    page.goto(still.as_uri())
    assert (traffic.errors, traffic.requests) == ([], [])


@pytest.mark.browser
def test_a_script_error_and_a_request_are_seen(page, traffic, tmp_path, local_server):
    noisy = Path(tmp_path, "noisy.html")
    noisy.write_text(f'<!doctype html><img alt="" src="{local_server}"><script>nowhere()</script>')
    page.goto(noisy.as_uri())
    assert traffic.requests == [local_server]
    assert any("nowhere is not defined" in error for error in traffic.errors)
