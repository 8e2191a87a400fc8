"""What computes on this PC, behind one Protocol."""
