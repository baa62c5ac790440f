"""Access to the API: names and origins, keys and roles, persons, limits."""
