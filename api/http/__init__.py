"""HTTP, whatever it is about: how requests are read and answers are written."""
