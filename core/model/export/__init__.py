"""The model for other systems: in formats that need no Python, each with the proof that it decides as ours does."""
