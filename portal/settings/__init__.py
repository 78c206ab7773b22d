"""Settings: `base` for all, thin `dev`, `production` and `test` on top of it."""
