"""What the operator sees of the pool and does with it: the use cases of the management page and its API."""
