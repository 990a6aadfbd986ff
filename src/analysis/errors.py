"""The one error that a user of the package can mend."""


class CandorError(ValueError):
    """Something in the user's files or arguments is wrong.

    The message is one line that names the file (or argument) and the mend;
    the shell prints it to standard error and exits with code 2.
    """
