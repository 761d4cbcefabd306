"""Figures of the night for Prometheus, on loopback, in the text format 0.0.4."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from formscan.batch.watch.status import NightStatus

STATES: Final = ("working", "waiting", "paused", "closed", "guarded", "ended")


def exposition(status: NightStatus) -> str:
    """A status as Prometheus reads it."""
    lines = []
    for name, kind, value, about in (
        ("pages_done_total", "counter", status.done, "Pages that got a result since the start."),
        ("pages_waiting", "gauge", status.waiting, "Pages and files that wait."),
        ("files_stirring", "gauge", status.stirring, "Files that are still being written."),
        ("pages_per_minute", "gauge", status.pages_a_minute, "Pace."),
        ("workers", "gauge", status.workers, "Processes that read."),
    ):
        full = f"formscan_night_{name}"
        lines += [f"# HELP {full} {about}", f"# TYPE {full} {kind}", f"{full} {value:g}"]
    lines += ["# HELP formscan_night_state What the night does.", "# TYPE formscan_night_state gauge"]
    lines += [f'formscan_night_state{{state="{each}"}} {int(each == status.state)}' for each in STATES]
    return "\n".join(lines) + "\n"


@contextmanager
def metrics_server(port: int, status: Callable[[], NightStatus]) -> Iterator[int]:
    """Serves ``/metrics`` on 127.0.0.1 until the block ends.

    Args:
        port: 0 for any.
        status: The status now; called in other threads.

    Yields:
        The port.

    Raises:
        OSError: If the port is taken.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.path == "/metrics"
            body = exposition(status()).encode() if known else b""
            self.send_response(200 if known else 404)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing; the log is the night's."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(
        target=server.serve_forever, name="formscan-metrics", kwargs={"poll_interval": 0.1}
    )
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
