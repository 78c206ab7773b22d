"""What the public sees of facts: which ones, and what their pages show beside the text."""

# The page types import this package: they are loaded first, whoever asks for it.
import partnerships.models  # noqa: F401
