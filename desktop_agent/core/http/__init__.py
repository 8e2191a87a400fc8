"""Speaking HTTP with little overhead, below `httpx`."""
