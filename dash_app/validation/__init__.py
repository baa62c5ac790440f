"""The validation of the model in use: its parts as the page Model shows them, and the report as a file."""
