"""One function per use case: it owns the transaction and takes plain values and the time."""
