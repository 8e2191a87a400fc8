"""The three steps from an invite link to a PC that helps."""
