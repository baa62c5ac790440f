"""Who may ask the API, how often, and from where."""
