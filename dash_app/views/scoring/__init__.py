"""The views of the Scoring page: one client, or one new application, decided and explained."""
