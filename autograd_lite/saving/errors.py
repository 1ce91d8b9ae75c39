"""The one error for every file that cannot be read, whatever is wrong with it."""


class LoadError(ValueError):
    """The file is not one that `save` wrote, or not as it was written.

    It is truncated, damaged, of another program or of a newer version, or made to do harm. Nothing
    of it was used.
    """
