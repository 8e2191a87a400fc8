"""Sentences of the tray, its menu, the main window and the notifications."""

from __future__ import annotations

from ..core.text import Text

APP_NAME = Text("EmbedPool")
WINDOW_TITLE = Text("EmbedPool")

# The tray's menu.
OPEN = Text("Open EmbedPool")
PAUSE = Text("Pause")
RESUME = Text("Resume")
PAUSE_FOR = Text("Pause for")
ONE_HOUR = Text("1 hour")
FOUR_HOURS = Text("4 hours")
UNTIL_MORNING = Text("Until tomorrow morning")
UNTIL_RESUMED = Text("Until I resume")
FINISH_THEN_PAUSE = Text("Finish, then pause")
WORK_NOW = Text("Work now")
START_OLLAMA = Text("Start Ollama")
JOIN = Text("Join a pool…")
SETTINGS = Text("Settings…")
HELP = Text("Help")
OPEN_LOGS = Text("Open log folder")
COPY_DIAGNOSTICS = Text("Copy diagnostics")
REPORT_PROBLEM = Text("Report a problem")
ABOUT = Text("About EmbedPool Agent")
QUIT = Text("Quit EmbedPool")

# The one main button of the window, and what stands beside it.
JOIN_AGAIN = Text("Join again")
UNLOCK = Text("Unlock")
TRY_AGAIN = Text("Try again")
MORE = Text("More choices")
MORE_HINT = Text("Pause for a while, finish first, work now")

# What a state is called.
JOIN_TO_START = Text("Join a pool to start")
JOIN_HOW = Text("All it takes is the invite link that you got from a pool.")
STARTING = Text("Starting")
HAVING_A_LOOK = Text("Having a look around…")
CANNOT_WORK = Text("EmbedPool cannot work")
OLLAMA_NOT_RUNNING = Text("Ollama is not running")
OLLAMA_START_IT = Text("Start Ollama and EmbedPool goes on by itself.")
MODEL_MISSING = Text("A model is missing")
MODEL_COMES = Text("Downloading the model")
MODEL_COMES_WHY = Text("EmbedPool goes on by itself as soon as it is here.")
KEY_REFUSED = Text("The pool refused this PC's key")
STORE_LOCKED = Text("The key store is locked")
NO_CONNECTION = Text("No connection")
PAUSED = Text("Paused")
PAUSING = Text("Pausing")
TAKES_NO_WORK = Text("Your PC takes no work.")
WAITING = Text("Waiting")
READY = Text("Ready")
QUEUE_EMPTY = Text("The queue is empty.")
NOT_FOR_THIS_PC = Text("Tasks wait, but not for this PC.")
WORKING = Text("Working")

# Cards.
CARD_GPU = Text("Graphics card")
CARD_OLLAMA = Text("Ollama")
CARD_POOL = Text("Pool")
CARD_PC = Text("This PC")
NO_GPU = Text("No graphics card found")
NO_GPU_HINT = Text("EmbedPool works without one too, only slower.")
GPU_ASLEEP = Text("It sleeps to save power and is left alone.")
GPU_SILENT = Text("It tells nothing about its memory and load.")
MEMORY_BAR = Text("Graphics memory in use")
DOWNLOAD_BAR = Text("Download")
CANCEL_DOWNLOAD = Text("Cancel download")
NOT_RUNNING = Text("Not running")
RUNNING = Text("Running")
NOT_USED = Text("Not used")
EMBEDDED_ONLY = Text("The small built-in engine computes on the processor.")
NOT_LOOKED_YET = Text("Not looked at yet")
NO_MODEL_LOADED = Text("No model is loaded at the moment.")
NOT_JOINED = Text("Not joined")
NOT_JOINED_HINT = Text("The pool's name and its queue will stand here.")
IN_USE = Text("In use")
LOCKED = Text("Locked")
IDLE_UNKNOWN = Text("Away or not: unknown")
ON_MAINS = Text("On mains power")
ON_BATTERY = Text("On battery")
FULL_SCREEN = Text("A program fills the screen")
NO_FULL_SCREEN = Text("Nothing fills the screen")
METERED = Text("The connection is metered")

# Contribution and what ran here.
TABS = Text("Contribution and what ran here")
TAB_CONTRIBUTION = Text("Your contribution")
TAB_RAN = Text("What ran here")
TODAY = Text("Today")
WEEK = Text("7 days")
ALL_TIME = Text("All time")
GRAPH_NAME = Text("Texts per day, the last 30 days")
NO_TEXTS_YET = Text("Your first texts will show up here.")
NOTHING_RAN = Text("Nothing has run here yet.")
RAN_PROMISE = Text("Only this PC keeps this list, and never a text of it.")
COLUMN_TIME = Text("Time")
COLUMN_MODEL = Text("Model")
COLUMN_TEXTS = Text("Texts")
COLUMN_TOKENS = Text("Tokens")
COLUMN_DURATION = Text("Duration")
COLUMN_OUTCOME = Text("Outcome")
CHAT = Text("Chat")

# Footer and closing.
NO_TASK_YET = Text("No task finished since the start")
VIEW_LOG = Text("View log")
KEEP_RUNNING = Text("Keep EmbedPool running?")
KEEP_RUNNING_WHY = Text(
    "Your desktop shows no tray icons. EmbedPool can go on without a window; open it again from your applications."
)
KEEP = Text("Keep running")

# Notifications.
STILL_HERE = Text("EmbedPool keeps running here. Quit it from its menu.")
NOTIFY_OLLAMA = Text("Ollama is not running. Start it so that your PC can help.")
NOTIFY_KEY = Text("The pool refused this PC's key. Join again to go on.")
NOTIFY_RESUMED = Text("The pause is over. Your PC takes work again.")
SHOW = Text("Show")


def tooltip(line: Text) -> Text:
    """Put our name before state and reason."""
    return Text("EmbedPool – {line}", line=line)


def update_to(version: str) -> Text:
    """Name the newer version that there is."""
    return Text("Update to {version}…", version=version)


def download_model(model: str) -> Text:
    """Offer to get the missing model."""
    return Text("Download {model}", model=model)


def update_ready(version: str) -> Text:
    """Tell that a newer version can be had."""
    return Text("Version {version} is ready to download.", version=version)


def milestone(texts: int) -> Text:
    """Thank for so many texts."""
    return Text("Your PC has embedded {texts} texts. Thank you!", texts=texts)
