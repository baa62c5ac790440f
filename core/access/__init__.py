"""Access: keys, persons, signed assertions and names of sites, as both services judge them."""
