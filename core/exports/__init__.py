"""Tables as files that people open: CSV and Excel."""
