"""What the tenant holds: the list, its journal, and the only way to change either."""
