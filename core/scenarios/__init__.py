"""What would become of many applications: at another threshold, or in other circumstances."""
