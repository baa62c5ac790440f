"""The tables: imported, downloaded, or drawn as a synthetic demo."""
