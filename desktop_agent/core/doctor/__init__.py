"""The doctor: looks at everything that must be right for this PC to work, and says what is wrong."""
