"""Flask only: parse, one call, answer."""
