"""Steps that fill the portal."""
