"""The demonstration network: read from home/demo, written in bulk, marked, removable."""
