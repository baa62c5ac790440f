"""Who asks, by which key, for whom, and from which site."""
