"""When this PC may work: from the sensors' readings to one decision with its reason."""
