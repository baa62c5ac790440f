"""What is said to clients, measured: whether a reason stands on its side, is said once, and decides."""
