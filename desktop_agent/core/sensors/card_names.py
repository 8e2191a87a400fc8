"""What graphics cards are called in shops, from the lists that Linux systems carry."""

from __future__ import annotations

from pathlib import Path

from .gpu_sleep import read_text

#: AMD's own list: `744C, C8, AMD Radeon RX 7900 XTX`, in hexadecimal the device and its revision.
_AMDGPU_IDS = ("usr/share/libdrm/amdgpu.ids",)
#: The list of all PCI devices: a line for each vendor, below it one with a tab for each device.
_PCI_IDS = ("usr/share/misc/pci.ids", "usr/share/hwdata/pci.ids")
_AMD_IN_PCI_IDS = "1002"


class CardNames:
    """Looks cards up in the lists below a root folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def amd(self, device: str, revision: str) -> str:
        """Give an AMD card's name; the ids are `0x744c` and `0xc8` as the kernel writes them. Empty if unknown."""
        device, revision = (value.removeprefix("0x").lower() for value in (device, revision))
        return self._from_amdgpu_ids(device, revision) or self._from_pci_ids(device)

    def _from_amdgpu_ids(self, device: str, revision: str) -> str:
        for line in self._lines(_AMDGPU_IDS):
            parts = [part.strip() for part in line.split(",", 2)]
            if [part.lower() for part in parts[:2]] == [device, revision]:
                return parts[2]
        return ""

    def _from_pci_ids(self, device: str) -> str:
        of_amd = False
        for line in self._lines(_PCI_IDS):
            if not line.startswith(("\t", "#")) and line:
                of_amd = line.startswith(_AMD_IN_PCI_IDS)
            elif of_amd and line.startswith(f"\t{device}  "):
                return f"AMD {_shop_name(line[len(device) + 1 :].strip())}"
        return ""

    def _lines(self, places: tuple[str, ...]) -> list[str]:
        return next((text.splitlines() for place in places if (text := read_text(self._root / place))), [])


def _shop_name(name: str) -> str:
    """Of `Navi 31 [Radeon RX 7900 XT/7900 XTX]`, give what stands in the brackets."""
    _, bracket, inner = name.rpartition("[")
    return inner.rstrip("]") if bracket else name
