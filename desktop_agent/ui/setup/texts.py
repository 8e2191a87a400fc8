"""Every sentence of the first run."""

from __future__ import annotations

from ...core.text import Text

WINDOW_TITLE = Text("Set up EmbedPool")

# Buttons of the window
CANCEL = Text("Cancel")
CLOSE = Text("Close")
JOIN = Text("&Join")
BACK_TO_LINK = Text("Use an &invite link instead")
BY_HAND = Text("&Enter server and key instead…")
CONTINUE = Text("&Continue")
FINISH = Text("&Finish")
WORK_NOW = Text("&Work now")

# Step 1
JOIN_TITLE = Text("Join a pool")
JOIN_INTRO = Text("Paste the invite link that you got from the pool.")
JOIN_AGAIN_TITLE = Text("Join again")
JOIN_AGAIN_INTRO = Text(
    "The pool no longer takes this PC's key. Ask its owner for a new invite link and paste it here. What this PC has "
    "done so far stays counted."
)
BY_HAND_INTRO = Text("Type the pool's address and the key or invite code that you got from its owner.")
LINK_LABEL = Text("In&vite link")
LINK_EXAMPLE = Text("https://pool.example.org/join/…")
LINK_FROM_CLIPBOARD = Text("Taken from the clipboard.")
SERVER_LABEL = Text("Server &address")
SERVER_EXAMPLE = Text("https://pool.example.org")
KEY_LABEL = Text("&Key or invite code")
NAME_LABEL = Text("&Name of this PC")
NAME_HINT = Text("Only the pool's owner sees this name.")
CHECKING = Text("Asking the pool…")
JOINING = Text("Joining…")
UNLOCK_HINT = Text("If your system asks for a password now, it is to keep the key safe.")
TRY_AGAIN = Text("&Try again")
KEEP_IN_FILE = Text("Keep the key in a &file only you can read")
KEY_IN_FILE = Text("The key will be kept in a file that only you can read.")
WITHOUT_ENCRYPTION = Text("Go on &without encryption")
WITHOUT_ENCRYPTION_CHOSEN = Text("Without encryption: join only inside a network that you trust.")
LEAVE_FIRST = Text("&Leave that pool…")
INVITE_USED = Text("This invite has been used or has run out. Ask the pool for a new one.")

GIVES = Text(
    "Your PC receives texts and sends back numbers or answers. The pool also learns its name, system, "
    "graphics card and models."
)
KEEPS = Text("It never sees your files, your screen or what you type. You can stop at any moment.")
KEY_PLACES = {
    "win32": Text("The key is kept in Windows Credential Manager."),
    "darwin": Text("The key is kept in the macOS Keychain."),
    "linux": Text("The key is kept in your desktop's keyring."),
}

# Step 2
PC_TITLE = Text("Check this PC")
PC_INTRO = Text("Nothing here is a must: you can go on at any time and do the rest later.")
CARD = Text("Graphics card")
CARD_LOOKING = Text("Looking for it…")
CARD_NONE = Text("No graphics card found")
CARD_NONE_DETAIL = Text("This PC can still help with its processor, more slowly.")
CARD_ASLEEP = Text("Asleep to save power; it wakes up when there is work.")
CARD_SHARED = Text("Uses the PC's own memory.")
OLLAMA = Text("Ollama")
OLLAMA_LOOKING = Text("Looking for it…")
OLLAMA_NOT_RUNNING = Text("Not running")
OLLAMA_NOT_RUNNING_DETAIL = Text("Start it, and your graphics card can compute.")
OLLAMA_NOT_FOUND = Text("Not installed")
OLLAMA_NOT_FOUND_DETAIL = Text("Ollama computes on your graphics card. It is free, and takes two minutes to install.")
OLLAMA_STARTING = Text("Starting Ollama…")
OLLAMA_OFF = Text("Switched off")
OLLAMA_OFF_DETAIL = Text("Your processor computes, with the small model that is built in.")
INSTALL_OLLAMA = Text("&Install from ollama.com…")
START_OLLAMA = Text("Start &Ollama")
CHECK_AGAIN = Text("Check &again")
USE_PROCESSOR = Text("Use the &processor")
USE_OLLAMA = Text("Use &Ollama")
MODEL = Text("Model")
MODEL_WAITS = Text("After Ollama")
MODEL_WAITS_DETAIL = Text("Models come with Ollama, and are downloaded once.")
MODEL_BUILT_IN = Text("Built in")
MODEL_MISSING_DETAIL = Text("Turns texts into numbers. It is downloaded once, by Ollama.")
MODEL_STOPPED = Text("The download stopped")
DOWNLOAD = Text("&Download")
RESUME_DOWNLOAD = Text("&Try again")
CANCEL_DOWNLOAD = Text("Sto&p")
DOWNLOAD_STARTING = Text("Starting the download…")
SPEED = Text("Speed test")
SPEED_UNTESTED = Text("Not measured yet")
SPEED_UNTESTED_DETAIL = Text("Takes a few seconds. Nothing is sent to anybody.")
SPEED_WAITS_DETAIL = Text("Needs a model first.")
SPEED_TESTING = Text("Measuring…")
SPEED_FAILED = Text("Could not be measured")
TEST_SPEED = Text("&Measure")
TEST_AGAIN = Text("&Measure again")

# Step 3
WHEN_TITLE = Text("When may it work?")
WHEN_INTRO = Text("Whatever you choose: the moment you need your PC, EmbedPool steps aside.")
TRAY_WINDOWS = Text("You find EmbedPool behind the ^ at the bottom right. Drag it to the taskbar to keep it in sight.")
TRAY_MAC = Text("You find EmbedPool in the menu bar, at the top right.")
TRAY_LINUX = Text("You find EmbedPool among the small icons of your panel.")
TRAY_NONE = Text("Your desktop shows no tray icons. Open EmbedPool from your applications.")
NOTHING_YET = Text("EmbedPool takes no work before you press Finish.")

# The end
DONE_TITLE = Text("All set")
DONE_CARD_FREE = Text("EmbedPool starts whenever the graphics card is free.")
DONE_ON_DEMAND = Text("EmbedPool starts when you press “Work now”.")
DONE_AGAIN = Text("This PC belongs to the pool again. Everything else is as you left it.")
DONE_THANKS = Text("Thank you for helping.")


def step(number: int, count: int) -> Text:
    """Say how far the person has come."""
    return Text("Step {number} of {count}", number=number, count=count)


def found(host: str, pool: str, volunteers: int | None) -> Text:
    """Say what the invite leads to."""
    if volunteers is None:
        return Text("{host} – “{pool}”", host=host, pool=pool) if pool else Text("{host} answers", host=host)
    if pool:
        return Text.counted(
            "{host} – “{pool}”, {n} volunteer", "{host} – “{pool}”, {n} volunteers", volunteers, host=host, pool=pool
        )
    return Text.counted("{host}, {n} volunteer", "{host}, {n} volunteers", volunteers, host=host)


def done_away(minutes: int) -> Text:
    """Say when the work begins."""
    return Text.counted(
        "EmbedPool starts when you are away for {n} minute.",
        "EmbedPool starts when you are away for {n} minutes.",
        minutes,
    )


def memory(gigabytes: float) -> Text:
    """Say how much memory a card has."""
    return Text("{gigabytes} GB of memory", gigabytes=round(gigabytes, 1))


def ollama_running(version: str) -> Text:
    """Say that Ollama is there."""
    return Text("Running {version}", version=version)


def models_ready(models: int) -> Text:
    """Say how many models can help."""
    return Text.counted("{n} model is ready", "{n} models are ready", models)


def model_missing(model: str) -> Text:
    """Say which model is not there yet."""
    return Text("{model} is missing", model=model)


def download_size(megabytes: int) -> Text:
    """Name the button that starts a download."""
    return Text("&Download {megabytes} MB", megabytes=megabytes)


def downloading(model: str) -> Text:
    """Say what is on its way."""
    return Text("Downloading {model}", model=model)


def downloaded(done: int, total: int) -> Text:
    """Say how much has arrived, in megabytes."""
    return Text("{done} of {total} MB", done=done, total=total)


def downloaded_at_speed(done: int, total: int, megabytes_per_second: float, remaining: Text) -> Text:
    """Say how much has arrived, how fast, and how long the rest takes."""
    return Text(
        "{done} of {total} MB · {speed} MB/s · {remaining}",
        done=done,
        total=total,
        speed=round(megabytes_per_second, 1),
        remaining=remaining,
    )


def remaining(seconds: float) -> Text:
    """Say how long it will still take."""
    if seconds < 90:
        return Text.counted("{n} second left", "{n} seconds left", max(1, round(seconds)))
    return Text.counted("{n} minute left", "{n} minutes left", round(seconds / 60))


def speed(texts_per_minute: int) -> Text:
    """Say how fast this PC is."""
    return Text.counted("about {n} text per minute", "about {n} texts per minute", texts_per_minute)


def speed_on_card(model: str) -> Text:
    """Say where the speed was measured."""
    return Text("Computed on the graphics card, with {model}.", model=model)


def speed_on_processor(model: str) -> Text:
    """Say that no graphics card was used."""
    return Text("Computed on the processor, with {model}.", model=model)


def speed_plain(model: str) -> Text:
    """Say with which model the speed was measured."""
    return Text("Computed with {model}.", model=model)


def model_built_in(model: str) -> Text:
    """Say that the embedded engine stands in."""
    return Text("Without Ollama, your processor computes with {model}. Nothing needs to be downloaded.", model=model)


def away_hint(minutes: int) -> Text:
    """Say what away means."""
    return Text.counted(
        "After {n} minute without keyboard or mouse. You can change that in the settings.",
        "After {n} minutes without keyboard or mouse. You can change that in the settings.",
        minutes,
    )
