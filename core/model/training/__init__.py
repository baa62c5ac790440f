"""Training: the trees, what they must beat, and what they learn of values that are withheld."""
