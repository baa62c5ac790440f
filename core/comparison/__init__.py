"""Where one client stands among the others."""
