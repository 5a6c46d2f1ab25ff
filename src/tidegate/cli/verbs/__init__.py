"""The arguments of every verb, by what the verb is about."""
