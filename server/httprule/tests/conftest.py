"""Settings of every test of the package."""

from hypothesis import settings

# A shared machine is slow at times: the duration of an example is no property of the code.
settings.register_profile("httprule", deadline=None, print_blob=True)
settings.load_profile("httprule")
