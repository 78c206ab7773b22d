"""What communities tell each other: practices, challenges, stories, resources."""
