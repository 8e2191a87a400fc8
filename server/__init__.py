"""The EmbedPool server: the task queue, its APIs and the management page."""

__version__ = "0.1.0"
