"""What the package above imports."""

container: dict[str, object] = {}
