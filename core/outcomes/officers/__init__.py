"""Officers and the model: what they decide otherwise, and what is hardly chance in it."""
