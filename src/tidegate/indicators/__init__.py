"""The tenant's vocabulary: types, actions, values, scopes, rows and changes to rows. Pure."""
