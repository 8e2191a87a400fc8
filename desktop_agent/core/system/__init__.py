"""What the operating system keeps for us: start at log-in, links, entries of the menu, commands."""
