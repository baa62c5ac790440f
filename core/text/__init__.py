"""Sentences, names and numbers as a reader sees them, in both languages."""
