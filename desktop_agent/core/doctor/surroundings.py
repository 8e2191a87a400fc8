"""Looks at what the sensors can tell about this PC and its owner."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from ..messages import doctor as words
from ..sensors.base import GpuStatus, SensorFailed, Sensors, Unknown
from .finding import Finding, attention, good

#: Seconds that a sensor has.
SENSOR_SECONDS = 5.0

T = TypeVar("T")


async def look_around(sensors: Sensors) -> list[Finding]:
    """Read the sensors that the owner's rules stand on, each once."""
    cards, idle = sensors.gpus, sensors.user_idle
    power, full_screen = sensors.power, sensors.full_screen
    return [
        *_cards(await _read((lambda: cards.read(working=False)) if cards else None)),
        _idle(await _read(idle.read if idle else None), idle.name if idle else ""),
        _power(await _read((lambda: power.read().on_battery) if power else None)),
        _full_screen(await _read(full_screen.read if full_screen else None)),
    ]


async def _read(sensor: Callable[[], T] | None) -> T | Unknown:
    """Give what the sensor says, or why it says nothing."""
    if sensor is None:
        return Unknown(words.NO_SENSOR)
    try:
        async with asyncio.timeout(SENSOR_SECONDS):
            return await asyncio.to_thread(sensor)
    except SensorFailed as failure:
        return Unknown(failure.reason)
    except Exception as error:  # noqa: BLE001 (whatever a driver raises is a finding)
        return Unknown(words.cannot_tell(str(error) or type(error).__name__))


def _cards(read: tuple[GpuStatus, ...] | Unknown) -> list[Finding]:
    if isinstance(read, Unknown):
        return [attention(words.CARD, read.reason, words.INSTALL_DRIVER)]
    return [_card(card) for card in read] or [attention(words.CARD, words.NO_CARD, words.INSTALL_DRIVER)]


def _card(card: GpuStatus) -> Finding:
    if card.asleep:
        return good(words.CARD, words.card_asleep(card.name))
    if card.load_percent is None:
        return attention(words.CARD, words.card_silent(card.name), words.INSTALL_DRIVER)
    return good(words.CARD, words.card_good(card.name))


def _idle(read: float | Unknown, source: str) -> Finding:
    if isinstance(read, Unknown):
        return attention(words.IDLE, read.reason, words.WHEN_CARD_FREE)
    return good(words.IDLE, words.not_touched(round(read), source))


def _power(on_battery: bool | Unknown) -> Finding:
    if isinstance(on_battery, Unknown):
        return attention(words.POWER, on_battery.reason, words.NO_HARM)
    return good(words.POWER, words.BATTERY if on_battery else words.MAINS)


def _full_screen(read: bool | Unknown) -> Finding:
    if isinstance(read, Unknown):
        return attention(words.FULL_SCREEN, read.reason, words.NO_HARM)
    return good(words.FULL_SCREEN, words.A_FULL_SCREEN if read else words.NO_FULL_SCREEN)
