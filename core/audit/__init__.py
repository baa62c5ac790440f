"""The audit: every prediction as it was answered, and officers' decisions on it, in a database of their own."""
