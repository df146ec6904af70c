"""What pytest.raises is to pytest."""


def raised(kind, function, *arguments):
    """Return the exception of `kind` that the call raises; it is a failure if it raises none."""
    try:
        function(*arguments)
    except kind as error:
        return error
    raise AssertionError("%s was not raised" % kind.__name__)
