"""The PC is kept awake exactly while it computes, by asking a real D-Bus; and the owner is told when nobody listens."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest

from desktop_agent.core.sampling.keep_awake import AGAIN_SECONDS, LINGER_SECONDS, KeepAwake, is_wanted
from desktop_agent.core.sensors.base import PowerState, Reading, Unknown
from desktop_agent.core.settings import Settings
from tests.desktop_session import add_bus, bare_desktop
from tests.fakes.dbus_services import DBusServices

MAINS, BATTERY = PowerState(on_battery=False), PowerState(on_battery=True)
#: Seconds that nothing of these tests takes, however busy the machine is.
PATIENCE_S = 60
SERVICE = "org.freedesktop.PowerManagement"
PLACE = "/org/freedesktop/PowerManagement/Inhibit"


class PowerManager:
    """A desktop's power management: remembers who keeps the PC awake."""

    def __init__(self, bus: DBusServices) -> None:
        self.bus = bus
        self.asked = 0
        self.think: Callable[[], object] = bool
        self.holding: set[int] = set()
        interface = f"{SERVICE}.Inhibit"
        bus.put(PLACE, {(interface, "Inhibit"): self._inhibit, (interface, "UnInhibit"): self._let_go})

    def _inhibit(self, _program: str, _why: str) -> tuple[str, list[object]]:
        self.asked += 1
        self.think()
        self.holding.add(self.asked)
        return "u", [self.asked]

    def _let_go(self, cookie: int) -> tuple[str, list[object]]:
        self.holding.remove(cookie)
        return "", []


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> Iterator[PowerManager]:
    """Give a power management that is not on the bus yet, on a session bus of its own."""
    for name in ("WAKEPY_FAKE_SUCCESS", "WAKEPY_FORCE_FAILURE", "XDG_SESSION_DESKTOP", "XDG_CURRENT_DESKTOP"):
        monkeypatch.delenv(name, raising=False)
    with bare_desktop() as desktop:
        add_bus(desktop)
        address = desktop.environ["DBUS_SESSION_BUS_ADDRESS"]
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        with DBusServices(address) as bus:
            yield PowerManager(bus)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.005)


async def asked(awake: KeepAwake, now: float) -> None:
    """Want it at this time, again and again until the system's answer is there."""
    await awake.follow(wanted=True, now=now)
    async with asyncio.timeout(PATIENCE_S):
        while not (awake.holds or awake.problem):
            await awake.follow(wanted=True, now=now)
            await asyncio.sleep(0.005)


@pytest.mark.parametrize(
    ("keep", "power", "computing", "wanted"),
    [
        (True, MAINS, True, True),
        (False, MAINS, True, False),
        (True, BATTERY, True, False),
        (True, MAINS, False, False),
        (True, Unknown("No such sensor."), True, False),
    ],
)
def test_only_while_it_computes_on_mains_and_its_owner_wants_it(
    keep: bool, power: Reading[PowerState], computing: bool, wanted: bool
) -> None:
    """A battery is never emptied for the pool, nor risked to be."""
    assert is_wanted(Settings(keep_awake=keep), power, computing=computing) is wanted


def test_it_is_held_over_short_gaps_and_let_go_after(manager: PowerManager) -> None:
    """Work comes with gaps: the system is asked once, and may sleep again a while after the last of it."""
    manager.bus.own(SERVICE)

    async def main() -> None:
        awake = KeepAwake()
        await awake.follow(wanted=False, now=0.0)
        assert (manager.asked, awake.holds) == (0, False)
        await asked(awake, 1.0)
        for now, wanted in ((2.0, True), (3.0, False), (2.0 + LINGER_SECONDS - 1, False), (70.0, True)):
            await awake.follow(wanted=wanted, now=now)
            assert (manager.asked, manager.holding, awake.holds, awake.problem) == (1, {1}, True, "")
        await awake.follow(wanted=False, now=70.0 + LINGER_SECONDS)
        assert not awake.holds
        await until(lambda: not manager.holding)
        await asked(awake, 131.0)
        assert manager.holding == {2}
        await awake.close()
        await until(lambda: not manager.holding)

    asyncio.run(main())


def test_where_nobody_listens_the_owner_is_told_and_it_is_tried_again_later(manager: PowerManager) -> None:
    """The sentence names who was asked, and goes when it works or is not wanted; not every batch tries again."""

    async def main() -> None:
        awake = KeepAwake()
        await asked(awake, 0.0)
        assert not awake.holds
        assert awake.problem.startswith("EmbedPool cannot keep this PC awake: it was refused by ")
        assert SERVICE in awake.problem
        await awake.follow(wanted=False, now=10.0)
        assert awake.problem == ""
        manager.bus.own(SERVICE)
        await awake.follow(wanted=True, now=AGAIN_SECONDS - 1)
        await asked(awake, AGAIN_SECONDS)
        assert (manager.asked, awake.holds, awake.problem) == (1, True, "")
        await awake.close()

    asyncio.run(main())


def test_a_slow_system_holds_up_nobody_and_is_not_left_waiting_for_its_end(manager: PowerManager) -> None:
    """While it thinks, everything else goes on and it is not asked twice; what it grants at last is given back."""
    manager.bus.own(SERVICE)
    thinking = threading.Event()
    manager.think = thinking.wait

    async def main() -> None:
        awake = KeepAwake()
        for now in range(3):
            await awake.follow(wanted=True, now=float(now))
            assert not awake.holds
        await until(lambda: manager.asked == 1)
        thinking.set()
        await awake.close()
        await until(lambda: not manager.holding)

    asyncio.run(main())
    assert manager.asked == 1
