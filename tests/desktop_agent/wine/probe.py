"""Runs one of the agent's Windows parts on a real Windows API and prints what came of it, as JSON.

Started by Windows' Python: `python.exe probe.py NAME`. Everything that it writes, it takes away again.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import sys
import uuid
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

if sys.platform == "win32":
    import winreg

    from desktop_agent.core.errors import KeyMissing
    from desktop_agent.core.pool.credentials import SystemKeyStore
    from desktop_agent.core.sensors.base import SensorFailed
    from desktop_agent.core.sensors.gpu_windows import ENGINES
    from desktop_agent.core.sensors.gpus import gpus_here
    from desktop_agent.core.sensors.pdh import counters_now
    from desktop_agent.core.sensors.windows import full_screen, inhibitors, network, session, user_idle
    from desktop_agent.core.sensors.windows.game_pads import XInputPads
    from desktop_agent.core.sensors.windows_adapters import DIRECTX_KEY, adapters_now
    from desktop_agent.core.system.autostart.windows import APPROVED, RUN, RunKeyAutostart
    from desktop_agent.core.system.link_handler.windows import KEY, ClassesLinkHandler
    from desktop_agent.core.system.own_command import OwnCommand, own_command
    from desktop_agent.core.system.windows_registry import CurrentUser

    def sensors() -> dict[str, Any]:
        """Ask every sensor once."""
        state = session().read()
        return {
            "idle": user_idle().read(),
            "pads": XInputPads().idle_seconds(),
            "inhibitors": inhibitors().read(),
            "full_screen": full_screen().read(),
            "locked": state.locked,
            "remote": state.remote,
            "metered": network().read(),
        }

    def moved_mouse() -> dict[str, Any]:
        """Move the mouse as a driver would, and read the idle time after it."""
        sensor = user_idle()
        before = sensor.read()
        ctypes.WinDLL("user32").mouse_event(1, 3, 3, 0, 0)
        return {"before": before, "after": sensor.read()}

    def start_at_login() -> dict[str, Any]:
        """Switch it on, off in Task Manager's way, and off; in a key of the probe's own."""
        root = f"EmbedPool tests {uuid.uuid4().hex}"
        registry = CurrentUser(root)
        autostart = RunKeyAutostart(registry, OwnCommand((sys.executable,)))
        found: dict[str, Any] = {"at first": autostart.is_on()}
        autostart.turn_on()
        found |= {"on": autostart.is_on(), "line": registry.value(RUN, "EmbedPool Agent")}
        with winreg.CreateKey(winreg.HKEY_CURRENT_USER, f"{root}\\{APPROVED}") as key:
            winreg.SetValueEx(key, "EmbedPool Agent", 0, winreg.REG_BINARY, b"\3" + bytes(11))
        found["switched off"] = autostart.is_on()
        autostart.turn_on()
        found["on again"] = autostart.is_on()
        registry.set_text(RUN, "EmbedPool Agent", r'"C:\gone\embedpool-agent.exe" --background')
        found |= {"repaired": autostart.repair(), "line after": registry.value(RUN, "EmbedPool Agent")}
        autostart.turn_off()
        found["off"] = autostart.is_on()
        found["left"] = registry.value(RUN, "EmbedPool Agent")
        CurrentUser().delete_key(root)
        return found

    def links() -> dict[str, Any]:
        """Register, and split the registered line as Windows does, with a hostile link in it."""
        root = f"EmbedPool tests {uuid.uuid4().hex}"
        registry = CurrentUser(root)
        handler = ClassesLinkHandler(registry, own_command({}))
        found: dict[str, Any] = {"at first": handler.registered(), "registered": handler.register()}
        line = str(registry.value(rf"{KEY}\shell\open\command", ""))
        found |= {"then": handler.registered(), "icon": registry.value(rf"{KEY}\DefaultIcon", "")}
        for name, link in (("plain", "embedpool://join?a=b&c=d"), ("option", "--help"), ("quote", 'x" --data-dir "y')):
            found[name] = _split(line.replace("%1", link))[-4:]
        handler.unregister()
        found["left"] = registry.value(KEY, "")
        CurrentUser().delete_key(root)
        return found

    def keys() -> dict[str, Any]:
        """Keep a key in Credential Manager, read it in another store of the same name, and delete it."""
        name = uuid.uuid4().hex

        async def run() -> dict[str, Any]:
            store = SystemKeyStore("https://pool.example.org", name)
            await store.check()
            await store.store("epk_" + "x" * 200)
            read = await SystemKeyStore("https://pool.example.org", name).load()
            await store.delete()
            try:
                await store.load()
            except KeyMissing:
                return {"read": read, "gone": True}
            return {"read": read, "gone": False}

        return asyncio.run(run())

    def cards() -> dict[str, Any]:
        """Read a card that the registry tells of, and ask for counters, which Wine does not have."""
        path = rf"{DIRECTX_KEY}\{{{uuid.uuid4()}}}"
        values: dict[str, tuple[int, int | str]] = {
            "Description": (winreg.REG_SZ, "NVIDIA GeForce RTX 4070"),
            "VendorId": (winreg.REG_DWORD, 0x10DE),
            "DeviceId": (winreg.REG_DWORD, 0x2786),
            "AdapterLuid": (winreg.REG_QWORD, 0xD5F1),
            "DedicatedVideoMemory": (winreg.REG_QWORD, 12_616_466_432),
        }
        with winreg.CreateKeyEx(winreg.HKEY_LOCAL_MACHINE, path, 0, winreg.KEY_ALL_ACCESS) as key:
            for name, (kind, value) in values.items():
                winreg.SetValueEx(key, name, 0, kind, value)
        found: dict[str, Any] = {"cards": [(card.name, card.luid, card.dedicated_bytes) for card in adapters_now()]}
        winreg.DeleteKey(winreg.HKEY_LOCAL_MACHINE, path)
        try:
            counters_now([ENGINES])
        except SensorFailed as error:
            found["counters"] = error.reason
        gpus = gpus_here()
        found["told"] = gpus.read(working=False)
        gpus.close()
        return found

    def _split(line: str) -> list[str]:
        split = ctypes.WinDLL("shell32").CommandLineToArgvW
        split.restype, split.argtypes = (
            ctypes.POINTER(ctypes.c_wchar_p),
            [ctypes.c_wchar_p, ctypes.POINTER(ctypes.c_int)],
        )
        count = ctypes.c_int()
        return [str(part) for part in split(line, ctypes.byref(count))[: count.value]]

    if __name__ == "__main__":
        probes = {probe.__name__: probe for probe in (sensors, moved_mouse, start_at_login, links, keys, cards)}
        print(json.dumps(probes[sys.argv[1]]()))
