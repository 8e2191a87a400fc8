"""Gathering what the decision depends on from the parts that know it."""

from __future__ import annotations

import time

from ..engines.catalogue import Catalogue
from ..engines.download import RECOMMENDED_MODEL
from ..engines.start_ollama import is_this_pc
from ..messages import engine as words
from ..pool.card_report import CardReport, card_report
from ..rules.card import chosen_card
from ..rules.policy import PolicySnapshot
from ..rules.signals import OurUse
from ..sensors.base import Surroundings, Unknown
from ..settings import EngineChoice, Settings
from ..state import AgentState, Remedy
from .agent import Agent
from .belonging import Belonging
from .engine_room import EngineRoom
from .steering import Steering


def policy_snapshot(steering: Steering, belonging: Belonging, engines: EngineRoom) -> PolicySnapshot:
    """Draw the present for the policy."""
    agent, trouble, now = belonging.agent, belonging.trouble, time.time()
    chat = agent.worker.chat if agent else None
    retry_in = agent.contact.quiet_until - time.monotonic() if agent else 0.0
    remedy, model = engine_remedy(engines.catalogue, steering.settings.ollama_url)
    return PolicySnapshot(
        now=now,
        joined=belonging.member is not None,
        starting=agent is None or not agent.announcer.told_once,
        error=trouble.reason if trouble else "",
        error_remedy=trouble.remedy if trouble else Remedy.NONE,
        control=steering.control,
        under_way=agent is not None and not agent.worker.is_idle,
        engine_problem=engines.catalogue.problem or engines.watch.problem,
        engine_remedy=remedy,
        remedy_model=model,
        owner_uses_engine=engines.watch.owner_uses,
        connection_problem=agent.contact.problem if agent else "",
        retry_at=now + retry_in if retry_in > 0 else None,
        settings=steering.settings,
        settled=steering.settled,
        chatting_with=chat.model if chat else "",
        chatting_seconds=time.monotonic() - chat.started_at if chat else 0.0,
        working_on=agent.working_on if agent else "",
        texts_per_minute=agent.texts_per_minute if agent else 0,
        skipped=agent.worker.skipped if agent else (),
        paused_by_pool=agent.worker.paused_by_pool if agent else None,
    )


def our_use(agent: Agent | None, engines: EngineRoom) -> OurUse:
    """Say what we do with this PC ourselves."""
    sizes = [offer.size_bytes for offer in engines.catalogue.offers if offer.size_bytes]
    return OurUse(
        working=is_working(agent),
        model_bytes=min(sizes, default=None),
        model_loaded=any(model.ours for model in engines.watch.loaded),
    )


def is_working(agent: Agent | None) -> bool:
    """Tell whether an engine computes for us, or did a moment ago: the next batch is on its way."""
    return agent is not None and (agent.worker.is_computing or bool(agent.working_on))


def engine_remedy(catalogue: Catalogue, ollama_url: str) -> tuple[Remedy, str]:
    """Say what its owner can do when nothing is on offer, and with which model."""
    problem = catalogue.problem
    if not problem:
        return Remedy.NONE, ""
    if problem in (words.NO_MODEL, words.NO_EMBEDDING_MODEL):
        return Remedy.DOWNLOAD_MODEL, RECOMMENDED_MODEL
    ollama = next((status for status in catalogue.statuses if status.name == "ollama"), None)
    is_down = ollama is not None and not ollama.available and not ollama.version
    return (Remedy.START_OLLAMA if is_down and is_this_pc(ollama_url) else Remedy.NONE), ""


def has_card(seen: Surroundings | None) -> bool:
    """Tell whether this PC is known to have a graphics card."""
    return seen is not None and not isinstance(seen.gpus, Unknown) and bool(seen.gpus)


def watts(seen: Surroundings | None, settings: Settings) -> float:
    """Give what the graphics card draws now; 0 where that is not known."""
    if seen is None or isinstance(seen.gpus, Unknown):
        return 0.0
    card = chosen_card(seen.gpus, settings.gpu)
    return (card.power_watts or 0.0) if card is not None else 0.0


def told_card(steering: Steering, catalogue: Catalogue, state: AgentState) -> CardReport | None:
    """Say of the graphics card what the pool's operator may see; None where it is not known, or computes nothing.

    While the owner has the PC for themselves, how busy it is concerns nobody.
    """
    computes = any(status.available and status.name != EngineChoice.EMBEDDED for status in catalogue.statuses)
    seen = steering.surroundings
    if seen is None or isinstance(seen.gpus, Unknown) or not computes:
        return None
    card = chosen_card(seen.gpus, steering.settings.gpu)
    return None if card is None else card_report(card, closely=state in (AgentState.READY, AgentState.WORKING))
