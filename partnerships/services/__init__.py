"""Rules of the Partnerships that touch more than one model."""
