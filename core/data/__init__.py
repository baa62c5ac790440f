"""Where the tables come from: files, archives, and the synthetic demo."""
