"""The decisions that wait for their outcome."""
