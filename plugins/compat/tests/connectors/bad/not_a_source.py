class Bad:
    """Has nothing of a source"""


def function():
    return None
