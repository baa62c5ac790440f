"""The evidence for a model: how it ranks, how honest its probabilities are, what its decisions cost."""
