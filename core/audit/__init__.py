"""The audit: every prediction as it was answered, and the words of officers, in a database of their own."""
