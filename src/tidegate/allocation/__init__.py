"""The budget: which candidates earn one of the tenant's slots, and what has to change. Pure."""
