"""The pool's server: joining it, the protocol, and how the contact with it stands."""
