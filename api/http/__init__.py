"""How requests are read and answers are written, whatever they are about."""
