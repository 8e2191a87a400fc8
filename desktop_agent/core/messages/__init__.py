"""Every sentence of the core that people get to read, in one place, by what it is about."""

from . import doctor, download, engine, graphics, joining, rules, running, sensors, server, states

__all__ = ["doctor", "download", "engine", "graphics", "joining", "rules", "running", "sensors", "server", "states"]
