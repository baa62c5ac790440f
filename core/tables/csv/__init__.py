"""Tables as CSV: their dialect, their lines, and files of them."""
