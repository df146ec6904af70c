from hypothesis import settings

# The same examples every time: a test that fails here fails on everybody's machine.
settings.register_profile("firmware", deadline=None, derandomize=True, max_examples=100, database=None)
settings.load_profile("firmware")
