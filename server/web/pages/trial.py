"""`/admin/try`: the operator tries the pool, with two texts or a chat, on the same way as any client's work."""

from __future__ import annotations

from typing import Any

import wtforms
from flask import Blueprint, Response, request
from wtforms.validators import InputRequired

from server.domain.chat_request import parse_chat_request
from server.domain.errors import PoolError
from server.services.operator import model_views, trial
from server.services.operator.model_views import ModelState, ModelView
from server.services.operator.trial import READING_ALONG, Comparison, Reply, Trouble
from server.services.operators_client import operators_client
from server.web import chat_events
from server.web.connection import client_gone
from server.web.json_body import read_json
from server.web.pages.forms import Form
from server.web.pages.models import state_words
from server.web.pages.rendering import page
from server.web.pages.scales import scale_of
from server.web.parts import pool

blueprint = Blueprint("trial", __name__, url_prefix="/try")

#: What stands in the form to begin with: two texts that mean much the same in other words.
EXAMPLES = (
    "Volunteers lend their graphics cards while they are away.",
    "People share the idle GPU of their PC when nobody uses it.",
)
WANTED = InputRequired("Write a text.")


class CompareForm(Form):
    """Two texts, and the model that is to embed them."""

    embedder = wtforms.SelectField("Model")
    one = wtforms.TextAreaField("First text", [WANTED], default=EXAMPLES[0], render_kw={"rows": 3})
    other = wtforms.TextAreaField("Second text", [WANTED], default=EXAMPLES[1], render_kw={"rows": 3})


class ChatForm(Form):
    """A message, and the model that is to answer it."""

    talker = wtforms.SelectField("Model")
    message = wtforms.TextAreaField("Message", [WANTED], render_kw={"rows": 2})


@blueprint.get("")
def show() -> Response:
    """Show both forms."""
    return _page(_offered())


@blueprint.post("")
def compare() -> Response:
    """Embed two texts and show how close they are; with a script's page, in its place."""
    offered = _offered()
    form = _compare_form(offered, request.form)
    if not form.validate():
        return _page(offered, status=422, compare_form=form)
    texts = (form.one.data or "", form.other.data or "")
    tried = trial.compare(pool(), form.embedder.data, texts, client_gone(request.environ))
    return _page(offered, compare_form=form, tried=tried)


@blueprint.post("/answer")
def answer() -> Response:
    """Answer one message whole, for a browser that runs no scripts."""
    offered = _offered()
    form = _chat_form(offered, request.form)
    if not form.validate():
        return _page(offered, status=422, chat_form=form)
    asked = parse_chat_request(_chat(form.talker.data, [{"role": "user", "content": form.message.data}]))
    return _page(offered, chat_form=form, reply=trial.chat(pool(), asked, client_gone(request.environ)))


@blueprint.post("/chat")
def chat() -> Response:
    """Answer a conversation piece by piece, as server-sent events; who stops reading cancels it."""
    gone = client_gone(request.environ)
    # The page's script reads events only: what is refused is one, too.
    try:
        said = read_json()
        fields = said if isinstance(said, dict) else {}
        asked = parse_chat_request(
            _chat(fields.get("model"), fields.get("messages"), stream=True, stream_options={"include_usage": True})
        )
        client = operators_client(pool(), pool().clock.now())
        return chat_events.stream(pool(), client, asked, READING_ALONG, gone)
    except PoolError as error:
        return chat_events.refused(error)


@blueprint.get("/work/<job_id>")
def work(job_id: str) -> Response:
    """Say who computed a try, and how long it took: a piece of the page, for its script."""
    return page("trial/work.html", work=trial.work_of(pool(), job_id))


def _chat(model: Any, messages: Any, **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": messages, **more}


def _page(
    offered: list[ModelView],
    *,
    status: int = 200,
    compare_form: CompareForm | None = None,
    chat_form: ChatForm | None = None,
    tried: Comparison | Trouble | None = None,
    reply: Reply | Trouble | None = None,
) -> Response:
    return page(
        "trial/show.html",
        status=status,
        compare_form=compare_form or _compare_form(offered),
        chat_form=chat_form or _chat_form(offered),
        embeds=any(_is_served(view) for view in offered if view.kind == "embedding"),
        chats=any(_is_served(view) for view in offered if view.kind == "chat"),
        comparison=tried if isinstance(tried, Comparison) else None,
        scale=scale_of(tried.cosine) if isinstance(tried, Comparison) else None,
        compare_trouble=tried if isinstance(tried, Trouble) else None,
        reply=reply if isinstance(reply, Reply) else None,
        chat_trouble=reply if isinstance(reply, Trouble) else None,
    )


def _offered() -> list[ModelView]:
    """Return the models that agents have, those that are served now before others."""
    found = model_views.list_models(pool(), pool().clock.now())
    offered = [view for view in found if view.state is not ModelState.GONE]
    return sorted(offered, key=lambda view: not _is_served(view))


def _compare_form(offered: list[ModelView], given: Any = None) -> CompareForm:
    form = CompareForm(given)
    form.embedder.choices = [_choice(view) for view in offered if view.kind == "embedding"]
    return form


def _chat_form(offered: list[ModelView], given: Any = None) -> ChatForm:
    form = ChatForm(given)
    form.talker.choices = [_choice(view) for view in offered if view.kind == "chat"]
    return form


def _choice(view: ModelView) -> tuple[str, str, dict[str, bool]]:
    """Return a model for a list; one that is not served says why it cannot be chosen."""
    words = state_words(view)[1].lower()
    return view.model, f"{view.model} ({words})", {} if _is_served(view) else {"disabled": True}


def _is_served(view: ModelView) -> bool:
    return view.state is ModelState.SERVED
