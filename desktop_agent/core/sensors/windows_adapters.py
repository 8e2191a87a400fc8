"""Which graphics cards Windows has, as it writes them into its registry for DirectX."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

if sys.platform == "win32":
    import winreg

#: Cards with a name for every start of the system (`AdapterLuid`), which the counters use too.
DIRECTX_KEY = r"SOFTWARE\Microsoft\DirectX"
#: Drivers of display adapters; it tells memory sizes above 4 GB right, and it is there in every Windows 10.
CLASS_KEY = r"SYSTEM\CurrentControlSet\Control\Class\{4d36e968-e325-11ce-bfc1-08002be10318}"
VENDORS = {0x10DE: "nvidia", 0x1002: "amd", 0x1022: "amd", 0x8086: "intel"}
#: Bytes of its own below which a card uses the PC's memory: such cards call a small part of that their own.
OWN_MEMORY_FROM = 1 << 30
_PCI = re.compile(r"pci\\ven_(?P<vendor>[0-9a-f]{4})&dev_(?P<device>[0-9a-f]{4})", re.IGNORECASE)
_DRIVER_KEY = re.compile(r"\d{4}")

#: A key's values by name.
Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Adapter:
    """A graphics card."""

    id: str
    luid: int
    vendor: str
    name: str
    dedicated_bytes: int
    shared_bytes: int

    @property
    def shared(self) -> bool:
        """Whether it uses the PC's memory."""
        return self.dedicated_bytes < OWN_MEMORY_FROM


def adapters_from(directx: Iterable[Values], drivers: Iterable[Values]) -> tuple[Adapter, ...]:
    """Make cards of the values of the keys below `DIRECTX_KEY` and `CLASS_KEY`.

    Cards of makers that we do not know are left out: Windows' own one that draws by the processor is among them.
    Cards that were taken out are still there.
    """
    drivers = list(drivers)
    seen: Counter[tuple[int, int]] = Counter()
    adapters = []
    for values in sorted(directx, key=lambda values: _number(values, "AdapterLuid")):
        vendor, device, luid = (_number(values, name) for name in ("VendorId", "DeviceId", "AdapterLuid"))
        if vendor not in VENDORS or not luid:
            continue
        seen[vendor, device] += 1
        id_ = f"{vendor:04x}-{device:04x}-{seen[vendor, device]}"
        size = max(_number(values, "DedicatedVideoMemory"), _size_of_driver(drivers, vendor, device))
        name = str(values.get("Description", "")).strip()
        adapters.append(Adapter(id_, luid, VENDORS[vendor], name, size, _number(values, "SharedSystemMemory")))
    return tuple(adapters)


def _size_of_driver(drivers: Iterable[Values], vendor: int, device: int) -> int:
    for values in drivers:
        found = _PCI.match(str(values.get("MatchingDeviceId", "")))
        if found and (int(found["vendor"], 16), int(found["device"], 16)) == (vendor, device):
            return _number(values, "HardwareInformation.qwMemorySize")
    return 0


def _number(values: Values, name: str) -> int:
    """Give a value of the types REG_DWORD and REG_QWORD, or REG_BINARY, in which some drivers write numbers."""
    value = values.get(name, 0)
    if isinstance(value, bytes):
        return int.from_bytes(value, "little")
    return value if isinstance(value, int) else 0


if sys.platform == "win32":

    def adapters_now() -> tuple[Adapter, ...]:
        """Read the registry."""
        drivers = (values for name, values in _keys_below(CLASS_KEY) if _DRIVER_KEY.fullmatch(name))
        return adapters_from((values for _, values in _keys_below(DIRECTX_KEY)), drivers)

    def _keys_below(path: str) -> Iterator[tuple[str, Values]]:
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, path, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY) as key:
                for index in range(winreg.QueryInfoKey(key)[0]):
                    name = winreg.EnumKey(key, index)
                    try:
                        with winreg.OpenKey(key, name) as below:
                            count = winreg.QueryInfoKey(below)[1]
                            yield name, {v[0]: v[1] for v in (winreg.EnumValue(below, i) for i in range(count))}
                    except OSError:
                        # Only the system itself may read some of them.
                        continue
        except OSError:
            return
