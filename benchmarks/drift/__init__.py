"""Our drift report beside that of Evidently, and how often it raises an alert by chance."""
