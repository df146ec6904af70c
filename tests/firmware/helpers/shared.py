"""Collected vectors that lie beside the checkout, where they do."""

import json

import skipping


def vectors(name):
    """Return what ../shared/vectors/`name` holds; a test that asks for what is not there is skipped."""
    checkout = __file__[: __file__.rindex("/tests/firmware/")]
    try:
        with open(checkout[: checkout.rindex("/")] + "/shared/vectors/" + name) as file:
            return json.load(file)
    except OSError:
        raise skipping.Skip("there is no ../shared/vectors/%s beside the checkout" % name)
