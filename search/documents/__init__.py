"""The text of attached documents: read in a process of its own, which may fail or be killed."""
