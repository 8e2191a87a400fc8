"""The agent without a face: everything but the user interface. Nothing here knows Qt."""
