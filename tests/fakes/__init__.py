"""Stand-ins for what cannot be here."""
