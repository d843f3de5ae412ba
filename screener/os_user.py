"""The operating-system user behind a command, as the system knows them and not as the environment says."""

import os
import pwd


def read_os_user() -> str:
    """The name of the user whose id this process has, or the id in a container that has no name for it."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"
