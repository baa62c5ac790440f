"""Tables as CSV: their dialect, and their lines and blocks."""
