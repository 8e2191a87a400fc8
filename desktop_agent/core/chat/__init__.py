"""Chats as the protocol carries them, read into what engines take."""
