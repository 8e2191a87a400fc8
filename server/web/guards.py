"""What holds for every request: its id, the host it names, and the headers of every answer."""

from __future__ import annotations

import ipaddress
import logging
import time
from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from server.domain.errors import MisdirectedRequest
from server.domain.ids import new_request_id
from server.logs import request_id_of_thread
from server.settings import Settings
from server.web.parts import pool

log = logging.getLogger("server.requests")

#: Nothing that the API answers is a page: browsers may do nothing with it.
SECURITY_HEADERS = [
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
]


def register(app: Flask, settings: Settings) -> None:
    """Guard every request of an app."""
    hosts = _allowed_hosts(settings)

    def begin() -> None:
        g.began = time.perf_counter()
        g.request_id = new_request_id()
        request_id_of_thread.set(g.request_id)
        _check_host(request.host, hosts)

    def finish(response: Response) -> Response:
        took_ms = (time.perf_counter() - g.began) * 1000
        for name, value in SECURITY_HEADERS:
            response.headers.setdefault(name, value)
        response.headers["x-request-id"] = g.request_id
        response.headers["openai-processing-ms"] = str(int(took_ms))
        pool().metrics.count_request(
            request.url_rule.rule if request.url_rule else None, request.method, response.status_code
        )
        # The route, not the path: a key may stand in the path.
        log.debug("%s %s %d %.1f ms", request.method, request.url_rule or "?", response.status_code, took_ms)
        return response

    app.before_request(begin)
    app.after_request(finish)


def _allowed_hosts(settings: Settings) -> frozenset[str]:
    named = {host.strip().lower() for host in settings.allowed_hosts.split(",") if host.strip()}
    return frozenset({"localhost", settings.host, urlsplit(settings.url).hostname or "", *named})


def _check_host(host: str, allowed: frozenset[str]) -> None:
    """Refuse a host name that is not ours: a hostile page could point its own name at this server (DNS rebinding).

    An IP address cannot be rebound, so every one is fine.
    """
    name = (urlsplit(f"//{host}").hostname or "").rstrip(".") if len(host) < 300 else ""
    if name in allowed or "*" in allowed or _is_address(name):
        return
    raise MisdirectedRequest(
        "This server does not answer to that host name. Its operator can add it to ALLOWED_HOSTS or set PUBLIC_URL."
    )


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
