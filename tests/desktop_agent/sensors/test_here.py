"""The sensors of the PC that the tests run on."""

from __future__ import annotations

import logging
from dataclasses import fields

import pytest

from desktop_agent.core.sensors.base import GpuStatus, SensorFailed
from desktop_agent.core.sensors.here import made, sensors_here
from desktop_agent.core.text import Text


def test_every_sensor_tells_or_says_why_not() -> None:
    """Here, without any desktop or with one: a value, or words for the owner; nothing else is raised."""
    sensors = sensors_here()
    for field in fields(sensors):
        sensor = getattr(sensors, field.name)
        assert sensor is not None, f"{field.name} could not be made"
        try:
            if field.name == "gpus":
                assert all(isinstance(card, GpuStatus) for card in sensor.read(working=False))
            elif field.name == "programs":
                assert sensor.read(frozenset({"no-such-program"})) == frozenset()
            else:
                sensor.read()
        except SensorFailed as error:
            assert isinstance(error.reason, Text)
            assert str(error.reason).endswith(".")
        finally:
            getattr(sensor, "close", int)()


@pytest.mark.parametrize("error", [OSError("no such library"), AttributeError("no such function"), KeyError("amdsmi")])
def test_a_sensor_that_cannot_be_made_is_none(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    """A library that is missing, too old or broken costs one sensor, and the log says which and why."""

    def make() -> object:
        raise error

    with caplog.at_level(logging.INFO):
        assert made("game pads", make) is None
    assert "game pads" in caplog.text
    assert type(error).__name__ in caplog.text


def test_a_sensor_that_knows_that_it_cannot_tell_is_none(caplog: pytest.LogCaptureFixture) -> None:
    """Its reason is in the log, without a traceback."""

    def make() -> object:
        raise SensorFailed(Text("This PC has no screen."))

    with caplog.at_level(logging.INFO):
        assert made("full screen", make) is None
    assert "This PC has no screen." in caplog.text
    assert "Traceback" not in caplog.text
