"""What the page Model shows."""
