"""Sentences about what the sensors can and cannot tell, and how they find it out."""

from __future__ import annotations

from ..text import Text

#: How the idle time is found out.
FROM_GNOME = Text("GNOME's idle monitor")
FROM_CINNAMON = Text("Cinnamon's idle monitor")
FROM_WAYLAND = Text("the Wayland compositor (ext-idle-notify)")
FROM_X11 = Text("X11 screen saver")
FROM_SCREEN_SAVER = Text("the desktop's screen saver")
FROM_LOGIND = Text("the system's login service")
FROM_WINDOWS = Text("Windows")
FROM_MACOS = Text("macOS")

#: In the place of a program's name, where the system tells none.
A_PROGRAM = Text("a program")

#: Why something is not known, as the second half of one of the sentences below.
NO_DESKTOP = Text("no desktop session was found")
NO_WINDOW_MANAGER = Text("no window manager says which window is in front")
NO_X_SERVER = Text("there is no X server on this PC to ask")
X_SERVER_FAILS = Text("the X server does not answer")
NO_X_SCREEN_SAVER = Text("the X server has no screen saver extension")
COMPOSITOR_GONE = Text("the Wayland compositor does not answer")
NO_WAYLAND_SOCKET = Text("the Wayland compositor cannot be found")
NO_WAYLAND_LIBRARY = Text("the library for Wayland is missing on this kind of PC")
NO_IDLE_NOTIFY = Text("the Wayland compositor does not offer ext-idle-notify")
WAYLAND_KEEPS_IT = Text("under Wayland, programs cannot see each other's windows")
SWAY_FAILS = Text("sway does not answer")
IDLE_NONSENSE = Text("the desktop gives an idle time that cannot be true")
IDLE_STUCK = Text("the desktop's idle time stands still")
IDLE_ALWAYS_ZERO = Text("the desktop's idle time is always zero")
NO_IDLE_HINT = Text("this desktop never tells the system whether you are away")
NO_SESSION = Text("the system's login service knows no session of yours")
METERED_UNKNOWN = Text("NetworkManager does not know it either")
WINDOWS_SILENT = Text("Windows does not answer")
MACOS_SILENT = Text("macOS does not answer")
NO_WAY_ON_MACOS = Text("macOS tells only some programs")
NOBODY_LOGGED_IN = Text("nobody is logged in at this Mac's screen")


def no_bus(which: str) -> Text:
    """Say that D-Bus cannot be reached: `which` is session or system."""
    return Text("there is no D-Bus {which} bus", which=which)


def not_there(service: str) -> Text:
    """Say that a service does not run, or is not of the kind that can tell."""
    return Text("{service} is not there", service=service)


def does_not_answer(service: str) -> Text:
    """Say that a service is silent or was cut off."""
    return Text("{service} does not answer", service=service)


def refuses(service: str, error: str) -> Text:
    """Say that a service answered an error."""
    return Text("{service} answered an error ({error})", service=service, error=error)


def odd_answer(service: str) -> Text:
    """Say that a service answered something else than was asked."""
    return Text("{service} answered something odd", service=service)


def cannot_tell_away(why: str) -> Text:
    """Say that the idle time is not known."""
    return Text("EmbedPool cannot tell when you are away on this desktop ({why}).", why=why)


def cannot_tell_inhibitors(why: str) -> Text:
    """Say that it is not known who keeps the screen on."""
    return Text("EmbedPool cannot tell whether a program keeps the screen on ({why}).", why=why)


def cannot_tell_full_screen(why: str) -> Text:
    """Say that it is not known whether a program fills the screen."""
    return Text("EmbedPool cannot tell whether an app is full screen ({why}).", why=why)


def cannot_tell_session(why: str) -> Text:
    """Say that it is not known whether the screen is locked."""
    return Text("EmbedPool cannot tell whether the screen is locked ({why}).", why=why)


def cannot_tell_metered(why: str) -> Text:
    """Say that it is not known whether bytes cost money."""
    return Text("EmbedPool cannot tell whether the network is metered ({why}).", why=why)
