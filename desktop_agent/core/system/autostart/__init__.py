"""Starting at log-in, in each system's own way."""
