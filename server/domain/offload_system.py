"""What an OffloadMQ agent says of its PC; two generations say it in different units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.domain.errors import InvalidRequest

Json = dict[str, Any]

_REQUIRED = ("os", "client", "runtime", "cpuArch")
_OPTIONAL = ("cpuModel", "machineId")
#: Longest text about a PC (characters), and largest memory (MB) that is believed.
_MAX_TEXT, _MAX_MB = 500, 2**40


def read_system_info(raw: Mapping[str, Any]) -> Json:
    """Check `systemInfo` and return it with memory in both units; InvalidRequest names the field that is wrong."""
    gpu = raw.get("gpu")
    if gpu is not None and not isinstance(gpu, dict):
        raise _wrong("gpu", "must be an object or null")
    return {
        **{name: _text(raw, name, "") for name in _REQUIRED},
        **{name: _text(raw, name, "") for name in _OPTIONAL if raw.get(name) is not None},
        **_memory(raw, "totalMemory", ""),
        "gpu": None if gpu is None else _gpu(gpu),
    }


def _gpu(raw: Mapping[str, Any]) -> Json:
    return {**{name: _text(raw, name, "gpu.") for name in ("vendor", "model")}, **_memory(raw, "vram", "gpu.")}


def _memory(raw: Mapping[str, Any], name: str, where: str) -> Json:
    """Read a size in GB, or in MB as the older agents say it, rounded as OffloadMQ does; 0 where nothing is said."""
    gigabytes, megabytes = (_size(raw, f"{name}{unit}", where) for unit in ("Gb", "Mb"))
    if gigabytes is None:
        gigabytes = 0 if megabytes is None else max(1, (megabytes + 512) // 1024)
    return {f"{name}Gb": gigabytes, f"{name}Mb": gigabytes * 1024 if megabytes is None else megabytes}


def _size(raw: Mapping[str, Any], name: str, where: str) -> int | None:
    value = raw.get(name)
    if value is not None and (type(value) is not int or not 0 <= value <= _MAX_MB):
        raise _wrong(where + name, "must be a whole number from 0")
    return value


def _text(raw: Mapping[str, Any], name: str, where: str) -> str:
    value = raw.get(name)
    if not isinstance(value, str) or len(value) > _MAX_TEXT or "\0" in value:
        raise _wrong(where + name, f"must be a string of at most {_MAX_TEXT} characters")
    return value


def _wrong(name: str, rule: str) -> InvalidRequest:
    return InvalidRequest(f"systemInfo.{name} {rule}.", param=f"systemInfo.{name}")
