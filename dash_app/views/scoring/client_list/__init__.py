"""The list of clients, and its filters."""
