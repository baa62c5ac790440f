"""Uploads between browser and API: part by part as they come, none held here."""
