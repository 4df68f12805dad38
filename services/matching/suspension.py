"""What an organisation that the territory suspended still changes in matching: nothing, it reads."""


def goes_on(_path: str) -> bool:
    """A split that is accepted tells takers of it: nothing of ours ends or completes anything."""
    return False
