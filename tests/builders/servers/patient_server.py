"""An HTTP server whose queue holds all who ask at once: a full one costs seconds, or a minute."""

from http.server import ThreadingHTTPServer


class PatientServer(ThreadingHTTPServer):
    """Python's own queue holds five."""

    request_queue_size = 128
