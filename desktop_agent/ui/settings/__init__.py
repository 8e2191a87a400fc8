"""The window in which this PC's owner says what the agent may do."""
