"""What this PC is like at this moment: one Protocol for each sensor, one file for each way of asking."""
