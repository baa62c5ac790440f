"""What the services say to each other: the types that the API writes and the dashboard reads."""
