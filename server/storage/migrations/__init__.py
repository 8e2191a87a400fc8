"""The schema's history: numbered steps, applied at start. See `schema.py`."""
