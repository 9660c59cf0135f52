"""What holds for every test."""

from hypothesis import settings

# A shared machine is slow at times: how long an example takes is no property of the code.
settings.register_profile("xaigh", deadline=None, print_blob=True)
settings.load_profile("xaigh")
