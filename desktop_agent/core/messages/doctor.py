"""Sentences of the doctor: what was looked at, what was found, and what to do about it."""

from __future__ import annotations

from ..text import Text

# What is looked at
DATA_FOLDER = Text("Data folder")
SETTINGS = Text("Settings")
LOG = Text("Log")
INSTANCE = Text("Running EmbedPool")
KEY_STORE = Text("Key store")
KEY = Text("Key")
POOL = Text("Pool")
CLOCK = Text("Clock")
INVITE = Text("Invite")
ENGINE = Text("Engine")
MODELS = Text("Models")
ON_CARD = Text("Computing")
CARD = Text("Graphics card")
IDLE = Text("Being away")
POWER = Text("Power")
FULL_SCREEN = Text("Full screen")
TRAY = Text("Tray")
AUTOSTART = Text("Start at log-in")
LINKS = Text("Invite links")

# What is found
SETTINGS_GOOD = Text("The file can be read.")
SETTINGS_NONE = Text("There is no file yet; the defaults apply.")
SETTINGS_BROKEN = Text("The file cannot be read; the defaults apply.")
SETTINGS_SET_ASIDE = Text("A broken file was set aside; the defaults took its place.")
FREE_SPACE = Text("Free some space on that disk.")
ALLOW_FOLDER = Text("Make the folder yours again, or choose another one with --data-dir.")
LOOK_INTO_BAD = Text("Choose your settings again; the old file ends in .bad.")
CHOOSE_AGAIN = Text("Choose your settings again.")
NOT_RUNNING = Text("It is not running.")
START_IT = Text("Start it from your applications, or say “run”.")
HEADLESS = Text("It is running without windows.")
ANSWERS = Text("It is running, and it can be reached.")
KEY_STORE_GOOD = Text("It keeps a key and gives it back.")
KEY_STORE_NOT_USED = Text("It is not used: the key is in a file that only you can read.")
KEY_STORE_SILENT = Text("It does not answer; it may be asking for its password.")
UNLOCK = Text("Look for a window that asks for a password, and type it.")
KEY_GOOD = Text("It is where it belongs.")
NOT_JOINED = Text("This PC belongs to no pool yet.")
JOIN = Text("Join with the invite link that you got from a pool.")
CHECK_CONNECTION = Text("Check your connection. EmbedPool goes on by itself when it is back.")
ASK_POOL = Text("Ask the pool's operator for a new invite, and join again.")
ASK_OPERATOR = Text("Tell the pool's operator. EmbedPool tries again by itself.")
CLOCK_GOOD = Text("It agrees with the pool's.")
SET_CLOCK = Text("Let your system set its clock by the network.")
ON_GPU = Text("Ollama has its models on the graphics card.")
NOTHING_LOADED = Text("No model is loaded now, so there is nothing to see.")
OWNERS_MODEL = Text("You use Ollama yourself now; EmbedPool waits for that to end.")
MORE_MEMORY = Text("Free graphics memory or choose smaller models; then restart Ollama.")
NO_CARD = Text("None was found; the processor computes.")
INSTALL_DRIVER = Text("If there is one, install its driver.")
NO_SENSOR = Text("There is no way to tell on this system.")
WHEN_CARD_FREE = Text("Choose “Whenever the graphics card is free” in the settings.")
NO_HARM = Text("The rule about it does not hold here; the other rules do.")
MAINS = Text("On mains.")
BATTERY = Text("On battery.")
A_FULL_SCREEN = Text("A program fills the screen now.")
NO_FULL_SCREEN = Text("No program fills the screen now.")
TRAY_GOOD = Text("There is one.")
TRAY_NONE = Text("This desktop shows no tray icons.")
TRAY_NO_WINDOWS = Text("The windows cannot be shown here.")
OPEN_BY_APPLICATION = Text("Open EmbedPool from your applications instead.")
RUN_HEADLESS = Text("Say “run --headless” to work without windows.")
AUTOSTART_ON = Text("EmbedPool starts when you log in.")
AUTOSTART_OFF = Text("EmbedPool does not start when you log in.")
LINKS_OURS = Text("They open EmbedPool.")
LINKS_NOBODY = Text("Nothing opens them yet; paste them instead.")
LINKS_OTHER = Text("Another program opens them; paste them instead.")


def folder_good(path: object, free_gigabytes: float) -> Text:
    """Say that the folder can be used."""
    return Text("{path} can be written; {free} GB are free.", path=str(path), free=round(free_gigabytes, 1))


def disk_full(path: object, free_megabytes: int) -> Text:
    """Say that there is no room."""
    return Text("There is almost no room for {path}: {free} MB are free.", path=str(path), free=free_megabytes)


def folder_bad(path: object, why: str) -> Text:
    """Say that the folder cannot be used."""
    return Text("{path} cannot be written: {why}.", path=str(path), why=why)


def log_good(path: object, errors: int) -> Text:
    """Say where the log is and how many errors its newest lines hold."""
    return Text.counted(
        "{path}; {n} error in its newest lines.", "{path}; {n} errors in its newest lines.", errors, path=str(path)
    )


def pool_good(pool: str, host: str) -> Text:
    """Say that the pool knows this PC."""
    return Text("{pool} at {host} knows this PC.", pool=pool or host, host=host)


def clock_off(minutes: int) -> Text:
    """Say by how much the clock is wrong."""
    return Text.counted(
        "It is off by {n} minute; connections can fail for that.",
        "It is off by {n} minutes; connections can fail for that.",
        minutes,
    )


def invite_good(pool: str, host: str) -> Text:
    """Say what the invite leads to."""
    return Text("It leads to {pool} at {host}, and can be used.", pool=pool or host, host=host)


def engine_good(name: str, version: str) -> Text:
    """Say that an engine answers."""
    return Text("{name} {version} answers.", name=name, version=version)


def models_good(models: int, names: str) -> Text:
    """Say what is on offer."""
    return Text.counted("{n} model: {names}.", "{n} models: {names}.", models, names=names)


def partly_on_card(model: str, percent: int) -> Text:
    """Say that a model does not fit."""
    return Text("Only {percent} % of {model} fits on the graphics card.", model=model, percent=percent)


def on_processor(model: str) -> Text:
    """Say that the card is not used."""
    return Text("{model} runs on the processor, not on the graphics card.", model=model)


def card_good(name: str) -> Text:
    """Say which card was found."""
    return Text("{name} tells how busy it is.", name=name)


def card_silent(name: str) -> Text:
    """Say that a card tells nothing."""
    return Text("{name} does not tell how busy it is.", name=name)


def card_asleep(name: str) -> Text:
    """Say that a card is not asked now."""
    return Text("{name} sleeps to save the battery, and is not woken.", name=name)


def not_touched(seconds: int, source: str) -> Text:
    """Say how long this PC has not been touched, and how that is known."""
    return Text.counted(
        "Not touched for {n} second, by {source}.", "Not touched for {n} seconds, by {source}.", seconds, source=source
    )


def cannot_tell(why: str) -> Text:
    """Say that something cannot be found out."""
    return Text("It cannot be told: {why}", why=why)
