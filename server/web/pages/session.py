"""Who looks at the pages: the operator, known by a cookie, and proof that a change was asked for on our own page.

A change needs three things beside the cookie: a browser that says the request comes from our own page, a token that
only our own page has, and a method that is not GET. The management API takes no cookie, and these pages no token in a
header: one never stands in for the other.
"""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import urlsplit

from flask import Response, g, request

from server.domain.errors import Forbidden, Unauthenticated
from server.services.operator import sessions
from server.services.operator.sessions import LONGEST_MS, Opened, Session
from server.web.parts import pool

#: Methods that change nothing.
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
#: Names of the cookie: browsers take the first over TLS only, for this host only, for the whole host only.
SECURE_COOKIE, PLAIN_COOKIE = "__Host-embedpool", "embedpool"
#: The field, and the header, that carry the token of a change.
FIELD, HEADER = "csrf_token", "X-CSRF-Token"
#: Header of a request that a page makes by itself, and one it adds when its person did something meanwhile.
FRAGMENT, ACTIVE = "X-Fragment", "X-Person-Active"


def operator() -> Session:
    """Return the session of this request; Unauthenticated where there is none."""
    found = current()
    if found is None:
        raise Unauthenticated("You are not signed in, or no longer. Sign in and do it again.")
    return found


def current() -> Session | None:
    """Return the session of this request, if there is one."""
    if "session" not in g:
        cookie = _cookie()
        g.session = sessions.recognise(pool(), cookie, pool().clock.now()) if cookie else None
    found: Session | None = g.session
    return found


def note_seen() -> None:
    """Let the session go on, where a person stands behind the request and not only a page that looks again."""
    if FRAGMENT not in request.headers or ACTIVE in request.headers:
        sessions.note_seen(pool(), operator(), pool().clock.now())


def check_origin() -> None:
    """Refuse a change that does not come from a page of ours; Forbidden."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin", "")
    # Browsers say where a request comes from in one of these two headers at least; nothing else has business here.
    if (site is not None and site != "same-origin") or (site is None and urlsplit(origin).netloc != request.host):
        raise Forbidden("This change was not asked for on this server's own page, so it was not made.")


def check_token() -> None:
    """Refuse a change without the token that our own page has; Forbidden."""
    given = request.headers.get(HEADER) or request.form.get(FIELD, "")
    if not hmac.compare_digest(given.encode("utf-8", "surrogatepass"), csrf_token().encode()):
        raise Forbidden("The page that asked for this change is out of date. Load it again, and do it once more.")


def csrf_token() -> str:
    """Return the token that a change has to carry: it belongs to the session, and tells nothing of the cookie."""
    return hmac.new(_cookie().encode("utf-8", "surrogatepass"), b"change", hashlib.sha256).hexdigest()


def let_in(response: Response, opened: Opened) -> None:
    """Give the browser the cookie of a session just opened."""
    secure = _is_secure()
    response.set_cookie(
        SECURE_COOKIE if secure else PLAIN_COOKIE,
        opened.cookie,
        max_age=LONGEST_MS // 1000,
        secure=secure,
        httponly=True,
        samesite="Strict",
    )


def let_out(response: Response) -> None:
    """Take the cookie from the browser."""
    for name, secure in ((SECURE_COOKIE, True), (PLAIN_COOKIE, False)):
        if name in request.cookies:
            response.delete_cookie(name, secure=secure, httponly=True, samesite="Strict")


def _cookie() -> str:
    return request.cookies.get(SECURE_COOKIE if _is_secure() else PLAIN_COOKIE, "")


def _is_secure() -> bool:
    """Whether the browser talks TLS: with the proxy that we are told of, or under the name that we have behind one."""
    public = urlsplit(pool().settings.url)
    return request.is_secure or (public.scheme == "https" and public.netloc == request.host)
