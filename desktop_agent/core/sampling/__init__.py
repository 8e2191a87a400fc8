"""Reading the sensors, each at its own rate and in its own thread."""
