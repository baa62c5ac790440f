"""Batch scoring: sound rows get a decision, bad ones are named and set aside; the file goes on."""
