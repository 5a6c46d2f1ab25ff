"""Use cases: the only place where the doors meet. Returns reports as values; prints nothing."""
