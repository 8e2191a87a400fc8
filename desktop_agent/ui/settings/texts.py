"""Every sentence of the settings window."""

from __future__ import annotations

from ...core.text import Text

WINDOW_TITLE = Text("EmbedPool Settings")
PAGES = Text("Pages of the settings")
CLOSE = Text("Close")

GENERAL = Text("General")
HOURS = Text("Hours")
CARD = Text("Graphics card")
OLLAMA = Text("Ollama")
ACCOUNT = Text("Account")
NOTIFICATIONS = Text("Notifications")
UPDATES = Text("Updates")
ADVANCED = Text("Advanced")
ABOUT = Text("About")

SETTINGS_WERE_BROKEN = Text("Your settings could not be read, so the usual ones apply.")

# General
WHEN = Text("When to work")
AWAY_MEANS = Text("Away &means no keyboard or mouse for")
ALWAYS_CHOSEN = Text("At present it works whatever happens at this PC: that was chosen by the command line.")
WHEN_AWAY = Text("&Only when I am away from the PC (recommended)")
WHEN_CARD_FREE = Text("Whenever the &graphics card is free")
WHEN_CARD_FREE_HINT = Text("Also while you write, read or browse. Games and films always come first.")
WHEN_ON_DEMAND = Text("Only when I press “Work &now”")
WHEN_ON_DEMAND_HINT = Text("Works for an hour, then rests again.")
STOP_WHEN = Text("Stop when")
STOP_BATTERY = Text("the PC runs on &battery")
STOP_FULL_SCREEN = Text("a &full-screen app or game is running")
STOP_FILMS = Text("a film, a call or a presentation keeps the &screen on")
STOP_GPU = Text("another program uses the graphics &card by more than")
STOP_HOT = Text("the graphics card is &hotter than")
STOP_CPU = Text("other programs use the &processor by more than")
STOP_METERED = Text("the Internet connection is me&tered")
EXCLUSIVE = Text("on&e of these programs runs:")
START = Text("Start")
START_AT_LOGIN = Text("Start EmbedPool when I &log in")
KEEP_AWAKE = Text("&Keep the PC awake while it works")
UNLOAD = Text("&Unload the model when I come back")
UNLOAD_HINT = Text("Frees the graphics card's memory at once. Without it, the model stays for two minutes.")

# Exclusive programs
ADD_PROGRAM = Text("&Add…")
REMOVE_PROGRAM = Text("&Remove")
NO_PROGRAMS = Text("None yet. Add a game or a program that shall have the PC for itself.")
ADD_TITLE = Text("Add a program")
ADD_INTRO = Text("Nothing is computed while it runs. Choose a running program, or type the name of its file.")
PROGRAM_NAME = Text("&Name")
RUNNING = Text("&Running now")
ADD = Text("&Add")
CANCEL = Text("Cancel")
PROGRAMS_NAME = Text("Programs beside which nothing is computed")

# Hours
ONLY_HOURS = Text("&Work only in these hours")
ONLY_HOURS_HINT = Text(
    "Filled hours are allowed. Click or drag to change them; the arrow keys and the space bar do it too."
)
EVERY_DAY = Text("Every day &from")
UNTIL = Text("&to")
APPLY = Text("&Apply")
ALL_HOURS = Text("A&ll")
NO_HOURS = Text("&None")
GRID_NAME = Text("Hours of the week in which it may work")
ALLOWED = Text("allowed")
NOT_ALLOWED = Text("not allowed")
NEVER = Text("No hour is allowed: it will never work.")

# Graphics card
WHICH_CARD = Text("&Card to watch")
WHICH_CARD_HINT = Text(
    "Its load, memory and heat decide when this PC works. On which card Ollama computes is up to Ollama."
)
CARD_WITH_MOST_MEMORY = Text("The one with the most memory")
NO_CARD = Text("No graphics card was found.")
LIMIT_MEMORY = Text("Offer only models &up to")
LIMIT_MEMORY_HINT = Text("Larger ones stay yours alone. A model needs about as much memory as its file is big.")

# Ollama
ENGINE = Text("What computes")
ENGINE_AUTO = Text("Ollama, and the &built-in model")
ENGINE_OLLAMA = Text("Only &Ollama")
ENGINE_EMBEDDED = Text("Only the built-in model, on the &processor")
ADDRESS = Text("&Address of Ollama")
ADDRESS_WRONG = Text("This is not an address. It looks like http://127.0.0.1:11434.")
CHECK = Text("C&heck")
CHECKING = Text("Asking Ollama…")
MODELS = Text("Models on offer")
MODELS_HINT = Text("The pool may use those that are ticked.")
MODELS_NAME = Text("Models that the pool may use")
MODELS_NONE = Text("There is no model yet.")
ONE_MODEL = Text("At least one model stays ticked. To stop helping, pause or leave the pool.")
GET_MODEL = Text("&Get another model")
DOWNLOAD = Text("&Download")
STOP = Text("Sto&p it")
CHAT = Text("Answer &chats, too")
CHAT_HINT = Text("A chat takes the graphics card for longer than texts do. You coming back always ends it.")

# Account
POOL = Text("Pool")
SERVER = Text("Server")
PC_NAME = Text("This PC")
KEY = Text("Key")
SINCE = Text("Contribution")
NOT_JOINED = Text("This PC belongs to no pool.")
JOIN = Text("&Join a pool…")
LEAVE = Text("&Leave pool…")
KEY_IN_FILE = Text("in a file that only you can read")
KEY_IN_STORE = Text("in the system's key store")

# Notifications
TELL_ME = Text("Tell me about")
PROBLEMS = Text("&Problems that need you")
MILESTONES = Text("&Milestones, such as 100,000 texts")
PAUSES = Text("P&ause and resume")
NEW_VERSIONS = Text("&Updates")
QUIET = Text("At most one of a kind a day, and none while a full-screen app is running.")

# Updates
LOOK = Text("&Look for updates once a day")
LOOK_HINT = Text("Asks your pool which version it goes with. Nothing is downloaded by itself.")
SHOW_UPDATE = Text("&Show it")
CURRENT = Text("This is the newest version that is known.")

# Advanced
FILES = Text("Files")
OPEN_FOLDER = Text("Open data &folder")
OPEN_LOG = Text("Show the &log")
COPY_DIAGNOSTICS = Text("&Copy diagnostics")
COPIED = Text("Copied. It contains no key and no text that was computed.")
DATA_FOLDER = Text("Data folder")
IDLE = Text("How your being away is seen")
HELP = Text("When something is wrong")
IDLE_UNKNOWN = Text("Not known yet.")
RESET = Text("&Restore the usual settings")
RESET_DONE = Text("The usual settings are back. The pool and the key stay as they are.")


def minutes(n: int) -> Text:
    """Name so many minutes."""
    return Text.counted("{n} minute", "{n} minutes", n)


def copy_of_settings(name: str) -> Text:
    """Say where the broken settings went."""
    return Text("The old file is kept as {name}.", name=name)


def update_there(version: str) -> Text:
    """Say that there is a newer version."""
    return Text("Version {version} is ready to download.", version=version)


def version(number: str) -> Text:
    """Say which version this is."""
    return Text("This is version {number}.", number=number)


def contribution(texts: int) -> Text:
    """Say what this PC has done for the pool."""
    return Text.counted("{n} text", "{n} texts", texts)


def key_words(ending: str, place: str) -> Text:
    """Name the key by its last characters, and its place."""
    return Text("…{ending}, {place}", ending=ending, place=place) if ending else Text("{place}", place=place)


def hour_words(day: str, hour: int, allowed: bool) -> Text:
    """Name one hour of the week and whether it is allowed."""
    state = ALLOWED if allowed else NOT_ALLOWED
    return Text("{day} {start}–{end}: {state}", day=day, start=f"{hour:02}:00", end=f"{hour + 1:02}:00", state=state)


def hours_allowed(hours: int) -> Text:
    """Say how many hours of the week are allowed."""
    return Text.counted("{n} hour a week", "{n} hours a week", hours)


def card_gone(card: str) -> Text:
    """Name a card that was chosen and is not there now."""
    return Text("{card} (not there now)", card=card)


def model_gone(model: str) -> Text:
    """Name a model that was chosen and is not there now."""
    return Text("{model} (not here now)", model=model)


def ollama_answers(version: str, models: int) -> Text:
    """Say what was found at an address."""
    return Text.counted(
        "Ollama {version} answers, with {n} model.",
        "Ollama {version} answers, with {n} models.",
        models,
        version=version,
    )


def not_saved(why: str) -> Text:
    """Say that a change is not on disk."""
    return Text("The settings could not be saved. {why}", why=why)


def downloading(model: str) -> Text:
    """Say what is on its way."""
    return Text("Downloading {model}", model=model)


def downloaded(model: str, done: int, total: int) -> Text:
    """Say what is on its way, and how much has arrived, in megabytes."""
    return Text("Downloading {model}: {done} of {total} MB", model=model, done=done, total=total)


def model_here(model: str) -> Text:
    """Say that a download has ended well."""
    return Text("{model} is here now.", model=model)


def elsewhere(found: Text) -> Text:
    """Say that an address is not this PC."""
    return Text("{found} It is on another PC: the texts go there over the network.", found=found)
