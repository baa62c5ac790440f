"""What the Comparison page is made of."""
