"""Business that was made up: a year of it in a record of its own, and what a demonstration shows."""
