"""Making pages of templates: what every one of them shows, and the headers that keep a browser on our side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, current_app, request, url_for
from jinja2 import StrictUndefined
from markupsafe import Markup

from server import __version__
from server.web.pages import assets, formats, session
from server.web.pages.icons import icon
from server.web.pages.notices import DONE
from server.web.parts import pool

#: A page may load and ask nothing but this server, runs no script that stands in it, and is shown in no other page.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Vary": "Cookie, X-Fragment",
}
#: What a page asks for when it looks again: the part of itself that lives.
LIVE = "live"
#: Endpoint, what it is called, and its icon: the navigation.
NAVIGATION = (
    ("admin.overview.show", "Overview", "speedometer2"),
    ("admin.agents.index", "Agents", "pc-display"),
    ("admin.tasks.index", "Tasks", "list-task"),
    ("admin.keys.index", "Keys", "key"),
    ("admin.invites.index", "Invites", "envelope-paper"),
    ("admin.models.index", "Models", "boxes"),
    ("admin.trial.show", "Try it", "play-circle"),
    ("admin.health.show", "Health", "heart-pulse"),
)
#: Files with macros, under the names that every template has them.
MACROS = {"ui": "macros/ui.html", "forms": "macros/forms.html", "charts": "macros/chart.html"}


def register(app: Flask) -> None:
    """Give the templates of an app what they all need."""
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.filters.update(formats.FILTERS)
    given: dict[str, Callable[..., Any]] = {
        "icon": icon,
        "csrf": _csrf,
        "csrf_token": session.csrf_token,
        "asset_url": assets.asset_url,
        "now": _now,
    }
    environment.globals.update(given)
    # Without this, a block that is rendered alone would not know what its template imported.
    for name, file in MACROS.items():
        environment.globals[name] = environment.get_template(file).module


def page(template: str, *, status: int = 200, **values: Any) -> Response:
    """Answer with a page; or with its live part alone, where the page itself asks for that.

    Args:
        template: file in the folder of templates.
        status: of the answer.
        values: what the template shows.
    """
    loaded = current_app.jinja_env.get_template(template)
    shown = {**_everywhere(), **values}
    if request.headers.get(session.FRAGMENT) == LIVE and LIVE in loaded.blocks:
        text = "".join(loaded.blocks[LIVE](loaded.new_context(shown)))
    else:
        text = loaded.render(shown)
    return Response(text, status, HEADERS, mimetype="text/html")


def see_other(endpoint: str, *, done: str = "", **values: Any) -> Response:
    """Send the browser to a page; `done` is the code of what it says there was done (see `notices`)."""
    said: dict[str, Any] = {"done": done} if done else {}
    return Response(status=303, headers={**HEADERS, "Location": url_for(endpoint, **values, **said)})


def _everywhere() -> dict[str, Any]:
    return {
        "pool_name": pool().settings.pool_name,
        "version": __version__,
        "navigation": NAVIGATION,
        "here": request.endpoint or "",
        "done": DONE.get(request.args.get("done", ""), ""),
        "signed_in": session.current(),
        "url_for": url_for,
    }


def _now() -> int:
    return pool().clock.now()


def _csrf() -> Markup:
    """Write the hidden field that every form for a change has."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(session.FIELD, session.csrf_token())
