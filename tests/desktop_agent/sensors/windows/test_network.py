"""Metered connections on Windows, over a COM object made of C function pointers."""

from __future__ import annotations

import ctypes
import uuid
from typing import Any

import pytest

from desktop_agent.core.sensors.base import SensorFailed
from desktop_agent.core.sensors.windows.network import ANSWER_SECONDS, GUID, WindowsNetwork
from tests.desktop_agent.sensors.native import NativeLibrary

METHOD = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
RELEASE = ctypes.CFUNCTYPE(ctypes.c_uint32, ctypes.c_void_p)


class Com:
    """COM with a network cost manager."""

    def __init__(self) -> None:
        self.now, self.cost, self.result, self.create_result, self.com_result = 0.0, 1, 0, 0, 0
        self.references = self.threads = self.asked = 0
        self._methods: list[Any] = [METHOD(lambda *_: -1), METHOD(lambda *_: -1)]
        self._methods += [RELEASE(self._release), METHOD(self._get_cost)]
        pointers = [ctypes.cast(method, ctypes.c_void_p).value for method in self._methods]
        self._table = (ctypes.c_void_p * 4)(*pointers)
        self._object = ctypes.c_void_p(ctypes.addressof(self._table))

    def sensor(self) -> WindowsNetwork:
        ole32 = NativeLibrary(
            CoInitializeEx=self._initialize, CoUninitialize=self._uninitialize, CoCreateInstance=self._create
        )
        return WindowsNetwork(ole32, lambda: self.now)

    def _initialize(self, _reserved: None, kind: int) -> int:
        assert kind == 0
        self.threads += self.com_result >= 0
        return self.com_result

    def _uninitialize(self) -> None:
        self.threads -= 1

    def _create(self, wanted: Any, _outer: None, context: int, interface: Any, answer: Any) -> int:
        assert bytes(wanted.contents) == bytes(GUID.of(uuid.UUID("DCB00C01-570F-4A9B-8D69-199FDBA5723B")))
        assert bytes(interface.contents) == bytes(GUID.of(uuid.UUID("DCB00008-570F-4A9B-8D69-199FDBA5723B")))
        assert context == 0x17
        if self.create_result >= 0:
            self.references += 1
            answer[0] = ctypes.addressof(self._object)
        return self.create_result

    def _release(self, _this: int) -> int:
        self.references -= 1
        return self.references

    def _get_cost(self, this: int, cost: int, destination: None) -> int:
        assert (this, destination) == (ctypes.addressof(self._object), None)
        self.asked += 1
        ctypes.c_uint32.from_address(cost).value = self.cost
        return self.result


@pytest.mark.parametrize(
    ("cost", "metered"),
    [
        (0x0, False),  # unknown
        (0x1, False),  # unrestricted
        (0x2, True),  # fixed
        (0x4, True),  # variable
        (0x10001, True),  # over the limit
        (0x20001, False),  # congested
        (0x40001, True),  # roaming
        (0x80001, False),  # near the limit, of an unrestricted one
    ],
)
def test_what_windows_says_of_the_price(cost: int, metered: bool) -> None:
    """Fixed, variable, roaming and over the limit cost money; all that was taken is given back."""
    com = Com()
    com.cost = cost
    assert com.sensor().read() is metered
    assert (com.references, com.threads) == (0, 0)


def test_com_in_another_form_serves_too() -> None:
    """A thread that has COM already (RPC_E_CHANGED_MODE) keeps it."""
    com = Com()
    com.com_result = -2147417850
    assert com.sensor().read() is False
    assert com.threads == 0


@pytest.mark.parametrize("which", ["result", "create_result"])
def test_a_failed_call_is_no_answer(which: str) -> None:
    """Without the service there is no answer, and nothing is kept."""
    com = Com()
    setattr(com, which, -2147221164)
    sensor = com.sensor()
    with pytest.raises(SensorFailed, match="metered"):
        sensor.read()
    assert (com.references, com.threads) == (0, 0)


def test_an_answer_holds_for_a_while() -> None:
    """Sampling each second asks Windows' service twice a minute; a change is seen then."""
    com = Com()
    sensor = com.sensor()
    assert sensor.read() is False
    com.cost = 2
    com.now = ANSWER_SECONDS - 1
    assert (sensor.read(), com.asked) == (False, 1)
    com.now = ANSWER_SECONDS
    assert (sensor.read(), com.asked) == (True, 2)
