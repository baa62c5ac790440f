"""The application form: its controls, the texts of its fields, their state, and applications as files."""
