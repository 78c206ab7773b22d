"""What the library does: find, write, refresh, compare."""
