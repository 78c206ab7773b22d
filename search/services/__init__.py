"""What the library does: find, write, refresh, compare."""

# The models come first: the library's page shows what `services.library` finds, so whoever asks
# for a service before the models are loaded would meet itself half made.
import search.models  # noqa: F401
