"""Challenges with hand-set answers over the demonstration, and their scorer (challenges.yaml)."""
